"""Opening hours of an account on the public calendar of Japan.

Everything is Asia/Tokyo, whatever the zone of the host. A policy without hours is always open (規定なし): silence is never filled in
from another policy. A year that the holiday table lacks is closed, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from daemon.rulebook.days import ORDINARY, Closure, SpecialDays
from daemon.rulebook.hours import hours_rule
from daemon.rulebook.item import Kind
from daemon.rulebook.model import Account, Days, Hours, Policy, Span
from daemon.rulebook.said_hours import DAYS, WEEKDAYS, minutes_said, span_said

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
    at 17:16:00, because its last minute counts in full); `since` is then the moment at which the present hours began. `special` is true
    where a closure or an extra opening decides, and not the policy's own hours.
    """

    open: bool
    reason: str
    reason_en: str
    clause: str = ""
    rule: str = ""
    next_open: datetime | None = None
    next_close: datetime | None = None
    since: datetime | None = None
    special: bool = False


def opening(
    policy: Policy,
    at: datetime,
    *,
    days: SpecialDays = ORDINARY,
    account: Account | None = None,
    topic: str = "",
    kind: Kind = "post",
    emergency: bool = False,
) -> Opening:
    """Whether the policy's hours are open at this moment. `days` are the office's own: closures, extra openings, narrower hours.

    The first rule of hours that concerns the account, its topic (else `topic`), the kind of act and the day is the one that counts. Raises ValueError for a moment without a zone: it would mean another hour on another host.
    """
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone: give the offset, as in 2026-11-24T09:00:00+09:00")
    key = (id(policy), id(days), id(account), topic, kind, emergency)
    known = _lately.get(key)
    if known is None or not known.answers(policy, days, account, at):
        if len(_lately) >= _LATELY:
            _lately.clear()
        local = at.astimezone(TOKYO)
        found, rule = _opening(policy, local, days, account, topic, kind, emergency)
        known = _lately[key] = _Known(policy, days, account, local, _until(found, rule, local), found)
    return known.found


class _Known(NamedTuple):
    """What was answered, of what, and from when until when it is the answer."""

    policy: Policy
    days: SpecialDays
    account: Account | None
    since: datetime
    until: datetime
    found: Opening

    def answers(self, policy: Policy, days: SpecialDays, account: Account | None, at: datetime) -> bool:
        """Whether this very thing was asked, and nothing has opened, closed or begun since."""
        same = self.policy is policy and self.days is days and self.account is account
        return same and self.since <= at < self.until


_LATELY = 256
_lately: dict[tuple[object, ...], _Known] = {}
"""Every draft, every console and every round asks, and from one opening to the next closing there is one answer a day."""


def _until(found: Opening, rule: Hours | None, local: datetime) -> datetime:
    """The first moment after this one at which the answer may be another: a day, a stretch, or a minute that counts begins or ends."""
    ends = [datetime.combine(local.date() + _DAY, time(), TOKYO)]
    if rule is not None and rule.minutes:
        ends.append(local.replace(second=0, microsecond=0) + _MINUTE)
    return min((*ends, *filter(None, (found.next_open, found.next_close))))


def _opening(
    policy: Policy, local: datetime, days: SpecialDays, account: Account | None, topic: str, kind: Kind, emergency: bool
) -> tuple[Opening, Hours | None]:
    def kept_on(day: date) -> _Kept | None:
        rule = hours_rule(policy, account=account, topic=topic, kind=kind, emergency=emergency, day=day)
        return None if rule is None else _Kept(rule, days, account)

    kept = kept_on(local.date())
    if kept is None:
        return Opening(open=True, reason="規定なし", reason_en="no hours in this policy"), None
    rule = kept.rule
    now = next((each for each in kept.stretches(local.date()) if each.start <= local < each.end), None)
    said, said_en = kept.said
    if now is not None:
        more, more_en = (f"、{now.extra[0]}", f", {now.extra[1]}") if now.extra else ("", "")
        found = Opening(
            open=True,
            reason=f"運用時間内（{said}{more}）",
            reason_en=f"within hours ({said_en}{more_en})",
            clause=rule.clause,
            rule=rule.id,
            next_open=_next_open(local, kept_on),
            next_close=now.end,
            since=now.start,
            special=now.extra is not None,
        )
        return found, rule
    shut = kept.why_shut(local.date()) or kept.why_not_now(local)
    found = Opening(
        open=False,
        reason=f"運用時間外（{shut[0]}。{said}）",
        reason_en=f"outside hours ({shut[1]}; {said_en})",
        clause=rule.clause,
        rule=rule.id,
        next_open=_next_open(local, kept_on),
        special=kept.closure(local.date()) is not None,
    )
    return found, rule


class DayHours(NamedTuple):
    """The hours of one day: its stretches in order, and why the day itself is closed where it is (both languages)."""

    stretches: tuple[Stretch, ...]
    shut: tuple[str, str] | None
    special: bool = False
    """A closure or an extra opening decides, and not the policy's own hours."""


def hours_of_day(
    policy: Policy,
    day: date,
    *,
    days: SpecialDays = ORDINARY,
    account: Account | None = None,
    topic: str = "",
    kind: Kind = "post",
) -> DayHours | None:
    """When the policy is open on that day; None where it has no hours at all (規定なし)."""
    rule = hours_rule(policy, account=account, topic=topic, kind=kind, day=day)
    return None if rule is None else ruled_day(rule, day, days, account)


def ruled_day(rule: Hours, day: date, days: SpecialDays = ORDINARY, account: Account | None = None) -> DayHours:
    """When it is open on that day by this rule."""
    kept = _Kept(rule, days, account)
    stretches = tuple(kept.stretches(day))
    special = kept.closure(day) is not None or any(each.extra for each in stretches)
    return DayHours(stretches, kept.why_shut(day), special)


@lru_cache(maxsize=2048)  # jpholiday takes 60 µs a day, and the judge asks for every draft
def holiday(day: date) -> str | None:
    """The name of the public holiday (国民の祝日・休日) on that day, None on an ordinary one. Raises HolidaysUnknown for a year outside
    the table."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise HolidaysUnknown(day.year)
    import jpholiday  # 40 ms to import, and an office without hours never needs it

    name: str | None = jpholiday.is_holiday_name(day)
    return name


class Stretch(NamedTuple):
    """A stretch of one day in which something may go out: from `start` to just before `end`. `extra` says, in both languages, which
    extra opening made it so; None where the policy's own hours did."""

    start: datetime
    end: datetime
    extra: tuple[str, str] | None = None


class _Kept:
    """One rule of hours as one account keeps it, with the office's special days."""

    def __init__(self, rule: Hours, days: SpecialDays, account: Account | None) -> None:
        self.rule, self._days, self._account = rule, days, account.id if account else ""
        self._narrowed = days.span(self._account)

    @property
    def said(self) -> tuple[str, str]:
        """The hours in words."""
        ja, en = span_said(self.rule)
        if (own := self._narrowed) is None:
            return ja, en
        hours = f"{own.open.hour}:{own.open.minute:02}〜{own.close.hour}:{own.close.minute:02}"
        return f"{ja}のうち {hours}、{own.basis}", f"{en}, kept to {hours.replace('〜', '–')} by {own.basis}"

    def closure(self, day: date) -> Closure | None:
        return self._days.closure(day, self._account)

    def stretches(self, day: date) -> list[Stretch]:
        """When it is open on that day, in order; what touches or overlaps is one stretch."""
        merged: list[Stretch] = []
        for each in self.ruled(day):
            if merged and each.start <= merged[-1].end:
                before = merged[-1]
                merged[-1] = Stretch(before.start, max(before.end, each.end), before.extra or each.extra)
            else:
                merged.append(each)
        return merged

    def ruled(self, day: date) -> list[Stretch]:
        """The stretches of that day, each as the rule or an extra opening has it."""
        found = [
            each
            for extra in self._days.openings(day, self._account)
            for each in _stretched(self.rule, day, Span(open=extra.open, close=extra.close), extra.words)
        ]
        if self.why_shut(day) is None:
            for span in _hours_of(self.rule, day):
                if (own := self._narrow(span)) is not None:
                    found += _stretched(self.rule, day, own)
        return sorted(found, key=lambda each: each.start)

    def _narrow(self, span: Span) -> Span | None:
        """What is left of a stretch where the account keeps narrower hours; None where nothing is."""
        if (own := self._narrowed) is None:
            return span
        first, last = max(span.open, own.open), min(span.close, own.close)
        return Span(open=first, close=last) if first <= last else None

    def why_shut(self, day: date) -> tuple[str, str] | None:
        """Why the whole day is closed, in both languages, but for extra openings; None for a day that has opening hours."""
        if (closure := self.closure(day)) is not None:
            ja, en = closure.words
            return f"{day.month}月{day.day}日は閉庁日: {ja}", f"{day.isoformat()} is a closed day of the office: {en}"
        return why_shut(self.rule, day)

    def why_not_now(self, local: datetime) -> tuple[str, str]:
        """Why it is closed at a moment of a day that has hours, in both languages."""
        now = local.time().replace(second=0, microsecond=0)
        spans = [own for span in _hours_of(self.rule, local.date()) if (own := self._narrow(span)) is not None]
        if self.rule.minutes and any(span.open <= now <= span.close for span in spans):
            return f"{minutes_said(self.rule)[0]}にだけ発信", f"sent only {minutes_said(self.rule)[1]}"
        return "時間外", "outside the hours of the day"


def _next_open(local: datetime, kept_on: Callable[[date], _Kept | None]) -> datetime | None:
    """The next moment at which something may go out that may not just before; a day without any rule is open from its midnight."""
    for ahead in range(_SEARCHED):
        day = local.date() + ahead * _DAY
        kept = kept_on(day)
        starts = [each.start for each in kept.ruled(day)] if kept else [datetime.combine(day, time(), TOKYO)]
        for start in starts:
            if start > local:
                return start
    return None


def _stretched(rule: Hours, day: date, span: Span, extra: tuple[str, str] | None = None) -> Iterator[Stretch]:
    """A stretch of the day as moments; with `minutes`, each of its minutes is one of its own."""
    for start in _starts(rule, span):
        at = datetime.combine(day, start, TOKYO)
        last = at if rule.minutes else datetime.combine(day, span.close, TOKYO)
        yield Stretch(at, last + _MINUTE, extra)


def why_shut(rule: Hours, day: date) -> tuple[str, str] | None:
    """Why the rule itself closes the whole day, in both languages; None for a day that has opening hours."""
    if off := _named_off(rule, day):
        return off
    holidays_open = rule.holidays == "open" or (rule.holidays is None and _every_day(rule))
    if holidays_open and not rule.moved:
        return None if _stretches(rule, day) else _weekday_off(day)
    try:
        if rule.moved and _off_after_holiday(rule, day):
            return (
                f"{WEEKDAYS[day.weekday()]}曜日（休みの日が祝日のため）",
                f"{_WEEKDAYS_EN[day.weekday()]}, in the place of a holiday",
            )
        name = holiday(day)
    except HolidaysUnknown as unknown:
        return (
            f"{unknown.year}年の祝日表がないため閉じています（表は{FIRST_YEAR}〜{LAST_YEAR}年）",
            f"closed because the holiday table has no data for {unknown.year} (it covers {FIRST_YEAR} to {LAST_YEAR})",
        )
    if not _stretches(rule, day) and not (rule.moved and name):
        return _weekday_off(day)
    if name and not holidays_open and not rule.moved:
        return f"祝日「{name}」", f"public holiday {name}"
    return None


def _weekday_off(day: date) -> tuple[str, str]:
    return f"{WEEKDAYS[day.weekday()]}曜日", _WEEKDAYS_EN[day.weekday()]


def _named_off(rule: Hours, day: date) -> tuple[str, str] | None:
    """A day off that the rule itself, or the ordinance it follows, names."""
    if not (day.strftime("%m-%d") in rule.days_off or _is_one_of(rule.days_off, day)):
        return None
    by = f"（{rule.closed_by}）" if rule.closed_by else ""
    return f"{day.month}月{day.day}日は休み{by}", f"{day.isoformat()} is a day off" + (f" ({rule.closed_by})" if by else "")


def _is_one_of(closed: Collection[str], day: date) -> bool:
    """Whether one of the named days (`2026-11-27`, `3mon`, `last fri`) is this one."""
    weekday = DAYS[day.weekday()]
    last = (day + 7 * _DAY).month != day.month
    return day.isoformat() in closed or f"{(day.day + 6) // 7}{weekday}" in closed or (last and f"last {weekday}" in closed)


def _off_after_holiday(rule: Hours, day: date) -> bool:
    """Whether this is the first ordinary day after a weekly day off that was a public holiday, and therefore off."""
    if holiday(day) or not _stretches(rule, day):
        return False
    before = day - _DAY
    while holiday(before) is not None:
        if not _stretches(rule, before):
            return True
        before -= _DAY
    return False


def _every_day(rule: Hours) -> bool:
    return rule.days == "every day"


def _stretches(rule: Hours, day: date) -> list[Span]:
    """The stretches of this day of the week, holidays aside. A weekly day off that is open for a holiday has the usual hours."""
    own = Span(open=rule.open, close=rule.close, days=rule.days)
    return [each for each in (own, *rule.more) if _on(each.days, day)]


def _on(days: Days, day: date) -> bool:
    if days == "every day":
        return True
    return day.weekday() < 5 if days == "weekdays" else DAYS[day.weekday()] in days


def _hours_of(rule: Hours, day: date) -> list[Span]:
    """The stretches of a day that is open."""
    return _stretches(rule, day) or [Span(open=rule.open, close=rule.close)]


def _starts(rule: Hours, span: Span) -> Iterator[time]:
    """The moments of a stretch at which something may begin to go out: its opening, or its minutes of the hour."""
    if not rule.minutes:
        yield span.open
        return
    for hour in range(span.open.hour, span.close.hour + 1):
        for minute in rule.minutes:
            if span.open <= time(hour, minute) <= span.close:
                yield time(hour, minute)
