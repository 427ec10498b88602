"""A disk that is full or fails: everyone is told, nothing is half there, and the store goes on as far as it can."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from daemon.store import Store, StoreBroken, StoreFull, Tx
from daemon.store.segments import Segments
from daemon.store.writer import CARRIED_AT_ONCE, CARRIED_SECONDS

ReplaceFd = Callable[[Path, str, int], None]


def fill(tx: Tx) -> None:
    tx.db.execute("INSERT INTO meta (key, value) VALUES ('big', zeroblob(4000000))")


def note(tx: Tx) -> str:
    return tx.record("yamada", "note")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "kohoban-test", str(place)], check=True)
    yield place
    subprocess.run(["umount", str(place)], check=True)


def make_room(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)


async def test_on_a_full_disk_every_act_is_refused_whole_and_with_room_the_store_goes_on(small_disk: Path) -> None:
    kept: list[str] = []
    async with await Store.open(small_disk / "state") as store:
        with pytest.raises(StoreFull) as told:
            for n in range(1000):
                kept.append(
                    await store.write(lambda tx, n=n: (note(tx), tx.keep(bytes([n % 256]) * 20_000 + bytes([n // 256])))[1])
                )
        assert "空きを作って" in told.value.message
        assert isinstance(store.trouble, StoreFull)
        assert (await store.verify()).entries == len(kept)

        make_room(small_disk)
        kept.append(await store.write(lambda tx: (note(tx), tx.keep(b"room again"))[1]))
        assert store.trouble is None

    async with await Store.open(small_disk / "state") as again:
        assert again.notices == ()
        assert [len(await again.bytes_of(digest)) for digest in kept] == [20_001] * (len(kept) - 1) + [10]
        assert (await again.verify()).entries == len(kept)


async def test_a_database_that_cannot_grow_refuses_the_act_and_spares_the_others_of_the_batch(
    store: Store, one_batch: Callable[[Store], AbstractContextManager[None]]
) -> None:
    await store.write(lambda tx: tx.db.execute("PRAGMA max_page_count = 200").fetchall())
    with one_batch(store):
        acts = [asyncio.ensure_future(store.write(op)) for op in (note, fill, note)]
        await asyncio.sleep(0)
    results = await asyncio.gather(*acts, return_exceptions=True)

    # SQLite may undo the whole transaction or the one statement: what is answered and what is there must agree.
    assert isinstance(results[1], StoreFull)
    written = [result for result in results if isinstance(result, str)]
    assert [row["hash"] for row in await store.fetch("SELECT hash FROM audit ORDER BY seq")] == written
    assert all(isinstance(result, str | StoreFull) for result in results)
    assert await store.fetch("SELECT key FROM meta") == []

    await store.write(lambda tx: tx.db.execute("PRAGMA max_page_count = 100000").fetchall())
    await store.write(fill)
    assert store.trouble is None


async def test_bytes_of_a_batch_that_could_not_be_committed_leave_nothing_in_the_file(store: Store, state: Path) -> None:
    await store.write(lambda tx: tx.keep(b"first"))
    before = (state / "revisions" / "000001.seg").read_bytes()

    def loses_the_batch(tx: Tx) -> None:
        tx.keep(b"second")
        tx.db.execute("ROLLBACK")
        raise ValueError("nothing is left to undo")

    with pytest.raises(StoreBroken):
        await store.write(loses_the_batch)
    assert (state / "revisions" / "000001.seg").read_bytes() == before


async def test_a_full_disk_under_the_revisions_refuses_the_revision_and_the_act_with_it(
    store: Store, state: Path, replace_fd: ReplaceFd
) -> None:
    first = await store.write(lambda tx: tx.keep(b"first"))
    replace_fd(state / "revisions" / "000001.seg", "/dev/full", os.O_RDWR)
    with pytest.raises(StoreFull):
        await store.write(lambda tx: (note(tx), tx.keep(b"second")))
    assert isinstance(store.trouble, StoreFull)
    assert store.head.seq == 0
    assert await store.bytes_of(first) == b"first"
    with pytest.raises(StoreFull):
        await store.write(note)  # an entry has its copy there, too
    await store.write(lambda tx: tx.remember("1", "yamada", b"no entry"))
    assert store.trouble is None


async def test_after_an_error_of_the_disk_the_store_only_reads_and_a_restart_goes_on(
    state: Path, replace_fd: ReplaceFd, writing: Callable[[Path], list[int]]
) -> None:
    async with await Store.open(state) as store:
        before = await store.write(note)
        replace_fd(state / "kohoban.db-wal", "/dev/null", os.O_RDONLY)
        with pytest.raises(StoreBroken) as told:
            await store.write(note)
        assert "閲覧だけ" in told.value.message
        with pytest.raises(StoreBroken):
            await asyncio.to_thread(store.write_blocking, note)
        assert isinstance(store.trouble, StoreBroken)
        assert writing(state / "kohoban.db") == []
        assert store.head.hash == before
        assert [row["hash"] for row in await store.fetch("SELECT hash FROM audit")] == [before]

    async with await Store.open(state) as again:
        assert again.head.hash == before
        await again.write(note)
        assert (await again.verify()).entries == 2


async def test_an_error_of_the_disk_under_the_revisions_ends_writing_too(
    store: Store, state: Path, replace_fd: ReplaceFd
) -> None:
    await store.write(lambda tx: tx.keep(b"first"))
    replace_fd(state / "revisions" / "000001.seg", "/dev/null", os.O_RDONLY)
    with pytest.raises(StoreBroken):
        await store.write(lambda tx: tx.keep(b"second"))
    assert isinstance(store.trouble, StoreBroken)
    assert store.head.seq == 0


async def test_nothing_is_committed_whose_bytes_could_not_be_synced(store: Store, state: Path, replace_fd: ReplaceFd) -> None:
    await store.write(lambda tx: tx.keep(b"first"))
    replace_fd(state / "revisions" / "000001.seg", "/dev/null", os.O_RDWR)  # takes every write, refuses every sync
    with pytest.raises(StoreBroken):
        await store.write(lambda tx: (note(tx), tx.keep(b"second" * CARRIED_AT_ONCE)))
    assert await store.fetch("SELECT seq FROM audit") == []
    assert len(await store.fetch("SELECT hash FROM revisions")) == 1


async def test_bytes_that_the_commit_has_carried_outlive_a_segment_that_cannot_be_synced(
    state: Path, replace_fd: ReplaceFd
) -> None:
    async with await Store.open(state) as store:
        await store.write(lambda tx: tx.keep(b"first"))
        replace_fd(state / "revisions" / "000001.seg", "/dev/null", os.O_RDWR)
        second = await store.write(lambda tx: tx.keep(b"second"))
        await asyncio.sleep(2 * CARRIED_SECONDS)
    assert isinstance(store.trouble, StoreBroken)  # found out as soon as nothing else was to be done, at the latest at the end
    async with await Store.open(state) as store:
        assert await store.bytes_of(second) == b"second"


def test_bytes_written_in_the_place_of_others_of_the_same_size_are_synced_again(tmp_path: Path, replace_fd: ReplaceFd) -> None:
    segments = Segments(tmp_path, 1, 0)
    start = segments.mark()
    segments.append("0" * 64, b"lost")
    segments.sync()
    segments.rewind(start)
    segments.append("1" * 64, b"next")
    replace_fd(tmp_path / "000001.seg", "/dev/null", os.O_RDWR)
    with pytest.raises(OSError, match="Invalid argument"):
        segments.sync()
    segments.close()


async def test_an_anchor_that_cannot_be_written_is_shown_and_the_acts_stand(state: Path, replace_fd: ReplaceFd) -> None:
    async with await Store.open(state) as store:
        replace_fd(state / "audit.anchor", "/dev/full", os.O_RDWR)
        stopped = await store.write(lambda tx: (tx.anchor(), note(tx))[1])
        await store.fetch("SELECT 1")
        assert store.head.hash == stopped
    assert isinstance(store.trouble, StoreFull)


async def test_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(StoreBroken) as told:
        await Store.open(tmp_path / "state")
    assert str(tmp_path) in told.value.message
