"""What a store set aside still tells: the entries of its record after a given one, read from its database or, where that fails, from its
segments."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from daemon.store.faults import StoreError
from daemon.store.offline import looked_into
from daemon.store.segments import FOLDER, Cut, Entry, read_segments

RELEASING = frozenset({"begin", "take", "released", "unknown"})
"""Acts after which a draft may have gone out …"""
NOT_OUT = frozenset({"prevented", "failed", "not_released"})
"""… and those after which it certainly has not."""


class Told(msgspec.Struct, frozen=True):
    """One entry of the record, as its canonical bytes have it."""

    seq: int
    at: int
    actor: str
    act: str
    draft: int | None
    detail: dict[str, Any]
    prev: str


_told: msgspec.json.Decoder[Told] = msgspec.json.Decoder(Told)


def told(record: bytes) -> Told | None:
    """The entry in these canonical bytes; None where they are no entry."""
    try:
        return _told.decode(record)
    except msgspec.DecodeError:
        return None


@dataclass(frozen=True)
class Past:
    """The later entries of a record set aside. `known` is False where it is another record, or where nothing could be read."""

    known: bool
    entries: tuple[Told, ...] = ()

    def out(self) -> dict[int, str]:
        """The drafts that may have gone out, each with the person who held its release last."""
        maybe: dict[int, str] = {}
        for entry in self.entries:
            if entry.draft is None:
                continue
            if entry.act in RELEASING:
                maybe[entry.draft] = entry.actor if entry.act in ("begin", "take") else maybe.get(entry.draft, entry.actor)
            elif entry.act in NOT_OUT:
                maybe.pop(entry.draft, None)
        return maybe

    def erased(self) -> list[tuple[int, str]]:
        """The personal texts that were erased: entry and field. They must not come back with a backup of before."""
        found = []
        for entry in self.entries:
            of, field = entry.detail.get("entry"), entry.detail.get("field")
            if entry.act == "erase" and isinstance(of, int) and isinstance(field, str):
                found.append((of, field))
        return found

    def forgotten(self) -> frozenset[str]:
        """The hashes of comments whose words were erased: because their term was over, by hand, or because they are gone."""
        found: set[str] = set()
        for entry in self.entries:
            of = entry.detail.get("evidence")
            if entry.act in ("erase_comments", "erase_comment", "comment_gone"):
                found.update(each for each in (of if isinstance(of, list) else [of]) if isinstance(each, str))
        return frozenset(found)


def past_after(store: Path, seq: int, head: str) -> Past:
    """What the record in `store` says after entry `seq`, whose hash was `head`. Never raises for what is damaged there."""
    rows = _from_database(store, seq)
    if rows is None:
        rows = _from_segments(store, seq)
    entries = tuple(entry for _, record in rows if (entry := told(record)) is not None and entry.seq > seq)
    known = seq == 0 or any(found == head for found, record in rows if (entry := told(record)) is not None and entry.seq == seq)
    return Past(known, entries if known else ())


def _from_database(store: Path, seq: int) -> list[tuple[str, bytes]] | None:
    with looked_into(store) as db:
        if db is None:
            return None
        try:
            return _pairs(db.execute("SELECT hash, record FROM audit WHERE seq >= ? ORDER BY seq", (seq,)))
        except sqlite3.DatabaseError:
            return None


def _from_segments(store: Path, seq: int) -> list[tuple[str, bytes]]:
    found: dict[int, tuple[str, bytes]] = {}
    try:
        for block, data in read_segments(store / FOLDER):
            if isinstance(block, Entry) and block.seq >= seq:
                found[block.seq] = block.digest, data
            elif isinstance(block, Cut):
                found = {number: entry for number, entry in found.items() if number <= block.seq}
    except (OSError, StoreError):
        pass  # there is none, or the disk does not give it: what was read until then counts
    return [found[number] for number in sorted(found)]


def _pairs(rows: Iterable[sqlite3.Row]) -> list[tuple[str, bytes]]:
    return [(str(row["hash"]), bytes(row["record"])) for row in rows]
