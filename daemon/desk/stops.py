"""Stops (停止) as the desk remembers them: who made each, which manager confirmed it, when it ended. The stop itself is in the gate.

A stop is a stop whoever made it; one by anybody but a manager is provisional until a manager confirms it (さいたま 11 names the 管理者;
that others may stop rests on 12).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from daemon.desk import follow_ups
from daemon.desk.case import Setting
from daemon.refused import Refused
from daemon.rulebook.model import Operator
from daemon.store import Store, Tx, from_db, to_db
from daemon.wire.acts import ConfirmStop
from daemon.wire.answers import Done
from daemon.wire.limits import LONGEST

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


class Found(Struct, frozen=True, kw_only=True):
    """What the marks of a stop tell of it: since when (None: nobody can say), by whose login, and what was written into them."""

    at: datetime | None = None
    by: str = ""
    said: str = ""


def in_brief(reason: str) -> str:
    """A stop's reason as it is kept and shown. No stop is refused for a longer one: its beginning is kept, because every answer on how the office
    stands has it."""
    return reason if len(reason) <= LONGEST else f"{reason[: LONGEST - 1]}…"


def reported(
    scope: str, who: Operator, reason: str, setting: Setting, *, request: str = "", at: datetime | None = None
) -> Callable[[Tx], None]:
    """The operation for a stop that somebody has made: now, or (a letter, `daemon/letters.py`) at this moment. Its reason may be told later by
    whoever made it. Whoever stops what is stopped already repeats the stop: its maker and moment stay the first ones, and so does a reason that
    was given. A manager's own is confirmed by that. Asked again under the same `request` id, it is carried out once."""
    reason = in_brief(reason.strip())

    def op(tx: Tx) -> None:
        if request and tx.answered(request, who.login):
            return
        stood = _standing(tx, scope) is not None
        stop = _stand(tx, scope, setting)
        row = tx.db.execute("SELECT at, by, reason FROM stops WHERE id = ?", (stop,)).fetchone()
        moment = tx.now if at is None else min(to_db(at), tx.now)
        in_time = moment <= row["at"] + SAME_STOP_US
        first = not stood or (row["by"] == "" and in_time)
        mine = row["by"] == who.login
        if not first and mine and at is not None and in_time and reason in ("", row["reason"]):
            return  # the mark itself, or the daemon that woke up, has told of this already
        if first:
            tx.db.execute("UPDATE stops SET by = ?, at = min(at, ?) WHERE id = ?", (who.login, moment, stop))
        if reason and not row["reason"]:
            tx.db.execute("UPDATE stops SET reason = ? WHERE id = ?", (reason, stop))
        explained = mine and bool(reason) and not row["reason"]
        again = {} if first or explained else {"again": True}
        late = {} if at is None else {"made_at": from_db(moment).isoformat(timespec="seconds")}
        tx.record(who.login, "stop", None, scope=scope, reason=reason, **again, **late)
        if who.role == "manager":
            _confirm(tx, stop, who)
        if request:
            tx.remember(request, who.login, msgspec.json.encode(Done()))
        tx.anchor()

    return op


def seen(new: Mapping[str, Found], gone: frozenset[str], setting: Setting) -> Callable[[Tx], None]:
    """The operation for what the daemon finds in the folder: stops made by hand, or to be reported in a moment; and narrower ones that
    somebody has taken away by hand."""

    def op(tx: Tx) -> None:
        for scope in sorted(new):
            stop, found = _stand(tx, scope, setting), new[scope]
            if found.said:
                tx.db.execute("UPDATE stops SET reason = ? WHERE id = ? AND reason = ''", (in_brief(found.said), stop))
            if found.at is not None and (at := to_db(found.at)) < tx.now - SAME_STOP_US:  # nobody will report it any more
                tx.db.execute("UPDATE stops SET at = min(at, ?), by = ? WHERE id = ? AND by = ''", (at, found.by, stop))
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
    if (standing := _standing(tx, scope)) is not None:
        return standing
    stop = tx.db.execute("INSERT INTO stops (scope, at, by, reason) VALUES (?, ?, '', '')", (scope, tx.now)).lastrowid or 0
    follow_ups.open_lists(tx, stop, scope, setting)
    return stop


def _standing(tx: Tx, scope: str) -> int | None:
    row = tx.db.execute("SELECT id FROM stops WHERE scope = ? AND ended_at IS NULL", (scope,)).fetchone()
    return None if row is None else int(row["id"])


def _confirm(tx: Tx, stop: int, who: Operator) -> None:
    tx.db.execute(
        "UPDATE stops SET confirmed_by = ?, confirmed_at = ? WHERE id = ? AND confirmed_by = ''", (who.login, tx.now, stop)
    )
