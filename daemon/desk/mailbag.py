"""The queue of notices, durable: what is to be told, what has been put into a letter, and what became of each letter.

A letter is noted as being sent before it is, and as sent after: a crash between the two may send it twice, with the same id, and never
leaves it out. After a restore from a backup nothing that was told before is told again.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from daemon.desk.digest import Letter, Line, next_try
from daemon.desk.tidings import Cursor, Tiding, cursor_json, cursor_of
from daemon.rulebook.model import Operator
from daemon.rulebook.notices import URGENT
from daemon.store import Store, Tx, from_db, to_db
from daemon.wire.notices import NoticeList, Notices, NoticeSeen

CURSOR = "notices_seen"
QUIET_UNTIL = "notices_quiet_until"
"""The rows of `meta`: how far drafts have been looked through; and the moment before which everything counts as told (a restore)."""

KEPT_DAYS = 60
_MOST = 500


async def cursor(store: Store) -> Cursor:
    """How far drafts have been looked through."""
    rows = await store.fetch("SELECT value FROM meta WHERE key = ?", (CURSOR,))
    return cursor_of(rows[0]["value"] if rows else None)


def gather(tidings: Sequence[Tiding], reached: Cursor | None, now: datetime, *, leaves: bool) -> Callable[[Tx], int]:
    """The operation that takes what is to be told into the queue, each thing once; returns how many were new. Where nothing leaves the
    program (`leaves`), it stands in the console at once."""

    def op(tx: Tx) -> int:
        row = tx.db.execute("SELECT value FROM meta WHERE key = ?", (QUIET_UNTIL,)).fetchone()
        quiet = row["value"] if row else 0
        new = 0
        for each in tidings:
            at = to_db(each.at)
            state = "settled" if at < quiet else "open" if leaves else "console"
            new += tx.db.execute(
                "INSERT OR IGNORE INTO notices (kind, login, account, ref, key, at, gathered_at, urgent, state) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (each.kind, each.login, each.account, each.ref, each.key, at, to_db(now), each.kind in URGENT, state),
            ).rowcount
        if reached is not None:
            tx.db.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (CURSOR, cursor_json(reached))
            )
        return new

    return op


def quieten(tx: Tx) -> None:
    """After a restore: what was told before the backup's moment or after it is not told again. What the restore itself brings about (held
    drafts, its stop) is new."""
    tx.db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (QUIET_UNTIL, tx.now))
    tx.db.execute("UPDATE notices SET state = 'settled' WHERE state = 'open'")
    tx.db.execute("UPDATE letters SET state = 'settled' WHERE state IN ('waiting', 'sending')")


async def open_by_person(store: Store) -> dict[str, list[sqlite3.Row]]:
    """What waits to be put into a letter, oldest first, by login."""
    found: dict[str, list[sqlite3.Row]] = {}
    for row in await store.fetch("SELECT * FROM notices WHERE state = 'open' ORDER BY id", ()):
        found.setdefault(row["login"], []).append(row)
    return found


def put_together(login: str, notices: Sequence[int], now: datetime, *, urgent: bool) -> Callable[[Tx], str]:
    """The operation that makes one letter of these; returns its id."""

    def op(tx: Tx) -> str:
        letter = secrets.token_hex(8)
        tx.db.execute(
            "INSERT INTO letters (id, login, urgent, made_at, next_at, state) VALUES (?, ?, ?, ?, ?, 'waiting')",
            (letter, login, urgent, to_db(now), to_db(now)),
        )
        _each(tx, notices, "mailed", letter)
        return letter

    return op


def settle(notices: Sequence[int], state: str = "settled") -> Callable[[Tx], None]:
    """The operation that says of these that they are over, or (`console`) that they leave the program by no way."""

    def op(tx: Tx) -> None:
        _each(tx, notices, state, None)

    return op


def _each(tx: Tx, notices: Iterable[int], state: str, letter: str | None) -> None:
    for number in notices:
        tx.db.execute("UPDATE notices SET state = ?, letter = ? WHERE id = ?", (state, letter, number))


async def to_send(store: Store, now: datetime) -> list[sqlite3.Row]:
    """The letters whose time has come, urgent ones first."""
    return await store.fetch(
        "SELECT * FROM letters WHERE state = 'waiting' AND next_at <= ? ORDER BY urgent DESC, next_at, made_at LIMIT 50",
        (to_db(now),),
    )


async def letter_of(store: Store, row: sqlite3.Row, to: Operator, office: str) -> Letter:
    """A letter with its lines."""
    lines = await store.fetch("SELECT kind, account, ref, at FROM notices WHERE letter = ? ORDER BY id", (row["id"],))
    return Letter(
        id=row["id"],
        to=to,
        office=office,
        urgent=bool(row["urgent"]),
        lines=tuple(Line(kind=each["kind"], account=each["account"], ref=each["ref"], at=from_db(each["at"])) for each in lines),
    )


def begin(letter: str) -> Callable[[Tx], None]:
    """The operation that notes that it is being sent now."""

    def op(tx: Tx) -> None:
        tx.db.execute("UPDATE letters SET state = 'sending', tries = tries + 1 WHERE id = ?", (letter,))

    return op


def sent(letter: str) -> Callable[[Tx], None]:
    """The operation that notes that it was handed over."""

    def op(tx: Tx) -> None:
        tx.db.execute("UPDATE letters SET state = 'sent', sent_at = ?, why = '', why_en = '' WHERE id = ?", (tx.now, letter))

    return op


def failed(letter: str, why: tuple[str, str], now: datetime) -> Callable[[Tx], bool]:
    """The operation that notes that it could not be sent, and when it is tried again; tells whether it was given up, which is recorded."""

    def op(tx: Tx) -> bool:
        row = tx.db.execute("SELECT login, tries FROM letters WHERE id = ?", (letter,)).fetchone()
        again = next_try(row["tries"], now)
        tx.db.execute(
            "UPDATE letters SET state = ?, next_at = ?, why = ?, why_en = ? WHERE id = ?",
            ("waiting" if again else "failed", to_db(again or now), *why, letter),
        )
        if again is None:
            tx.record("daemon", "notice_failed", None, login=row["login"], letter=letter, why=why[1])
        return again is None

    return op


def recover(tx: Tx) -> int:
    """What a crash left as being sent is sent (perhaps again): with the same id. Returns how many. Old ones go."""
    tx.db.execute("DELETE FROM notices WHERE gathered_at < ? AND state <> 'open'", (tx.now - KEPT_DAYS * 86_400_000_000,))
    tx.db.execute(
        "DELETE FROM letters WHERE made_at < ? AND state IN ('sent', 'settled')", (tx.now - KEPT_DAYS * 86_400_000_000,)
    )
    return tx.db.execute("UPDATE letters SET state = 'waiting', next_at = ? WHERE state = 'sending'", (tx.now,)).rowcount


async def in_trouble(store: Store) -> list[sqlite3.Row]:
    """The letters that could not be sent so far, or were given up and nothing has reached that person since."""
    return await store.fetch(
        "SELECT * FROM letters l WHERE state IN ('waiting', 'sending') AND tries > 0 AND why <> '' OR state = 'failed' AND NOT EXISTS "
        "(SELECT 1 FROM letters s WHERE s.login = l.login AND s.state = 'sent' AND s.sent_at > l.made_at) ORDER BY made_at",
        (),
    )


async def listed(store: Store, query: Notices, way: str) -> NoticeList:
    """The last notices, newest first."""
    where = "WHERE l.why <> ''" if query.failed else ""
    rows = await store.fetch(
        "SELECT n.*, l.state AS letter_state, l.tries, l.sent_at, l.next_at, l.why, l.why_en FROM notices n "
        f"LEFT JOIN letters l ON l.id = n.letter {where} ORDER BY n.id DESC LIMIT ?",
        (max(1, min(query.limit, _MOST)),),
    )
    return NoticeList(notices=tuple(_seen(row) for row in rows), way=way, failing=len(await in_trouble(store)))


def _seen(row: Any) -> NoticeSeen:
    state = row["state"] if row["state"] != "mailed" else row["letter_state"] or "sent"
    return NoticeSeen(
        id=row["id"],
        at=from_db(row["at"]),
        kind=row["kind"],
        login=row["login"],
        account=row["account"],
        ref=row["ref"],
        urgent=bool(row["urgent"]),
        state="retry" if state == "waiting" and row["tries"] else "open" if state == "waiting" else state,
        tries=row["tries"] or 0,
        sent_at=from_db(row["sent_at"]) if row["sent_at"] else None,
        next_at=from_db(row["next_at"]) if row["next_at"] and state == "waiting" else None,
        why=row["why"] or "",
        why_en=row["why_en"] or "",
    )
