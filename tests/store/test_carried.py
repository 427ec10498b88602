"""A batch is durable with one sync: what the segments have not got yet, the commit has carried."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.store import Store, Tx
from daemon.store.segments import segment_path
from daemon.store.writer import CARRIED_AT_ONCE


def kept(text: str) -> Callable[[Tx], str]:
    def op(tx: Tx) -> str:
        digest = tx.keep(text.encode())
        tx.record("akasaka", "keep", None, hash=digest)
        return digest

    return op


async def test_a_small_act_syncs_no_segment_and_a_large_one_does(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "store") as store:
        await store.write(kept("短い"))
        assert len(await store.fetch("SELECT 1 FROM segment_carried")) == 1
        await store.write(kept("長い" * CARRIED_AT_ONCE))
        assert await store.fetch("SELECT 1 FROM segment_carried") == []


@pytest.mark.parametrize("left", [0, 10, 400], ids=["nothing of it", "a torn header", "part of it"])
async def test_what_a_power_cut_took_from_a_segment_is_there_again_at_the_next_start(tmp_path: Path, left: int) -> None:
    state = tmp_path / "store"
    async with await Store.open(state) as store:
        digests = [await store.write(kept(f"お知らせ {n} です。" * 9)) for n in range(3)]
        # The database as it is on the disk now, and of the segment only what the kernel happened to have written.
        cut = tmp_path / "cut"
        shutil.copytree(state, cut)
    os.truncate(segment_path(cut / "revisions", 1), left)
    async with await Store.open(cut) as store:
        assert [await store.bytes_of(digest) for digest in digests] == [f"お知らせ {n} です。".encode() * 9 for n in range(3)]
        assert store.notices == ()
        assert (await store.verify()).ok
        await store.write(kept("そのあと"))
    whole = segment_path(cut / "revisions", 1).read_bytes()
    assert whole.startswith(segment_path(state / "revisions", 1).read_bytes())


async def test_a_segment_that_has_lost_more_than_was_carried_is_reported_as_before(tmp_path: Path) -> None:
    state = tmp_path / "store"
    async with await Store.open(state) as store:
        await store.write(kept("長い" * CARRIED_AT_ONCE))
        await store.write(kept("短い"))
        cut = tmp_path / "cut"
        shutil.copytree(state, cut)
    os.truncate(segment_path(cut / "revisions", 1), 100)
    async with await Store.open(cut) as store:
        assert [notice for notice in store.notices if "000001.seg" in notice.message]


async def test_an_act_that_fails_is_not_carried(tmp_path: Path) -> None:
    def refused(tx: Tx) -> None:
        kept("いらない")(tx)
        raise ValueError("no")

    async with await Store.open(tmp_path / "store") as store:
        await store.write(kept("いる"))
        with pytest.raises(ValueError, match="no"):
            await store.write(refused)
        carried = b"".join(row["data"] for row in await store.fetch("SELECT data FROM segment_carried ORDER BY id"))
        assert "いる".encode() in carried
        assert "いらない".encode() not in carried
