"""What the command line prints: sanitised text, aligned columns, colour where a terminal shows it, JSON as the contract has it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from console.text import DisplayText, cells

SCHEMA = 1
"""The version of every JSON document on stdout (CONTRACT)."""

_COLOURS = {
    "block": "1;31", "hold": "1;33", "act": "1;31", "warn": "33", "look": "33", "info": "36", "pass": "32",
    "bold": "1", "dim": "2", "mark": "7", "stop": "1;37;41",
}  # fmt: skip

_HIDDEN_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_LONGEST = 100_000
_LEAST = 8
"""Columns that the last column of a table keeps, however narrow the terminal."""
_GAP = "  "

_plain = False


def set_plain(on: bool) -> None:
    """Leave colour out, whatever the terminal (`--plain`)."""
    global _plain
    _plain = _plain or on


def plain_wanted() -> bool:
    """True where `--plain` was given."""
    return _plain


def colourful() -> bool:
    """True where stdout is a terminal that shows colour and nobody has asked for plain text (NO_COLOR, TERM=dumb, `--plain`)."""
    if _plain or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return sys.stdout.isatty()


def paint(style: str, text: str) -> str:
    """The text in one of the house's few styles, or as it is where colour is off. Only for text that is clean already."""
    code = _COLOURS.get(style)
    return f"\033[{code}m{text}\033[0m" if code and colourful() else text


def out(line: str = "") -> None:
    """One line of data on stdout. Never for text from outside that `clean` has not seen."""
    sys.stdout.write(line + "\n")


def err(line: str) -> None:
    """Talk on stderr, mostly one line. Whatever it carries (a file's name, a server's words) is sanitised here."""
    sys.stdout.flush()
    sys.stderr.write(clean(line, block=True) + "\n")
    sys.stderr.flush()


def err_on(colour: str, line: str) -> None:
    """A line of talk on a ground of this colour (`#rrggbb`), as it is where colour is off."""
    from console.guard import cube, text_on

    said = clean(line)
    coloured = colour and colourful() and sys.stderr.isatty()
    ground = f"\033[1;38;5;{cube(text_on(colour))};48;5;{cube(colour)}m {said} \033[0m" if coloured else said
    sys.stdout.flush()
    sys.stderr.write(ground + "\n")
    sys.stderr.flush()


def out_json(document: object) -> None:
    """One JSON document on stdout, UTF-8 whatever the locale."""
    import msgspec

    write_bytes(visible_json(msgspec.json.format(msgspec.json.encode(document), indent=2)) + b"\n")


def visible_json(data: bytes) -> bytes:
    """The same JSON with characters that a terminal would obey or hide (DEL, C1, bidi, zero-width) as `\\u` escapes."""
    if data.isascii() and b"\x7f" not in data:
        return data
    return _HIDDEN_IN_JSON.sub(_escape, data.decode("utf-8")).encode("utf-8")


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def write_bytes(data: bytes) -> None:
    """Exact bytes on stdout, in order with the lines of `out`, and handed on at once: another program may wait for them."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def name_of(path: str | bytes) -> str:
    """A file's name as text that UTF-8 can carry: bytes that are not UTF-8 are shown as `\\xNN`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def clean(text: str, *, block: bool = False) -> str:
    """Text from outside as a terminal may be given it: one line, or with `block` its own lines."""
    return DisplayText.of(text, block=block, limit=_LONGEST).plain


def fit(text: str, width: int) -> str:
    """A clean text cut to `width` columns, with `…` where something was left out. Unlike the console's, it is not padded."""
    if cells(text) <= width:
        return text
    used = 0
    for at, char in enumerate(text):
        used += cells(char)
        if used > width - 1:
            return text[:at] + "…"
    return text


def table(
    rows: Iterable[Sequence[str]], head: Sequence[str], *, room: int = 0, give: Sequence[tuple[int, int]] = ()
) -> Iterator[str]:
    """Lines of a table, columns aligned by cells; every cell must be clean. With `room` no line takes more columns than that: the
    columns named by `give` make way, in that order, each down to the width that stands beside it (0: it is left out), and at last the
    last column."""
    body = [tuple(row) for row in rows]
    widths = [max([cells(head[i]), *(cells(row[i]) for row in body)]) for i in range(len(head))]
    if room:
        widths = _narrowed(widths, room, give)
    yield paint("bold", _line(head, widths))
    for row in body:
        yield _line(row, widths)


def aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines whose columns are aligned by cells, without a head; every cell must be clean."""
    body = [tuple(row) for row in rows]
    widths = [max(map(cells, column)) for column in zip(*body, strict=True)]
    return (_line(row, widths) for row in body)


def _narrowed(widths: Sequence[int], room: int, give: Sequence[tuple[int, int]]) -> list[int]:
    kept = list(widths)
    for column, least in (*give, (len(kept) - 1, _LEAST)):
        over = sum(kept) + len(_GAP) * (sum(map(bool, kept)) - 1) - room
        if over <= 0:
            break
        kept[column] = max(kept[column] - over, min(kept[column], least)) if least else 0
    return kept


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    fitted = ((fit(cell, width), width) for cell, width in zip(row, widths, strict=True) if width)
    return _GAP.join(cell + " " * (width - cells(cell)) for cell, width in fitted).rstrip()


def fields(pairs: Mapping[str, str]) -> Iterator[str]:
    """`name  value` lines, aligned."""
    width = max(map(cells, pairs), default=0)
    for name, value in pairs.items():
        yield f"{name}{' ' * (width - cells(name))}  {value}"


def room() -> int:
    """Columns of the terminal; 0 (no limit) where stdout is none: a file or another program gets everything."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
