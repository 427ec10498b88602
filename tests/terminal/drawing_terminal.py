"""A terminal that draws pictures, or says that it does not: what such terminals answer, and which cells a picture covers."""

from __future__ import annotations

import base64
import io
import os
import re
import select
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image
from ptys import PATIENT, Terminal, console_words, surroundings

TOKEN = re.compile(
    rb"\x1b_G(?P<kitty>[^\x1b]*)\x1b\\"
    rb"|\x1bP(?P<sixel>[^\x1b]*)\x1b\\"
    rb"|\x1b\[(?P<asked>c|16t|5n|6n|\?2026\$p)"
    rb"|\x1b\[(?P<erased>K)"
)
BEGUN = re.compile(rb"\x1b(?:[_P][^\x1b]*\x1b?|\[[0-?]*[ -/]*)?\Z")
SIXEL = re.compile(r'0;1;0q"1;1;(\d+);(\d+)((?:#\d+;2;\d+;\d+;\d+)*)((?:#\d+(?:!\d+[?-~]|[?-~])*[$-]?)*)')


class Misplaced(AssertionError):
    """Something of a picture is where text stands, or where none may be."""


class DrawingTerminal(Terminal):
    """`kitty` and `sixel` say what it can; `cell` are its cell's pixels, None where it does not say. `corner`: sixels begin at the corner of
    the screen, wherever the cursor is. `says_cell` may differ from what its cells are."""

    def __init__(
        self,
        office: Path,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] | None = None,
        *,
        kitty: bool = False,
        sixel: bool = False,
        cell: tuple[int, int] = (10, 20),
        says_cell: tuple[int, int] | None = (10, 20),
        corner: bool = False,
        mute: bool = False,
        command: Sequence[str] | None = None,
    ) -> None:
        self.kitty, self.sixel, self.cell, self.says_cell, self.corner, self.mute = kitty, sixel, cell, says_cell, corner, mute
        self.covered: dict[tuple[int, int], tuple[int, int, int]] = {}
        """Cells (row, column) that sixels cover, with the colour of the first pixel there: only erasing clears them."""
        self.kept: dict[int, bytes] = {}
        self.placed: dict[int, tuple[range, range]] = {}
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.graphics = 0
        self.largest = 0
        self._loading: tuple[int, bytes] | None = None
        self._rest = b""
        base = surroundings(size)
        for name in ("TMUX", "STY"):
            base.pop(name, None)
        words = console_words(office, "" if mute else PATIENT)  # one that never answers is given up as soon as anywhere
        super().__init__(command or words, {**base, **(env or {})}, size)

    def read(self, seconds: float = 0.05) -> bool:
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.raw += data
        whole = self._rest + data
        begun = BEGUN.search(whole)
        self._rest = whole[begun.start() :] if begun else b""
        whole = whole[: len(whole) - len(self._rest)]
        at = 0
        for token in TOKEN.finditer(whole):
            self._stream.feed(whole[at : token.start()])
            at = token.end()
            self._token(token)
        self._stream.feed(whole[at:])
        self.look()
        return bool(data)

    def look(self) -> None:
        """Raise Misplaced where a picture stands over text, over the first row, or over the last two."""
        over = {*self.covered, *((y, x) for rows, columns in self.placed.values() for y in rows for x in columns)}
        for y, x in over:
            if not 0 < y < self.screen.lines - 2:
                raise Misplaced(f"a picture in row {y}")
            if self.screen.buffer[y][x].data.strip():
                raise Misplaced(f"{self.screen.buffer[y][x].data!r} behind a picture in row {y}")

    @property
    def drawn(self) -> set[tuple[int, int]]:
        """Cells that a picture covers."""
        return {*self.covered, *((y, x) for rows, columns in self.placed.values() for y in rows for x in columns)}

    def answer(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def _token(self, token: re.Match[bytes]) -> None:
        if (asked := token["asked"]) is not None:
            self._question(asked.decode())
        elif token["erased"] is not None:
            y = self.screen.cursor.y
            for x in range(self.screen.cursor.x, self.screen.columns):
                self.covered.pop((y, x), None)
            self._stream.feed(b"\x1b[K")
        else:
            self.graphics += len(token[0])
            self.largest = max(self.largest, len(token[0]))
            if (told := token["kitty"]) is not None:
                self._kitty(told.decode("ascii"))
            else:
                self._sixel(token["sixel"].decode("ascii"))
        self.look()

    def _question(self, asked: str) -> None:
        self.asked.append(asked)
        if asked == "5n":
            self.answer("\x1b[0n")
        elif asked == "6n":
            self.answer(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
        elif self.mute:
            return
        elif asked == "c":
            self.answer("\x1b[?62;4;22c" if self.sixel else "\x1b[?1;2c")
        elif asked == "16t" and self.says_cell is not None:
            self.answer(f"\x1b[6;{self.says_cell[1]};{self.says_cell[0]}t")

    def _kitty(self, told: str) -> None:
        head, _, payload = told.partition(";")
        keys = dict(each.split("=") for each in head.split(",") if each)
        action = keys.get("a", "")
        if action == "q":
            self.asked.append("kitty")
            if self.kitty:
                self.answer("\x1b_Gi=31;OK\x1b\\")
            return
        assert self.kitty, "graphics for a terminal that knows none"
        if action == "d":
            number = int(keys["i"])
            self.placed.pop(number, None)
            self.kept.pop(number, None)
        elif action == "p":
            number = int(keys["i"])
            if number not in self.kept:
                self.errors.append("no such picture")
                return
            y, x = self.screen.cursor.y, self.screen.cursor.x
            self.placed[number] = range(y, y + int(keys["r"])), range(x, x + int(keys["c"]))
        else:
            assert len(payload) <= 4096 and len(payload) % 4 == 0
            number, before = (int(keys["i"]), b"") if action == "t" else self._loading or (0, b"")
            self._loading = number, before + payload.encode()
            if keys.get("m", "0") == "0":
                self._loading = None
                self._loaded(number, base64.standard_b64decode(before + payload.encode()))

    def _loaded(self, number: int, data: bytes) -> None:
        try:
            Image.open(io.BytesIO(data)).load()
        except (OSError, SyntaxError, zlib.error):
            self.errors.append("broken picture")
        else:
            self.kept[number] = data

    def _sixel(self, told: str) -> None:
        assert self.sixel, "sixels for a terminal that knows none"
        found = SIXEL.fullmatch(told)
        assert found is not None, told[:200]
        width, height = int(found[1]), int(found[2])
        colours = {int(n): (int(r), int(g), int(b)) for n, r, g, b in re.findall(r"#(\d+);2;(\d+);(\d+);(\d+)", found[3])}
        pixels = _pixels(found[4], width, height)
        y, x = (0, 0) if self.corner else (self.screen.cursor.y, self.screen.cursor.x)
        rows, columns = -(-height // self.cell[1]), -(-width // self.cell[0])
        ground = colours.get(0) == (7, 7, 7) and width == 1  # by which it is measured: nobody sees it
        for row in range(rows) if not ground else ():
            for column in range(columns):
                colour = pixels[row * self.cell[1]][column * self.cell[0]]
                assert colour is not None, "a pixel that was left out"
                self.covered[y + row, x + column] = colours[colour]
        if not self.corner:
            self.screen.cursor.y = min(self.screen.lines - 1, y + (height - 1) // 6 * 6 // self.cell[1])


def _pixels(sixels: str, width: int, height: int) -> list[list[int | None]]:
    rows: list[list[int | None]] = [[None] * width for _ in range(-(-height // 6) * 6)]
    band = x = colour = 0
    for sign in re.finditer(r"#(\d+)|!(\d+)([?-~])|([?-~])|([$-])", sixels):
        if sign[1]:
            colour = int(sign[1])
        elif sign[5]:
            x, band = 0, band + (sign[5] == "-")
        else:
            bits = ord(sign[3] or sign[4]) - 63
            count = int(sign[2] or 1)
            for bit in range(6):
                if bits >> bit & 1:
                    rows[6 * band + bit][x : x + count] = [colour] * count
            x += count
    return rows[:height]
