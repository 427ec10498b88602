"""A backup whose copy of the database is kept: every page where it was, walked, and of one moment."""

from __future__ import annotations

import asyncio
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from daemon.store import Store, StoreDamaged, Tx
from daemon.store.backup import make

PAGE = 4096


def filled(tx: Tx) -> None:
    tx.db.executemany("INSERT INTO meta VALUES (?, ?)", [(f"k{n}", "v" * 700) for n in range(2000)])
    tx.record("yamada", "fill", None)


@pytest.fixture
async def closed(state: Path) -> Path:
    """A store that nobody has open."""
    async with await Store.open(state / "store") as store:
        await store.write(filled)
    return state / "store"


def backed_up(store: Path, to: Path, keep: Path) -> None:
    make(store, to, [], office="x", program="1", tell=lambda *_: None, keep=keep)


async def test_its_pages_are_those_of_the_original_and_those_in_the_backup(closed: Path, tmp_path: Path) -> None:
    await asyncio.to_thread(backed_up, closed, tmp_path / "b.tar", tmp_path / "copy.db")
    original, copy = (closed / "kohoban.db").read_bytes(), (tmp_path / "copy.db").read_bytes()
    assert len(copy) == len(original)
    differ = [at for at in range(0, len(copy), PAGE) if copy[at : at + PAGE] != original[at : at + PAGE]]
    assert differ in ([], [0]), "at most the first, which says how it is to be opened"
    with tarfile.open(tmp_path / "b.tar") as tar:
        member = tar.extractfile("kohoban.db")
        assert member is not None and member.read() == copy
    with closing(sqlite3.connect(tmp_path / "copy.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_what_is_written_meanwhile_is_in_it_whole_or_not_at_all(state: Path, tmp_path: Path) -> None:
    async with await Store.open(state / "store") as store:
        await store.write(filled)
        making = asyncio.ensure_future(asyncio.to_thread(backed_up, state / "store", tmp_path / "b.tar", tmp_path / "copy.db"))
        for number in range(200):

            def both(tx: Tx, number: int = number) -> None:
                tx.db.execute("INSERT INTO meta VALUES (?, 1)", (f"left{number}",))
                tx.db.execute("INSERT INTO meta VALUES (?, 1)", (f"right{number}",))

            await store.write(both)
        await making
    with closing(sqlite3.connect(tmp_path / "copy.db")) as db:
        left, right = (
            [
                row[0]
                for row in db.execute("SELECT substr(key, ?) FROM meta WHERE key LIKE ? ORDER BY 1", (len(side) + 1, f"{side}%"))
            ]
            for side in ("left", "right")
        )
        assert left == right
        assert db.execute("SELECT count(*) FROM meta WHERE key LIKE 'k%'").fetchone() == (2000,)


async def test_a_damaged_page_is_found_and_there_is_no_backup(closed: Path, tmp_path: Path) -> None:
    with (closed / "kohoban.db").open("r+b") as file:
        data = file.read()
        at = data.index(b"v" * 700) // PAGE * PAGE  # a page with rows: its head becomes nonsense
        file.seek(at)
        file.write(b"\x00" * 8)
    with pytest.raises(StoreDamaged):
        await asyncio.to_thread(backed_up, closed, tmp_path / "b.tar", tmp_path / "copy.db")
    assert await asyncio.to_thread(lambda: sorted(path.name for path in tmp_path.iterdir())) == ["state"]
