"""What the terminal that somebody sits at means for an account, as the first row says it."""

from __future__ import annotations

from console.text import DisplayText, cells
from console.tui.part import Part
from console.tui.tell import tell
from daemon.wire import AccountHere

_WITH = 12
"""Columns that the first row keeps for the account's hours, which somebody who only looks wants to know too."""
_LOOKS_ONLY = ("elsewhere", "unproved")


def terminal_part(at: AccountHere | None, room: int) -> Part | None:
    """The terminal in the first row, in `room` cells: always said where one can only look and stop, and elsewhere where there is room."""
    if at is None or at.at == "free":
        return None
    words = tell(f"terminal.{at.at}", name=DisplayText.of(at.terminal, limit=24))
    if at.at in _LOOKS_ONLY:
        return Part(words if cells(words.plain) + _WITH <= room else tell(f"terminal.short_{at.at}"), "unknown")
    return Part(words, "bar")
