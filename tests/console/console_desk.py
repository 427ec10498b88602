"""A console in a test: what it shows, and keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from console.tui.app import Console
from console.tui.bottom import SETTLE
from console.tui.commands import Place
from console.tui.stopkey import KEYS

PATIENCE = 60.0
"""Seconds after which what should come does not; never waited for where it comes."""

UNASKED = KEYS | {"escape"}
"""Keys that work at any moment, whatever the console is waiting for."""


class NotLaidOut(AssertionError):
    """The screen is not as high as the terminal: which it may be for a moment, when the terminal has become another size."""


def _is_so(true: Callable[[], object]) -> bool:
    try:
        return bool(true())
    except NotLaidOut:
        return False


class Desk:
    """A console in a test: what it shows, and keys."""

    def __init__(self, console: Console, pilot: Pilot[int]) -> None:
        self.console = console
        self.pilot = pilot

    def screen(self) -> list[str]:
        """What stands on the screen, line by line."""
        width, height = self.console.size
        lines = self.console.screen._compositor.render_strips()
        if len(lines) != height:
            raise NotLaidOut(f"{len(lines)} rows of {height}")
        return ["".join(segment.text for segment in line) for line in lines]

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is so; shows the screen when it never is."""
        end = time.monotonic() + PATIENCE
        while not _is_so(true):
            assert time.monotonic() < end, "\n".join(self.screen())
            await self.pilot.pause(0.01)

    async def shows(self, *texts: str) -> None:
        """Wait until the screen shows these texts all at once, each on one row or broken over two."""

        def shown() -> bool:
            lines = self.screen()
            whole = "".join(map(str.strip, lines))
            return all(any(text in line for line in lines) or text in whole for text in texts)

        await self.until(shown)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other, as somebody does who looks at the screen: each when the console waits for nobody else any more.
        The keys of a stop, and Esc, are pressed whatever it waits for."""
        if KEYS.issuperset(keys):
            await self.pilot.press(*keys)  # the second counts within a few seconds
            return
        for key in keys:
            if key not in UNASKED:
                await self.ready()
            await self.pilot.press(key)

    async def ready(self) -> None:
        """Wait until the conversation with the operator asks something, or is over: before that a key may be dropped, and that is said."""
        end = time.monotonic() + PATIENCE
        while not await self.console.bottom.ready():
            assert time.monotonic() < end, "\n".join(self.screen())

    async def listed(self) -> None:
        """Wait until the list stands there with a draft under its cursor: the first row counts drafts before that."""
        await self.until(self.console.queue.row)

    async def settled(self) -> None:
        """Wait until everything has been read that a new connection makes a console read: the names come last."""
        await self.until(lambda: self.console.seen.names)

    async def sure(self) -> None:
        """Answer the confirmation that stands there."""
        await self.until(lambda: self.console.bottom.asking)
        await asyncio.sleep(SETTLE)
        await self.answer("y")

    async def type(self, text: str) -> None:
        """Type a line into the input that is open, and Enter."""
        await self.fill(text)
        await self.answer("enter")

    async def fill(self, text: str) -> None:
        """Type a line into the input that is open, and no more."""
        await self.until(lambda: self.console.bottom.typing)
        self.console.bottom.input.value = text

    async def choose(self) -> None:
        """Accept what has been put together by single keys."""
        await self.until(lambda: self.console.bottom.answering == "choosing")
        await asyncio.sleep(SETTLE)
        await self.answer("enter")

    async def answer(self, key: str) -> None:
        """Press the key that answers the question which stands there, and see it go: the next one must not be taken for it."""
        question = self.console.bottom.question
        await self.press(key)
        await self.until(lambda: self.console.bottom.question is not question)


@asynccontextmanager
async def at_desk(
    office: Path,
    size: tuple[int, int] = (80, 24),
    operator: str = "",
    *,
    place: Place = "queue",
    comes_back: bool = False,
    hurried: bool = False,
) -> AsyncIterator[Desk]:
    """A console at work. What it does where an answer is late is for tests that are `hurried`; to all others the daemon may be as slow as a
    machine with other things to do makes it."""
    console = Console(office, operator, place)
    console.last.comes_back = comes_back  # else each test would begin where the last one of its office ended
    if not hurried:
        console.link.ask = partial(_patient, console.link.ask)  # type: ignore[method-assign]
    async with console.run_test(size=size) as pilot:
        yield Desk(console, pilot)


async def _patient(ask: Callable[..., Any], question: object, *, patience: float = 0.0) -> Any:
    """The same question, for whose answer the console waits as long as the test does."""
    return await ask(question, patience=max(patience, PATIENCE))
