"""The console's own words, made safe like everybody else's: a sentence of the catalogue may carry a draft's title."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from console.text import DisplayText
from console.words import choose, say

TOKYO = ZoneInfo("Asia/Tokyo")
"""All times are shown in Japanese time, wherever the terminal or the daemon stands."""

SPACE = DisplayText(" ")
NEWLINE = DisplayText("\n")


@lru_cache(maxsize=1024)
def _fixed(key: str) -> DisplayText:
    return DisplayText.of(say("tui", key), block=True)


def tell(key: str, /, **values: object) -> DisplayText:
    """The sentence `key` of the console's catalogue, with its places filled, safe to show."""
    if not values:
        return _fixed(key)
    return DisplayText.of(say("tui", key, **{name: _plain(value) for name, value in values.items()}), block=True)


def either(ja: str, en: str) -> DisplayText:
    """Of two sentences that the daemon sent together, the one in the operator's language."""
    return DisplayText.of(choose(ja, en))


def short_time(at: datetime, now: datetime | None = None) -> DisplayText:
    """`9/25(木) 14:02`; only `14:02` on the day of `now`."""
    local = at.astimezone(TOKYO)
    clock = f"{local:%H:%M}"
    if now is not None and local.date() == now.astimezone(TOKYO).date():
        return DisplayText(clock)
    return DisplayText(f"{local.month}/{local.day}({say('tui', f'weekday.{local.weekday()}')}) {clock}")


def _plain(value: object) -> object:
    return value.plain if isinstance(value, DisplayText) else value
