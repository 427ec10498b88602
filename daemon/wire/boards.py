"""Lines of the boards: a clause with what holds it, a person on the register."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class ClauseHeld(Struct, frozen=True, kw_only=True):
    """A clause on the board: text, class, what holds it, and how many drafts in the queue it speaks to now. `last_draft` is the newest draft in
    which it was found to speak, come at `last_fired`; `tests` are those that prove it, None where the program lies without its tests."""

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
