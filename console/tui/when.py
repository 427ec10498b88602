"""The time that an operator types: `15:30`, `9/26 9:00`, `明日 9:00`, `2026-09-26 09:00`; always Japanese time."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta

from console.tui.tell import TOKYO

_FORM = re.compile(
    r"(?:(?P<day>今日|明日|あす|today|tomorrow)\s*|(?:(?P<year>\d{4})[-/年])?(?P<month>\d{1,2})[-/月](?P<date>\d{1,2})日?[\sT]+)?"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2})|時(?:(?P<minute_kanji>\d{1,2})分)?)"
)


def when(typed: str, now: datetime) -> datetime | None:
    """The moment that is meant; None for an empty line (the next opening). A date without a year is the next such date.

    Raises ValueError for what is no time.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    if not text:
        return None
    if (form := _FORM.fullmatch(text)) is None:
        raise ValueError(text)
    here = now.astimezone(TOKYO)
    minute = int(form["minute"] or form["minute_kanji"] or 0)
    moment = here.replace(hour=int(form["hour"]), minute=minute, second=0, microsecond=0)
    if form["day"]:
        return moment + timedelta(days=form["day"] in ("明日", "あす", "tomorrow"))
    if not form["month"]:
        return moment
    moment = moment.replace(year=int(form["year"] or here.year), month=int(form["month"]), day=int(form["date"]))
    if not form["year"] and moment.date() < here.date():
        moment = moment.replace(year=moment.year + 1)
    return moment
