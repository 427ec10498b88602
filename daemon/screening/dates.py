"""Dates against the calendar: the day of the week that is written beside a date, days that do not exist, 和暦 against 西暦.

Read from the folded text, so that full-width digits and brackets, ㈯ and half-width kana need nothing of their own. A date without a
year may mean any year in which it lies within half a year of today: it is spoken of only where none of them fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Hit, Text

NEAR = timedelta(days=184)
"""How far from today a date without a year may lie."""

LEAP_YEAR = 2024
"""Any leap year: it has every day that some year has."""

_WEEKDAYS = "月火水木金土日"
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925}

_ERA_YEAR = r"(?:令和|平成|昭和|(?<![a-z])[rhs])[ ]?(?:[0-9]{1,2}|元)"
_DATE = lazy_pattern(
    rf"""
    (?<![0-9/.])
    (?:
        (?:
            (?P<ad>(?:19|20)[0-9]{{2}})(?:年(?:[ ]?\({_ERA_YEAR}年?\))?|(?P<mark>[/.-]))
          | (?P<era>{_ERA_YEAR})(?:年(?:[ ]?\((?:19|20)[0-9]{{2}}年?\))?|[./-])
        )?
        [ ]?(?P<month>[0-9]{{1,2}})
        (?:[ ]?月[ ]?(?P<day>[0-9]{{1,2}})[ ]?日 | (?(mark)(?P=mark)|[/.])(?P<short>[0-9]{{1,2}})(?![0-9]))
      | (?P<lone>[0-9]{{1,2}})日?(?=[ ]?[(\[<〈〔月火水木金土日])
    )
    (?:
        [ ]?[(\[](?P<en>(?:mon|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri|sat(?:urday)?|sun)(?:(?<=mon|fri|sun)day)?)\.?(?=[)\]])
      | [ ]?[(\[<〈〔【](?:祝[・/、 ]?)?(?P<in>[月火水木金土日])(?:曜日?)?(?:[・,、/~〜-](?P<more>[月火水木金土日])(?=[)\]>〉〕】曜・]))?
        (?=[)\]>〉〕】・、,/ ~〜祝振休])
      | [ ]?(?P<bare>[月火水木金土日])曜
    )?
    """,
    re.VERBOSE,
)
# Every date has one of these in it. Most texts have none, and a search for them costs a tenth of a search for dates.
_MAY_HOLD = lazy_pattern(r"[0-9](?:[ ]?月|[/.-][ ]?[0-9]|日?[ ]?[(\[<〈〔月火水木金土日]|年?度?[ ]?\()|元年?度?[ ]?\(")
_LINK = lazy_pattern(
    r"[)\]>〉〕】曜日祝振替休 ・/]*[0-9:時分半午前後ampAMP ]*(?:から|より|まで|及び|および|と|[~〜–—―・,、/&-])[ ]?"
)
_BOTH = lazy_pattern(
    rf"(?P<ad>(?:19|20)[0-9]{{2}})年?度?[ ]?\((?P<era>{_ERA_YEAR})年?度?\)|(?P<era2>{_ERA_YEAR})年?度?[ ]?\((?P<ad2>(?:19|20)[0-9]{{2}})年?度?\)"
)


def check_dates(text: Text, today: date | None = None) -> Iterator[Hit]:
    """Dates whose weekday is wrong, that do not exist, or whose 和暦 and 西暦 differ. Without `today` only what needs no present."""
    if not may_hold_date(text):
        return
    yield from _eras(text)
    reader = _Reader(text, today)
    for match in _DATE.finditer(text.folded):
        if hit := reader.read(match):
            yield hit


def may_hold_date(text: Text) -> bool:
    """False where the text surely names no date: a quick look that spares the reading."""
    return _MAY_HOLD.search(text.folded) is not None


class Named(NamedTuple):
    """A date that a text names: its span in the folded text, and the days that it may mean (never none)."""

    start: int
    end: int
    days: tuple[date, ...]


def dates_in(text: Text, today: date) -> list[Named]:
    """Every date that is written as one: with 月 and 日, with its year, or with a day of the week. 「1/2」 alone may be a half."""
    if not may_hold_date(text):
        return []
    reader = _Reader(text, today)
    for match in _DATE.finditer(text.folded):
        reader.read(match)
    return reader.named


def _eras(text: Text) -> Iterator[Hit]:
    for match in _BOTH.finditer(text.folded):
        group = "era" if match["era"] else "era2"
        written, year = match[group], int(match["ad"] or match["ad2"])
        if era_year(written) == year:
            continue
        name = re.sub(r"[ 0-9元]+$", "", written)
        count = year - _ERAS[name]
        yield Hit(
            *text.span(*match.span(group)),
            message=f"{year}年と{written.upper()}年は同じ年ではありません。",
            message_en=f"{year} and {written.upper()} are not the same year.",
            fix=f"{name.upper()}{count}" if count > 0 else None,
        )


def era_year(written: str) -> int:
    """The year of our calendar of 「令和8」「R8」「令和元」; of one that is written in it already, that one."""
    if written.isdecimal():
        return int(written)
    name = re.sub(r"[ 0-9元]+$", "", written)
    count = written[len(name) :].strip()
    return _ERAS[name] + (1 if count == "元" else int(count))


class _Reader:
    """Reads the dates of one text in order: a later one may leave out what an earlier one said."""

    def __init__(self, text: Text, today: date | None) -> None:
        self._text = text
        self._today = today
        self._year: int | None = None
        self._last: tuple[int, tuple[date, ...]] | None = None
        self.named: list[Named] = []

    def read(self, match: re.Match[str]) -> Hit | None:
        weekday = _weekday(match)
        days = (self._follow(match) if weekday else ()) if match["lone"] else self._dates(match)
        if days is None:
            self._last = None
            return self._no_such_day(match) if weekday or match["day"] or _is_surely_a_date(match) else None
        self._last = (match.end(), days) if days else None
        if not days:
            return None
        meant = {_WEEKDAYS.index(char) for char in (weekday, match["more"]) if char}
        fitting = tuple(day for day in days if not meant or day.weekday() in meant)
        if meant or match["day"] or match["ad"] or match["era"]:
            self.named.append(Named(match.start() + match[0].startswith(" "), match.end(), fitting or days))
        return None if fitting else self._wrong(match, days[0])

    def _dates(self, match: re.Match[str]) -> tuple[date, ...] | None:
        """The days that a date may mean, the likeliest first; None where no year has such a day."""
        month, day = int(match["month"]), int(match["day"] or match["short"])
        if match["ad"] or match["era"]:
            self._year = int(match["ad"]) if match["ad"] else era_year(match["era"])
            return _in_years((self._year,), month, day) or None
        if self._today is not None:
            return self._near(self._today, month, day)
        if self._year is not None:
            return _in_years((self._year, self._year + 1, self._year - 1), month, day) or None
        return () if _in_years((LEAP_YEAR,), month, day) else None

    def _near(self, today: date, month: int, day: int) -> tuple[date, ...] | None:
        days = _in_years((today.year, today.year + 1, today.year - 1), month, day)
        near = [found for found in days if abs(found - today) <= NEAR]
        if self._year is not None:
            near += _in_years((self._year,), month, day)
        if not near and days:
            near = [min(days, key=lambda found: abs(found - today))]
        return tuple(near) or None

    def _follow(self, match: re.Match[str]) -> tuple[date, ...]:
        """A day of the month alone, joined to a date: 「11月21日(土)・22日(日)」. It may lie in the next month."""
        if self._last is None:
            return ()
        end, before = self._last
        if match.start() - end > 24 or not _LINK.fullmatch(self._text.folded, end, match.start()):
            return ()
        number = int(match["lone"])
        found: list[date] = []
        for day in before:
            for first in (day.replace(day=1), (day.replace(day=1) + timedelta(days=32)).replace(day=1)):
                found += _in_years((first.year,), first.month, number)
        return tuple(sorted(set(found), key=lambda day: (day < before[0], day)))

    def _wrong(self, match: re.Match[str], day: date) -> Hit:
        group = next(name for name in ("en", "in", "bare") if match[name])
        right, written = day.weekday(), _weekday(match)
        start, end = self._text.span(*match.span(group))
        return Hit(
            start,
            end,
            message=f"{day.year}年{day.month}月{day.day}日は{written}曜日ではなく{_WEEKDAYS[right]}曜日です。",
            message_en=f"{day.isoformat()} is a {_WEEKDAYS_EN[right]}, not a {_WEEKDAYS_EN[_WEEKDAYS.index(written)]}.",
            fix=self._right(match, start, end, right),
        )

    def _right(self, match: re.Match[str], start: int, end: int, right: int) -> str:
        """The right day as the wrong one was written."""
        written = self._text.source[start:end]
        if not match["en"]:
            # ㈯ is bracket and day in one character.
            return _WEEKDAYS[right] if written in _WEEKDAYS else f"({_WEEKDAYS[right]})"
        name = _WEEKDAYS_EN[right] if match["en"].endswith("day") else _WEEKDAYS_EN[right][:3]
        return name.upper() if written.isupper() else name.lower() if written.islower() else name

    def _no_such_day(self, match: re.Match[str]) -> Hit:
        start = match.start("month")
        end = match.end("day") + 1 if match["day"] else match.end("short")
        written = self._text.folded[start:end]
        year = f"{self._year}年の" if (match["ad"] or match["era"]) else ""
        return Hit(
            *self._text.span(start, end),
            message=f"{year}「{written}」という日はありません。",
            message_en=f"There is no such day as {match['month']}/{match['day'] or match['short']}.",
        )


def _weekday(match: re.Match[str]) -> str:
    """The day of the week that is written beside a date, in Japanese; empty where none is."""
    return _WEEKDAYS[_ENGLISH.index(match["en"][:3])] if match["en"] else match["in"] or match["bare"] or ""


def _is_surely_a_date(match: re.Match[str]) -> bool:
    """Whether figures between slashes can be nothing else: a whole year, a month, a day that some month has (2026/2/29)."""
    return bool(match["ad"]) and 1 <= int(match["month"]) <= 12 and 29 <= int(match["short"]) <= 31


def _in_years(years: tuple[int, ...], month: int, day: int) -> tuple[date, ...]:
    """The day in each of these years that has it."""
    found = []
    for year in years:
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    return tuple(found)
