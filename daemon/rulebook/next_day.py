"""The close of the next opening day: by when a 後閲 is due, and until when an exception lasts that names no end.

A policy without hours (規定なし) has none of its own; for a date that somebody has to keep, the office's is a weekday that is no holiday,
until 17:15.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from msgspec.structs import replace

from daemon.rulebook.calendar import TOKYO, hours_of_day
from daemon.rulebook.days import ORDINARY, SpecialDays
from daemon.rulebook.hours import hours_rule
from daemon.rulebook.model import Account, Hours, Policy

_USUAL = Hours(id="office.working-day", clause="office/working-day", level="hold", open=time(8, 30), close=time(17, 15))
_SEARCHED = 400
_MINUTE = timedelta(minutes=1)


def close_of_next_day(
    policy: Policy, at: datetime, *, days: SpecialDays = ORDINARY, account: Account | None = None, topic: str = ""
) -> datetime:
    """The last minute of the next day on which this account opens after `at`: today's where it has not opened yet. Where the calendar
    does not reach that far, the day after at 17:15: better too early than never."""
    ruled = policy if hours_rule(policy, account=account, topic=topic) is not None else replace(policy, rules=(_USUAL,))
    local = at.astimezone(TOKYO)
    for ahead in range(_SEARCHED):
        day = local.date() + timedelta(days=ahead)
        hours = hours_of_day(ruled, day, days=days, account=account, topic=topic)
        if hours is not None and hours.stretches and hours.stretches[0].start > local:
            return hours.stretches[-1].end - _MINUTE
    return datetime.combine(local.date() + timedelta(days=1), _USUAL.close, TOKYO)


def is_over(end: datetime, now: datetime) -> bool:
    """Whether that last minute has passed, all of it."""
    return now >= end + _MINUTE
