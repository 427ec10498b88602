"""`words/<name>.re2`: patterns that several rules or policies share, one a line, and the names that they speak in.

    # who is spoken to
    second := お前|貴様
    {second}[^。]{0,8}(?:馬鹿|阿呆)

A line `name := …` names a piece of a pattern; `{name}` stands for it, in brackets of its own, in the lines below. So a list reads like a
grammar, and a word that belongs to it is written once. What is wrong with a line is said with its file and number.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Problem
from daemon.rulebook.phrases import trouble_with
from daemon.rulebook.source import Reader, Unreadable

SUFFIX = ".re2"
"""How the name of a pattern list ends."""

_NAMED = lazy_pattern(r"([a-z]+)\s*:=\s*(.+)")
_NAME = lazy_pattern(r"\{([a-z]+)\}")


class _Line(Struct):
    """One line that says something: its number, and the pattern or the piece of one with all names spelled out."""

    number: int
    written: str
    name: str = ""


def patterns_of(reader: Reader, path: Path) -> tuple[str, ...]:
    """The patterns of a list, each once, names spelled out. Raises Unreadable with the line of the first that cannot be used, also for
    a list without a pattern: it would look as if it held something back."""
    patterns = []
    for line in _lines(path, reader.text_of(path)):
        if line.name:
            continue  # a piece may be anything; the lines that speak in it are looked at
        if not reader.vouches(path) and (trouble := trouble_with(line.written)):
            said, said_en = (f"「{line.written[:60]}」{trouble[0]}", f"'{line.written[:60]}'{trouble[1]}")
            raise Unreadable(Problem(str(path), line.number, said, said_en))
        patterns.append(line.written)
    if not patterns:
        raise Unreadable(Problem(str(path), 1, "パターンが1つもありません。", "There is not a single pattern in it."))
    return tuple(dict.fromkeys(patterns))


def _lines(path: Path, text: str) -> Iterator[_Line]:
    pieces: dict[str, str] = {}
    for number, line in enumerate(map(str.strip, text.split("\n")), start=1):
        if not line or line.startswith("#"):
            continue
        named = _NAMED.fullmatch(line)
        name, written = (named[1], named[2]) if named else ("", line)
        spelled = _spelled(path, number, written, pieces)
        if name in pieces:
            raise Unreadable(Problem(str(path), number, f"「{name}」は前にもあります。", f"'{name}' is there already."))
        if name:
            pieces[name] = spelled
        yield _Line(number, spelled, name)


def _spelled(path: Path, number: int, written: str, pieces: dict[str, str]) -> str:
    for name in _NAME.findall(written):
        if name not in pieces:
            said = f"「{{{name}}}」は、この行より前に {name} := … として書かれていません。"
            raise Unreadable(Problem(str(path), number, said, f"'{{{name}}}' is not named above this line ({name} := …)."))
    return _NAME.sub(lambda match: f"(?:{pieces[match[1]]})", written)
