"""What an act may do while it holds the one write transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from hashlib import sha256

from daemon.store import revisions
from daemon.store.audit import Chain, Detail, as_text
from daemon.store.faults import told
from daemon.store.segments import FOLDER, Segments

# A retry comes within minutes; a week covers a console left open over the holidays. Answers may quote drafts: no longer than needed.
REMEMBERED_US = 7 * 24 * 3600 * 1_000_000


class Tx:
    """The write transaction, as an act sees it: everything it does here stands or falls together, and with its audit entry."""

    def __init__(self, db: sqlite3.Connection, now: int, chain: Chain, segments: Segments) -> None:
        self.db = db
        """The connection, inside this act's savepoint. Never BEGIN, COMMIT or executescript here."""
        self.now = now
        """This moment, microseconds since 1970: one for the whole batch."""
        self.terminal = ""
        """From where the act that is carried out now was made, where that is known: entries of people have it. Empty otherwise."""
        self.anchored = False
        self.erased = False
        self._chain = chain
        self._segments = segments

    def record(self, actor: str, act: str, draft: int | None = None, **detail: Detail) -> str:
        """Add an entry to the record; returns its hash, the new head. Details named in `audit.PRIVATE` (a person's own words, names of
        files) stand in it by their hash alone, and can be erased later. Raises sqlite3.Error."""
        if self.terminal:
            detail = {**detail, "terminal": self.terminal}
        return self.record_all(actor, act, [(draft, detail)])

    def record_all(self, actor: str, act: str, entries: Sequence[tuple[int | None, Mapping[str, Detail]]]) -> str:
        """Add an entry for each of these drafts, with its details; returns the new head. As `record`."""
        for entry in self._chain.append(self.db, self.now, actor, act, entries):
            self._segments.append_entry(*entry)
        return self._chain.head

    def erase(self, seq: int, field: str) -> str | None:
        """Erase the private text of an entry, and its salt; returns it, or None where there is none (any more). Also its traces in the
        files go, right after this batch. To be recorded by the caller as the act `audit.ERASE`. Raises sqlite3.Error."""
        row = self.db.execute("SELECT id, text FROM audit_private WHERE seq = ? AND field = ?", (seq, field)).fetchone()
        if row is None:
            return None
        self.db.execute("DELETE FROM audit_private WHERE id = ?", (row["id"],))
        self.erased = True
        return as_text(row["text"])

    def anchor(self) -> None:
        """Ask for an anchor right after this batch is durable: for what must not be denied later, such as a stop or a resume."""
        self.anchored = True

    def keep(self, data: bytes) -> str:
        """Keep the exact bytes of a revision; returns their sha256. Known bytes are kept once. Raises StoreFull, StoreBroken."""
        return self.keep_all([data])[0]

    def keep_all(self, files: Sequence[bytes]) -> list[str]:
        """Keep the exact bytes of several revisions; returns the sha256 of each. Raises as `keep`."""
        digests = [sha256(data).hexdigest() for data in files]
        new = dict(zip(digests, files, strict=True))
        for digest in revisions.known(self.db, new):
            del new[digest]
        if new:
            with told(FOLDER, writing=True):
                places = self._segments.append_all(new)
            revisions.index_all(self.db, zip(new, places, strict=True), self.now)
        return digests

    def answered(self, request: str, login: str) -> bytes | None:
        """The answer that this login was given to this request; None for a new one."""
        row = self.db.execute("SELECT answer FROM requests WHERE login = ? AND id = ?", (login, request)).fetchone()
        return None if row is None else bytes(row["answer"])

    def remember(self, request: str, login: str, answer: bytes) -> None:
        """Remember an answer, for a week. Raises sqlite3.IntegrityError when this request has one already."""
        self.db.execute("DELETE FROM requests WHERE at < ?", (self.now - REMEMBERED_US,))
        self.db.execute("INSERT INTO requests (login, id, at, answer) VALUES (?, ?, ?, ?)", (login, request, self.now, answer))
