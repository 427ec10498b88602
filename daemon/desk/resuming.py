"""What a resume brings back: everything that was on its way, 保留, to be confirmed by a person one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from daemon.desk.case import Setting
from daemon.store import Tx, to_db

RESUMED = "resumed_at"
"""The row of `meta` with the moment of the last resume: from it the pace of the releases is kept."""


ACCOUNTS = "accounts"
"""The row of `meta` with the accounts that the rules had when they were last put in force, as JSON."""


def remember(tx: Tx, key: str, at: datetime) -> None:
    """Note a moment in `meta`."""
    tx.db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, to_db(at)))


def hold_all(setting: Setting, epoch: int, *, by: str, reason: str) -> Callable[[Tx], int]:
    """The operation of a resume: the next epoch, and everything that was on its way comes back 保留. Returns how many."""

    def op(tx: Tx) -> int:
        rows = tx.db.execute("SELECT id FROM drafts WHERE state IN ('approved', 'scheduled') AND live = 1").fetchall()
        tx.db.execute(
            "UPDATE drafts SET state = 'held', changed_at = ? WHERE state IN ('approved', 'scheduled') AND live = 1", (tx.now,)
        )
        tx.db.execute("INSERT INTO meta VALUES ('epoch', ?) ON CONFLICT DO UPDATE SET value = excluded.value", (epoch,))
        remember(tx, RESUMED, setting.now)
        tx.record(by, "resume", None, epoch=epoch, reason=reason, held=[row["id"] for row in rows])
        tx.anchor()
        return len(rows)

    return op


def hold_part(setting: Setting, scope: str, *, by: str) -> Callable[[Tx], int]:
    """The operation before a narrower stop is lifted: what was on its way for the accounts that it covers comes back 保留. Returns how
    many. It stands before the lifting: what is still 承認済 when the gate opens would go out at once."""

    def op(tx: Tx) -> int:
        accounts = [a.id for a in setting.book.accounts.values() if scope in (a.id, a.platform)]
        held = _hold(tx, accounts)
        remember(tx, RESUMED, setting.now)
        if held:
            tx.record(by, "hold", None, scope=scope, held=held)
        return len(held)

    return op


def accounts_are(setting: Setting, known: frozenset[str] | None) -> Callable[[Tx], list[str]]:
    """The operation that notes which accounts the rules have now. What was on its way for one that they lacked before comes back 保留: while
    it was gone nobody could look at it. `known` are those that were noted last; None: none ever were. Returns the accounts held so."""

    def op(tx: Tx) -> list[str]:
        back = sorted(frozenset(setting.book.accounts) - known) if known is not None else []
        touched = []
        for account in back:
            if held := _hold(tx, [account]):
                tx.record("daemon", "hold", None, scope=account, held=held, why="account came back")
                touched.append(account)
        value = msgspec.json.encode(sorted(setting.book.accounts)).decode()
        tx.db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (ACCOUNTS, value))
        return touched

    return op


def _hold(tx: Tx, accounts: list[str]) -> list[int]:
    """保留 for what is on its way for these accounts."""
    on_the_way = f"state IN ('approved', 'scheduled') AND live = 1 AND account IN ({','.join('?' * len(accounts))})"
    rows = tx.db.execute(f"SELECT id FROM drafts WHERE {on_the_way}", accounts).fetchall()
    tx.db.execute(f"UPDATE drafts SET state = 'held', changed_at = ? WHERE {on_the_way}", (tx.now, *accounts))
    return [row["id"] for row in rows]
