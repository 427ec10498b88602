"""What crosses the socket about what somebody cannot do with a draft now, and why."""

from __future__ import annotations

from msgspec import Struct

from daemon.wire.answer import Answer
from daemon.wire.query import Query


class WhyNot(Query, frozen=True, kw_only=True, tag="why_not"):
    """Why the asker cannot do with a draft what `QueueRow.can` does not name. Answer: `NotNow`."""

    draft: int


class CannotSeen(Struct, frozen=True, kw_only=True):
    """An act by its name (`approve`, `return`, …), and why not, in both languages."""

    act: str
    why: str
    why_en: str


class NotNow(Answer, frozen=True, kw_only=True, tag="not_now"):
    """The acts that the asker cannot carry out on this draft now."""

    draft: int
    reasons: tuple[CannotSeen, ...]
