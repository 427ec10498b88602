"""Long work in the loop's thread, a little at a time: whoever waits for the answer to an act does not wait until two hundred drafts have
been judged for somebody's page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TypeVar
from weakref import WeakKeyDictionary

A = TypeVar("A")
B = TypeVar("B")

SLICE = 0.002
"""Seconds of such work between two turns of the loop."""

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
"""Held for a slice: ten pages asked for at once take turns, and cost whoever waits no more than one."""


async def little_by_little(make: Callable[[A], B], things: Iterable[A]) -> list[B]:
    """What `make` makes of each of these; everything else of the loop goes on meanwhile."""
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    left = list(reversed(list(things)))
    made: list[B] = []
    while left:
        async with turn:
            until = time.perf_counter() + SLICE
            made.append(make(left.pop()))
            while left and time.perf_counter() < until:
                made.append(make(left.pop()))
        if left:
            await asyncio.sleep(0)
    return made
