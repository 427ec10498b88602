"""A small picture as its kinds of terminal want it: the kitty protocol's PNG, sixels, or half blocks of text.

All that is sent is made here from numbers: the bytes of a file never come this way.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import NamedTuple

from console.text import DisplayText, cells
from console.tui.ink import Shade
from console.tui.overlay import Overlay
from console.tui.part import Part
from daemon.wire.picturing import SmallPicture

PIECE = 1500
"""Bytes of one piece, about: a tenth of a second at 128 kbit/s …"""
PIECE_AT_EASE = 6000
"""… and on a line that is known to be fast: each tile of sixels names its colours anew, so that few large ones are half as long."""
_ID = 4711
"""The number under which a terminal of the kitty protocol keeps the picture: one console shows one."""
_UPPER = DisplayText("\u2580")
_BLANK = DisplayText(" ")


class Cells(NamedTuple):
    """Where a picture may stand: first row and column of the screen, from 0, how many of each, and a cell in pixels."""

    row: int
    column: int
    height: int
    width: int
    pixels: tuple[int, int]


def for_kitty(picture: SmallPicture, room: Cells) -> Overlay:
    """By the kitty graphics protocol: sent under a number first, shown when it is all there, so that half a picture is never seen. It is
    blown up to twice its pixels where there is room."""
    wide, high = room.pixels
    scale = min(room.width * wide / picture.width, room.height * high / picture.height, 2.0)
    columns = max(1, min(room.width, round(picture.width * scale / wide)))
    rows = max(1, min(room.height, round(picture.height * scale / high)))
    data = base64.standard_b64encode(_png(picture)).decode()
    step = PIECE // 4 * 4
    chunks = [data[start : start + step] for start in range(0, len(data), step)]
    pieces = []
    for n, chunk in enumerate(chunks):
        head = f"a=t,f=100,t=d,i={_ID},q=2," if n == 0 else "q=2,"
        pieces.append(f"\x1b_G{head}m={int(n < len(chunks) - 1)};{chunk}\x1b\\")
    pieces.append(f"\x1b[{room.row + 1};{room.column + 1}H\x1b_Ga=p,i={_ID},p=1,c={columns},r={rows},C=1,q=2\x1b\\")
    return Overlay(
        range(room.row, room.row + rows),
        range(room.column, room.column + columns),
        pieces,
        f"\x1b_Ga=d,d=I,i={_ID},q=2\x1b\\",
        "\x1b_Gq=2,m=0;\x1b\\",
        again=len(pieces) - 1,
    )


def for_sixel(picture: SmallPicture, room: Cells, piece: int = PIECE) -> Overlay:
    """As sixels, pixel by pixel: in tiles of whole cells, each a picture of its own of about `piece` bytes. Raises ValueError where there is no room for it."""
    wide, high = room.pixels
    rows, columns = -(-picture.height // high), -(-picture.width // wide)
    if rows > room.height or columns > room.width:
        raise ValueError("no room for this picture")
    pieces: list[str] = []
    for row in range(rows):
        pieces += _tiles(picture, room, row, 0, columns, piece)
    erased = "".join(f"\x1b[{room.row + row + 1};1H\x1b[K" for row in range(rows))
    return Overlay(range(room.row, room.row + rows), range(room.column, room.column + columns), pieces, f"\x1b[0m{erased}")


def _tiles(picture: SmallPicture, room: Cells, row: int, begin: int, end: int, piece: int) -> Iterator[str]:
    """The cells `begin` … `end` of a row, in as many tiles as keep each one small."""
    wide, high = room.pixels
    left, right = begin * wide, min(end * wide, picture.width)
    top, bottom = row * high, min((row + 1) * high, picture.height)
    lines = [picture.pixels[y * picture.width + left : y * picture.width + right] for y in range(top, bottom)]
    sixels = _sixels(lines, picture.palette)
    if len(sixels) > piece and end - begin > 1:
        middle = (begin + end) // 2
        yield from _tiles(picture, room, row, begin, middle, piece)
        yield from _tiles(picture, room, row, middle, end, piece)
    else:
        yield f"\x1b[{room.row + row + 1};{room.column + begin + 1}H{sixels}"


def _sixels(lines: Sequence[bytes], palette: bytes) -> str:
    colours = sorted(set().union(*lines))
    head = f'\x1bP0;1;0q"1;1;{len(lines[0])};{len(lines)}'
    known = "".join(f"#{n};2;" + ";".join(str(round(part * 100 / 255)) for part in palette[3 * n : 3 * n + 3]) for n in colours)
    bands = (_band(lines[top : top + 6]) for top in range(0, len(lines), 6))
    return f"{head}{known}{'-'.join(bands)}\x1b\\"


def _band(lines: Sequence[bytes]) -> str:
    """Six rows of pixels or less: for each colour, which of the six it has in every column."""
    width = len(lines[0])
    found = []
    for colour in sorted(set().union(*lines)):
        bits = 0  # a byte a column; of all columns at once, because one by one takes half a second a picture
        for bit, line in enumerate(lines):
            bits |= int.from_bytes(line.translate(_only(colour, bit)))
        found.append(f"#{colour}{_run(bits.to_bytes(width).translate(_SIGNS).rstrip(b'?'))}")
    return "$".join(found)


_SIGNS = bytes((63 + bits) & 0x7F for bits in range(256))


@cache
def _only(colour: int, bit: int) -> bytes:
    """What makes this bit of this colour and nothing of any other."""
    return bytes((1 << bit) * (n == colour) for n in range(256))


def _run(row: bytes) -> str:
    return _LONG.sub(lambda run: f"!{len(run[0])}{run[1]}", row.decode("ascii"))


_LONG = re.compile(r"(.)\1{3,}")


def _png(picture: SmallPicture) -> bytes:
    head = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 3, 0, 0, 0)
    width = picture.width
    rows = b"".join(b"\0" + picture.pixels[y * width : (y + 1) * width] for y in range(picture.height))
    chunks = ((b"IHDR", head), (b"PLTE", picture.palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def in_blocks(picture: SmallPicture) -> list[list[Part]]:
    """In text: two pixels a cell, one above the other. Where a terminal draws the half block two columns wide, one pixel a cell, without
    any sign."""
    halves = cells(_UPPER.plain) == 1
    found = []
    for top in range(0, picture.height, 2):
        below = min(top + 1, picture.height - 1)
        pairs = [(_colour(picture, x, top), _colour(picture, x, below)) for x in range(picture.width)]
        parts = []
        for (upper, lower), same in groupby(pairs):
            sign = _UPPER if halves and upper != lower else _BLANK
            ground = lower if sign is _UPPER else upper
            text = DisplayText("".join(sign.plain for _ in same))
            parts.append(Part(text, Shade(f"{upper} on {ground}")))
        found.append(parts)
    return found


def _colour(picture: SmallPicture, x: int, y: int) -> str:
    place = 3 * picture.pixels[y * picture.width + x]
    return "#" + picture.palette[place : place + 3].hex()
