"""The record (記録): who did what, when, as a chain in which every entry carries the hash of the one before it.

An entry's canonical bytes are JSON with sorted keys (seq, at, actor, act, draft, detail, prev), kept as bytes and never serialised
again. Its hash is sha256 over the previous hash (64 hex digits) followed by those bytes; before the first stands `GENESIS`. The
columns beside the bytes are for looking things up, and `verify` holds them against the bytes.

Somebody who may write the database can recompute the whole chain, and a cut tail leaves no trace in it: against both stands the
anchor (daemon/store/anchor.py). Verification needs only this module, the standard library and read access: no daemon.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from daemon.store.anchor import read_anchor
from daemon.store.database import open_reader
from daemon.store.faults import told

GENESIS = "0" * 64
_PROGRESS_EVERY = 10_000
_written = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_escaped = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_decode = json.JSONDecoder().decode  # json.loads would look for the encoding anew in each of 10^6 entries

Detail = str | int | None | list[str] | list[int]


def canonical(seq: int, at: int, actor: str, act: str, draft: int | None, detail: Mapping[str, Detail], prev: str) -> bytes:
    """The bytes of an entry: readable UTF-8, or, where a text is not UTF-8 (a file name may be anything), ASCII with escapes."""
    entry = {"seq": seq, "at": at, "actor": actor, "act": act, "draft": draft, "detail": detail, "prev": prev}
    try:
        return _written(entry).encode()
    except UnicodeEncodeError:
        return _escaped(entry).encode()


def chained(prev: str, record: bytes) -> str:
    """The hash of an entry, given the hash before it and its own bytes."""
    return sha256(prev.encode() + record).hexdigest()


class Written(NamedTuple):
    """An entry as it was added: its number, its hash, its canonical bytes."""

    seq: int
    hash: str
    record: bytes


class Chain:
    """The growing end of the record. Used by the writer thread alone."""

    def __init__(self, seq: int, head: str) -> None:
        self.seq = seq
        self.head = head

    @classmethod
    def of(cls, db: sqlite3.Connection) -> Chain:
        """Take up the chain where `db` left it."""
        row = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        return cls(row["seq"], row["hash"]) if row else cls(0, GENESIS)

    def append(
        self, db: sqlite3.Connection, at: int, actor: str, act: str, draft: int | None, detail: Mapping[str, Detail]
    ) -> Written:
        """Add an entry within the open transaction of `db`. Raises sqlite3.Error."""
        seq, prev = self.seq + 1, self.head
        record = canonical(seq, at, actor, act, draft, detail, prev)
        head = chained(prev, record)
        db.execute(
            "INSERT INTO audit (seq, at, actor, act, draft, record, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (seq, at, actor, act, draft, record, prev, head),
        )
        self.seq, self.head = seq, head
        return Written(seq, head, record)

    def mark(self) -> tuple[int, str]:
        """The present end, for `rewind`."""
        return self.seq, self.head

    def rewind(self, mark: tuple[int, str]) -> None:
        """Go back to `mark`: the entries since have been rolled back."""
        self.seq, self.head = mark


@dataclass(frozen=True)
class Verified:
    """What a verification found: `entries` whole entries from the first on and the hash of the last of them (`head`). Where not
    `ok`, `first_bad` is the number of the first entry that is changed, missing or out of place, and `why` says which; where `ok`,
    `why` is empty or a remark."""

    ok: bool
    entries: int
    head: str
    first_bad: int | None = None
    why: str = ""
    why_en: str = ""


class _Bad(Exception):
    """The entry `seq` is not what the chain says."""

    def __init__(self, seq: int, why: str, why_en: str) -> None:
        super().__init__(why_en)
        self.seq, self.why, self.why_en = seq, why, why_en


def verify(db_path: Path, anchor_path: Path, progress: Callable[[int], None] | None = None) -> Verified:
    """Recompute the whole chain from the database file, beside a running daemon or without one, and hold it against the anchor.

    `progress` is told the number of entries looked at, every 10,000. Raises StoreError where the database cannot be opened.
    """
    # Before the database: a running daemon adds to the database first and to the anchor after, so what was anchored must be there.
    anchored = read_anchor(anchor_path)
    walk = _Walk(anchored.hashes)
    db = open_reader(db_path)
    try:
        for entries in walk.over(_rows(db, walk, str(db_path))):
            if progress is not None and entries % _PROGRESS_EVERY == 0:
                progress(entries)
        walk.hold_tail()
    except _Bad as bad:
        return Verified(False, walk.seq, walk.head, bad.seq, bad.why, bad.why_en)
    finally:
        db.close()
    return Verified(
        True, walk.seq, walk.head, None, *_remark(anchored.unreadable, present=bool(anchored.hashes), entries=walk.seq)
    )


# What the schema promises; a file that was tampered with may hold anything in `record`.
_Row = tuple[int, int, str, str, int | None, object, str, str]


def _rows(db: sqlite3.Connection, walk: _Walk, where: str) -> Iterator[_Row]:
    """The entries by number. Raises _Bad where they end in damage, StoreError where `where` is no database at all."""
    try:
        with told(where):
            rows = db.execute("SELECT seq, at, actor, act, draft, record, prev, hash FROM audit ORDER BY seq")
        rows.row_factory = None  # plain tuples: faster over 10^6 entries
        yield from rows
    except sqlite3.DatabaseError as error:
        raise _Bad(walk.seq + 1, f"データベースを読めません（{error}）", f"the database cannot be read ({error})") from error


class _Walk:
    """One walk along the chain, from the first entry: `seq` and `head` are those of the last good entry."""

    def __init__(self, anchored: Mapping[int, set[str]]) -> None:
        self.seq = 0
        self.head = GENESIS
        self._anchored = anchored

    def over(self, rows: Iterator[_Row]) -> Iterator[int]:
        """Hold every row against the chain; yields how many are good so far. Raises _Bad at the first that is not."""
        for row in rows:
            self._hold(row)
            self.seq, self.head = row[0], row[7]
            yield self.seq

    def hold_tail(self) -> None:
        """Raises _Bad when the anchor names an entry behind the last one here."""
        last = max(self._anchored, default=0)
        if last > self.seq:
            raise _Bad(
                self.seq + 1,
                f"末尾が欠けています（控えの印には {last} 番まで記されています）",
                f"the tail is missing (the anchor names entry {last})",
            )

    def _hold(self, row: _Row) -> None:
        seq, _, _, _, _, record, _, found = row
        expected = self.seq + 1
        if seq != expected:
            raise _Bad(min(seq, expected), f"記録 {expected} 番がありません", f"entry {expected} is missing")
        if not isinstance(record, bytes) or chained(self.head, record) != found:
            raise _Bad(
                seq,
                f"記録 {seq} 番が書き換えられたか、順序が違います（ハッシュ不一致）",
                f"entry {seq} was changed or is out of order (its hash does not follow)",
            )
        if _columns(record) != (row[:5], self.head) or row[6] != self.head:
            raise _Bad(seq, f"記録 {seq} 番の検索用の欄が原文と違います", f"entry {seq}: its columns differ from its bytes")
        if seq in self._anchored and self._anchored[seq] != {found}:
            raise _Bad(
                seq,
                f"記録 {seq} 番が控えの印と違います（それ以前のどこかが書き換えられ、鎖が作り直されています）",
                f"entry {seq} differs from the anchor (an entry up to here was changed and the chain made anew)",
            )


def _columns(record: bytes) -> tuple[tuple[object, ...], object] | None:
    """What the look-up columns must say, and the previous hash, according to the entry's bytes; None when they are no entry."""
    try:
        entry = _decode(record.decode())
        return (entry["seq"], entry["at"], entry["actor"], entry["act"], entry["draft"]), entry["prev"]
    except (ValueError, KeyError, TypeError):
        return None


def _remark(unreadable: int, *, present: bool, entries: int) -> tuple[str, str]:
    if not present and entries:
        return (
            "控えの印（audit.anchor）がないため、末尾の欠落は確かめられません",
            "without audit.anchor a missing tail cannot be noticed",
        )
    if unreadable:
        return (f"控えの印に読めない行が {unreadable} 行あります", f"{unreadable} lines of the anchor cannot be read")
    return "", ""
