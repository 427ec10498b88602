"""The words that stand in a rule in the place of a title (職名): whoever the register and the accounts make it."""

from __future__ import annotations

APPROVER = "@approver"
"""Whoever approves by the other lines of the table: a line of such titles alone names nobody."""

UNIT_CHIEF = "@unit-chief"
"""The 課長 of the unit that owns the account."""

UNIT_CHIEFS = "@unit-chiefs"
"""The 課長 of every unit that owns an account of the policy, each in a line of the table of their own (`unit_chief`)."""

_OF = UNIT_CHIEF + ":"


def unit_chief(unit: str) -> str:
    """The title of the 課長 of this unit, whichever account it is about."""
    return _OF + unit


def unit_of(title: str, own: str) -> str | None:
    """The unit whose 課長 the title stands for (`own`: the account's); None for a title of the policy's own."""
    if title == UNIT_CHIEF:
        return own
    return title.removeprefix(_OF) if title.startswith(_OF) else None


def label(title: str, own: str) -> str:
    """How people call whom the title stands for."""
    unit = unit_of(title, own)
    return title if unit is None else f"{unit}の課長"
