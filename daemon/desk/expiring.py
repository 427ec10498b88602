"""期限切れ: what nobody approved in time is asked for no longer, until a person opens it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from daemon.desk.acts import Op, done, note, rejudge
from daemon.desk.case import Case, Setting, load, save
from daemon.refused import serves
from daemon.rulebook.model import Operator
from daemon.store import Store, Tx, to_db
from daemon.wire.answers import Done
from daemon.wire.approving import Reopen

MACHINE = "daemon"
GRACE = timedelta(hours=1)
"""How long after the moment that its author named a draft still waits."""
AT_ONCE = 200


def _run_out(setting: Setting) -> tuple[str, tuple[int | str, ...]]:
    """The statement for what has run out: asked for longer than `approval_days`, or for a moment that has passed while it waited."""
    accounts = tuple(setting.book.accounts)
    where = f"live = 1 AND account IN ({','.join('?' * len(accounts))})"
    # Whoever has approved it since then knows that its moment is over, and is about to say why it may go out all the same.
    moment = (
        f"SELECT id FROM drafts WHERE wanted_at < ? AND wanted_at > asked_at AND state = 'waiting' AND {where} "
        "AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.draft = drafts.id AND a.hash = drafts.hash AND a.at > drafts.wanted_at)"
    )
    values: tuple[int | str, ...] = (to_db(setting.now - GRACE), *accounts)
    days = setting.book.office.approval_days
    if not days:
        return f"{moment} LIMIT {AT_ONCE}", values
    old = f"SELECT id FROM drafts WHERE asked_at < ? AND state IN ('waiting', 'held') AND {where}"
    return f"{moment} UNION {old} LIMIT {AT_ONCE}", (*values, to_db(setting.now - timedelta(days=days)), *accounts)


async def any_run_out(store: Store, setting: Setting) -> bool:
    """Whether anything has run out; spares the writer a transaction a second."""
    return bool(await store.fetch(*_run_out(setting)))


def run_out(setting: Setting) -> Callable[[Tx], list[Case]]:
    """The operation: what has run out is 期限切れ."""

    def op(tx: Tx) -> list[Case]:
        ended = []
        for row in tx.db.execute(*_run_out(setting)).fetchall():
            case = load(tx.db, row["id"], setting.book).step("expire")
            save(tx.db, case, tx.now)
            tx.record(MACHINE, "expire", case.id, account=case.account.id, hash=case.hash, state=case.state)
            ended.append(case)
        return ended

    return op


def reopen(act: Reopen, who: Operator, setting: Setting) -> Op:
    """The operation: asked for again from the first step, for as long again. What was approved before counts no more."""

    def op(tx: Tx) -> Done:
        case = load(tx.db, act.draft, setting.book)
        serves(who, case.account)
        case = case.step("reopen")
        for decisions in ("approvals", "lifts", "declarations"):
            tx.db.execute(f"DELETE FROM {decisions} WHERE draft = ?", (case.id,))
        save(tx.db, case, tx.now)
        tx.db.execute("UPDATE drafts SET asked_at = ?, release_at = NULL WHERE id = ?", (tx.now, case.id))
        case, _ = rejudge(load(tx.db, case.id, setting.book), setting)
        save(tx.db, case, tx.now)
        head = note(tx, who, "reopen", case, case.policy(setting.book), reason=act.reason)
        return done(
            case, head, "開き直しました。はじめから承認を受けます。", "Opened again: approval is asked for from the start."
        )

    return op
