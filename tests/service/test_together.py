"""Answers that are made once for all who ask, and long work that lets others have their turn."""

from __future__ import annotations

import asyncio
import time

import pytest

from daemon.desk import slices
from daemon.desk.slices import little_by_little
from daemon.service.together import Together


async def test_who_asks_while_an_answer_is_made_gets_the_next_one_and_all_of_them_the_same() -> None:
    begun: list[int] = []
    at_work, go_on = asyncio.Event(), asyncio.Event()
    happened = 0

    async def make() -> int:
        begun.append(happened)
        known = happened
        at_work.set()
        await go_on.wait()
        return known

    together = Together(make)
    first = asyncio.ensure_future(together.ask())
    await at_work.wait()
    happened = 1
    later = [asyncio.ensure_future(together.ask()) for _ in range(10)]
    await asyncio.sleep(0)
    go_on.set()
    assert await first == 0
    assert await asyncio.gather(*later) == [1] * 10
    assert begun == [0, 1]


async def test_one_who_hangs_up_takes_the_answer_from_nobody_else_and_a_failure_is_not_kept() -> None:
    fails = True

    async def make() -> str:
        await asyncio.sleep(0)
        if fails:
            raise ZeroDivisionError
        return "well"

    together = Together(make)
    gone, stays = (asyncio.ensure_future(together.ask()) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(ZeroDivisionError):
        await stays
    fails = False
    assert await together.ask() == "well"


async def test_two_long_works_take_turns_and_everything_else_goes_on_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE", 0.0)
    order: list[str] = []

    def make(name: str) -> str:
        order.append(name[0])
        time.sleep(0.001)
        return name.upper()

    async def somebody() -> None:
        while len(order) < 20:
            order.append("-")
            await asyncio.sleep(0)

    one, two, _ = await asyncio.gather(
        little_by_little(make, [f"a{n}" for n in range(5)]), little_by_little(make, [f"b{n}" for n in range(5)]), somebody()
    )
    assert one == [f"A{n}" for n in range(5)]
    assert two == [f"B{n}" for n in range(5)]
    works = "".join(each for each in order if each != "-")
    assert works.startswith("ab") and "aa" not in works.rstrip("b") and "bb" not in works.rstrip("a")
    assert order.index("-") < order.index("b") + 2
