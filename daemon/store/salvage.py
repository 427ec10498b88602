"""What can still be read of a damaged database: row by row, stepping over the pages that cannot be. Nothing read here is believed by
itself; whoever uses it holds it against the segments."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from daemon.store.audit import chained, withheld

_AT_ONCE = 256
_BLIND = 64
"""So many blocks of rows in a row that cannot be read count as the end of a table."""


class Salvage:
    """A damaged database, or none (`db` None): then there is nothing to read. `failed` names the tables in which reading failed."""

    def __init__(self, db: sqlite3.Connection | None) -> None:
        self._db = db
        self.failed: set[str] = set()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to read at all."""
        return self._db is None

    def entry(self, seq: int) -> tuple[str, bytes] | None:
        """The entry of the record with this number, hash and bytes, if the two agree."""
        row = self._one("audit", "SELECT prev, hash, record FROM audit WHERE seq = ?", seq)
        if row is None or not isinstance(row["record"], bytes) or chained(str(row["prev"]), row["record"]) != row["hash"]:
            return None
        return str(row["hash"]), row["record"]

    def text(self, seq: int, field: str, hidden: str) -> tuple[bytes, bytes] | None:
        """Salt and text of a private field, if they are those that the entry names (`hidden`)."""
        row = self._one("audit_private", "SELECT salt, text FROM audit_private WHERE seq = ? AND field = ?", seq, field)
        if row is None or not isinstance(row["salt"], bytes) or not isinstance(row["text"], bytes):
            return None
        return (row["salt"], row["text"]) if withheld(row["salt"], row["text"]) == hidden else None

    def draft(self, draft: int, digest: str) -> sqlite3.Row | None:
        """The row of a draft, if its revision is the one with this hash."""
        row = self._one("drafts", "SELECT * FROM drafts WHERE id = ?", draft)
        return row if row is not None and row["hash"] == digest else None

    def last(self, table: str, column: str) -> int:
        """The highest number in a column; 0 where it cannot be told."""
        row = self._one(table, f"SELECT max({column}) AS last FROM {table}")
        return row["last"] if row is not None and isinstance(row["last"], int) else 0

    def every(self, table: str, *, rowid: bool) -> Iterator[sqlite3.Row]:
        """Every row of a table that can be read; of one without rowids, those before the first damage and those behind the last."""
        if self._db is not None:
            yield from self._by_rowid(table) if rowid else self._from_both_ends(table)

    def _by_rowid(self, table: str) -> Iterator[sqlite3.Row]:
        at, blind = 0, 0
        while blind < _BLIND:
            rows = self._rows(
                table, f"SELECT rowid AS _rowid, * FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {_AT_ONCE}", at
            )
            if rows is None:
                one = f"SELECT rowid AS _rowid, * FROM {table} WHERE rowid = ?"
                found = [row for n in range(at + 1, at + _AT_ONCE + 1) if (row := self._one(table, one, n)) is not None]
                yield from found
                at, blind = at + _AT_ONCE, 0 if found else blind + 1
                continue
            if not rows:
                return
            yield from rows
            at, blind = rows[-1]["_rowid"], 0

    def _from_both_ends(self, table: str) -> Iterator[sqlite3.Row]:
        seen = set()
        for order in ("ASC", "DESC"):
            try:
                assert self._db is not None
                for row in self._db.execute(f"SELECT * FROM {table} ORDER BY 1 {order}"):
                    if tuple(row) not in seen:
                        seen.add(tuple(row))
                        yield row
            except sqlite3.DatabaseError:
                self.failed.add(table)
            else:
                return

    def _one(self, table: str, sql: str, *values: object) -> sqlite3.Row | None:
        rows = self._rows(table, sql, *values)
        return rows[0] if rows else None

    def _rows(self, table: str, sql: str, *values: object) -> list[sqlite3.Row] | None:
        """The rows, or None where they cannot be read."""
        if self._db is None:
            return None
        try:
            return self._db.execute(sql, values).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError, OverflowError):
            self.failed.add(table)
            return None
