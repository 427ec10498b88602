"""What an account sent lately, as the repetition guards ask for it."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from daemon.judge import Recent
from daemon.rulebook.item import Kind
from daemon.store import Store, from_db, to_db

RECENT_FOR = timedelta(days=31)
"""A month, because a policy may limit what goes out in one."""
RECENT_MOST = 50


async def recent(store: Store, account: str, now: datetime) -> tuple[Recent, ...]:
    """What this account released lately (or may have), the latest first."""
    rows = await store.fetch(
        "SELECT draft, body, begun_at, (SELECT item FROM drafts d WHERE d.id = releases.draft) AS item, EXISTS (SELECT 1 FROM corrections c JOIN drafts x ON x.id = c.draft WHERE c.original = "
        "releases.draft AND c.kind = 'delete' AND x.state = 'released') AS deleted FROM releases WHERE account = ? AND begun_at > ? AND state IN ('begun', 'leased', 'released', 'unknown') "
        "ORDER BY begun_at DESC LIMIT ?",
        (account, to_db(now - RECENT_FOR), RECENT_MOST),
    )
    return tuple(_recent(row) for row in rows)


class _Declared(Struct, frozen=True):
    """What the repetition guards ask of a draft that went out."""

    kind: Kind = "post"
    topic: str = ""
    emergency: bool = False


def _recent(row: sqlite3.Row) -> Recent:
    declared = msgspec.json.decode(row["item"], type=_Declared)
    return Recent(
        text=row["body"],
        at=from_db(row["begun_at"]),
        draft=row["draft"],
        kind=declared.kind,
        topic=declared.topic,
        emergency=declared.emergency,
        deleted=bool(row["deleted"]),
    )
