"""What the terminal shows, cell by cell, and what it shall show: only what differs is sent.

Textual sends a region again whole when a widget asks for it, whatever stands there already, and spells every colour in full for every
piece. On a line of 128 kbit/s that is the difference between a console and a slide show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from rich.cells import cached_cell_len as cell_len

JOINED = 4
"""Cells between two changes that are sent again rather than jumped over: a jump costs eight bytes."""

_SURE = re.compile(
    "[ -~\xa0-\u024f\u0370-\u04ff\u2010-\u2027\u2030-\u205e\u2100-\u22ff\u2460-\u25ff\u3000-\u3029\u3030-\u3098\u309b-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uffee\U00020000-\U0003fffd]*"
)
"""Characters on whose width terminals agree, once they have been asked for that of ambiguous ones. A row with any other is sent whole: behind
an emoji of another width a piece would land beside its place, and leave something old standing."""


class Row:
    """One row: a character a cell (none for the right half of a wide one), and the parameters of its colours and attributes."""

    __slots__ = ("chars", "inks")

    def __init__(self, chars: list[str], inks: list[str]) -> None:
        self.chars = chars
        self.inks = inks

    def copy(self) -> Row:
        """The same, to be changed by itself."""
        return Row(self.chars[:], self.inks[:])

    def same(self, other: Row) -> bool:
        """Whether both look the same."""
        return self.chars == other.chars and self.inks == other.inks

    @property
    def sure(self) -> bool:
        """Whether every cell is where every terminal puts it."""
        return _SURE.fullmatch("".join(self.chars)) is not None


class Canvas:
    """The rows of one terminal."""

    def __init__(self) -> None:
        self._width = 0
        self._wanted: list[Row] = []
        self._shown: list[Row | None] = []
        self._open: set[int] = set()
        self._pen = ""

    @property
    def waiting(self) -> bool:
        """Whether anything shall look otherwise than it does."""
        return bool(self._open)

    def size(self, width: int, height: int) -> None:
        """The terminal has so many columns and rows. Of another size than before, nothing is known of what it shows."""
        if (width, height) != (self._width, len(self._wanted)):
            self._width = width
            self._wanted = [Row([" "] * width, [""] * width) for _ in range(height)]
            self.forget()

    @property
    def measures(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._width, len(self._wanted)

    def forget(self) -> None:
        """Nothing is known of what the terminal shows: everything is to be sent."""
        self._shown = [None] * len(self._wanted)
        self._open = set(range(len(self._wanted)))

    def forget_rows(self, rows: range) -> None:
        """The same of these rows."""
        for y in rows:
            if 0 <= y < len(self._wanted):
                self._shown[y] = None
                self._open.add(y)

    def blank(self, rows: range, columns: range) -> bool:
        """Whether nothing but blanks shall stand in these cells, all of them between the first row and the last two."""
        inside = 0 < rows.start <= rows.stop <= len(self._wanted) - 2 and 0 <= columns.start <= columns.stop <= self._width
        return inside and not any("".join(self._wanted[y].chars[columns.start : columns.stop]).strip(" ") for y in rows)

    def frame(self, room: int, *, first_only: bool = False) -> str:
        """What brings the terminal nearer to what it shall show, in about `room` bytes; empty where nothing is left. The first row goes before
        all others, then the last ones: what stands there is what must not be late."""
        pieces: list[str] = []
        self._pen = ""
        for y in [0] if first_only else [*_in_order(len(self._wanted))]:
            if room <= 0 and y:
                break
            if y not in self._open:
                continue
            self._open.discard(y)
            wanted = self._wanted[y]
            for piece in self._row(y, wanted, self._shown[y]):
                pieces.append(piece)
                room -= len(piece.encode())
            self._shown[y] = wanted.copy()
        if pieces and self._pen:
            pieces.append("\x1b[0m")
        return "".join(pieces)

    def put(self, y: int, x: int, pieces: Iterable[tuple[str, str]]) -> None:
        """From column `x` of row `y` this shall stand: texts, each with the parameters of its colours and attributes (SGR)."""
        if not 0 <= y < len(self._wanted):
            return
        row, shown, first = self._wanted[y], self._shown[y], x
        for text, ink in pieces:
            cells = _cells(text)
            if x > first and cells and cells[0] and not cell_len(cells[0][0]):  # a mark that stands on the letter before it
                row.chars[x - 1 if row.chars[x - 1] else x - 2] += cells[0]
                cells = cells[1:]
            end = x + len(cells)
            row.chars[x:end] = cells
            row.inks[x:end] = [ink] * len(cells)
            x = end
        del row.chars[self._width :], row.inks[self._width :]
        if shown is None or not row.same(shown):
            self._open.add(y)
        else:
            self._open.discard(y)

    def _row(self, y: int, wanted: Row, shown: Row | None) -> Iterator[str]:
        if shown is not None and wanted.same(shown):
            return
        whole = shown is None or len(shown.chars) != len(wanted.chars) or not (wanted.sure and shown.sure)
        for begin, end in [(0, len(wanted.chars))] if whole or shown is None else _runs(wanted, shown):
            yield f"\x1b[{y + 1};{begin + 1}H"
            place = begin
            for ink, cells in groupby(wanted.inks[begin:end]):
                upto = place + len(list(cells))
                text = "".join(wanted.chars[place:upto])
                place = upto
                if ink != self._pen and not (text.isspace() and _ground(ink) == _ground(self._pen)):
                    yield _turn(self._pen, ink)
                    self._pen = ink
                yield text


def _in_order(height: int) -> Iterator[int]:
    last = range(max(1, height - 3), height)
    yield from range(min(1, height))
    yield from last
    yield from range(1, last.start)


def _runs(wanted: Row, shown: Row) -> list[tuple[int, int]]:
    """Where the two differ: first cell, and the one behind the last."""
    both = enumerate(zip(wanted.chars, shown.chars, wanted.inks, shown.inks, strict=True))
    runs: list[tuple[int, int]] = []
    for place in [place for place, (char, was, ink, before) in both if char != was or ink != before]:
        if runs and place - runs[-1][1] <= JOINED:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs


@lru_cache(maxsize=4096)
def _cells(text: str) -> tuple[str, ...]:
    if text.isascii():
        return tuple(text)
    cells: list[str] = []
    for char in text:
        width = cell_len(char)
        if width == 0 and cells:
            cells[-1 if cells[-1] else -2] += char
        else:
            cells += [char, *[""] * (width - 1)]
    return tuple(cells)


@lru_cache(maxsize=256)
def _parted(ink: str) -> tuple[frozenset[str], str, str]:
    """Attributes, colour and ground of an ink."""
    attributes, colour, ground, codes = set(), "", "", ink.split(";") if ink else []
    while codes:
        code = codes.pop(0)
        if code in ("38", "48"):
            size = 2 if codes[0] == "5" else 4
            whole = ";".join([code, *codes[:size]])
            del codes[:size]
        else:
            whole = code
        if code == "48" or (code.isdigit() and (40 <= int(code) <= 49 or 100 <= int(code) <= 107)):
            ground = whole
        elif code == "38" or (code.isdigit() and (30 <= int(code) <= 39 or 90 <= int(code) <= 97)):
            colour = whole
        else:
            attributes.add(code)
    return frozenset(attributes), colour, ground


@lru_cache(maxsize=256)
def _ground(ink: str) -> tuple[frozenset[str], str]:
    """What of an ink is seen of a blank."""
    attributes, colour, ground = _parted(ink)
    seen = attributes & {"4", "7", "9", "21", "53"}
    return seen | ({colour} if seen else set()), ground


_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "9": "29"}


@lru_cache(maxsize=1024)
def _turn(before: str, ink: str) -> str:
    """The shortest way from one ink to another. Where neither has a colour: the plainest, as an old terminal may know no other."""
    anew = f"\x1b[0;{ink}m" if ink and before else f"\x1b[{ink or 0}m"
    had, colour, ground = _parted(before)
    has, new_colour, new_ground = _parted(ink)
    if not (colour or ground or new_colour or new_ground) or not had <= _OFF.keys() | has:
        return anew
    off = {_OFF[code] for code in had - has}
    codes = [*sorted(off), *sorted(has - had | {code for code in has if _OFF.get(code) in off})]
    codes += [new_colour or "39"] if colour != new_colour else []
    codes += [new_ground or "49"] if ground != new_ground else []
    changed = f"\x1b[{';'.join(codes)}m"
    return min(anew, changed, key=len)
