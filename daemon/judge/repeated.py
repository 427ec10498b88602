"""What an account has sent lately and a draft would repeat, or add to: the same text again, and too many in a time.

The platforms freeze accounts for both; and a policy may say how many a day, a week or a month there may be (1日3件まで).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from daemon.judge.situation import Recent, Situation
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.model import Detector, Policy, When
from daemon.rulebook.verdict import Finding
from daemon.screening.cite import finding
from daemon.screening.similar import contained, similarity

_PERIODS = {"day": ("今日", "today"), "week": ("今週", "this week"), "month": ("今月", "this month")}


def duplicate(rule: Detector, item: Item, situation: Situation, policy: Policy, now: datetime) -> Iterator[Finding]:
    """The same text as one that went out lately. What has no text repeats nothing."""
    since = now - timedelta(hours=number(rule, "hours", 72))
    deleted = now - timedelta(days=number(rule, "deleted_days", 7))
    said = (each for each in situation.recent if each.at >= (deleted if each.deleted else since))
    if item.text.strip() and any(_again(rule, item, each.text) for each in said):
        yield finding(rule, policy)


def burst(rule: Detector, situation: Situation, policy: Policy, now: datetime) -> Iterator[Finding]:
    """As many as the rule allows have gone out already, of those that it speaks of: in so many minutes, or since the day, the week or the
    month began."""
    since, during, during_en = _since(rule, now)
    count, most = sum(each.at >= since and _of(rule.when, each) for each in situation.recent), int(number(rule, "count", 5))
    if count >= most:
        yield finding(
            rule,
            policy,
            message=f"{rule.message}（{during}すでに{count}件。{most}件まで）",
            message_en=f"{rule.message_en} ({count} {during_en}; {most} at most)".strip(),
        )


def _since(rule: Detector, now: datetime) -> tuple[datetime, str, str]:
    """From when on it is counted, in words of both languages."""
    per = rule.options.get("per")
    if not isinstance(per, str):
        minutes = number(rule, "minutes", 30)
        hours = minutes / 60
        return (
            now - timedelta(minutes=minutes),
            f"この{hours:g}時間に" if hours >= 1 else f"この{minutes:g}分に",
            f"in the last {hours:g} hours" if hours >= 1 else f"in the last {minutes:g} minutes",
        )
    today = now.astimezone(TOKYO).date()
    back = {"week": today.weekday(), "month": today.day - 1}.get(per, 0)
    return datetime.combine(today - timedelta(days=back), time(), TOKYO), *_PERIODS[per]


def _of(when: When, recent: Recent) -> bool:
    """Whether the rule speaks of this release too: a limit on stories does not count posts."""
    return (
        (not when.kinds or recent.kind in when.kinds)
        and (not when.topics or recent.topic in when.topics)
        and when.emergency in (None, recent.emergency)
    )


def _again(rule: Detector, item: Item, earlier: str) -> bool:
    """The same once more, or the same with a word before or after it. A correction has to say again what it corrects."""
    if similarity(item.text, earlier) >= number(rule, "similarity", 0.85):
        return True
    return item.kind != "correction" and contained(earlier, item.text) >= number(rule, "contained", 0.9)


def number(rule: Detector, name: str, default: float) -> float:
    """An option of a detector."""
    value = rule.options.get(name, default)
    return float(value) if isinstance(value, int | float) else default
