"""Whom a draft or a 後閲 waits for, in the operator's language; where the office has given a post no English name, by its own."""

from __future__ import annotations

from console.words import choose
from daemon.wire import MissingSeen, ReviewSeen


def whom(line: MissingSeen | ReviewSeen) -> str:
    """Not made safe to show."""
    return choose(line.who, line.who_en or line.who)
