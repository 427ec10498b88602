"""The record (記録): who did what, when, as a chain in which every entry carries the hash of the one before it.

An entry's canonical bytes are JSON with sorted keys (seq, at, actor, act, draft, detail, prev), kept as bytes and never serialised
again. Its hash is sha256 over the previous hash (64 hex digits) followed by those bytes; before the first stands `GENESIS`. The
columns beside the bytes are for looking things up; daemon/store/verifying.py holds them against the bytes.

What people type, and names of files, may have to be erased one day. So the bytes hold only `sha256:<hex>` over a random salt and
the text; both lie in the table `audit_private`, and can go without a trace while the chain stays whole. The salt keeps a short
text from being guessed from its hash.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import NamedTuple

GENESIS = "0" * 64
PRIVATE = frozenset({"reason", "note", "proof", "name", "old", "new", "detail"})
"""The details that hold a person's own words or a file's name, whatever the act."""

ERASE = "erase"
"""The act that erases a private text: its details name the `entry` and the `field`."""

WITHHELD = "sha256:"
_SALT = 16
_written = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_escaped = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode

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


def withheld(salt: bytes, text: bytes) -> str:
    """What stands in an entry in the place of a private text."""
    return WITHHELD + sha256(salt + text).hexdigest()


def as_bytes(text: str) -> bytes:
    """A private text as it is hashed and kept: UTF-8; of a file's name, its own bytes."""
    return text.encode("utf-8", "surrogateescape")


def as_text(data: bytes) -> str:
    """A private text as it was given to `Chain.append`."""
    return data.decode("utf-8", "surrogateescape")


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
        self, db: sqlite3.Connection, at: int, actor: str, act: str, entries: Iterable[tuple[int | None, Mapping[str, Detail]]]
    ) -> list[Written]:
        """Add an entry for each (draft, details) within the open transaction of `db`, its private texts apart. Raises sqlite3.Error."""
        rows: list[tuple[object, ...]] = []
        apart: list[tuple[int, str, bytes, bytes]] = []
        written: list[Written] = []
        seq, head = self.seq, self.head
        for draft, detail in entries:
            seq, prev = seq + 1, head
            record = canonical(seq, at, actor, act, draft, _set_apart(seq, detail, apart), prev)
            head = chained(prev, record)
            rows.append((seq, at, actor, act, draft, record, prev, head))
            written.append(Written(seq, head, record))
        db.executemany("INSERT INTO audit_private (seq, field, salt, text) VALUES (?, ?, ?, ?)", apart)
        db.executemany("INSERT INTO audit (seq, at, actor, act, draft, record, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self.seq, self.head = seq, head
        return written

    def mark(self) -> tuple[int, str]:
        """The present end, for `rewind`."""
        return self.seq, self.head

    def rewind(self, mark: tuple[int, str]) -> None:
        """Go back to `mark`: the entries since have been rolled back."""
        self.seq, self.head = mark


def _set_apart(seq: int, detail: Mapping[str, Detail], apart: list[tuple[int, str, bytes, bytes]]) -> Mapping[str, Detail]:
    """The details as they stand in an entry; the private texts among them go to `apart`, with what hides them."""
    hashes: dict[str, Detail] = {}
    for field in PRIVATE.intersection(detail):
        text = detail[field]
        if isinstance(text, str) and text:
            salt, data = os.urandom(_SALT), as_bytes(text)
            apart.append((seq, field, salt, data))
            hashes[field] = withheld(salt, data)
    return {**detail, **hashes} if hashes else detail
