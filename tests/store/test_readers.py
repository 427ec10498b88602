"""The threads that read: all that one question asks is of one moment, however much is written meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from daemon.store import Store, StoreClosed, Tx
from tests.patience import let_go


def note(key: str) -> object:
    def op(tx: Tx) -> None:
        tx.db.execute("INSERT INTO meta VALUES (?, 1)", (key,))

    return op


def noted(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM meta WHERE key LIKE 'test%'").fetchone()[0])


async def test_a_question_of_several_statements_sees_one_moment(tmp_path: Path) -> None:
    begun, written = threading.Event(), threading.Event()

    def twice(db: sqlite3.Connection) -> tuple[int, int]:
        first = noted(db)
        begun.set()
        written.wait()
        return first, noted(db)

    async with await Store.open(tmp_path) as store:
        with let_go(written):
            asked = asyncio.ensure_future(store.read(twice))
            await asyncio.to_thread(begun.wait)
            await store.write(note("test"))  # type: ignore[arg-type]
        assert await asked == (0, 0)
        assert await store.read(noted) == 1


async def test_a_question_that_fails_leaves_the_reader_fit_for_the_next(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        for _ in range(4):
            with pytest.raises(ZeroDivisionError):
                await store.read(lambda db: noted(db) // 0)
            with pytest.raises(sqlite3.OperationalError, match="no such table"):
                await store.fetch("SELECT * FROM nowhere")
        assert await store.read(noted) == 0


async def test_a_question_that_raises_what_no_future_takes_is_answered_all_the_same(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        with pytest.raises(RuntimeError, match="StopIteration"):
            await store.read(lambda db: next(iter(())))


async def test_whoever_gives_up_a_question_keeps_nobody_behind_it_waiting(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        with let_go(threading.Event()) as go:
            asked = [asyncio.ensure_future(store.read(lambda db: (go.wait(), noted(db))[1])) for _ in range(2)]
            given_up = asyncio.ensure_future(store.read(lambda db: noted(db) // 0))
            behind = asyncio.ensure_future(store.read(noted))
            await asyncio.sleep(0)
            asked[0].cancel()
            given_up.cancel()
        assert (await asked[1], await behind) == (0, 0)


async def test_what_was_asked_before_the_end_is_answered_and_nothing_after_it(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    asked = [asyncio.ensure_future(store.read(noted)) for _ in range(20)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*asked) == [0] * 20
    with pytest.raises(StoreClosed):
        await store.read(noted)
