"""The catalogue for translators: PO files out, and back into the house's TOML.

    python .ci/po.py out en.po                 # every sentence: Japanese as msgid, the English one as msgstr
    python .ci/po.py back en.po --to en        # writes console/words/en/*.toml anew, comments and order kept; says what does not fit

Why the catalogue itself stays TOML: docs/decisions. Needs Babel (the test group).
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

WORDS = Path(__file__).resolve().parent.parent / "console" / "words"
PLACE = re.compile(r"(?<!\{)\{[a-z_]*\}")
LINE = re.compile(r'^(?P<key>[A-Za-z0-9_-]+|"[^"]+") = (?P<value>""".*?"""|".*?(?<!\\)")$', re.MULTILINE | re.DOTALL)
HEADER = re.compile(r"^\[([a-z_]+)\]$", re.MULTILINE)


def sentences(folder: Path) -> dict[str, str]:
    """Every sentence of a language: `file:table.key` → sentence."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        for table, said in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found |= {f"{path.stem}:{table}.{key}": sentence for key, sentence in said.items()}
    return found


def catalog(words: Path, lang: str) -> Catalog:
    """The catalogue of a language; each sentence's name is its context, so that two alike may be translated otherwise."""
    ja, other = sentences(words / "ja"), sentences(words / lang)
    made = Catalog(locale=lang, project="kohoban", charset="utf-8", fuzzy=False)
    for name, sentence in ja.items():
        places = PLACE.findall(sentence)
        made.add(sentence, other.get(name, ""), context=name, auto_comments=[f"keep {' '.join(places)}"] if places else ())
    return made


def taken_back(read: Catalog, words: Path, lang: str) -> list[str]:
    """Put the translations of a catalogue into the TOML files of a language. Returns what does not fit, in sentences; those stay as they were."""
    ja, problems, wanted = sentences(words / "ja"), [], {}
    for message in read:
        name = message.context or ""
        if not message.id or not message.string:
            continue
        if name not in ja:
            problems.append(f"{name}: no such sentence")
        elif sorted(PLACE.findall(message.string)) != sorted(PLACE.findall(ja[name])):
            problems.append(f"{name}: other places than {' '.join(PLACE.findall(ja[name])) or 'none'}")
        else:
            wanted[name] = message.string
    for path in sorted((words / lang).glob("*.toml")):
        path.write_text(_with(path.read_text(encoding="utf-8"), path.stem, wanted), encoding="utf-8")
    return problems


def _with(text: str, stem: str, wanted: dict[str, str]) -> str:
    """A file with other sentences, everything else as it was."""
    pieces = HEADER.split(text)
    for at in range(1, len(pieces), 2):
        table = pieces[at]

        def line(found: re.Match[str], table: str = table) -> str:
            key, old = found["key"].strip('"'), tomllib.loads(f"x = {found['value']}")["x"]
            new = wanted.get(f"{stem}:{table}.{key}", old)
            return found[0] if new == old else f"{found['key']} = {_quoted(new)}"

        pieces[at + 1] = LINE.sub(line, pieces[at + 1])
    return "".join(piece if at % 2 == 0 else f"[{piece}]" for at, piece in enumerate(pieces))


def _quoted(sentence: str) -> str:
    escaped = sentence.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""\n{escaped}"""' if "\n" in sentence else f'"{escaped}"'


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=("out", "back"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--to", default="en")
    given = parser.parse_args(argv)
    if given.way == "out":
        with given.file.open("wb") as file:
            write_po(file, catalog(WORDS, given.to), width=0)
        return 0
    with given.file.open("rb") as file:
        problems = taken_back(read_po(file, charset="utf-8"), WORDS, given.to)
    sys.stderr.write("".join(problem + "\n" for problem in problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
