"""On which days a rule looks at anything: between two dates, or in a season of every year (夏時間, 出水期)."""

from __future__ import annotations

from datetime import date

from daemon.rulebook.model import When


def dated(when: When) -> bool:
    """Whether a rule holds on some days only: then what it says is another thing on another day."""
    return when.since is not None or when.until is not None or bool(when.season)


def holds_on(when: When, day: date) -> bool:
    """Whether a rule holds on that day (Japan). A season runs from its first to its last day, both included, over the turn of the year
    where the last comes before the first."""
    if (when.since is not None and day < when.since) or (when.until is not None and day > when.until):
        return False
    if not when.season:
        return True
    first, last = when.season
    today = f"{day:%m-%d}"
    return first <= today <= last if first <= last else today >= first or today <= last


def is_season(season: tuple[str, ...]) -> bool:
    """Whether it names two days of the year, as in `["04-01", "09-30"]`."""
    return len(season) == 2 and all(map(_is_day, season))


def _is_day(day: str) -> bool:
    try:
        date.fromisoformat(f"2000-{day}")  # a leap year: 02-29 is a day
    except ValueError:
        return False
    return len(day) == 5
