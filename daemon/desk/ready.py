"""What is approved and on its way out: what a machine may send now, what has to wait again, what counts down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from daemon.desk import board
from daemon.desk.acts import rejudge
from daemon.desk.case import Case, Setting, load, save
from daemon.desk.releasing import MACHINE
from daemon.store import Store, Tx, to_db
from daemon.wire.approving import Countdown

MOST = 100
"""Approved drafts of one account that are looked at in one round."""


async def ready(store: Store, accounts: Sequence[str], setting: Setting) -> list[tuple[int, str, str]]:
    """The approved drafts of these accounts whose time for taking back (取消) is over, the oldest of each, in order: number, hash, account.
    One account's must not keep another's out of sight."""
    marks = ",".join("?" * len(accounts))
    over = to_db(setting.now - timedelta(seconds=setting.book.office.undo_seconds))
    rows = await store.fetch(
        "SELECT id, hash, account FROM (SELECT id, hash, account, changed_at, row_number() OVER (PARTITION BY account ORDER BY "
        f"changed_at) AS place FROM drafts WHERE state = 'approved' AND live = 1 AND account IN ({marks}) "
        "AND (coalesce(ready_at, changed_at) <= ? OR json_extract(item, '$.emergency'))) WHERE place <= ? ORDER BY changed_at",
        (*accounts, over, MOST),
    )
    return [(row["id"], row["hash"], row["account"]) for row in rows]


def not_ready(draft: int, setting: Setting) -> Callable[[Tx], Case | None]:
    """The operation for an approved draft that cannot go out because something is missing again (an approval that counts no more, hours
    that have closed): the state that this puts it in, or None where it stays as it is."""

    def op(tx: Tx) -> Case | None:
        before = load(tx.db, draft, setting.book)
        if before.state != "approved":
            return None
        case, _ = rejudge(before, setting)
        if case.state == "approved":
            return None
        save(tx.db, case, tx.now)
        tx.record(MACHINE, "rejudge", case.id, account=case.account.id, hash=case.hash, state=case.state)
        return case

    return op


async def countdowns(store: Store, setting: Setting) -> tuple[Countdown, ...]:
    """The releases that cannot be taken back and begin soon, the next one first."""
    accounts = [account.id for account in setting.book.accounts.values() if account.final]
    if not accounts:
        return ()
    marks = ",".join("?" * len(accounts))
    since = to_db(setting.now - timedelta(seconds=setting.book.office.countdown_seconds))
    started = to_db(setting.started) if setting.started is not None else since
    rows = await store.fetch(
        f"SELECT id FROM drafts WHERE state = 'approved' AND live = 1 AND account IN ({marks}) AND max(ready_at, ?) > ? LIMIT {MOST}",
        (*accounts, started, since),
    )
    counting = []
    for case in await board.cases(store, [row["id"] for row in rows], setting) if rows else []:
        at = case.begins_at(setting)
        if at is not None and not setting.stopped(case.account):
            counting.append(
                Countdown(draft=case.id, account=case.account.id, name=case.account.name, title=case.title, begins_at=at)
            )
    return tuple(sorted(counting, key=lambda each: each.begins_at))
