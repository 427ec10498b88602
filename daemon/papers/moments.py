"""Moments on paper: in Japan, to the minute, in the order in which an office writes them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def minute(at: datetime | None) -> str:
    """`2026-11-24 09:00`; `-` for none."""
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M}" if at else "-"


def second(at: datetime) -> str:
    """`2026-11-24 09:00:03`."""
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"


def day(at: date | None) -> str:
    """`2026-11-24`; `-` for none."""
    return at.isoformat() if at else "-"
