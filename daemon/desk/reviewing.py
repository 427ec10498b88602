"""Opening a 後閲 in the transaction of the decision that needs one: who has to read it, and by when."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from daemon.desk.capacity import entry_of, on_behalf, represented
from daemon.desk.case import Case, Setting
from daemon.judge import Capacity
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.next_day import close_of_next_day
from daemon.store import Tx, to_db

Cause = Literal["emergency", "deputy"]


def due(case: Case, setting: Setting) -> datetime:
    """By when a decision of now has to be read: the close of the account's next opening day."""
    policy = case.policy(setting.book)
    return close_of_next_day(policy, setting.now, days=setting.book.days, account=case.account, topic=case.item.topic)


def open_review(
    tx: Tx, case: Case, setting: Setting, *, cause: Cause, act: str, capacity: Capacity, titles: tuple[str, ...], clause: str
) -> datetime:
    """Open a 後閲 of what somebody has just decided; whoever holds one of the titles, or was represented, may endorse it. Returns by when."""
    until = due(case, setting)
    tx.db.execute(
        "INSERT INTO reviews (draft, hash, account, cause, act, login, deputy, on_behalf, person, titles, clause, opened_at, due_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            case.id,
            case.hash,
            case.account.id,
            cause,
            act,
            capacity.who.login,
            entry_of(capacity),
            on_behalf(capacity, setting.book),
            represented(capacity, setting.book),
            msgspec.json.encode(titles),
            clause,
            tx.now,
            to_db(until),
        ),
    )
    return until


def said(until: datetime) -> tuple[str, str]:
    """What somebody is told of the 後閲 that their decision has opened."""
    at = until.astimezone(TOKYO)
    return f"後閲は {at:%m/%d %H:%M} までです。", f"It has to be endorsed by {at:%m/%d %H:%M}."
