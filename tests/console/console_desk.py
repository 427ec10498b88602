"""A console in a test: what it shows, and keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from console.tui.app import Console
from console.tui.bottom import SETTLE


class Desk:
    """A console in a test: what it shows, and keys."""

    def __init__(self, console: Console, pilot: Pilot[int]) -> None:
        self.console = console
        self.pilot = pilot

    def screen(self) -> list[str]:
        """What stands on the screen, line by line."""
        width, height = self.console.size
        lines = self.console.screen._compositor.render_strips()
        assert len(lines) == height
        return ["".join(segment.text for segment in line) for line in lines]

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is so; shows the screen when it never is."""
        end = time.monotonic() + 10
        while not true():
            assert time.monotonic() < end, "\n".join(self.screen())
            await self.pilot.pause(0.01)

    async def shows(self, text: str) -> None:
        """Wait until the screen shows a text, on one row or broken over two."""
        await self.until(lambda: any(text in line for line in self.screen()) or text in "".join(map(str.strip, self.screen())))

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def sure(self) -> None:
        """Answer the confirmation that stands there."""
        await self.until(lambda: self.console.bottom.asking)
        await asyncio.sleep(SETTLE)
        await self.press("y")

    async def type(self, text: str) -> None:
        """Type a line into the input that is open, and Enter."""
        await self.until(lambda: self.console.bottom.typing)
        self.console.bottom.input.value = text
        await self.press("enter")


@asynccontextmanager
async def at_desk(
    office: Path, size: tuple[int, int] = (80, 24), operator: str = "", *, comes_back: bool = False
) -> AsyncIterator[Desk]:
    console = Console(office, operator)
    console.last.comes_back = comes_back  # else each test would begin where the last one of its office ended
    async with console.run_test(size=size) as pilot:
        yield Desk(console, pilot)
