"""What crosses the socket about the rules files: what is wrong with them now, line by line."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from daemon.wire.answer import Answer
from daemon.wire.query import Query


class RulesNow(Query, frozen=True, kw_only=True, tag="rules_now"):
    """Look at the rules files as they are now, and change nothing: the next round puts in force what is without errors.
    Answer: `RulesSeen`."""


class ProblemSeen(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a file. Without an `error` it is a warning, and keeps nothing from being in force."""

    file: str
    line: int
    message: str
    message_en: str
    error: bool = True


class RulesSeen(Answer, frozen=True, kw_only=True, tag="rules"):
    """The rules files at the moment `looked`. `in_force`: as they are now they are in force; else the last good ones stand, those of the
    moment `since` with this `hash`. `files` are all that say something, in the office's folder by their names in it."""

    looked: datetime
    since: datetime
    hash: str
    in_force: bool
    files: tuple[str, ...]
    problems: tuple[ProblemSeen, ...] = ()
