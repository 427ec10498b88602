"""The named detectors that need only the draft itself: what a policy file calls them, and the function behind each name.

`duplicate`, `burst`, `past` and `reading` need the situation; the judge has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from daemon.rulebook.model import Platform
from daemon.screening.blanks import check_blanks
from daemon.screening.dates import check_dates
from daemon.screening.drill import check_drill
from daemon.screening.hit import Facts, Hit, Text
from daemon.screening.invisible import check_invisible
from daemon.screening.length import measure, surely_fits
from daemon.screening.mention import check_mention

MEASURED = 10_000
"""Characters that are weighed for X. Where these are too long already, the text is, and how long exactly helps nobody."""

_NAMES: dict[Platform, str] = {"x": "X", "line": "LINE", "facebook": "Facebook"}


def _blanks(text: Text, _: Facts) -> Iterator[Hit]:
    return check_blanks(text)


def _weekday(text: Text, facts: Facts) -> Iterator[Hit]:
    return check_dates(text, facts.today)


def _drill(text: Text, facts: Facts) -> Iterator[Hit]:
    return check_drill(text, facts.item.emergency)


def _invisible(text: Text, _: Facts) -> Iterator[Hit]:
    return check_invisible(text.source)


def _length(text: Text, facts: Facts) -> Iterator[Hit]:
    for platform in facts.platforms:
        if surely_fits(text.source, platform):
            continue
        length, limit, exact = _measured(text.source, platform)
        if length > limit:
            more, at_least = ("", "") if exact else ("以上", "at least ")
            yield Hit(
                0,
                len(text.source),
                message=f"{_NAMES[platform]}では長さが{length}{more}で、上限{limit}を{length - limit}{more}超えています。短くするか、分けてください。",
                message_en=(
                    f"On {_NAMES[platform]} this is {at_least}{length} long, {at_least}{length - limit} over the limit of {limit}. "
                    "Shorten or divide it."
                ),
            )


def _measured(source: str, platform: Platform) -> tuple[int, int, bool]:
    """Length, limit, and whether the length is exact. X weighs links, which takes long in a long text full of dots."""
    if platform == "x" and len(source) > MEASURED:
        length, limit = measure(source[:MEASURED], platform)
        if length > limit:
            return length, limit, False
    return *measure(source, platform), True


def _mention(text: Text, _: Facts) -> Iterator[Hit]:
    return check_mention(text)


Detect = Callable[[Text, Facts], Iterator[Hit]]

EVERYWHERE: dict[str, Detect] = {"blanks": _blanks, "weekday": _weekday, "drill": _drill, "invisible": _invisible}
"""Detectors of whatever will be seen: the text, the options of a poll, the alternative texts of images."""

BODY: dict[str, Detect] = {"length": _length, "mention": _mention}
"""Detectors of the text alone."""
