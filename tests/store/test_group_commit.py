"""Writes: durable when they return, together in one commit, each undone alone."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from daemon.store import Store, StoreBroken, StoreBusy, StoreClosed, Tx
from daemon.store.database import DATABASE, open_reader
from daemon.store.job import Job, all_at_once

Together = Callable[[Store], AbstractContextManager[None]]


def note(key: str, value: object = 1) -> Callable[[Tx], str]:
    def op(tx: Tx) -> str:
        tx.db.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (key, value))
        return tx.record("yamada", "note", key=key)

    return op


async def come_to(look: Callable[[], bool]) -> None:
    for _ in range(20_000):
        if look():
            return
        await asyncio.sleep(0.0005)
    raise AssertionError("it never came to this")


async def keys(store: Store) -> list[str]:
    return [row["key"] for row in await store.fetch("SELECT key FROM meta ORDER BY key")]


async def test_what_has_been_written_can_be_read_as_soon_as_the_write_returns(store: Store) -> None:
    assert await store.write(note("a")) == store.head.hash
    assert await keys(store) == ["a"]


async def test_an_act_that_raises_undoes_only_itself(store: Store, one_batch: Together) -> None:
    def refused(tx: Tx) -> None:
        tx.keep(b"bytes that nobody will need")
        note("bad")(tx)
        raise PermissionError("not your draft")

    with one_batch(store):
        acts = [asyncio.ensure_future(store.write(op)) for op in (note("a"), refused, note("b"))]
        await asyncio.sleep(0)
    first, second, third = await asyncio.gather(*acts, return_exceptions=True)

    assert isinstance(second, PermissionError)
    assert {first, third} == {row["hash"] for row in await store.fetch("SELECT hash FROM audit")}
    assert await keys(store) == ["a", "b"]
    assert await store.fetch("SELECT * FROM revisions") == []
    assert (await store.verify()).entries == 2
    assert store.trouble is None


async def test_acts_that_wait_together_share_one_moment_and_the_next_batch_has_its_own(state: Path, one_batch: Together) -> None:
    ticks = iter(range(1000, 9000, 1000))
    async with await Store.open(state, clock=lambda: next(ticks)) as store:
        with one_batch(store):
            together = [asyncio.ensure_future(store.write(lambda tx: tx.now)) for _ in range(3)]
            await asyncio.sleep(0)
        assert await asyncio.gather(*together) == [2000, 2000, 2000]
        assert await store.write(lambda tx: tx.now) > 2000  # the anchor may have been given a moment of its own between the two


async def test_a_broken_constraint_is_the_asker_s_affair_and_no_trouble_of_the_store(store: Store) -> None:
    await store.write(note("a"))
    with pytest.raises(sqlite3.IntegrityError):
        await store.write(note("a"))
    assert store.trouble is None
    assert await store.write(note("b"))


async def test_a_posted_act_is_answered_in_the_loop_s_thread(store: Store) -> None:
    answers: asyncio.Queue[tuple[object, int]] = asyncio.Queue()
    thread = threading.Thread(
        target=store.post, args=(Job(note("a"), lambda result: answers.put_nowait((result, threading.get_ident()))),)
    )
    thread.start()
    assert await answers.get() == (store.head.hash, threading.get_ident())
    thread.join()


async def test_many_threads_write_at_once_and_nothing_is_lost_or_mixed_up(store: Store) -> None:
    def worker(number: int) -> list[str]:
        return [store.write_blocking(note(f"{number}-{n}")) for n in range(50)]

    answers = await asyncio.gather(*(asyncio.to_thread(worker, number) for number in range(8)))

    rows = await store.fetch("SELECT json_extract(CAST(record AS TEXT), '$.detail.key') AS key, hash FROM audit")
    recorded = {row["key"]: row["hash"] for row in rows}
    assert {f"{i}-{n}": digest for i, digests in enumerate(answers) for n, digest in enumerate(digests)} == recorded
    assert len(recorded) == 400
    assert (await store.verify()).ok


async def test_waiting_in_place_is_refused_to_the_threads_that_it_would_stop(store: Store) -> None:
    with pytest.raises(RuntimeError, match="use write or post"):
        store.write_blocking(note("a"))
    with pytest.raises(RuntimeError, match="use write or post"):
        await store.write(lambda tx: store.write_blocking(note("b")))
    with pytest.raises(RuntimeError, match="use write or post"):
        store.post_blocking([Job(note("c"), lambda _: None)])


async def test_whoever_waits_for_what_they_posted_goes_on_when_the_last_of_it_is_settled_and_not_before(store: Store) -> None:
    durable: list[str] = []

    def posted(*names: str) -> list[str]:
        store.post_blocking([Job(note(name), lambda _: None) for name in names])
        return [row[0] for row in reader.execute("SELECT key FROM meta WHERE key IN (?, ?)", names[-2:])]

    with closing(open_reader(store.state / DATABASE)) as reader:
        durable += await asyncio.to_thread(posted, "a", "b")
        durable += await asyncio.to_thread(posted, "b", "c")  # the first of them raises
        durable += await asyncio.to_thread(posted, "d", "c")  # the last
    assert durable == ["a", "b", "b", "c", "c", "d"]


async def test_whoever_waits_for_many_at_once_goes_on_where_each_had_to_be_carried_out_by_itself(store: Store) -> None:
    told: list[object] = []
    each = [(saying(n), told.append) for n in (1, 1)]
    await asyncio.to_thread(store.post_blocking, [all_at_once(lambda tx: [op(tx) for op, _ in each], each)])
    assert [row["key"] for row in await store.fetch("SELECT key FROM meta WHERE key LIKE 'said-%'")] == ["said-1"]
    await kept(store)
    assert told[0] == 1
    assert isinstance(told[1], sqlite3.IntegrityError)


async def test_a_thread_that_waits_in_place_gets_what_the_act_raised(store: Store) -> None:
    await store.write(note("a"))
    with pytest.raises(sqlite3.IntegrityError):
        await asyncio.to_thread(store.write_blocking, note("a"))


async def test_a_listener_that_fails_does_not_cost_the_others_their_answer(store: Store, one_batch: Together) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

    def fails(_: object) -> None:
        raise ValueError("a listener's own fault")

    with one_batch(store):
        store.post(Job(note("a"), fails))
        after = kept(store)
    await after
    assert [str(context["exception"]) for context in reported] == ["a listener's own fault"]


async def test_a_caller_that_gives_up_does_not_undo_the_act(store: Store, one_batch: Together) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    with one_batch(store):
        act = asyncio.ensure_future(store.write(note("a")))
        await asyncio.sleep(0)
        act.cancel()
    await store.write(note("b"))
    assert await keys(store) == ["a", "b"]
    assert reported == []


async def test_an_act_whose_iterator_runs_dry_is_answered_too(store: Store) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await store.write(lambda tx: next(tx.db.execute("SELECT 1 WHERE 0")))


async def test_what_was_asked_before_the_end_is_written_and_what_comes_after_is_refused(state: Path) -> None:
    store = await Store.open(state)
    acts = [asyncio.ensure_future(store.write(note(f"{n:03}"))) for n in range(600)]
    await asyncio.sleep(0)
    await store.close()
    await store.close()
    assert len(set(await asyncio.gather(*acts))) == 600
    with pytest.raises(StoreClosed, match="shutting down"):
        await store.write(note("late"))
    with pytest.raises(StoreClosed):
        await store.fetch("SELECT 1")

    async with await Store.open(state) as again:
        assert len(await keys(again)) == 600
        assert again.head.seq == 600


async def test_a_second_store_on_the_same_folder_is_refused_until_the_first_is_closed(state: Path) -> None:
    async with await Store.open(state):
        with pytest.raises(StoreBusy, match="in use by another Kohoban"):
            await Store.open(state)
    await (await Store.open(state)).close()


async def test_a_program_that_holds_the_database_delays_a_write_and_then_is_named_as_the_reason(
    store: Store, state: Path
) -> None:
    await store.write(lambda tx: tx.db.execute("PRAGMA busy_timeout = 20").fetchall())
    other = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="Another program"):
        await store.write(note("a"))
    assert isinstance(store.trouble, StoreBusy)
    other.close()

    await store.write(note("b"))
    assert await keys(store) == ["b"]
    assert store.trouble is None


async def test_an_act_that_ends_the_transaction_by_itself_is_told_to_everyone_and_nothing_more_is_written(store: Store) -> None:
    with pytest.raises(StoreBroken):
        await store.write(lambda tx: tx.db.execute("COMMIT"))
    with pytest.raises(StoreBroken):
        await store.write(note("a"))
    assert isinstance(store.trouble, StoreBroken)


async def test_reading_connections_cannot_write(store: Store) -> None:
    with pytest.raises((sqlite3.OperationalError, StoreBroken)):
        await store.fetch("INSERT INTO meta (key, value) VALUES ('a', 1) RETURNING key")
    assert await keys(store) == []


async def test_bad_sql_is_the_asker_s_own_error(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await store.fetch("SELECT * FROM nowhere")


async def test_many_at_once_are_one_act_and_each_is_told_of_its_own(store: Store) -> None:
    told: list[object] = []
    each = [(saying(n), told.append) for n in range(5)]
    await asyncio.to_thread(store.post_blocking, [all_at_once(lambda tx: [op(tx) for op, _ in each], each)])
    await kept(store)
    assert told == [0, 1, 2, 3, 4]


async def test_where_many_at_once_cannot_be_carried_out_each_stands_or_falls_by_itself(store: Store) -> None:
    told: list[object] = []
    each = [(saying(n), told.append) for n in (1, 2, 2, 3)]
    await asyncio.to_thread(store.post_blocking, [all_at_once(lambda tx: [op(tx) for op, _ in each], each)])
    await kept(store)
    assert [answer for answer in told if not isinstance(answer, BaseException)] == [1, 2, 3]
    assert isinstance(told[2], sqlite3.IntegrityError)
    assert [row["key"] for row in await store.fetch("SELECT key FROM meta WHERE key LIKE 'said-%' ORDER BY key")] == [
        "said-1",
        "said-2",
        "said-3",
    ]
    assert (await store.verify()).ok


async def test_an_act_that_somebody_waits_for_goes_before_what_the_folder_brings(store: Store, one_batch: Together) -> None:
    order: list[str] = []
    with one_batch(store):
        for n in range(3):
            store.post(Job(lambda tx, n=n: order.append(f"brought {n}"), lambda _: None))
        asked = asyncio.ensure_future(store.write(lambda tx: order.append("asked")))
        await asyncio.sleep(0)
        last = kept(store)
    await asked
    await last
    assert order == ["asked", "brought 0", "brought 1", "brought 2"]


def kept(store: Store) -> asyncio.Future[None]:
    """Done when all that was posted so far is."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    store.post(Job(lambda tx: None, lambda _: future.set_result(None)))
    return future


def saying(n: int) -> Callable[[Tx], int]:
    """Keep some bytes, note the number, which may be noted once only, and record it."""

    def op(tx: Tx) -> int:
        tx.keep(b"%d" % n)
        tx.db.execute("INSERT INTO meta VALUES (?, ?)", (f"said-{n}", n))
        tx.record("test", "say", None, number=n)
        return n

    return op


async def test_a_writer_that_has_nothing_to_do_takes_notice_of_a_nudge_and_of_no_second_one_before(store: Store) -> None:
    await store.write(note("a"))
    writer = store.writer
    await come_to(lambda: writer.doing == "idle")
    turns, made = writer.turns, writer.commits.made
    for more in range(1, 4):
        writer.nudge()
        await come_to(lambda more=more: writer.turns >= turns + more)
    assert writer.doing == "idle"
    assert writer.commits.made == made, "nothing was written for that"
    assert await store.write(note("b")) == store.head.hash


async def test_what_waits_for_a_quiet_moment_is_done_also_while_the_writer_is_nudged_again_and_again(store: Store) -> None:
    await store.write(lambda tx: tx.keep(b"carried by the commit"))
    segments = store.writer._files.segments

    def nudged_and_synced() -> bool:
        store.writer.nudge()
        return not segments.unsynced

    await come_to(nudged_and_synced)
