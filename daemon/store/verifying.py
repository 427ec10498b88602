"""Verification of the record: the whole chain, entry by entry, against its columns, private texts, anchors and copies.

Somebody who may write the database can recompute the whole chain, and a cut tail leaves no trace in it: against both stand the
anchors (daemon/store/anchor.py), best those that lie elsewhere and are signed. Needs read access, no daemon.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from daemon.store.anchor import Anchored, office_of, read_anchor
from daemon.store.audit import ERASE, GENESIS, PRIVATE, WITHHELD, withheld
from daemon.store.copies import Copies
from daemon.store.database import open_reader
from daemon.store.faults import told
from daemon.store.seal import is_signed, key_id, read_public

PROGRESS_EVERY = 10_000
FIRST_WITH_COPIES = 2
"""The version of the database from which on entries have copies in the segments."""


class Verified(Struct, frozen=True):
    """What a verification found: `entries` whole entries from the first on and the hash of the last of them (`head`). Where not
    `ok`, `first_bad` is the number of the first entry that is changed, missing or out of place, and `why` says which; where `ok`,
    `why` is empty or a remark."""

    ok: bool
    entries: int
    head: str
    first_bad: int | None = None
    why: str = ""
    why_en: str = ""


class Against(Struct, frozen=True):
    """What the chain is held against, besides itself and its anchor."""

    anchors: tuple[Path, ...] = ()
    """Further files with anchors or signed checkpoints, such as copies that lie elsewhere. A missing one says nothing."""
    public: Path | None = None
    """The key whose signatures are checked, wherever it has signed."""
    segments: Path | None = None
    """The folder with the copies of the entries."""
    since: tuple[int, str] = (0, GENESIS)
    """Begin behind this entry (number, hash), which is known to be good."""


class Bad(Exception):
    """The entry `seq` is not what the chain says."""

    def __init__(self, seq: int, why: str, why_en: str) -> None:
        super().__init__(seq, why, why_en)  # all of them: it has to pass between processes
        self.seq, self.why, self.why_en = seq, why, why_en


class Part(Struct, frozen=True):
    """What was found in a part of the chain: `entries` and `head` of its last good entry, the first bad one, and what concerns the
    whole: texts that are not there any more, and acts that erased one (entry, field)."""

    entries: int
    head: str
    bad: Bad | None = None
    gone: frozenset[Text] = frozenset()
    erased: frozenset[Text] = frozenset()


def verify(
    db_path: Path, anchor_path: Path, progress: Callable[[int], None] | None = None, against: Against | None = None
) -> Verified:
    """Recompute the chain from the database file, beside a running daemon or without one, and hold it against the anchors.

    `progress` is told the number of entries looked at, every 10,000. Raises StoreError where something cannot be opened.
    """
    against = against or Against()
    # Before the database: a running daemon adds to the database first and to the anchor after, so what was anchored must be there.
    anchored = read_anchor(anchor_path, *against.anchors)
    parts = [verify_part(db_path, anchored, unsigned(anchored, against.public), against.since, progress=progress)]
    return verdict(parts, anchored, verify_copies(db_path, against.segments) if against.segments is not None else None)


def verify_part(
    db_path: Path,
    anchored: Anchored,
    unsigned: frozenset[int],
    since: tuple[int, str],
    until: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Part:
    """Recompute the chain behind the entry `since` (number, hash) up to the entry `until`, or to its end. Raises StoreError."""
    walk = _Walk(anchored, unsigned, since)
    bad = None
    with closing(open_reader(db_path)) as db:
        db.row_factory = None  # plain tuples: faster over 10^6 entries
        try:
            with told(str(db_path)):
                walk.begin(db, until)
            for entries in walk.over():
                if progress is not None and entries % PROGRESS_EVERY == 0:
                    progress(entries)
            if until is None:
                walk.hold_end()
        except Bad as error:
            bad = error
        except sqlite3.DatabaseError as error:
            bad = _unreadable(walk.seq + 1, error)
    return Part(walk.seq, walk.head, bad, frozenset(walk.gone), frozenset(walk.erased))


def verify_copies(db_path: Path, folder: Path) -> Bad | None:
    """Hold every entry against its copy in the segments of `folder`; the first that differs, or lacks one. Raises StoreError."""
    last = 0
    with closing(open_reader(db_path)) as db:
        db.row_factory = None
        try:
            with told(str(db_path)):
                if db.execute("PRAGMA user_version").fetchone()[0] < FIRST_WITH_COPIES:
                    return None
                db.execute("BEGIN")  # one view of the entries and of where their copies end
                end = db.execute("SELECT segment, offset, first FROM segment_end").fetchone()
                rows = db.execute("SELECT seq, hash, record FROM audit WHERE seq > 0 ORDER BY seq")
            copies = Copies(folder, end[2], (end[0], end[1]))
            for seq, digest, record in rows:
                if lacks := copies.lacks(seq, digest, record):
                    return Bad(seq, *lacks)
                last = seq
            if copies.further(last):
                return Bad(
                    last + 1,
                    "末尾が欠けています（revisions/ には続きの写しがあります）",
                    "the tail is missing (revisions/ holds copies of further entries)",
                )
        except (sqlite3.DatabaseError, OSError, TypeError, AttributeError) as error:
            return _unreadable(last + 1, error)
    return None


def verdict(parts: Sequence[Part], anchored: Anchored, copies: Bad | None) -> Verified:
    """What the parts of a chain, in their order, and its copies come to."""
    bad = next((part.bad for part in parts if part.bad is not None), None)
    last = next((part for part in parts if part.bad is not None), parts[-1])
    if copies is not None and (bad is None or copies.seq < bad.seq):
        bad = copies
    if bad is not None:
        return Verified(False, last.entries, last.head, bad.seq, bad.why, bad.why_en)
    gone = frozenset().union(*(part.gone for part in parts)) - frozenset().union(*(part.erased for part in parts))
    return Verified(True, last.entries, last.head, None, *_remark(anchored, last.entries, len(gone)))


def _unreadable(seq: int, error: Exception) -> Bad:
    return Bad(seq, f"データベースを読めません（{error}）", f"the database cannot be read ({error})")


def _remark(anchored: Anchored, entries: int, gone: int) -> tuple[str, str]:
    """What is to be said of a record that is whole, in Japanese and English."""
    if not anchored.hashes and entries:
        return (
            "控えの印（audit.anchor）がないため、末尾の欠落は確かめられません",
            "without audit.anchor a missing tail cannot be noticed",
        )
    if unreadable := anchored.unreadable:
        return (f"控えの印に読めない行が {unreadable} 行あります", f"{unreadable} lines of the anchor cannot be read")
    if gone:
        return (
            f"消去の記録がないまま失われた文が {gone} 件あります（鎖は無事です）",
            f"{gone} texts are gone without an act of erasure (the chain is whole)",
        )
    return "", ""


def unsigned(anchored: Anchored, public: Path | None) -> frozenset[int]:
    """The entries named by lines that bear the name of the key in `public` and not its signature. Raises StoreError."""
    if public is None:
        return frozenset()
    key = read_public(public)
    name = key_id(key)
    return frozenset(mark.seq for mark in anchored.marks if mark.key == name and not is_signed(mark, key))


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

Text = tuple[object, object]
"""A private text: the number of its entry, and the field."""

# What the schema promises; a file that was tampered with may hold anything in `record`.
_Row = tuple[int, int, str, str, int | None, object, str, str]
_Private = tuple[int, str, bytes, bytes]


class _Walk:
    """One walk along the chain: `seq` and `head` are those of the last good entry."""

    def __init__(self, anchored: Anchored, unsigned: frozenset[int], since: tuple[int, str]) -> None:
        self.seq, self.head = since
        self.erased: set[Text] = set()
        self.gone: set[Text] = set()
        self._anchored = anchored
        self._unsigned = unsigned
        self._rows: Iterator[_Row] = iter(())
        self._texts: Iterator[_Private] = iter(())

    def begin(self, db: sqlite3.Connection, until: int | None) -> None:
        """Take one view of the database. Raises sqlite3.Error."""
        db.execute("BEGIN")
        # Numbers below 1 are nobody's: they come first, and are found.
        since, last = self.seq or -(1 << 62), until if until is not None else 1 << 62
        self._rows = db.execute(
            "SELECT seq, at, actor, act, draft, record, prev, hash FROM audit WHERE seq > ? AND seq <= ? ORDER BY seq",
            (since, last),
        )
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
        if "audit_private" in tables:
            self._texts = db.execute(
                "SELECT seq, field, salt, text FROM audit_private WHERE seq > ? AND seq <= ? ORDER BY seq", (since, last)
            )

    def over(self) -> Iterator[int]:
        """Hold every entry against all that is known of it; yields how many are good so far. Raises Bad at the first that is not."""
        text = next(self._texts, None)
        anchored = self._anchored.hashes
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
                self.erased.add((detail.get("entry"), detail.get("field")))
            if seq == 1 and self._anchored.offices - {office_of(found)}:
                raise Bad(1, "控えの印が、別の記録のものです", "the anchor is that of another record")
            if seq in anchored:
                self._hold_anchor(seq, found)
            self.seq, self.head = seq, found
            yield seq

    def hold_end(self) -> None:
        """Raises Bad when an anchor names an entry behind the last one here."""
        last = max(self._anchored.hashes, default=0)
        if last > self.seq:
            raise Bad(
                self.seq + 1,
                f"末尾が欠けています（控えの印には {last} 番まで記されています）",
                f"the tail is missing (the anchor names entry {last})",
            )

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
                self.gone.add((seq, field))


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
