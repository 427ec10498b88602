"""The string catalogue: every sentence that a person reads, Japanese first, with its English twin.

Files `ja/<part>.toml` (with `ja/<part>-<subject>.toml`) and their English twins hold the same keys (a test holds them together).
`say("cli", "queue.empty", count=3)` gives the sentence in the language of the locale: English where LC_ALL / LC_MESSAGES / LANG names
it, Japanese everywhere else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Literal

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = ("ja", "en")

_PLAIN = re.compile(r'([A-Za-z0-9_-]+) = "([^"\\\x00-\x08\x0a-\x1f\x7f]*)"').fullmatch
"""A line of a key and a sentence without any escape."""
_HEADER = r"^\[([a-z_]+)\]\n"


def language() -> Language:
    """The language of the interface: `KOHOBAN_LANG`, else the locale; Japanese unless it asks for English."""
    for name in ("KOHOBAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "en" if value.lower().startswith("en") else "ja"
    return "ja"


@cache
def catalogue(part: str, lang: Language) -> dict[str, str]:
    """All sentences of one part (`cli`, `tui`), flat: `table.key` → sentence."""
    return {f"{name}.{key}": said for name in _sources(part, lang) for key, said in _table(part, lang, name).items()}


def say(part: str, key: str, /, **values: object) -> str:
    """The sentence `key` of `part` in the operator's language, with `{name}` places filled. Raises KeyError for an unknown key."""
    return sentence(part, key, language()).format(**values)


def sentence(part: str, key: str, lang: Language) -> str:
    """The sentence as it stands in the catalogue, its places unfilled. Raises KeyError for an unknown key."""
    table, _, name = key.partition(".")
    return _table(part, lang, table)[name]


def known(part: str, key: str) -> bool:
    """Whether the catalogue has this sentence: for words that come from the daemon, whose version may be another."""
    return key in catalogue(part, language())


def word(table: str, value: str) -> str:
    """A word of the office (a state, a platform, an act) as people read it; one that this console does not know stays as it came."""
    key = f"{table}.{value}"
    return say("tui", key) if known("tui", key) else value


def choose(ja: str, en: str) -> str:
    """Of two sentences that the daemon sent together, the one in the operator's language."""
    return en if en and language() == "en" else ja


def choose_each(ja: Sequence[str], en: Sequence[str]) -> list[str]:
    """Of two lists of sentences that the daemon sent together, line for line, the ones in the operator's language."""
    return [choose(*both) for both in zip_longest(ja, en[: len(ja)], fillvalue="")]


@cache
def _table(part: str, lang: Language, name: str) -> dict[str, str]:
    """One table of a part. Read alone, because reading the whole takes 10 ms and most commands say a sentence or two."""
    text = _sources(part, lang)[name]
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    plain = [_PLAIN(line) for line in lines]
    if all(plain):  # as they are all but for a few: the reader of TOML takes longer to import than all else here
        return {found[1]: found[2] for found in plain if found}
    import tomllib

    return tomllib.loads(text)


@cache
def _sources(part: str, lang: Language) -> dict[str, str]:
    """The source of every table of a part: of `<part>.toml`, and of the `<part>-<subject>.toml` beside it, which may add to its tables."""
    folder = Path(__file__).parent / lang
    tables: dict[str, str] = {}
    for path in (folder / f"{part}.toml", *sorted(folder.glob(f"{part}-*.toml"))):
        _, *pieces = re.split(_HEADER, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for name, text in zip(pieces[::2], pieces[1::2], strict=True):
            tables[name] = tables.get(name, "") + text
    return tables
