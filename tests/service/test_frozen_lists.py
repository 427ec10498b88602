"""Lists that are still being filled: what is there can be read, nothing of it moves, and nobody's list is filled."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from daemon.refused import Refused
from daemon.service import frozen
from daemon.service.frozen import FrozenLists
from daemon.store import Store, StoreClosed
from daemon.wire import OpenView

PIECES = ([5, 3, 9], [], [1, 7], [2])


class Search:
    """A search whose pieces come when the test lets them."""

    def __init__(self) -> None:
        self.begun = 0
        self.told: list[bool] = []
        self.over = threading.Event()
        self._let = threading.Semaphore(0)

    def __call__(
        self, db: sqlite3.Connection, query: OpenView, login: str, now: int, tell: Callable[[Sequence[int]], bool]
    ) -> int:
        self.begun += 1
        try:
            for piece in PIECES:
                self._let.acquire()
                self.told.append(tell(piece))
                if not self.told[-1]:
                    break
            return 4
        finally:
            self.over.set()

    def let(self, pieces: int = len(PIECES)) -> None:
        """So many more pieces may come."""
        self._let.release(pieces)


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Iterator[Search]:
    search = Search()
    monkeypatch.setattr(frozen, "find", search)
    yield search
    search.let(100)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path / "store") as store:
        yield store


@pytest.fixture
async def lists(store: Store, search: Search) -> AsyncIterator[FrozenLists]:
    yield FrozenLists(store, lambda: 0)
    search.let(100)


async def test_the_first_rows_are_read_while_the_rest_is_found_and_stay_where_they_are(
    lists: FrozenLists, search: Search
) -> None:
    found = lists.open(OpenView(), "sato")
    search.let(1)
    await found.until(lambda: found.began)
    assert (list(found.ids), found.whole) == ([5, 3, 9], False)
    search.let()
    await found.counted()
    assert (list(found.ids), found.whole, found.unread) == ([5, 3, 9, 1, 7, 2], True, 4)


async def test_a_page_further_down_waits_until_the_list_has_come_so_far(lists: FrozenLists, search: Search) -> None:
    found = lists.open(OpenView(), "sato")
    search.let(2)
    page = asyncio.ensure_future(found.reaches(5))
    await found.reaches(3)
    assert not page.done()
    search.let(1)
    await page
    assert found.ids[4] == 7
    search.let()
    await found.reaches(1000)
    assert found.whole


async def test_a_draft_s_place_is_known_as_soon_as_the_list_has_come_to_it(lists: FrozenLists, search: Search) -> None:
    found = lists.open(OpenView(), "sato")
    place = asyncio.ensure_future(found.place_of(7))
    search.let(2)
    await found.reaches(3)
    assert not place.done()
    search.let(1)
    assert await place == 4
    assert not found.whole
    search.let()
    assert await found.place_of(8) is None
    assert await found.place_of(5) == 0


async def test_who_asks_the_same_while_nothing_is_written_has_the_same_list(
    lists: FrozenLists, search: Search, store: Store
) -> None:
    search.let(100)
    found = lists.open(OpenView(text="図書館"), "sato")
    assert lists.open(OpenView(text="図書館", around=3, soon=True), "tanaka") is found
    assert lists.open(OpenView(text="図書"), "sato") is not found
    await found.counted()
    assert lists.open(OpenView(text="図書館"), "tanaka") is found
    await store.write(lambda tx: tx.record("sato", "reload"))
    assert lists.open(OpenView(text="図書館"), "sato") is not found


async def test_what_is_mine_is_nobody_else_s_list(lists: FrozenLists, search: Search) -> None:
    search.let(100)
    assert lists.open(OpenView(mine=True), "sato") is not lists.open(OpenView(mine=True), "tanaka")


async def test_a_list_that_nobody_has_any_more_is_filled_no_further(lists: FrozenLists, search: Search) -> None:
    found = lists.open(OpenView(), "sato")
    search.let(1)
    await found.reaches(1)
    del found
    gc.collect()
    search.let()
    await asyncio.to_thread(search.over.wait)
    assert not search.told[-1]
    assert len(search.told) < len(PIECES)


async def test_when_all_lists_together_grow_too_long_the_oldest_is_given_up(
    lists: FrozenLists, search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frozen, "ROWS_MOST", 10)
    search.let(100)
    found = []
    for word in ("一", "二", "三"):
        found.append(lists.open(OpenView(text=word), "sato"))
        await found[-1].counted()
    with pytest.raises(Refused) as refused:
        await found[0].reaches(1)
    assert refused.value.refusal.code == "no_such"
    await found[1].reaches(1)
    await found[2].reaches(1)
    assert lists.open(OpenView(text="一"), "sato") is not found[0]


async def test_whoever_waits_for_a_list_that_cannot_be_read_is_told_why(
    lists: FrozenLists, search: Search, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def closed(op: object) -> int:
        raise StoreClosed

    monkeypatch.setattr(store, "walk", closed)
    found = lists.open(OpenView(), "sato")
    with pytest.raises(StoreClosed):
        await found.counted()
    monkeypatch.undo()
    monkeypatch.setattr(frozen, "find", search)
    search.let(100)
    await lists.open(OpenView(), "sato").counted()
