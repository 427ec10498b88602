"""Moments as the database keeps them: integers, microseconds since 1970 in UTC; as people read them: Asia/Tokyo."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now() -> int:
    """The wall clock, in microseconds since 1970."""
    return time.time_ns() // 1000


def to_db(moment: datetime) -> int:
    """`moment` as the database keeps it, exact to the microsecond. Raises ValueError for a time without an offset: it means
    nothing until somebody says where."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no offset: say where it is that time")
    return (moment - _EPOCH) // _MICROSECOND


def from_db(moment: int) -> datetime:
    """The time in Asia/Tokyo that `moment` (microseconds since 1970) stands for."""
    return (_EPOCH + moment * _MICROSECOND).astimezone(TOKYO)
