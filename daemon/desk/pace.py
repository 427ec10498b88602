"""Paced release: after a resume the machine lets out one draft at a time, so that whoever watches can stop the second."""

from __future__ import annotations

from datetime import datetime, timedelta

PACED_FOR = timedelta(minutes=10)
"""How long after a resume the pace is kept."""


def may_release(now: datetime, resumed_at: datetime | None, last: datetime | None, pace: int) -> bool:
    """Whether the machine may begin a release now: always, but in the first ten minutes after the last resume (`resumed_at`; None: there
    was none) only once in `pace` seconds. `last` is when it last began one.

    A clock that was set back counts as the first ten minutes: later than hoped is better than a burst.
    """
    if resumed_at is None or now - resumed_at >= PACED_FOR or last is None or last < resumed_at:
        return True
    return abs(now - last) >= timedelta(seconds=pace)
