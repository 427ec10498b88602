"""The account guard as parts of a line: in the account's own colour, and in words that need none."""

from __future__ import annotations

from console import guard
from console.text import DisplayText
from console.tui.ink import Colour
from console.tui.part import Part
from daemon.wire import AccountStatus

GREY = "#5f5f87"
"""The ground where no colour is known."""


def guard_part(account: guard.Account | None, colour: str, *, short: bool = False) -> list[Part]:
    """Where it goes, for a heading (`short`) or a line of its own; nothing where the account is not known."""
    if account is None:
        return []
    said = guard.short(account) if short else guard.words(account)
    return [Part(DisplayText.of(f" {said} "), Colour(colour or GREY))]


def guard_of(account: AccountStatus | None, *, short: bool = False) -> list[Part]:
    """The same, of an account as the daemon last told of it."""
    return guard_part(account, account.colour if account else "", short=short)
