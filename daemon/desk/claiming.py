"""着手: who works at a draft now, so that two people do not. A claim is no lock on a stop, and no decision: the record does not have it."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import NamedTuple

from daemon.desk.case import Setting, load
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Operator
from daemon.store import Tx, from_db

HOLDS = timedelta(minutes=10)
"""How long a claim lasts."""
BRIEFLY = timedelta(minutes=2)
"""… and that of a dialog, which is given back when it is closed."""


class Claimed(NamedTuple):
    """Who works at a draft, and until when."""

    who: Operator
    until: datetime


def standing(tx: Tx, draft: int, setting: Setting) -> Claimed | None:
    """The claim on a draft, if one stands."""
    row = tx.db.execute("SELECT draft, login, until FROM claims WHERE draft = ?", (draft,)).fetchone()
    return claimed(row, setting)


def claimed(row: sqlite3.Row | None, setting: Setting) -> Claimed | None:
    """The claim in a row, if it stands: neither over, nor of somebody who has left the register."""
    if row is None or from_db(row["until"]) <= setting.now:
        return None
    who = setting.book.operators.get(row["login"])
    return None if who is None else Claimed(who, from_db(row["until"]))


def free(tx: Tx, draft: int, who: Operator, setting: Setting) -> None:
    """Raises Refused (`claimed`) where somebody else works at the draft. An emergency waits for nobody."""
    other = standing(tx, draft, setting)
    if other is not None and other.who.login != who.login and not load(tx.db, draft, setting.book).item.emergency:
        raise taken(other)


def let_go(tx: Tx, draft: int, who: Operator) -> None:
    """End this person's claim, if they have one."""
    tx.db.execute("DELETE FROM claims WHERE draft = ? AND login = ?", (draft, who.login))


def taken(other: Claimed) -> Refused:
    """That somebody else works at it, and what can be done."""
    until = f"{other.until.astimezone(TOKYO):%H:%M}"
    return Refused(
        "claimed",
        f"{other.who.name}さんが着手しています（{until} まで）。本人に確かめるか、c で引き取ってください（kohoban claim --over）。",
        f"{other.who.login} is working at it (until {until}): ask them, or take it over with c (kohoban claim --over).",
    )
