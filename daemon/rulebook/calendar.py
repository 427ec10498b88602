"""Opening hours of an account on the public calendar of Japan.

Everything is Asia/Tokyo, whatever the zone of the host. A policy without hours is always open (規定なし): silence is never filled in
from another policy. A year that the holiday table lacks is closed, and says so.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from daemon.rulebook.item import Kind
from daemon.rulebook.model import Account, Hours, Policy

TOKYO = ZoneInfo("Asia/Tokyo")

FIRST_YEAR, LAST_YEAR = 1986, 2027
"""The years of the holiday table. jpholiday computes holidays by rule for any year, but equinoxes and moved holidays are fixed by
official notice each February for the year after; the Cabinet Office's table (内閣府「国民の祝日」syukujitsu.csv, edition of 2 February
2026) ends with 2027, and beyond it a computed day would be a guess. From 1986 on jpholiday and the table agree day by day; before,
jpholiday knows the 国民の休日 too early."""

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_SEARCHED = 400
"""Days ahead in which the next opening is looked for: a year, and the holidays round its end."""

_WEEKDAYS = "月火水木金土日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class HolidaysUnknown(LookupError):
    """The holiday table has no data for this year."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"the holiday table has no data for {year} (it covers {FIRST_YEAR} to {LAST_YEAR})")


class Opening(Struct, frozen=True, kw_only=True):
    """Whether an account is open at a moment, why, and by which clause (empty where no clause speaks of hours).

    `next_open` is the next moment at which opening hours begin: those of the next open day while it is open now; None where no
    clause has hours, and where the holiday table ends before.
    `next_close` is set while it is open and hours are ruled: the first moment at which it is closed (a policy's 「17:15まで」 closes
    at 17:16:00, because its last minute counts in full).
    """

    open: bool
    reason: str
    reason_en: str
    clause: str = ""
    rule: str = ""
    next_open: datetime | None = None
    next_close: datetime | None = None


def opening(
    policy: Policy,
    at: datetime,
    *,
    closed: Collection[date] = (),
    account: Account | None = None,
    topic: str = "",
    kind: Kind = "post",
) -> Opening:
    """Whether the policy's hours are open at this moment. `closed` are the office's own closed days (閉庁日).

    The first rule of hours that concerns the account's platform and topic (else `topic`) and the kind of act is the one that
    counts. Raises ValueError for a moment without a zone: it would mean another hour on another host.
    """
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone: give the offset, as in 2026-11-24T09:00:00+09:00")
    rule = hours_rule(policy, account=account, topic=topic, kind=kind)
    if rule is None:
        return Opening(open=True, reason="規定なし", reason_en="no hours in this policy")
    local = at.astimezone(TOKYO)
    shut = _why_shut(rule, local.date(), closed)
    if shut is None and rule.open <= local.time().replace(second=0, microsecond=0) <= rule.close:
        span = _span(rule)
        closing = datetime.combine(local.date(), rule.close, TOKYO) + _MINUTE
        return Opening(
            open=True,
            reason=f"運用時間内（{span[0]}）",
            reason_en=f"within hours ({span[1]})",
            clause=rule.clause,
            rule=rule.id,
            next_open=_next_open(rule, local, closed),
            next_close=closing,
        )
    why, why_en = shut or ("時間外", "outside the hours of the day")
    return Opening(
        open=False,
        reason=f"運用時間外（{why}。{_span(rule)[0]}）",
        reason_en=f"outside hours ({why_en}; {_span(rule)[1]})",
        clause=rule.clause,
        rule=rule.id,
        next_open=_next_open(rule, local, closed),
    )


def hours_rule(policy: Policy, *, account: Account | None = None, topic: str = "", kind: Kind = "post") -> Hours | None:
    """The rule of hours that counts for this account and kind of act; None where the policy has none (規定なし)."""
    topic = (account.topic if account else "") or topic
    for rule in policy.rules:
        if isinstance(rule, Hours) and not rule.shadow:
            when = rule.when
            platform_fits = not when.platforms or account is None or account.platform in when.platforms
            if platform_fits and (not when.topics or topic in when.topics) and (not when.kinds or kind in when.kinds):
                return rule
    return None


@lru_cache(maxsize=2048)  # jpholiday takes 60 µs a day, and the judge asks for every draft
def holiday(day: date) -> str | None:
    """The name of the public holiday (国民の祝日・休日) on that day, None on an ordinary one. Raises HolidaysUnknown for a year outside
    the table."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise HolidaysUnknown(day.year)
    import jpholiday  # 40 ms to import, and an office without hours never needs it

    name: str | None = jpholiday.is_holiday_name(day)
    return name


def _why_shut(rule: Hours, day: date, closed: Collection[date]) -> tuple[str, str] | None:
    """Why the whole day is closed, in both languages; None for a day that has opening hours."""
    if day in closed:
        return f"{day.month}月{day.day}日は閉庁日", f"{day.isoformat()} is a closed day of the office"
    if rule.days == "every day":
        return None
    if day.weekday() >= 5:
        return f"{_WEEKDAYS[day.weekday()]}曜日", _WEEKDAYS_EN[day.weekday()]
    if day.strftime("%m-%d") in rule.closed:
        return f"{day.month}月{day.day}日は休み", f"closed every {day.strftime('%m-%d')}"
    try:
        name = holiday(day)
    except HolidaysUnknown as unknown:
        return (
            f"{unknown.year}年の祝日表がないため閉じています（表は{FIRST_YEAR}〜{LAST_YEAR}年）",
            f"closed because the holiday table has no data for {unknown.year} (it covers {FIRST_YEAR} to {LAST_YEAR})",
        )
    return (f"祝日「{name}」", f"public holiday {name}") if name else None


def _next_open(rule: Hours, local: datetime, closed: Collection[date]) -> datetime | None:
    for ahead in range(_SEARCHED):
        day = local.date() + ahead * _DAY
        start = datetime.combine(day, rule.open, TOKYO)
        if start > local and _why_shut(rule, day, closed) is None:
            return start
    return None


def _span(rule: Hours) -> tuple[str, str]:
    days, days_en = ("平日", "weekdays") if rule.days == "weekdays" else ("毎日", "every day")
    hours = f"{rule.open.hour}:{rule.open.minute:02}〜{rule.close.hour}:{rule.close.minute:02}"
    return f"{days} {hours}", f"{days_en} {hours.replace('〜', '–')}"
