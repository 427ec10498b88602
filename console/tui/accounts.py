"""The accounts on the screen of the hours: which are open, which are stopped, when that changes, where they post."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.money import dollars
from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.sheets import line
from console.tui.tell import SPACE, either, short_time, tell
from console.words import word
from daemon.wire import AccountStatus

if TYPE_CHECKING:
    from console.tui.app import Console

_ACCOUNT, _HOURS, _CHANGE = 17, 7, 16
"""Columns of the account's id, of open or closed, and of the next change; the rest holds where it posts. The reason, which may be a
long one, is told below."""
_NAMES = 14
"""Columns of the names of what is known of one account."""


class Accounts:
    """The list of the accounts: the office's status as it was last told, repainted whenever it is told anew."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-accounts")
        self._console = console
        self._accounts: tuple[AccountStatus, ...] = ()

    def show(self) -> bool:
        """Paint what is known; whether it is otherwise than before."""
        status, now = self._console.seen.status, self._console.now()
        accounts = status.accounts if status else ()
        if accounts == self._accounts:
            return False
        self._accounts = accounts
        self.list.show(Lines([_line(account, now) for account in accounts]), self.list.cursor)
        return True

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._accounts)

    @property
    def chosen(self) -> AccountStatus | None:
        """The account under the cursor."""
        return self._accounts[self.list.cursor] if self.list.cursor < len(self._accounts) else None

    def sheet(self) -> list[Part]:
        """Everything about it."""
        return _sheet(self.chosen, self._console.now()) if self.chosen else []


def _line(account: AccountStatus, now: datetime) -> list[Part]:
    parts = [Part(DisplayText.of(account.id), "plain", _ACCOUNT), Part(SPACE)]
    parts += [_hours(account, _HOURS), Part(SPACE), Part(_change(account, now), "plain", _CHANGE), Part(SPACE)]
    return [*parts, Part(_where(account))]


def _sheet(account: AccountStatus, now: datetime) -> list[Part]:
    shown = {
        "name": Part(DisplayText.of(account.name), "strong"),
        "where": Part(_where(account), "strong"),
        "policy": Part(DisplayText.of(account.policy)),
        "channel": Part(DisplayText.of(word("channel", account.channel))),
        "hours": _hours(account),
        "change": Part(_change(account, now)),
        "reason": Part(either(account.reason, account.reason_en)),
    }
    if account.spent or account.budget:
        shown["spent"] = Part(_spent(account), "warn" if account.budget and account.spent * 5 >= account.budget * 4 else "plain")
    if account.reading:
        shown["reading"] = Part(either(account.reading, account.reading_en))
    return [part for key, value in shown.items() for part in line(Part(tell(f"accounts.{key}"), "dim", _NAMES), value)]


def _spent(account: AccountStatus) -> DisplayText:
    """What its channel has cost this month, against its budget."""
    spent = DisplayText.of(dollars(account.spent))
    if not account.budget:
        return spent
    return tell("accounts.of_budget", spent=spent, budget=DisplayText.of(dollars(account.budget)))


def _where(account: AccountStatus) -> DisplayText:
    """Platform and handle, as they stand on the screen where it is posted."""
    return DisplayText.of(f"{word('platform', account.platform)}  @{account.handle.removeprefix('@')}")


def _hours(account: AccountStatus, width: int = 0) -> Part:
    if account.stopped:
        return Part(tell("accounts.stopped"), "stopped", width)
    ink: Ink = "good" if account.open else "warn"
    return Part(tell("accounts.open" if account.open else "accounts.closed"), ink, width)


def _change(account: AccountStatus, now: datetime) -> DisplayText:
    change = account.next_close if account.open else account.next_open
    return short_time(change, now) if change else DisplayText("-")
