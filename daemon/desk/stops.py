"""Stops (停止) as the desk remembers them: who made each, which manager confirmed it, when it ended. The stop itself is in the gate.

A stop is a stop whoever made it; one by anybody but a manager is provisional until a manager confirms it (さいたま 11 names the 管理者;
that others may stop rests on 12).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from daemon.desk import follow_ups
from daemon.desk.case import Setting
from daemon.refused import Refused
from daemon.rulebook.model import Operator
from daemon.store import Store, Tx, from_db
from daemon.wire.acts import ConfirmStop
from daemon.wire.answers import Done

SAME_STOP_US = 10_000_000
"""A stop that the daemon saw in the folder and one that somebody reports are the same when no more time than this lies between them."""


class Standing(Struct, frozen=True, kw_only=True):
    """A stop that has not been resumed."""

    id: int
    scope: str
    at: datetime
    by: str
    reason: str
    confirmed_by: str


LONGEST_REASON = 500
"""Characters of a stop's reason. No stop is refused for a longer one: its beginning is kept, because every answer on how the office stands has
it."""


def in_brief(reason: str) -> str:
    """A reason as it is kept and shown."""
    return reason if len(reason) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 1]}…"


def reported(scope: str, who: Operator, reason: str, setting: Setting) -> Callable[[Tx], None]:
    """The operation for a stop that somebody on the register has made. Told again, it is the same stop, with its reason; a manager's own
    is confirmed by that."""
    reason = in_brief(reason)

    def op(tx: Tx) -> None:
        stop = _stand(tx, scope, setting)
        tx.db.execute("UPDATE stops SET by = ? WHERE id = ? AND by = '' AND at > ?", (who.login, stop, tx.now - SAME_STOP_US))
        if reason:
            tx.db.execute("UPDATE stops SET reason = ? WHERE id = ?", (reason, stop))
        tx.record(who.login, "stop", None, scope=scope, reason=reason)
        if who.role == "manager":
            _confirm(tx, stop, who)
        tx.anchor()

    return op


def seen(new: frozenset[str], gone: frozenset[str], setting: Setting) -> Callable[[Tx], None]:
    """The operation for what the daemon finds in the folder: stops made by hand, or to be reported in a moment; and narrower ones that
    somebody has taken away by hand."""

    def op(tx: Tx) -> None:
        for scope in sorted(new):
            _stand(tx, scope, setting)
        for scope in sorted(gone):
            ended(scope, "")(tx)

    return op


def _no_such_stop(tx: Tx) -> Refused:
    """That nothing is stopped in this scope; which stops do stand, and how they are named."""
    standing = [row["scope"] for row in tx.db.execute("SELECT DISTINCT scope FROM stops WHERE ended_at IS NULL ORDER BY scope")]
    if not standing:
        return Refused("no_such", "停止していません。確認するものはありません。", "Nothing is stopped: nothing to confirm.")
    named = " ".join(standing)
    return Refused(
        "no_such",
        f"その範囲の停止はありません。今の停止は {named} です（kohoban confirm-stop --scope {standing[0]}）。",
        f"There is no stop of that scope. What is stopped: {named} (kohoban confirm-stop --scope {standing[0]}).",
    )


def confirm(act: ConfirmStop, who: Operator) -> Callable[[Tx], Done]:
    """停止の確認 by a manager. Raises Refused where there is nothing to confirm."""

    def op(tx: Tx) -> Done:
        row = tx.db.execute(
            "SELECT id, by, confirmed_by FROM stops WHERE scope = ? AND ended_at IS NULL", (act.scope,)
        ).fetchone()
        if row is None:
            raise _no_such_stop(tx)
        if row["confirmed_by"]:
            raise Refused(
                "state",
                f"この停止は {row['confirmed_by']} さんが確認済みです。",
                f"{row['confirmed_by']} has confirmed this stop already.",
            )
        _confirm(tx, row["id"], who)
        head = tx.record(who.login, "confirm_stop", None, scope=act.scope, stopped_by=row["by"], reason=act.note)
        tx.anchor()
        return Done(message="停止を確認しました。", message_en="The stop is confirmed by a manager.", audit_head=head)

    return op


def ended(scope: str, by: str) -> Callable[[Tx], None]:
    """The operation of a resume: the stop of this scope is over. What is to be done on the platforms stays open."""

    def op(tx: Tx) -> None:
        tx.db.execute("UPDATE stops SET ended_by = ?, ended_at = ? WHERE scope = ? AND ended_at IS NULL", (by, tx.now, scope))

    return op


async def standing(store: Store) -> tuple[Standing, ...]:
    """The stops that have not been resumed, that of everything first."""
    rows = await store.fetch(
        "SELECT id, scope, at, by, reason, confirmed_by FROM stops WHERE ended_at IS NULL ORDER BY scope <> 'all', id", ()
    )
    return tuple(
        Standing(
            id=r["id"],
            scope=r["scope"],
            at=from_db(r["at"]),
            by=r["by"],
            reason=in_brief(r["reason"]),
            confirmed_by=r["confirmed_by"],
        )
        for r in rows
    )


def _stand(tx: Tx, scope: str, setting: Setting) -> int:
    """The stop of this scope that stands; a new one, with its check-lists, where none does."""
    row = tx.db.execute("SELECT id FROM stops WHERE scope = ? AND ended_at IS NULL", (scope,)).fetchone()
    if row is not None:
        return int(row["id"])
    stop = tx.db.execute("INSERT INTO stops (scope, at, by, reason) VALUES (?, ?, '', '')", (scope, tx.now)).lastrowid or 0
    follow_ups.open_lists(tx, stop, scope, setting)
    return stop


def _confirm(tx: Tx, stop: int, who: Operator) -> None:
    tx.db.execute(
        "UPDATE stops SET confirmed_by = ?, confirmed_at = ? WHERE id = ? AND confirmed_by = ''", (who.login, tx.now, stop)
    )
