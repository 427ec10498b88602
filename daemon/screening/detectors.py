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
        length, limit = measure(text.source, platform)
        if length > limit:
            yield Hit(
                0,
                len(text.source),
                message=f"{_NAMES[platform]}では長さが{length}で、上限{limit}を{length - limit}超えています。短くするか、分けてください。",
                message_en=f"On {_NAMES[platform]} this is {length} long, {length - limit} over the limit of {limit}. Shorten or divide it.",
            )


def _mention(text: Text, _: Facts) -> Iterator[Hit]:
    return check_mention(text)


Detect = Callable[[Text, Facts], Iterator[Hit]]

EVERYWHERE: dict[str, Detect] = {"blanks": _blanks, "weekday": _weekday, "drill": _drill, "invisible": _invisible}
"""Detectors of whatever will be seen: the text, the options of a poll, the alternative texts of images."""

BODY: dict[str, Detect] = {"length": _length, "mention": _mention}
"""Detectors of the text alone."""
