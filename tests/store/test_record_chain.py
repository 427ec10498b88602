"""The record: only ever added to, and whoever changes it behind our back is found, with the number of the entry."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.store import Store, StoreBroken, Tx, Verified, verify
from daemon.store.audit import as_text

GENESIS = "0" * 64


def verified(state: Path) -> Verified:
    return verify(state / "kohoban.db", state / "audit.anchor")


def entry(n: int) -> Callable[[Tx], str]:
    return lambda tx: tx.record("佐藤", "approve", n, reason=f"理由 {n}", titles=["課長"])


async def fill(state: Path, entries: int = 10) -> str:
    async with await Store.open(state) as store:
        for n in range(entries):
            await store.write(entry(n))
        return store.head.hash


def tamper(state: Path, *statements: str) -> None:
    """What somebody with the database file and sqlite3 may do."""
    db = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    for trigger in ("audit_no_update", "audit_no_delete", "audit_in_order"):
        db.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        db.execute(statement)
    db.close()


async def test_a_third_party_can_recompute_the_chain_from_its_description(state: Path) -> None:
    head = await fill(state)
    db = sqlite3.connect(state / "kohoban.db")
    prev = GENESIS
    for seq, record, digest in db.execute("SELECT seq, record, hash FROM audit ORDER BY seq"):
        assert sha256(prev.encode() + record).hexdigest() == digest
        assert json.loads(record)["prev"] == prev
        assert json.loads(record)["seq"] == seq
        prev = digest
    db.close()
    assert prev == head
    assert "課長".encode() in record  # readable as it lies there


async def test_a_whole_record_is_verified_with_its_head_beside_a_running_daemon_and_without_one(
    store: Store, state: Path
) -> None:
    for n in range(5):
        await store.write(entry(n))
    assert verified(state) == await store.verify()
    assert (await store.verify()).entries == 5
    assert (await store.verify()).head == store.head.hash
    await store.close()
    assert verified(state) == Verified(True, 5, store.head.hash)


async def test_an_empty_record_is_whole(state: Path) -> None:
    await (await Store.open(state)).close()
    assert verified(state) == Verified(True, 0, GENESIS)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 2",
        "INSERT OR REPLACE INTO audit SELECT seq, at, 'nobody', act, draft, record, prev, hash FROM audit WHERE seq = 1",
        "INSERT INTO audit SELECT seq + 10, at, actor, act, draft, record, prev, hash FROM audit WHERE seq = 1",
    ],
)
async def test_the_database_refuses_to_change_an_entry_or_to_leave_a_gap(store: Store, statement: str) -> None:
    for n in range(2):
        await store.write(entry(n))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        await store.write(lambda tx: tx.db.execute(statement))
    assert (await store.verify()).entries == 2


@pytest.mark.parametrize(
    ("statement", "first_bad", "why"),
    [
        ("UPDATE audit SET record = CAST(replace(CAST(record AS TEXT), '課長', '係長') AS BLOB) WHERE seq = 7", 7, "changed"),
        ("UPDATE audit SET actor = '鈴木' WHERE seq = 4", 4, "columns"),
        ("UPDATE audit SET at = at + 1 WHERE seq = 5", 5, "columns"),
        ("UPDATE audit SET draft = NULL WHERE seq = 6", 6, "columns"),
        ("UPDATE audit_private SET text = CAST('別の理由' AS BLOB) WHERE seq = 6", 6, "text of entry 6"),
        ("UPDATE audit_private SET field = 'note' WHERE seq = 2", 2, "text of entry 2"),
        ("UPDATE audit SET prev = hash WHERE seq = 3", 3, "columns"),
        ("UPDATE audit SET hash = prev WHERE seq = 10", 10, "changed"),
        ("DELETE FROM audit WHERE seq = 5", 5, "missing"),
        ("DELETE FROM audit WHERE seq = 1", 1, "missing"),
        ("DELETE FROM audit WHERE seq > 8", 9, "tail is missing"),
        ("DELETE FROM audit", 1, "tail is missing"),
        ("INSERT INTO audit SELECT -3, at, actor, act, draft, record, prev, hash FROM audit WHERE seq = 1", -3, "missing"),
    ],
)
async def test_whoever_changes_the_record_is_found_with_the_first_entry_that_is_wrong(
    state: Path, statement: str, first_bad: int, why: str
) -> None:
    await fill(state)
    tamper(state, statement)
    found = verified(state)
    assert (found.ok, found.first_bad) == (False, first_bad)
    assert why in found.why_en
    assert str(first_bad) in found.why or first_bad < 0 or "末尾" in found.why


async def test_entries_that_changed_places_are_found(state: Path) -> None:
    await fill(state)
    tamper(
        state,
        "UPDATE audit SET seq = -1 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 5",
        "UPDATE audit SET seq = 5 WHERE seq = -1",
    )
    assert verified(state).first_bad == 4


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seq=st.integers(1, 6), place=st.integers(0), flip=st.integers(1, 255))
def test_any_changed_byte_of_any_entry_is_found_at_that_entry(
    tmp_path_factory: pytest.TempPathFactory, seq: int, place: int, flip: int
) -> None:
    state = tmp_path_factory.mktemp("office") / "state"
    asyncio.run(fill(state, 6))
    db = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    db.execute("DROP TRIGGER audit_no_update")
    record = bytearray(db.execute("SELECT record FROM audit WHERE seq = ?", (seq,)).fetchone()[0])
    record[place % len(record)] ^= flip
    db.execute("UPDATE audit SET record = ? WHERE seq = ?", (bytes(record), seq))
    db.close()
    assert verified(state).first_bad == seq


def recomputed(state: Path, forged: int) -> None:
    """Somebody changes an entry and makes the whole chain anew from there."""
    db = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    db.execute("DROP TRIGGER audit_no_update")
    prev = GENESIS
    for seq, record in db.execute("SELECT seq, record FROM audit ORDER BY seq").fetchall():
        entry = json.loads(record) | {"prev": prev}
        if seq == forged:
            entry["detail"] |= {"titles": ["a higher title"]}
        record = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        digest = sha256(prev.encode() + record).hexdigest()
        db.execute("UPDATE audit SET record = ?, prev = ?, hash = ? WHERE seq = ?", (record, prev, digest, seq))
        prev = digest
    db.close()


async def test_a_chain_made_anew_no_longer_fits_its_anchor(state: Path) -> None:
    await fill(state)
    recomputed(state, forged=3)
    found = verified(state)
    assert (found.ok, found.first_bad) == (False, 10)
    assert "anchor" in found.why_en
    (state / "audit.anchor").unlink()
    assert verified(state).ok  # which is why copies of the anchor belong elsewhere
    assert "audit.anchor" in verified(state).why


async def test_an_entry_that_is_no_json_is_found_though_its_hash_fits(state: Path) -> None:
    await fill(state, 1)
    forged = b"[]"
    digest = sha256(GENESIS.encode() + forged).hexdigest()
    tamper(state, f"UPDATE audit SET record = x'{forged.hex()}', hash = '{digest}'")
    assert verified(state).first_bad == 1


async def test_a_table_put_in_the_place_of_the_record_is_found_whatever_it_holds(state: Path) -> None:
    await fill(state)
    tamper(state, "CREATE TABLE lax AS SELECT * FROM audit", "UPDATE lax SET record = 7 WHERE seq = 3")
    db = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    db.execute("DROP TABLE audit")
    assert "no such table" in verified(state).why_en
    db.execute("ALTER TABLE lax RENAME TO audit")
    db.close()
    assert verified(state).first_bad == 3


async def test_a_cut_tail_is_told_already_at_the_next_start(state: Path) -> None:
    await fill(state)
    tamper(state, "DELETE FROM audit WHERE seq > 8")
    async with await Store.open(state) as store:
        (notice,) = store.notices
        assert "it ends at 8, the anchor names 10" in notice.message_en
        assert (await store.verify()).first_bad == 9


async def test_a_damaged_page_of_the_database_is_told_and_not_taken_for_whole(state: Path) -> None:
    await fill(state, 400)
    path = state / "kohoban.db"
    data = bytearray(path.read_bytes())
    middle = data.find("理由 200".encode()) // 4096 * 4096
    data[middle : middle + 4096] = os.urandom(4096)
    path.write_bytes(data)
    found = verified(state)
    assert not found.ok
    assert found.first_bad is not None


async def test_a_database_that_is_not_there_or_not_one_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreBroken, match="cannot be read"):
        verify(tmp_path / "none.db", tmp_path / "audit.anchor")
    (tmp_path / "text.db").write_text("this is a letter, not a database" * 200)
    with pytest.raises(StoreBroken, match="not a database"):
        verify(tmp_path / "text.db", tmp_path / "audit.anchor")


async def test_verifying_beside_a_writing_daemon_sees_a_whole_chain_every_time(store: Store) -> None:
    async def write() -> None:
        for n in range(300):
            await store.write(lambda tx, n=n: (tx.anchor(), entry(n)(tx)))

    writing = asyncio.ensure_future(write())
    while not writing.done():
        assert (await store.verify()).ok
    await writing
    assert (await store.verify()).entries == 300


async def test_progress_is_told_on_the_way(store: Store) -> None:
    await store.write(lambda tx: [entry(n)(tx) for n in range(20_500)])
    seen: list[int] = []
    assert (await store.verify(seen.append)).entries == 20_500
    assert seen == [10_000, 20_000]


async def test_an_anchor_is_written_at_the_first_entry_when_asked_for_every_thousand_entries_and_at_the_end(state: Path) -> None:
    def anchored() -> list[int]:
        return [int(line.split()[0]) for line in (state / "audit.anchor").read_text().splitlines()]

    async with await Store.open(state) as store:
        await store.write(entry(1))
        await store.write(lambda tx: tx.record("yamada", "note"))
        assert anchored() == [1]
        await store.write(lambda tx: (tx.record("yamada", "stopped"), tx.anchor()))
        await store.write(entry(2))  # the anchor is written before the next act is looked at
        assert anchored() == [1, 3]
        await store.write(lambda tx: [entry(n)(tx) for n in range(1000)])
        await store.write(lambda tx: None)
        assert anchored() == [1, 3, 1004]
        await store.write(entry(3))
    assert anchored() == [1, 3, 1004, 1005]
    line = (state / "audit.anchor").read_text().splitlines()[-1].split()
    assert line[1] == store.head.hash
    assert line[2].endswith("+09:00")

    await (await Store.open(state)).close()
    assert anchored() == [1, 3, 1004, 1005]

    lines = (state / "audit.anchor").read_text().splitlines(keepends=True)
    (state / "audit.anchor").write_text("".join(lines[:-1]))  # as after a crash: the last entries stand without an anchor
    await (await Store.open(state)).close()
    assert anchored() == [1, 3, 1004, 1005]


async def test_a_torn_line_of_the_anchor_costs_only_itself(state: Path) -> None:
    await fill(state, 3)
    with (state / "audit.anchor").open("a") as file:
        file.write("4 abcdef")
    assert "1 lines of the anchor" in verified(state).why_en
    async with await Store.open(state) as store:
        assert store.notices == ()
        await store.write(entry(4))
    assert [line.split()[0] for line in (state / "audit.anchor").read_text().splitlines()] == ["1", "3", "4", "4"]
    assert verified(state).ok


async def test_a_name_that_is_not_utf_8_is_recorded_and_comes_back(store: Store, state: Path) -> None:
    name = os.fsdecode(b"\x8d\x4c\x95\xf1.txt")
    await store.write(lambda tx: tx.record("yamada", "received", name=name, file=name))
    (row,) = await store.fetch("SELECT record, text FROM audit JOIN audit_private USING (seq)")
    assert json.loads(row["record"])["detail"]["file"] == name
    assert as_text(row["text"]) == name
    assert (await store.verify()).ok
