"""A search in the record: back from its end, slice by slice, for a moment at a time.

The record has no index of words. It is searched seldom, it only grows, and whoever searches it mostly wants the last weeks; an index
would cost every act its writing. So the search walks back and says how far it came; the asker asks again from there.
"""

from __future__ import annotations

import sqlite3
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from daemon.desk.board import lines_of
from daemon.rulebook.calendar import TOKYO
from daemon.store import Store, to_db
from daemon.wire.recording import FindInRecord, RecordFound

SLICE = 500
"""Entries read at once."""
MOMENT = 0.2
"""Seconds of one search: others read with the same two threads."""
MOST = 500
"""Entries of one answer."""

_HIRAGANA = {katakana: katakana - 0x60 for katakana in range(ord("ァ"), ord("ヶ") + 1)}


def fold(text: str) -> str:
    """Width, case and kind of kana away: what is searched for is seldom typed as it was written."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_HIRAGANA)


async def find(
    store: Store, query: FindInRecord, names: Mapping[str, str], clock: Callable[[], float] = time.monotonic
) -> RecordFound:
    """The entries that meet the query, newest first; `names` are those of the people by their logins."""
    return await store.read(partial(_find, query=query, names=names, clock=clock))


def _find(db: sqlite3.Connection, query: FindInRecord, names: Mapping[str, str], clock: Callable[[], float]) -> RecordFound:
    until = clock() + MOMENT
    where, values = _where(db, query)
    wanted = [(fold(word), frozenset(query.acts[n] if n < len(query.acts) else ())) for n, word in enumerate(query.words)]
    folded = {login: fold(name) for login, name in names.items()}
    found: list[sqlite3.Row] = []
    reached, most = query.before if query.before is not None else 1 << 62, max(1, min(query.limit, MOST))
    while len(found) < most:
        rows = db.execute(
            "SELECT seq, at, actor, act, draft, record, hash, "
            "(SELECT group_concat(CAST(text AS TEXT), ' ') FROM audit_private p WHERE p.seq = a.seq) AS private "
            f"FROM audit a WHERE seq < ?{where} ORDER BY seq DESC LIMIT {SLICE}",
            (reached, *values),
        ).fetchall()
        if not rows:
            reached = 1
            break
        for row in rows:
            reached = row["seq"]
            if _meets(row, wanted, folded):
                found.append(row)
                if len(found) == most:
                    break
        if clock() > until:
            break
    return RecordFound(entries=tuple(reversed(lines_of(db, list(found)))), reached=reached)


def _where(db: sqlite3.Connection, query: FindInRecord) -> tuple[str, list[int]]:
    """The condition, and its values. Days are turned into the entries between which they lie, so that the walk begins there; each entry's
    own time decides all the same, because a clock may have been set back."""
    where = ""
    values: list[int] = []
    if query.draft is not None:
        where, values = where + " AND draft = ?", [*values, query.draft]
    if query.first is not None:
        begin = to_db(_midnight(query.first))
        (least,) = db.execute("SELECT min(seq) FROM audit WHERE at >= ?", (begin,)).fetchone()
        where, values = where + " AND seq >= ? AND +at >= ?", [*values, least or 1 << 62, begin]
    if query.last is not None and query.last < date.max:  # no day comes after that one
        end = to_db(_midnight(query.last) + timedelta(days=1))
        (most,) = db.execute("SELECT max(seq) FROM audit WHERE at < ?", (end,)).fetchone()
        where, values = where + " AND seq <= ? AND +at < ?", [*values, most or 0, end]
    return where, values


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=TOKYO)


def _meets(row: sqlite3.Row, wanted: Sequence[tuple[str, frozenset[str]]], names: Mapping[str, str]) -> bool:
    if not wanted:
        return True
    said = f"{row['record'].decode('utf-8', 'replace')} {row['private'] or ''} {names.get(row['actor'], '')}"
    hay = fold(said)
    return all(word in hay or row["act"] in acts for word, acts in wanted)
