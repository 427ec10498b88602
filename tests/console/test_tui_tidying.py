"""What a key leaves behind is cleared away between the keys: not while one has its effect, and not while the console starts."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from console.tui.memory import LEAST, Tidying


class Thing:
    """Rubbish that only the collector finds: it refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def by_hand() -> Iterator[None]:
    """Nothing is collected but when the console says so."""
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(10_000_000)
    yield
    gc.set_threshold(*before)
    gc.enable()


def left_behind(things: int = LEAST) -> weakref.ref[Thing]:
    for _ in range(things):
        Thing()
    return weakref.ref(Thing())


async def test_a_key_s_rubbish_goes_once_it_has_had_its_effect() -> None:
    tidying, rubbish = Tidying(), left_behind()
    gone = asyncio.Event()
    weakref.finalize(rubbish(), gone.set)
    tidying.soon()
    assert rubbish() is not None
    async with asyncio.timeout(60):
        await gone.wait()


async def test_each_key_begins_the_wait_anew() -> None:
    tidying = Tidying()
    tidying.soon()
    first = tidying._timer
    assert first is not None
    tidying.soon()
    assert first.cancelled()


async def test_what_is_hardly_worth_while_is_left_for_another_time() -> None:
    tidying, rubbish = Tidying(), left_behind(LEAST // 10)
    tidying.now()
    assert rubbish() is not None
    left_behind()
    tidying.now()
    assert rubbish() is None


async def test_while_the_console_starts_nothing_is_looked_for() -> None:
    tidying, rubbish = Tidying(), left_behind()
    gc.disable()
    tidying.now()
    assert rubbish() is not None


async def test_what_outlived_the_first_look_is_found_in_a_later_one() -> None:
    tidying, thing = Tidying(), Thing()
    kept = weakref.ref(thing)
    left_behind()
    tidying.now()  # it is still in use, and so counts as old from now on
    del thing
    for _ in range(20):
        left_behind()
        tidying.now()
    assert kept() is None
