"""Mentions are paid for by the row: what is read in vain is not bought again every minute, and no odd number leads the reading astray."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from daemon.moderation import keeping
from daemon.release.jobs import Heard, Told
from daemon.rulebook.calendar import TOKYO
from daemon.service.mentions import LONGEST_RETRY, RETRY, Mentions, _line

ACCOUNT: Any = SimpleNamespace(id="a", platform="x", handle="us", mentions_minutes=15, policy="p")
NOW = datetime(2026, 11, 30, 23, 59, tzinfo=TOKYO)


def heard(number: str, at: float = 0.0) -> Heard:
    return Heard(number=number, author="1", handle="shimin", name="", text="はい", at=at, url="")


class Store:
    """Remembers how far was read."""

    def __init__(self, since: str) -> None:
        self.rows = [{"since": since, "gap_at": None}] if since else []

    async def fetch(self, sql: str, given: Any) -> list[Any]:
        return self.rows if "mention_cursor" in sql else []

    async def write(self, op: Any) -> int:
        return 0


def reader(told: Told, since: str = "") -> Mentions:
    class Asking:
        async def ask(self, *_: Any, **__: Any) -> Told:
            return told

    rulebook = SimpleNamespace(accounts={"a": ACCOUNT}, policies={"p": SimpleNamespace(hash="h")})
    hub = SimpleNamespace(publish=lambda *_, **__: None)
    office: Any = SimpleNamespace(
        store=Store(since), alarms={}, hub=hub, current=SimpleNamespace(rulebook=rulebook), clock=lambda: NOW
    )
    asking: Any = Asking()
    watch: Any = None
    return Mentions(office, asking, watch)


def pauses(mentions: Mentions, times: int) -> list[timedelta]:
    found = []
    for _ in range(times):
        asyncio.run(mentions._read_well(ACCOUNT, NOW))
        found.append(mentions._not_before["a"] - NOW)
    return found


def test_a_reading_that_costs_and_tells_nothing_is_tried_again_ever_more_rarely() -> None:
    found = pauses(reader(Told(job="q", ok=False, rows=700, why="x", why_en="x")), 12)
    assert found[0] == RETRY and found[-1] == LONGEST_RETRY
    assert found == sorted(found)


def test_a_reading_that_costs_nothing_is_tried_again_every_minute() -> None:
    assert set(pauses(reader(Told(job="q", ok=False, why="x", why_en="x")), 12)) == {RETRY}


def test_comments_that_cannot_be_screened_are_not_bought_every_minute() -> None:
    mentions = reader(Told(job="q", ok=True, heard=(heard("5"),), rows=1))  # whose watch is none: screening fails
    assert pauses(mentions, 12)[-1] == LONGEST_RETRY
    assert mentions._office.alarms


@pytest.mark.parametrize("numbers", [["5"], ["5", "９９"], ["5", "9" * 4500], ["-7"], []])
def test_how_far_was_read_never_goes_back_nor_beyond_any_number(monkeypatch: pytest.MonkeyPatch, numbers: list[str]) -> None:
    kept: list[str] = []

    def keep_heard(account: str, what: Any, tally: Any, newest: str, *_: Any, **__: Any) -> None:
        kept.append(newest)

    monkeypatch.setattr(keeping, "keep_heard", keep_heard)
    mentions = reader(Told(job="q", ok=True, heard=tuple(map(heard, numbers))), since="9")

    async def screened(*_: Any) -> Any:
        return (), keeping.Tally(0, 0, 0)

    monkeypatch.setattr(mentions, "_screened", screened)
    asyncio.run(mentions._read(ACCOUNT, NOW))
    assert kept == ["9"]


@pytest.mark.parametrize("at", [1e300, -1e300, float("nan"), float("inf"), -62135647200.0])
def test_a_comment_of_no_moment_is_read_without_one(at: float) -> None:
    assert _line(heard("5", at), {})["at"] == ""
