"""The small parts of keeping: names exchanged in one step, a reserve of room, rows read past damage."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from daemon.store import Store, StoreBusy
from daemon.store.ballast import BALLAST_BYTES, Ballast
from daemon.store.offline import at_rest, looked_into
from daemon.store.renaming import exchange, name_new
from daemon.store.salvage import Salvage


def test_two_folders_change_places_and_neither_is_ever_missing(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "who").write_text(name)
    exchange(tmp_path / "one", tmp_path / "other")
    assert [(tmp_path / name / "who").read_text() for name in ("one", "other")] == ["other", "one"]
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "one", tmp_path / "absent")


def test_a_name_that_is_taken_is_not_given(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new")
    (tmp_path / "taken").write_text("old")
    with pytest.raises(FileExistsError):
        name_new(tmp_path / "new", tmp_path / "taken")
    name_new(tmp_path / "new", tmp_path / "free")
    assert (tmp_path / "taken").read_text() == "old"
    assert (tmp_path / "free").read_text() == "new"


def test_the_reserve_is_allocated_once_and_given_up_once(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path)
    assert not ballast.held
    assert ballast.take()
    assert ballast.take()
    assert os.stat(tmp_path / "ballast").st_blocks * 512 >= BALLAST_BYTES
    assert ballast.give_up()
    assert not ballast.give_up()
    assert not ballast.held


async def test_a_store_in_use_is_not_at_rest(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "store"):
        with pytest.raises(StoreBusy), at_rest(tmp_path / "store"):
            pass
    with at_rest(tmp_path / "store"), pytest.raises(StoreBusy):
        await Store.open(tmp_path / "store")


def damaged(path: Path, count: int) -> None:
    """A table of so many wide rows, with a page in its middle that is no page."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT)")
        db.executemany("INSERT INTO things VALUES (?, ?)", ((n, f"{n} " + "x" * 500) for n in range(1, count + 1)))
        db.commit()
    data = bytearray(path.read_bytes())
    page = len(data) // 4096 // 2
    data[page * 4096 : (page + 1) * 4096] = b"\xff" * 4096
    path.write_bytes(data)


def test_rows_before_and_behind_a_damaged_page_are_read(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    damaged(tmp_path / "store" / "kohoban.db", 2000)
    with looked_into(tmp_path / "store") as db:
        salvage = Salvage(db)
        found = [row["id"] for row in salvage.every("things", rowid=True)]
        assert salvage.failed == {"things"}
    assert found == sorted(set(found))
    assert {1, 2000} <= set(found)
    assert 1980 <= len(found) < 2000


def test_of_what_is_no_database_nothing_is_read_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "kohoban.db").write_bytes(b"no database")
    with looked_into(tmp_path / "store") as db:
        assert db is None
        assert Salvage(db).nothing
        assert list(Salvage(db).every("drafts", rowid=True)) == []
