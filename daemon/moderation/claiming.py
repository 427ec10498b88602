"""着手: who looks at a comment now, so that it is never judged by two people at once. No decision: the record does not have it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from daemon.moderation.comment import in_hand, load
from daemon.moderation.setting import Setting
from daemon.refused import Refused, serves
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Operator
from daemon.store import Tx, from_db, to_db
from daemon.wire.answers import Done
from daemon.wire.moderation import ClaimComment, UnclaimComment

HOLDS = timedelta(minutes=10)


class Claimed(NamedTuple):
    """Who looks at it, and until when."""

    login: str
    until: datetime


def standing(db: sqlite3.Connection, comment: int, setting: Setting) -> Claimed | None:
    """The claim on a comment; None where there is none, it is over, or its holder has left the register."""
    row = db.execute("SELECT login, until FROM comment_claims WHERE comment = ?", (comment,)).fetchone()
    if row is None or from_db(row["until"]) <= setting.now or row["login"] not in setting.book.operators:
        return None
    return Claimed(row["login"], from_db(row["until"]))


def free(db: sqlite3.Connection, comment: int, who: Operator, setting: Setting) -> None:
    """Raises Refused (`claimed`) where somebody else looks at it."""
    other = standing(db, comment, setting)
    if other is not None and other.login != who.login:
        until = f"{other.until.astimezone(TOKYO):%H:%M}"
        raise Refused(
            "claimed",
            f"{setting.name(other.login)}さんが着手しています（{until} まで）。本人に確かめるか、c で引き取ってください（kohoban comments claim --over）。",
            f"{other.login} is looking at it (until {until}): ask them, or take it over with c (kohoban comments claim --over).",
        )


def claim(act: ClaimComment, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    """The operation. Refused where somebody else looks at it, unless it is taken over from them."""

    def op(tx: Tx) -> Done:
        comment = load(tx.db, act.comment)
        serves(who, setting.account(comment.account))
        in_hand(comment)
        if not act.over:
            free(tx.db, act.comment, who, setting)
        until = setting.now + HOLDS
        tx.db.execute(
            "INSERT OR REPLACE INTO comment_claims (comment, login, until) VALUES (?, ?, ?)",
            (act.comment, who.login, to_db(until)),
        )
        at = f"{until.astimezone(TOKYO):%H:%M}"
        return Done(message=f"着手しました（{at} まで）。", message_en=f"Yours until {at}.")

    return op


def unclaim(act: UnclaimComment, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    """The operation: one's own claim is given back; nothing where there is none."""

    def op(tx: Tx) -> Done:
        tx.db.execute("DELETE FROM comment_claims WHERE comment = ? AND login = ?", (act.comment, who.login))
        return Done(message="着手をやめました。", message_en="No longer yours.")

    return op
