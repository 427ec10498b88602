"""Screen 4, 時間: the accounts with their hours above the month day by day, and beside or below what is chosen in the one or the other."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from console.tui.bottom import OneLine
from console.tui.lines import LineList
from console.tui.views import PairView, Sheet

_MOST = 5
"""Accounts that stand on the screen at once; the others are turned to."""


class HoursView(PairView):
    """Two lists above each other, and the sheet. `Tab` goes from the days to the accounts, to the sheet, and back."""

    DEFAULT_CSS = """
    HoursView #lines-accounts { height: 1; }
    HoursView #lines-calendar { height: 1fr; }
    HoursView .pair > .left LineList { padding: 0; width: 1fr; }
    HoursView.narrow.brief .pair > .right { height: 8; max-height: 40%; }
    """

    def __init__(self, accounts: LineList, days: LineList) -> None:
        super().__init__("hours", days)
        self.accounts, self.days = accounts, days
        self.month = OneLine("heading-month")
        self.add_class("brief")
        days.remove_class("left")
        self.turn_to(days)

    def compose(self) -> ComposeResult:
        yield self.heading
        with Horizontal(classes="pair"):
            with Vertical(classes="left"):
                yield self.accounts
                yield self.month
                yield self.days
            yield self.right

    def holds(self, accounts: int) -> None:
        """So many accounts there are."""
        self.accounts.styles.height = max(1, min(accounts, _MOST))

    def other(self) -> None:
        way: tuple[LineList | Sheet, ...] = (self.days, self.accounts, self.right)
        self.turn_to(way[(way.index(self.active) + 1) % len(way)])
        if isinstance(self.active, LineList):
            self.active.chosen()  # the sheet is about the list that the keys move in

    def turn_to(self, body: LineList | Sheet) -> None:
        """Let the keys move in this one: only there a line is marked."""
        self.active = body
        for each in (self.days, self.accounts):
            each.active = each is body or (each is self.days and body is self.right)
            each.refresh()
