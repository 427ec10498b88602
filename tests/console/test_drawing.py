"""A small picture as kinds of terminal want it, and the place where it may lie."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import re
from contextlib import suppress
from itertools import product

import pytest
from PIL import Image
from rich.color import ColorSystem
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from console.text import cells, fit
from console.tui import drawing, graphics
from console.tui.ink import Shade
from console.tui.overlay import Overlay
from console.tui.painter import Painter
from daemon.wire.picturing import SmallPicture
from tests.service.live_office import until

ROOM = drawing.Cells(5, 1, 12, 60, (10, 20))


def chequered(width: int, height: int, colours: int = 4) -> SmallPicture:
    pixels = bytes((x // 3 + y // 5) % colours for y in range(height) for x in range(width))
    return SmallPicture(width=width, height=height, palette=bytes(7 * n % 256 for n in range(3 * colours)), pixels=pixels)


def test_the_kitty_protocol_gets_the_very_pixels_in_pieces_and_shows_them_when_all_are_there() -> None:
    picture = chequered(320, 240, 64)
    over = drawing.for_kitty(picture, ROOM)
    pieces = [over.take() for _ in iter(lambda: over.whole, True)]
    assert all(len(piece) <= drawing.PIECE + 60 for piece in pieces)
    data = "".join(re.findall(r"m=[01];([^\x1b]*)\x1b", "".join(pieces)))
    drawn = Image.open(io.BytesIO(base64.standard_b64decode(data)))
    assert drawn.size == (320, 240) and drawn.tobytes() == picture.pixels
    assert ["a=p" in piece for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert "q=2" in pieces[0] and over.end() == "\x1b_Ga=d,d=I,i=4711,q=2\x1b\\"


@pytest.mark.parametrize("room", [ROOM, ROOM._replace(height=1, width=3), ROOM._replace(pixels=(40, 9)), ROOM._replace(width=1)])
@pytest.mark.parametrize("size", [(320, 240), (1, 240), (320, 1), (1, 1)])
def test_by_the_kitty_protocol_it_never_takes_more_cells_than_there_are(room: drawing.Cells, size: tuple[int, int]) -> None:
    over = drawing.for_kitty(chequered(*size), room)
    assert over.rows.start == room.row and 0 < len(over.rows) <= room.height
    assert over.columns.start == room.column and 0 < len(over.columns) <= room.width


def test_what_was_broken_off_is_ended_before_it_is_taken_away() -> None:
    over = drawing.for_kitty(chequered(320, 240, 64), ROOM)
    assert over.end() == ""
    over.take()
    assert over.end().startswith("\x1b_Gq=2,m=0;\x1b\\\x1b_Ga=d")


def test_sixels_are_the_very_pixels_in_tiles_of_whole_cells() -> None:
    picture = chequered(125, 67)
    over = drawing.for_sixel(picture, ROOM, piece=400)
    seen: dict[tuple[int, int], int] = {}
    while not over.whole:
        piece = re.fullmatch(r'\x1b\[(\d+);(\d+)H\x1bP0;1;0q"1;1;(\d+);(\d+)((?:#\d+;2;\d+;\d+;\d+)+)(.*)\x1b\\', over.take())
        assert piece is not None
        row, column, width, height = (int(piece[n]) for n in range(1, 5))
        assert height <= 20
        x = y = colour = 0
        for sign in re.finditer(r"#(\d+)|!(\d+)(.)|([$-])|(.)", piece[6]):
            if sign[1]:
                colour = int(sign[1])
            elif sign[4]:
                x, y = 0, y + 6 * (sign[4] == "-")
            else:
                count = int(sign[2] or 1)
                for place, bit in product(range(x, x + count), range(6)):
                    if ord(sign[3] or sign[5]) - 63 >> bit & 1:
                        assert y + bit < height and place < width
                        seen[(column - 2) * 10 + place, (row - 6) * 20 + y + bit] = colour
                x += count
    assert len(seen) == 125 * 67
    assert all(picture.pixels[y * 125 + x] == colour for (x, y), colour in seen.items())
    with pytest.raises(ValueError, match="room"):
        drawing.for_sixel(chequered(320, 240), ROOM._replace(height=11))


def test_half_blocks_show_two_pixels_a_cell() -> None:
    lines = drawing.in_blocks(chequered(30, 21))
    assert len(lines) == 11
    assert {sum(cells(part.text.plain) for part in line) for line in lines} == {30}
    assert all(isinstance(part.ink, Shade) for line in lines for part in line)


@pytest.mark.parametrize(
    ("answers", "kernel", "way", "why"),
    [
        (["\x1b_Gi=31;OK\x1b\\", "\x1b[?62;4c"], None, "kitty", ""),
        (["\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\", "\x1b[?62;c"], None, "blocks", "no_graphics"),
        (["\x1b[6;20;10t", "\x1b[?62;4;22c"], None, "sixel", ""),
        (["\x1b[?62;4;22c"], (9, 18), "sixel", ""),
        (["\x1b[?62;4;22c"], None, "blocks", "no_cell"),
        (["\x1b[6;0;0t", "\x1b[?62;4;22c"], None, "blocks", "no_cell"),
        (["\x1b[6;9999;1t", "\x1b[?62;4;22c"], (9, 18), "blocks", "no_cell"),
        (["\x1b[?4c"], (9, 18), "blocks", "no_graphics"),  # a terminal of the kind 4, not one with sixels
        ([], (9, 18), "blocks", "no_answer"),
    ],
)
def test_what_a_terminal_says_decides_how_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch, answers: list[str], kernel: tuple[int, int] | None, way: str, why: str
) -> None:
    for name in ("TMUX", "STY", "TERM"):
        monkeypatch.delenv(name, raising=False)
    able = graphics.told(answers, kernel)
    assert (able.way, able.why) == (way, why)


@pytest.mark.parametrize("env", [{"TMUX": "/tmp/x,1,0"}, {"STY": "1.pts"}, {"TERM": "tmux-256color"}, {"TERM": "screen"}])
def test_no_picture_is_sent_through_a_multiplexer(env: dict[str, str]) -> None:
    assert graphics.multiplexed(env)
    assert not graphics.multiplexed({"TERM": "xterm-kitty"})


def test_sixels_are_believed_where_they_moved_the_cursor_by_as_many_rows_as_was_said() -> None:
    for down, right in ((3, True), (4, True), (0, False), (2, False), (7, False)):
        assert graphics.measured(9, [f"\x1b[{9 + down + 1};1R"]) is right
    assert not graphics.measured(9, [])


def screen(*rows: str) -> LayoutUpdate:
    """Eighty columns of these rows."""
    strips = [[Strip([Segment(fit(row, 80))], 80)] for row in rows]
    return LayoutUpdate(strips, Region(0, 0, 80, len(rows)))


@pytest.fixture
def terminal() -> tuple[int, int]:
    return os.openpty()


async def test_a_picture_lies_over_blank_cells_only_and_goes_as_soon_as_text_comes(terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    os.set_blocking(ours, False)
    painter = Painter(theirs, asyncio.get_running_loop(), ColorSystem.EIGHT_BIT)
    blank = ["運用中", *[""] * 20, "F12"]

    def said(last: str) -> str:
        """What comes, to this word at least: a terminal hands it on in pieces, and in its own time."""
        heard = bytearray()

        def there() -> bool:
            with suppress(BlockingIOError):
                heard.extend(os.read(ours, 65536))
            return last.encode() in heard

        until(there, last)
        return heard.decode()

    def at(rows: range) -> Overlay:
        return Overlay(rows, range(1, 20), [f"<piece {rows}>"], "<away>")

    painter.show(screen(*blank), (0, 0), together=False)
    assert not painter.lay(at(range(3)))  # the first row
    assert not painter.lay(at(range(18, 21)))  # the message row
    assert not painter.lay(at(range(5, 90)))
    assert "<piece" not in said("F12")
    assert painter.lay(at(range(5, 9)))
    assert said("<piece range(5, 9)>").count("<piece") == 1 and painter.overlay is not None
    painter.show(screen(*blank[:6], "知らせ", *blank[7:]), (0, 0), together=False)
    gone = said("知らせ")
    assert painter.overlay is None
    assert gone.index("<away>") < gone.index("知らせ")
    assert not painter.lay(at(range(5, 9)))
    painter.close(0.1)
    for fd in terminal:
        os.close(fd)
