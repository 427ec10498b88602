"""The database file: made and brought up to date whole, refused untouched when it is not ours or too new, readable by nobody else."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from daemon.store import Store, StoreBroken, StoreNewer, StoreUnfit, Tx, database, from_db, to_db
from daemon.store.schema import MIGRATIONS


def plain(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


async def test_a_new_database_has_every_table_and_says_whose_it_is(store: Store, state: Path) -> None:
    tables = {row["name"] for row in await store.fetch("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert {"drafts", "revisions", "approvals", "releases", "requests", "audit", "counters", "meta"} <= tables
    assert (await store.fetch("PRAGMA user_version"))[0][0] == len(MIGRATIONS)
    assert (await store.fetch("PRAGMA application_id"))[0][0].to_bytes(4, "big") == b"Koho"
    assert (await store.fetch("PRAGMA journal_mode"))[0][0] == "wal"
    strict = await store.fetch(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite%'"
    )
    assert strict == []


async def test_the_writer_syncs_every_commit_and_holds_references(store: Store) -> None:
    def settings(tx: Tx) -> list[int]:
        names = ("synchronous", "foreign_keys", "trusted_schema", "cell_size_check", "busy_timeout", "recursive_triggers")
        return [tx.db.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await store.write(settings) == [2, 1, 0, 1, 5000, 1]


async def test_the_files_belong_to_the_daemon_alone_even_if_somebody_opened_them_up(state: Path) -> None:
    async with await Store.open(state) as store:
        await store.write(lambda tx: tx.keep(b"a citizen's words"))
        for name in ("kohoban.db", "kohoban.db-wal", "kohoban.db-shm", "audit.anchor", "revisions/000001.seg"):
            assert (state / name).stat().st_mode & 0o777 == 0o600, name
        assert (state / "revisions").stat().st_mode & 0o777 == 0o700
    (state / "kohoban.db").chmod(0o644)
    await (await Store.open(state)).close()
    assert (state / "kohoban.db").stat().st_mode & 0o777 == 0o600


async def test_an_empty_file_in_its_place_becomes_the_database(state: Path) -> None:
    (state / "kohoban.db").touch()
    async with await Store.open(state) as store:
        assert (await store.fetch("PRAGMA user_version"))[0][0] == len(MIGRATIONS)


async def test_a_newer_database_is_refused_and_left_as_it_is(state: Path) -> None:
    await (await Store.open(state)).close()
    db = plain(state / "kohoban.db")
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    before = (state / "kohoban.db").read_bytes()
    with pytest.raises(StoreNewer) as told:
        await Store.open(state)
    assert "新しい版" in told.value.message
    assert (state / "kohoban.db").read_bytes() == before


async def test_another_program_s_database_is_refused_and_left_as_it_is(state: Path) -> None:
    db = plain(state / "kohoban.db")
    db.execute("CREATE TABLE places (url TEXT)")
    db.close()
    before = (state / "kohoban.db").read_bytes()
    with pytest.raises(StoreUnfit) as told:
        await Store.open(state)
    assert "広報番のデータベースではありません" in told.value.message
    assert (state / "kohoban.db").read_bytes() == before


async def test_a_file_that_is_no_database_is_told_in_a_sentence(state: Path) -> None:
    (state / "kohoban.db").write_text("メモ" * 4000)
    with pytest.raises(StoreBroken, match="not a database"):
        await Store.open(state)
    assert (state / "kohoban.db").read_text() == "メモ" * 4000


def test_a_migration_is_carried_out_whole_or_not_at_all(tmp_path: Path) -> None:
    db = plain(tmp_path / "a.db")
    steps = ("CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)", "CREATE TABLE c (x)")
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        database.migrate(db, 0, steps)
    assert [row[0] for row in db.execute("SELECT name FROM sqlite_schema")] == ["a"]
    assert db.execute("PRAGMA user_version").fetchone()[0] == 1

    database.migrate(db, 1, (steps[0], "CREATE TABLE b (x); INSERT INTO b SELECT x FROM a", steps[2]))
    assert [row[0] for row in db.execute("SELECT name FROM sqlite_schema ORDER BY name")] == ["a", "b", "c"]
    assert db.execute("PRAGMA user_version").fetchone()[0] == 3
    db.close()


async def test_a_path_with_signs_that_mean_something_in_a_uri_is_just_a_path(tmp_path: Path) -> None:
    state = tmp_path / "100% 庁内?mode=rw#1"
    async with await Store.open(state) as store:
        await store.write(lambda tx: tx.record("yamada", "note"))
        assert (await store.verify()).entries == 1


async def test_the_same_request_of_the_same_person_gets_the_same_answer_for_a_week(state: Path) -> None:
    clock = [1_000_000_000]
    async with await Store.open(state, clock=lambda: clock[0]) as store:
        await store.write(lambda tx: tx.remember("r1", "yamada", b"done"))
        assert await store.write(lambda tx: tx.answered("r1", "yamada")) == b"done"
        assert await store.write(lambda tx: tx.answered("r1", "sato")) is None
        assert await store.write(lambda tx: tx.answered("r2", "yamada")) is None
        with pytest.raises(sqlite3.IntegrityError):
            await store.write(lambda tx: tx.remember("r1", "yamada", b"twice"))
        await store.write(lambda tx: tx.remember("r1", "sato", b"her own"))

        clock[0] += 8 * 24 * 3600 * 1_000_000
        await store.write(lambda tx: tx.remember("r3", "yamada", b"later"))
        assert [row["id"] for row in await store.fetch("SELECT id FROM requests")] == ["r3"]


def test_a_moment_goes_in_and_out_exactly_whatever_its_offset() -> None:
    moment = datetime(2026, 11, 24, 0, 0, 0, 123457, UTC)
    assert from_db(to_db(moment)) == moment
    assert to_db(moment) == to_db(moment.astimezone(timezone(timedelta(hours=9))))
    assert from_db(to_db(moment)).isoformat() == "2026-11-24T09:00:00.123457+09:00"
    with pytest.raises(ValueError, match="no offset"):
        to_db(datetime(2026, 11, 24))  # noqa: DTZ001
