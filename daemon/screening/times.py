"""Times of day that no clock shows (12:60, 午後13時), and midnights of which nobody knows the day (24:00から)."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Hit, Text

_HALF = r"(?P<half>午前|午後|am|pm|a\.m\.|p\.m\.)?[ ]?"
_TIME = lazy_pattern(
    rf"(?<![0-9:./-]){_HALF}(?:(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}})(?![0-9:])|"
    r"(?P<hours>[0-9]{1,2})時(?!間|代|点|限|短|給|価|報|効|局|刻|期|速)(?:(?P<minutes>[0-9]{1,2})分(?!間|の[0-9一二三四五六七八九]))?)"
)
_MAY_HOLD = lazy_pattern(r"[0-9](?::[0-9]{2}|時)")
# 「16:90」 may be a ratio: only beside what a time stands beside is it one.
_SAID = lazy_pattern(r"^[ ]?(?:から|まで|より|[~〜～–—−-][ ]?[0-9]|開始|開演|開場|開会|終了|集合|締|以降|に)")
_SAID_BEFORE = lazy_pattern(r"(?:[0-9][ ]?[~〜～–—−-]|日|[月火水木金土日][)曜]日?\)?|時刻|時間|日時|:|午前|午後)[ ]?$")
_BEGINS = lazy_pattern(r"^[ ]?(?:から|より|開始|開演|開場|集合|[~〜～](?![0-9]))")


def check_times(text: Text) -> Iterator[Hit]:
    """Every time of day that does not exist: an hour above 24, a minute above 59, 午後 before more than 12 hours."""
    folded = text.folded
    if not _MAY_HOLD.search(folded):
        return
    for match in _TIME.finditer(folded):
        hour = int(match["hour"] or match["hours"])
        minute = int(match["minute"] or match["minutes"] or 0)
        if _exists(hour, minute, match["half"] or ""):
            continue
        if match["hour"] and not (
            match["half"] or _SAID.match(folded[match.end() :][:8]) or _SAID_BEFORE.search(folded[: match.start()][-8:])
        ):
            continue
        written = match[0].strip()
        start = match.end() - len(match[0].lstrip())
        better = f"（{hour - 12}時のことですか）" if match["half"] and 12 < hour < 24 else ""
        yield Hit(
            *text.span(start, match.end()),
            message=f"「{written}」という時刻はありません{better}。正しい時刻に直してください。",
            message_en=f"There is no such time as “{written}”. Put the right time in its place.",
        )


def _exists(hour: int, minute: int, half: str) -> bool:
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return False
    return not half or hour <= 12


def check_midnight(text: Text) -> Iterator[Hit]:
    """24:00 (24時) at which something begins: of two days, readers take one or the other."""
    folded = text.folded
    if "24" not in folded:
        return
    for match in _TIME.finditer(folded):
        if int(match["hour"] or match["hours"]) == 24 and _BEGINS.match(folded[match.end() :][:8]):
            yield Hit(
                *text.span(match.start(), match.end()),
                message=f"「{match[0].strip()}」は、当日の終わりか前日の終わりか、読む人が迷います。翌日の0時と日付で書けないか確かめてください。",
                message_en="Readers may take this midnight for that of the day before: write 0:00 of the next day, with its date.",
            )
