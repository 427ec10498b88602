"""Verification of the record: the whole chain, entry by entry, against its columns, private texts, anchors and copies.

Somebody who may write the database can recompute the whole chain, and a cut tail leaves no trace in it: against both stand the
anchors (daemon/store/anchor.py), best those that lie elsewhere and are signed. Needs read access, no daemon.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from daemon.store.anchor import Anchored, read_anchor
from daemon.store.audit import ERASE, GENESIS, PRIVATE, WITHHELD, withheld
from daemon.store.copies import Copies
from daemon.store.database import open_reader
from daemon.store.faults import told
from daemon.store.seal import is_signed, key_id, read_public

PROGRESS_EVERY = 10_000


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


@dataclass(frozen=True)
class Against:
    """What the chain is held against, besides itself and its anchor."""

    anchors: tuple[Path, ...] = ()
    """Further files with anchors or signed checkpoints, such as copies that lie elsewhere. A missing one says nothing."""
    public: Path | None = None
    """The key whose signatures are checked, wherever it has signed."""
    segments: Path | None = None
    """The folder with the copies of the entries."""
    since: tuple[int, str] = (0, GENESIS)
    """Begin behind this entry (number, hash), which is known to be good. Copies are then not looked at."""


class Bad(Exception):
    """The entry `seq` is not what the chain says."""

    def __init__(self, seq: int, why: str, why_en: str) -> None:
        super().__init__(why_en)
        self.seq, self.why, self.why_en = seq, why, why_en


def verify(
    db_path: Path, anchor_path: Path, progress: Callable[[int], None] | None = None, against: Against | None = None
) -> Verified:
    """Recompute the chain from the database file, beside a running daemon or without one, and hold it against the anchors.

    `progress` is told the number of entries looked at, every 10,000. Raises StoreError where something cannot be opened.
    """
    against = against or Against()
    # Before the database: a running daemon adds to the database first and to the anchor after, so what was anchored must be there.
    anchored = read_anchor(anchor_path, *against.anchors)
    walk = _Walk(anchored, _unsigned(anchored, against.public), against.since)
    with closing(open_reader(db_path)) as db:
        db.row_factory = None  # plain tuples: faster over 10^6 entries
        try:
            with told(str(db_path)):
                walk.begin(db, against)
            for entries in walk.over():
                if progress is not None and entries % PROGRESS_EVERY == 0:
                    progress(entries)
            walk.hold_end()
        except sqlite3.DatabaseError as error:
            seq = walk.seq + 1
            return _found(walk, Bad(seq, f"データベースを読めません（{error}）", f"the database cannot be read ({error})"))
        except OSError as error:
            return _found(walk, Bad(walk.seq + 1, f"写しを読めません（{error}）", f"the copies cannot be read ({error})"))
        except Bad as bad:
            return _found(walk, bad)
    return Verified(True, walk.seq, walk.head, None, *walk.remark())


def _found(walk: _Walk, bad: Bad) -> Verified:
    return Verified(False, walk.seq, walk.head, bad.seq, bad.why, bad.why_en)


def _unsigned(anchored: Anchored, public: Path | None) -> set[int]:
    """The entries named by lines that bear the name of the key in `public` and not its signature. Raises StoreError."""
    if public is None:
        return set()
    key = read_public(public)
    name = key_id(key)
    return {mark.seq for mark in anchored.marks if mark.key == name and not is_signed(mark, key)}


class _Entry(msgspec.Struct, gc=False):
    """An entry, read from its bytes."""

    seq: int
    at: int
    actor: str
    act: str
    draft: int | None
    prev: str
    detail: dict[str, object]


_decode = msgspec.json.Decoder(_Entry).decode

# What the schema promises; a file that was tampered with may hold anything in `record`.
_Row = tuple[int, int, str, str, int | None, object, str, str]
_Private = tuple[int, str, bytes, bytes]


class _Walk:
    """One walk along the chain: `seq` and `head` are those of the last good entry."""

    def __init__(self, anchored: Anchored, unsigned: set[int], since: tuple[int, str]) -> None:
        self.seq, self.head = since
        self._anchored = anchored
        self._unsigned = unsigned
        self._rows: Iterator[_Row] = iter(())
        self._texts: Iterator[_Private] = iter(())
        self._copies: Copies | None = None
        self._erased: set[tuple[object, object]] = set()
        self._gone: set[tuple[object, object]] = set()

    def begin(self, db: sqlite3.Connection, against: Against) -> None:
        """Take one view of the database. Raises sqlite3.Error."""
        db.execute("BEGIN")
        self._rows = db.execute(
            "SELECT seq, at, actor, act, draft, record, prev, hash FROM audit WHERE seq > ? OR seq < 1 ORDER BY seq", (self.seq,)
        )
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
        if "audit_private" in tables:
            self._texts = db.execute("SELECT seq, field, salt, text FROM audit_private WHERE seq > ? ORDER BY seq", (self.seq,))
        if against.segments is not None and self.seq == 0 and "segment_end" in tables:
            segment, offset, first = db.execute("SELECT segment, offset, first FROM segment_end").fetchone()
            self._copies = Copies(against.segments, first, (segment, offset))

    def over(self) -> Iterator[int]:
        """Hold every entry against all that is known of it; yields how many are good so far. Raises Bad at the first that is not."""
        text = next(self._texts, None)
        anchored, copies = self._anchored.hashes, self._copies
        for row in self._rows:
            seq, record, found = row[0], row[5], row[7]
            if seq != self.seq + 1:
                raise _missing(seq, self.seq + 1)
            if not isinstance(record, bytes) or sha256(self.head.encode() + record).hexdigest() != found:
                raise _changed(seq)
            detail = self._details(row, record)
            if b'":"sha256:' in record or (text is not None and text[0] <= seq):
                texts = {}
                while text is not None and text[0] <= seq:
                    texts[text[1]] = withheld(text[2], text[3]) if text[0] == seq else ""
                    text = next(self._texts, None)
                self._hold_texts(seq, detail, texts)
            if row[3] == ERASE:
                self._erased.add((detail.get("entry"), detail.get("field")))
            if seq in anchored:
                self._hold_anchor(seq, found)
            if copies is not None and (lacks := copies.lacks(seq, found, record)):
                raise Bad(seq, *lacks)
            self.seq, self.head = seq, found
            yield seq

    def hold_end(self) -> None:
        """Raises Bad when an anchor or a copy names an entry behind the last one here."""
        last = max(self._anchored.hashes, default=0)
        if last > self.seq:
            raise Bad(
                self.seq + 1,
                f"末尾が欠けています（控えの印には {last} 番まで記されています）",
                f"the tail is missing (the anchor names entry {last})",
            )
        if self._copies is not None and self._copies.further(self.seq):
            raise Bad(
                self.seq + 1,
                "末尾が欠けています（revisions/ には続きの写しがあります）",
                "the tail is missing (revisions/ holds copies of further entries)",
            )

    def remark(self) -> tuple[str, str]:
        """What is to be said of a record that is whole, in Japanese and English."""
        if not self._anchored.hashes and self.seq:
            return (
                "控えの印（audit.anchor）がないため、末尾の欠落は確かめられません",
                "without audit.anchor a missing tail cannot be noticed",
            )
        if unreadable := self._anchored.unreadable:
            return (f"控えの印に読めない行が {unreadable} 行あります", f"{unreadable} lines of the anchor cannot be read")
        if gone := len(self._gone - self._erased):
            return (
                f"消去の記録がないまま失われた文が {gone} 件あります（鎖は無事です）",
                f"{gone} texts are gone without an act of erasure (the chain is whole)",
            )
        return "", ""

    def _details(self, row: _Row, record: bytes) -> dict[str, object]:
        """The details of an entry. Raises Bad where the columns say anything else than its bytes."""
        seq, at, actor, act, draft, _, prev, _ = row
        entry = _read(record)
        if (
            entry is None
            or entry.seq != seq
            or entry.at != at
            or entry.actor != actor
            or entry.act != act
            or entry.draft != draft
            or entry.prev != prev
            or prev != self.head
        ):
            raise Bad(seq, f"記録 {seq} 番の検索用の欄が原文と違います", f"entry {seq}: its columns differ from its bytes")
        return entry.detail

    def _hold_anchor(self, seq: int, found: str) -> None:
        if self._anchored.hashes[seq] != {found}:
            raise Bad(
                seq,
                f"記録 {seq} 番が控えの印と違います（それ以前のどこかが書き換えられ、鎖が作り直されています）",
                f"entry {seq} differs from the anchor (an entry up to here was changed and the chain made anew)",
            )
        if seq in self._unsigned:
            raise Bad(
                seq,
                f"記録 {seq} 番の控えの印の署名が、鍵と合いません",
                f"the signature on the anchor of entry {seq} is not the key's",
            )

    def _hold_texts(self, seq: int, detail: dict[str, object], texts: dict[str, str]) -> None:
        """Hold the private texts that are still there against what stands in the entry in their place."""
        for field, value in texts.items():
            if detail.get(field) != value or field not in PRIVATE:
                raise Bad(
                    seq,
                    f"記録 {seq} 番の文が書き換えられています（原文のハッシュと違います）",
                    f"a text of entry {seq} was changed (it does not have the hash that the entry names)",
                )
        for field in PRIVATE & (detail.keys() - texts.keys()):
            if str(detail[field]).startswith(WITHHELD):
                self._gone.add((seq, field))


def _missing(seq: int, expected: int) -> Bad:
    return Bad(min(seq, expected), f"記録 {expected} 番がありません", f"entry {expected} is missing")


def _changed(seq: int) -> Bad:
    return Bad(
        seq,
        f"記録 {seq} 番が書き換えられたか、順序が違います（ハッシュ不一致）",
        f"entry {seq} was changed or is out of order (its hash does not follow)",
    )


def _read(record: bytes) -> _Entry | None:
    """The entry that these bytes are; None when they are none."""
    try:
        return _decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:  # a name that is not UTF-8 is written with escapes that msgspec refuses
        entry = json.loads(record)
        return _Entry(**entry) if isinstance(entry["detail"], dict) else None
    except (ValueError, TypeError, KeyError):
        return None
