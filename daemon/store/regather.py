"""The record gathered again from the segments and from what can be read of a damaged database, into a new database beside them.

The segments are never written again: the new store goes on in a segment of its own. Entries that follow each other from the first on
become the new record as they are, with their hashes. Behind the first that is nowhere to be read the chain is broken; the later ones
are handed to the caller, who writes down what they say in entries of their own.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from daemon.store import revisions
from daemon.store.anchor import ANCHOR, read_anchor
from daemon.store.audit import GENESIS
from daemon.store.backup import Progress
from daemon.store.salvage import Salvage
from daemon.store.segments import FOLDER, Cut, Entry, Gap, Revision, Segments, read_segments, segment_numbers, segment_path

SCRATCH = "gathering.tmp"
_COMMIT_EVERY = 20_000
_SYNC_EVERY = 5_000
_BEYOND = 1_000_000


class _Columns(msgspec.Struct, frozen=True):
    seq: int
    at: int
    actor: str
    act: str
    draft: int | None
    prev: str


_columns: msgspec.json.Decoder[_Columns] = msgspec.json.Decoder(_Columns)


class Gathered(NamedTuple):
    """What was found. `kept` entries are the new record's first; `torn` names damaged places of the segments, `missing` the numbers of
    entries that are nowhere to be read, `last` the highest that anything speaks of."""

    kept: int
    head: str
    torn: list[tuple[str, int, int]]
    missing: list[int]
    last: int


class Gathering:
    """One gathering: from the store `old` into the folder `new`, whose database is open in `db`."""

    def __init__(self, old: Path, new: Path, db: sqlite3.Connection, salvage: Salvage, tell: Progress) -> None:
        self._old, self._new, self._db, self._salvage, self._tell = old, new, db, salvage, tell

    def link_segments(self) -> None:
        """Give the new store the same segment files; a disk that has no second names for a file gets copies. Raises OSError."""
        (self._new / FOLDER).mkdir(mode=0o700)
        for number in segment_numbers(self._old / FOLDER):
            old, new = segment_path(self._old / FOLDER, number), segment_path(self._new / FOLDER, number)
            try:
                os.link(old, new)
            except OSError:
                shutil.copy2(old, new)

    def gather(self, feed: Callable[[int, bytes, bool], None], now: int) -> Gathered:
        """Fill the tables `revisions` and `audit`, and say of every entry its number, its bytes and whether it is kept in the chain.
        Raises OSError, sqlite3.Error."""
        db = self._db
        db.execute("ATTACH ? AS scratch", (str(self._new / SCRATCH),))
        db.execute("PRAGMA scratch.synchronous = OFF")
        db.execute("CREATE TABLE scratch.found (seq INTEGER PRIMARY KEY, hash TEXT, record BLOB, copied INTEGER)")
        torn = self._read_segments(now)
        last = self._fill_up()
        kept, head, uncopied = self._chain(feed)
        present = {row[0] for row in db.execute("SELECT seq FROM found WHERE seq > ?", (kept,))}
        missing = [seq for seq in range(kept + 1, last + 1) if seq not in present]
        self._go_on_in_a_new_segment(kept, uncopied, cut=last > kept)
        self._keep_anchor(kept)
        return Gathered(kept, head, torn, missing, last)

    def apart(self, kept: int) -> Iterator[tuple[int, str, bytes]]:
        """The entries behind the chain's break: number, hash, bytes."""
        for row in self._db.execute("SELECT seq, hash, record FROM found WHERE seq > ? ORDER BY seq", (kept,)):
            yield row[0], row[1], row[2]

    def end(self) -> None:
        """Let go of what was only needed on the way."""
        self._db.execute("DETACH scratch")
        for path in self._new.glob(f"{SCRATCH}*"):
            path.unlink()

    def _read_segments(self, now: int) -> list[tuple[str, int, int]]:
        db = self._db
        torn: list[tuple[str, int, int]] = []
        whole = sum(path.stat().st_size for path in (self._old / FOLDER).glob("*.seg"))
        read: dict[int, int] = {}
        db.execute("BEGIN")
        for count, (block, data) in enumerate(read_segments(self._old / FOLDER), 1):
            place = block.place
            if isinstance(block, Revision):
                revisions.index(db, block.digest, place, now)
            elif isinstance(block, Entry):
                db.execute("INSERT OR REPLACE INTO found VALUES (?, ?, ?, 1)", (block.seq, block.digest, data))
            elif isinstance(block, Cut):
                db.execute("DELETE FROM found WHERE seq > ?", (block.seq,))
            elif isinstance(block, Gap):
                torn.append((segment_path(self._old / FOLDER, place.segment).name, place.offset, place.size))
            if count % _COMMIT_EVERY == 0:
                db.execute("COMMIT")
                db.execute("BEGIN")
                read[place.segment] = place.end
                self._tell("segments", sum(read.values()), whole)
        db.execute("COMMIT")
        return torn

    def _fill_up(self) -> int:
        """Take from the damaged database what the segments do not have; returns the highest number that anything speaks of."""
        db = self._db
        highest: int = db.execute("SELECT coalesce(max(seq), 0) FROM found").fetchone()[0]
        known = max(highest, max(read_anchor(self._old / ANCHOR).hashes, default=0))
        # A damaged page may name any number; nobody adds a million entries between two anchors.
        last = max(known, min(self._salvage.last("audit", "seq"), known + _BEYOND))
        here = {row[0] for row in db.execute("SELECT seq FROM found")}
        with _transaction(db):
            for seq in (number for number in range(1, last + 1) if number not in here):
                if (entry := self._salvage.entry(seq)) is not None:
                    db.execute("INSERT INTO found VALUES (?, ?, ?, 0)", (seq, *entry))
                    highest = max(highest, seq)
                if seq % _COMMIT_EVERY == 0:
                    self._tell("salvage", seq, last)
        return max(known, highest)

    def _chain(self, feed: Callable[[int, bytes, bool], None]) -> tuple[int, str, int]:
        """Write the entries that follow each other into the record; the last of them, its hash, and the first that had no copy in the
        segments (0: none)."""
        db, kept, head, uncopied, broken = self._db, 0, GENESIS, 0, False
        with _transaction(db):
            for seq, digest, record, copied in db.execute("SELECT seq, hash, record, copied FROM found ORDER BY seq"):
                columns = _read(record)
                broken = broken or columns is None or (columns.seq, columns.prev, seq) != (seq, head, kept + 1)
                if columns is not None and not broken:
                    db.execute(
                        "INSERT INTO audit (seq, at, actor, act, draft, record, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        (seq, columns.at, columns.actor, columns.act, columns.draft, record, columns.prev, digest),
                    )
                    kept, head = seq, digest
                    uncopied = uncopied or (0 if copied else seq)
                feed(seq, record, not broken)
        return kept, head, uncopied

    def _go_on_in_a_new_segment(self, kept: int, uncopied: int, *, cut: bool) -> None:
        """Begin the segment in which the new store writes: with copies of the entries that had none, in their order."""
        db = self._db
        number = max(segment_numbers(self._new / FOLDER), default=0) + 1
        segments = Segments(self._new / FOLDER, number, 0)
        if uncopied or cut:
            first = uncopied or kept + 1
            row = db.execute("SELECT hash FROM audit WHERE seq = ?", (first - 1,)).fetchone()
            segments.append_cut(first - 1, row[0] if row else GENESIS)
            for seq, digest, record in db.execute("SELECT seq, hash, record FROM audit WHERE seq >= ? ORDER BY seq", (first,)):
                segments.append_entry(seq, digest, record)
                if seq % _SYNC_EVERY == 0:
                    segments.sync()
        segments.sync()
        segments.close()
        with _transaction(db):
            revisions.note_end(db, segments.mark())
            db.execute("UPDATE segment_end SET first = 1")

    def _keep_anchor(self, kept: int) -> None:
        """Of the anchor, the lines that speak of entries which are there as it says. Raises OSError."""
        try:
            lines = (self._old / ANCHOR).read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return
        fitting = [line for line in lines if self._fits(line.decode(errors="replace").split(), kept)]
        fd = os.open(self._new / ANCHOR, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.writelines(fitting)
            file.flush()
            os.fsync(file.fileno())

    def _fits(self, words: list[str], kept: int) -> bool:
        if len(words) < 2 or not (words[0].isascii() and words[0].isdigit()) or int(words[0]) > kept:
            return False
        row = self._db.execute("SELECT hash FROM audit WHERE seq = ?", (int(words[0]),)).fetchone()
        return row is not None and bool(row[0] == words[1])


class _transaction:
    """BEGIN and COMMIT around a few statements."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")


def _read(record: object) -> _Columns | None:
    try:
        return _columns.decode(record) if isinstance(record, bytes) else None
    except msgspec.DecodeError:
        return None
