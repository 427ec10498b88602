"""A rollback puts back a store that knows nothing of the measures that a channel has taken since: it must not let them be taken again."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from daemon.service import switching
from daemon.service.switching import NOTE, Switched, last_entry
from daemon.store import Store, Tx
from daemon.store.anchor import ANCHOR
from daemon.store.database import DATABASE


def due(store: Path, *numbers: int) -> None:
    with closing(sqlite3.connect(store / DATABASE, isolation_level=None)) as db:
        db.executemany(
            "INSERT INTO measures (id, account, asked, really, handle, author, url, clause, state, at, channel, send_at) "
            "VALUES (?, 'a', 'hide', 'hide', 'h', '1', 'u', '7', 'due', 0, 'x', 1)",
            [(number,) for number in numbers],
        )


def entered(store: Path, act: str, **detail: Any) -> None:
    async def write() -> None:
        async with await Store.open(store) as opened:

            def op(tx: Tx) -> None:
                tx.record("daemon", act, None, **detail)
                tx.anchor()

            await opened.write(op)

    asyncio.run(write())


def test_what_the_way_back_needs_is_on_the_disk_before_the_data_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "state" / "store"
    store.mkdir(parents=True)
    entered(store, "upgrade")
    synced: list[str] = []
    fsync, opened = os.fsync, Store.open

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))

    async def begins(place: Path) -> Store:
        synced.append("the new version opens the store")
        return await opened(place)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Store, "open", begins)
    switched = asyncio.run(switching.begin(tmp_path, "1", "2", "/b.tar", [], "somebody", lambda *_: None))
    before = synced[: synced.index("the new version opens the store")]
    aside = Path(switched.aside)
    assert str(aside / "store" / ANCHOR) in before
    wanted = [str(path) for path in (aside / NOTE, aside, aside.parent, tmp_path / "state")]
    assert [path for path in before if path in wanted][-4:] == wanted


def test_what_a_channel_has_taken_since_is_a_persons_afterwards_and_nothing_else_is(tmp_path: Path) -> None:
    store, aside = tmp_path / "state" / "store", tmp_path / "state" / "aside" / "1"
    store.mkdir(parents=True)
    entered(store, "upgrade")
    due(store, 1, 2)
    (aside / "store").mkdir(parents=True)
    seq, head = last_entry(store)
    switching._settle(store)
    (aside / "store").rmdir()
    switching._keep(store, aside / "store", None, lambda *_: None)
    note = Switched(aside=str(aside), before="1", after="2", seq=seq, head=head, backup="")
    (aside / NOTE).write_bytes(msgspec.json.encode(note))
    entered(store, "begin_measure", measure=2, attempt=1)
    back = switching.back(tmp_path, aside)
    assert back.out == []
    with closing(sqlite3.connect(store / DATABASE)) as db:
        rows = db.execute("SELECT id, channel, why_en <> '' FROM measures ORDER BY id").fetchall()
    assert rows == [(1, "x", 0), (2, "", 1)]
