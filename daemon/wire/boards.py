"""Lines of the boards: a clause with what holds it, a person on the register."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class ClauseHeld(Struct, frozen=True, kw_only=True):
    """A clause on the board: text, class, what holds it, and how many drafts in the queue, and comments on the bench, it speaks to now. At
    `last_fired` it last spoke: in `last_draft`, which came then, or of `last_comment`, which came or was judged under it then; `tests` are those that
    prove it, None where nobody knows them."""

    id: str
    cite: str
    class_: str
    text: str
    note: str
    status: str
    held_by: tuple[str, ...]
    open_findings: int = 0
    last_fired: datetime | None = None
    last_draft: int | None = None
    last_comment: int | None = None
    open_comments: int = 0
    looked_back: datetime | None = None
    """Where it never fired: the time back to which was looked; None: to the beginning."""
    tests: tuple[str, ...] | None = None


class Who(Struct, frozen=True, kw_only=True):
    """A person on the register."""

    login: str
    name: str
    unit: str
    role: str
    titles: tuple[str, ...]
    policies: tuple[str, ...]
