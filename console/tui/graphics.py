"""Whether this terminal can show a picture, and how: it is asked, and what it says of sixels is measured before it is believed.

It is asked once, when the first picture is wanted: a terminal that takes the question for text shows it for a moment in the place where the
picture would stand, and nobody waits for it at the start.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Mapping
from typing import Literal, NamedTuple

Way = Literal["kitty", "sixel", "blocks", ""]

KITTY = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
"""Does it know the kitty graphics protocol? (Nothing is shown for it.)"""
CELL, WHAT, WHERE = "\x1b[16t", "\x1b[c", "\x1b[6n"
"""How many pixels has a cell; what are you (every terminal answers this one); where does the cursor stand?"""
WITHIN = 2.0
"""Seconds for the answers."""
MEASURED = 4
"""Rows of the column of pixels by which sixels are measured."""
NEEDED = MEASURED + 2
"""Rows that have to be free for it."""

ANSWER = re.compile(r"\x1b(?:_G[^\x1b]*\x1b\\|\[\?[\d;]*c|\[6;\d+;\d+t)")
"""Any of the answers, but for that of the cursor: also one that comes too late must not be taken for keys."""
_PLACE = re.compile(r"\x1b\[(\d+);\d+R")
_SOUND = range(4, 129)
"""Pixels that a cell can have in either direction. Whoever says another number is not asked for pixels."""
_ABOUT = (8, 16)
"""Pixels of a cell where nobody says: only its shape counts then."""


class Able(NamedTuple):
    """How pictures are shown here; `why` names the word for what stands in the way of a better one. `pixels`: width and height of a cell."""

    way: Way
    why: str = ""
    pixels: tuple[int, int] = _ABOUT


class Answers:
    """Collects what a terminal answers until it has said the last of it. The thread that reads the keyboard puts the answers in."""

    def __init__(self, last: re.Pattern[str], loop: asyncio.AbstractEventLoop) -> None:
        self._last, self._loop = last, loop
        self._come = asyncio.Event()
        self._lock = threading.Lock()
        self._pieces: list[str] = []

    def takes(self, piece: str) -> bool:
        """Whether this is one of the answers."""
        if not (ANSWER.fullmatch(piece) or self._last.fullmatch(piece)):
            return False
        with self._lock:
            self._pieces.append(piece)
        if self._last.fullmatch(piece):
            self._loop.call_soon_threadsafe(self._come.set)
        return True

    async def all(self) -> list[str]:
        """What came in time."""
        try:
            async with asyncio.timeout(WITHIN):
                await self._come.wait()
        except TimeoutError:
            pass
        with self._lock:
            return self._pieces


DEVICE = re.compile(r"\x1b\[\?([\d;]*)c")
PLACE = _PLACE


def multiplexed(env: Mapping[str, str] = os.environ) -> bool:
    """Whether a tmux or screen stands between: it knows nothing of pictures that go through it, and leaves them standing over other text. So
    none is sent through; one that draws sixels itself says so as a terminal does."""
    return bool(env.get("TMUX") or env.get("STY")) or env.get("TERM", "").startswith(("tmux", "screen"))


def question() -> str:
    """What is asked first."""
    return ("" if multiplexed() else KITTY) + CELL + WHAT


def told(answers: list[str], by_kernel: tuple[int, int] | None) -> Able:
    """What follows from the answers; `sixel` is to be measured then. `by_kernel`: a cell's pixels as the window's size says them."""
    kitty = any(re.fullmatch(r"\x1b_Gi=31;OK\x1b\\", piece) for piece in answers)
    devices = [found[1].split(";") for piece in answers if (found := DEVICE.fullmatch(piece))]
    pixels = by_kernel
    for piece in answers:
        if found := re.fullmatch(r"\x1b\[6;(\d+);(\d+)t", piece):
            pixels = int(found[2]), int(found[1])
    if pixels is not None and not all(side in _SOUND for side in pixels):
        pixels = None
    if kitty:
        return Able("kitty", "", pixels or _ABOUT)
    if devices and "4" in devices[0][1:]:
        return Able("sixel", "", pixels) if pixels else Able("blocks", "no_cell")
    return Able("blocks", "multiplexed" if multiplexed() else "no_graphics" if devices else "no_answer")


def measure(row: int, pixels: tuple[int, int]) -> str:
    """A column of sixels, one pixel wide and some rows high, in the colour of the ground, and the question where the cursor is after it."""
    height = MEASURED * pixels[1]
    bands = "-".join("#0~" if left >= 6 else f"#0{chr(63 + (1 << left) - 1)}" for left in range(height, 0, -6))
    return f'\x1b[{row + 1};1H\x1bP0;1;0q"1;1;1;{height}#0;2;7;7;7{bands}\x1b\\{WHERE}'


def measured(row: int, answers: list[str]) -> bool:
    """Whether the sixels stood where the cursor was, and took as many rows as was said: a terminal whose sixels begin at the corner of the
    screen would put them over the first row, and one whose cells are smaller over the last."""
    places = [int(found[1]) - 1 for piece in answers if (found := _PLACE.fullmatch(piece))]
    return bool(places) and places[-1] - row in (MEASURED - 1, MEASURED)
