"""Hours of a rule in words, in both languages."""

from __future__ import annotations

from functools import lru_cache

from daemon.rulebook.model import Hours, Span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = "月火水木金土日"


@lru_cache(maxsize=64)
def span_said(rule: Hours) -> tuple[str, str]:
    """All hours of a rule, in both languages."""
    own = Span(open=rule.open, close=rule.close, days=rule.days)
    said = [_said(each) for each in (own, *rule.more)]
    ja, en = "、".join(each[0] for each in said), ", ".join(each[1] for each in said)
    if rule.minutes:
        return f"{ja}の{minutes_said(rule)[0]}", f"{en}, {minutes_said(rule)[1]}"
    return ja, en


def _said(span: Span) -> tuple[str, str]:
    if isinstance(span.days, str):
        days, days_en = ("平日", "weekdays") if span.days == "weekdays" else ("毎日", "every day")
    else:
        days, days_en = "".join(WEEKDAYS[DAYS.index(day)] for day in span.days), "/".join(span.days)
    hours = f"{span.open.hour}:{span.open.minute:02}〜{span.close.hour}:{span.close.minute:02}"
    return f"{days} {hours}", f"{days_en} {hours.replace('〜', '–')}"


def minutes_said(rule: Hours) -> tuple[str, str]:
    """The minutes of the hour at which something may go out, in both languages."""
    ja = "毎時" + "・".join(f"{minute}分" for minute in rule.minutes)
    return ja, "at " + ", ".join(f":{minute:02}" for minute in rule.minutes)
