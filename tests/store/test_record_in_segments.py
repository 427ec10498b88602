"""The record's copy in the segments: written with the revisions, forgotten with what failed, readable without the database."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.store import Store, Tx, segments
from daemon.store.audit import canonical, chained
from daemon.store.database import migrate
from daemon.store.schema import MIGRATIONS
from daemon.store.segments import Cut, Entry, Gap, Revision, read_segments

GENESIS = "0" * 64


def first_segment(state: Path) -> Path:
    return state / "revisions" / "000001.seg"


def told(state: Path) -> list[str]:
    """What lies in the segments, in order, one word each."""
    words = []
    for block, data in read_segments(state / "revisions"):
        match block:
            case Revision():
                words.append(data.decode())
            case Entry(seq):
                words.append(f"#{seq}")
            case Cut(seq):
                words.append(f"cut {seq}")
            case Gap():
                words.append(f"gap {data[:10]!r}")
    return words


async def test_every_entry_lies_in_the_segments_too_in_order_and_readable_without_this_program(store: Store, state: Path) -> None:
    await store.write(lambda tx: (tx.keep(b"one"), tx.record("yamada", "receive", 1), tx.keep(b"two"))[0])
    head = await store.write(lambda tx: tx.record("佐藤", "approve", 1, titles=["課長"]))
    (first, second) = await store.fetch("SELECT hash, record FROM audit ORDER BY seq")
    one, two = (f"kohoban-revision {sha256(body).hexdigest()} 3\n".encode() + body + b"\n" for body in (b"one", b"two"))
    entries = [
        f"kohoban-entry {seq} {row['hash']} {len(row['record'])}\n".encode() + row["record"] + b"\n"
        for seq, row in enumerate((first, second), start=1)
    ]
    assert first_segment(state).read_bytes() == one + entries[0] + two + entries[1]
    assert told(state) == ["one", "#1", "two", "#2"]
    assert second["hash"] == head


async def test_an_act_that_failed_leaves_no_entry_in_the_segments_and_the_others_of_its_batch_stay(
    store: Store, state: Path, one_batch: Callable[[Store], AbstractContextManager[None]]
) -> None:
    def fails(tx: Tx) -> None:
        tx.record("yamada", "refused")
        tx.keep(b"refused")
        tx.record("yamada", "refused")
        raise PermissionError

    with one_batch(store):
        acts = [
            asyncio.ensure_future(store.write(op))
            for op in (lambda tx: tx.record("yamada", "note"), fails, lambda tx: (tx.keep(b"kept"), tx.record("yamada", "note")))
        ]
        await asyncio.sleep(0)
    await asyncio.gather(*acts, return_exceptions=True)
    assert told(state) == ["#1", "kept", "#2"]


async def test_a_torn_entry_at_the_end_is_cut_off_like_a_torn_revision(state: Path) -> None:
    async with await Store.open(state) as store:
        await store.write(lambda tx: tx.record("yamada", "note"))
    whole = first_segment(state).read_bytes()
    first_segment(state).write_bytes(whole + b"kohoban-entry 2 " + b"a" * 64 + b' 90\n{"act":"no')
    assert told(state) == ["#1", "gap b'kohoban-en'"]
    async with await Store.open(state) as store:
        (notice,) = store.notices
        assert "cut off" in notice.message_en
        assert first_segment(state).read_bytes() == whole
        await store.write(lambda tx: tx.record("yamada", "note"))
    assert told(state) == ["#1", "#2"]


async def test_entries_whose_commit_was_lost_are_struck_out_by_a_line_before_anything_is_added(state: Path) -> None:
    """As after a power cut between the sync of the segments and the commit: the database knows nothing of the last batch."""
    async with await Store.open(state) as store:
        await store.write(lambda tx: tx.record("yamada", "note"))
    (state / "kohoban.db").rename(state / "before.db")
    (state / "audit.anchor").rename(state / "before.anchor")
    for name in ("db", "anchor"):
        target = "kohoban.db" if name == "db" else "audit.anchor"
        (state / target).write_bytes((state / f"before.{name}").read_bytes())
    async with await Store.open(state) as store:
        await store.write(lambda tx: (tx.keep(b"lost?"), tx.record("yamada", "lost"), tx.record("yamada", "lost")))
    (state / "before.db").rename(state / "kohoban.db")
    (state / "before.anchor").rename(state / "audit.anchor")

    async with await Store.open(state) as store:
        assert store.notices == ()
        assert await store.bytes_of(sha256(b"lost?").hexdigest()) == b"lost?"
        assert told(state) == ["#1", "lost?", "#2", "#3"]
        await store.write(lambda tx: tx.record("yamada", "note"))
        assert told(state) == ["#1", "lost?", "#2", "#3", "cut 1", "#2"]
    async with await Store.open(state) as store:
        await store.write(lambda tx: tx.record("yamada", "note"))
    assert told(state)[4:] == ["cut 1", "#2", "#3"]


async def test_an_office_from_before_entries_had_copies_goes_on_and_remembers_which_entry_has_the_first(state: Path) -> None:
    old = b"kohoban-revision %b 3\nold\n" % sha256(b"old").hexdigest().encode()
    (state / "revisions").mkdir()
    first_segment(state).write_bytes(old)
    db = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    migrate(db, 0, MIGRATIONS[:1])
    db.execute("INSERT INTO revisions VALUES (?, 1, ?, 3, 0)", (sha256(b"old").hexdigest(), len(old) - 4))
    record = canonical(1, 0, "yamada", "note", None, {}, GENESIS)
    db.execute("INSERT INTO audit VALUES (1, 0, 'yamada', 'note', NULL, ?, ?, ?)", (record, GENESIS, chained(GENESIS, record)))
    db.close()
    async with await Store.open(state) as store:
        assert store.notices == ()
        assert await store.bytes_of(sha256(b"old").hexdigest()) == b"old"
        assert [tuple(row) for row in await store.fetch("SELECT segment, offset, first FROM segment_end")] == [(1, len(old), 2)]
        await store.write(lambda tx: tx.record("yamada", "note"))
    assert told(state) == ["old", "#2"]


async def test_the_segments_turn_with_entries_alone(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 1000)
    for _ in range(2):
        async with await Store.open(state) as store:
            for _ in range(10):
                await store.write(lambda tx: tx.record("yamada", "note"))
            assert store.notices == ()
    assert len(list((state / "revisions").iterdir())) > 3
    assert told(state) == [f"#{n}" for n in range(1, 21)]


async def test_reading_can_end_at_a_given_place(store: Store, state: Path) -> None:
    await store.write(lambda tx: tx.record("yamada", "note"))
    end = first_segment(state).stat().st_size
    await store.write(lambda tx: tx.record("yamada", "note"))
    assert [block.seq for block, _ in read_segments(state / "revisions", (1, end)) if isinstance(block, Entry)] == [1]


@given(cut=st.integers(0), flip=st.integers(1, 255), place=st.integers(0))
def test_whatever_is_damaged_only_whole_blocks_are_given_and_every_byte_is_accounted_for(cut: int, flip: int, place: int) -> None:
    blocks, prev = [], GENESIS
    for seq in range(1, 5):
        record = json.dumps({"act": "note", "prev": prev, "seq": seq}, separators=(",", ":")).encode()
        prev = sha256(prev.encode() + record).hexdigest()
        blocks.append(b"kohoban-entry %d %b %d\n%b\n" % (seq, prev.encode(), len(record), record))
    data = bytearray(b"".join(blocks))
    data[place % len(data)] ^= flip
    del data[len(data) - cut % len(data) :]
    found = list(segments.scan(bytes(data), 1))
    for block in found:
        if isinstance(block, Entry):
            assert blocks[block.seq - 1] in bytes(data)
    covered = sum(b.place.size if isinstance(b, Gap) else len(blocks[b.seq - 1]) for b in found if isinstance(b, Entry | Gap))
    assert covered == len(data)
