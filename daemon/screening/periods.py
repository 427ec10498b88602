"""Periods that end before they begin (「11月23日〜21日」), and dates of an era before its first day (令和元年4月)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.dates import era_year
from daemon.screening.hit import Hit, Text

_YEAR = r"(?:20[0-9]{2}|(?:令和|平成)[ ]?(?:[0-9]{1,2}|元))"
_BESIDE = r"(?:[ ]?[(\[][^)\]\n]{1,6}[)\]])?[ ]?(?:(?:午前|午後)?[0-9]{1,2}[:時][0-9]{0,2}分?)?[ ]?"
_PERIOD = lazy_pattern(
    rf"(?:(?P<year>{_YEAR})[年/.][ ]?)?(?<![0-9/.])(?P<month>[0-9]{{1,2}})(?:月|(?P<mark>[/.]))[ ]?(?P<day>[0-9]{{1,2}})(?(mark)(?![0-9])|日){_BESIDE}"
    rf"(?:から|より|[~〜～–—―])[ ]?(?P<end>(?:(?P<to_year>{_YEAR})[年/.][ ]?)?(?:(?P<to_month>[0-9]{{1,2}})(?:月|[/.])[ ]?)?(?P<to_day>[0-9]{{1,2}})(?(mark)(?![0-9/.月時:]|日間)|日(?!間)))"
)
_MAY_HOLD = lazy_pattern(r"[0-9][日)\] ]{0,3}[^\n。]{0,16}?(?:から|より|[~〜～–—―])[ ]?[0-9令平]")
_OVER_THE_MONTH = 14
"""A day alone that is smaller by more than so many lies in the next month: 「11月30日〜1日」."""
_FIRST_REIWA = lazy_pattern(r"(?P<early>令和[ ]?(?:元|1)年[ ]?[1-4]月)(?![0-9])")


def check_periods(text: Text) -> Iterator[Hit]:
    """Every period of which the last day comes before the first, and 令和元年 before May."""
    folded = text.folded
    if _MAY_HOLD.search(folded):
        for match in _PERIOD.finditer(folded):
            if _backwards(match):
                yield Hit(
                    *text.span(*match.span("end")),
                    message=f"終わりの日（{match['end']}）が、始まりの日より前です。期間を確かめて直してください。",
                    message_en=f"The last day ({match['end']}) comes before the first. Make sure of the period, and mend it.",
                )
    if "令和" in folded:
        for match in _FIRST_REIWA.finditer(folded):
            yield Hit(
                *text.span(*match.span()),
                message=f"「{match['early']}」という年月はありません（令和は5月1日からです）。平成31年か、別の年かを確かめてください。",
                message_en="There is no such month: 令和 begins on 1 May 2019. Find out which year is meant.",
            )


def _backwards(match: re.Match[str]) -> bool:
    month, day, to_day = int(match["month"]), int(match["day"]), int(match["to_day"])
    if not match["to_month"]:
        return 0 < day - to_day <= _OVER_THE_MONTH
    to_month = int(match["to_month"])
    if match["to_year"] and match["year"]:
        return (era_year(match["to_year"]), to_month, to_day) < (era_year(match["year"]), month, day)
    return not match["to_year"] and month == to_month and to_day < day
