"""What this operator could do here and now, as far as the daemon has said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.tui.commands import Place
from console.tui.running_out import possible_now

if TYPE_CHECKING:
    from console.tui.app import Console


class Allowed:
    """Of a draft that is chosen, what the daemon's row of it names; of a list, that it can be turned over."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def here(self, place: Place | None = None) -> set[str]:
        """The commands that could be carried out at a place (the one that is shown)."""
        console = self._console
        place = place or console.place
        row = console.row_at(place)
        found = {"right"} if place == "clauses" or console.chosen_finding() else set()
        found |= {"next"} if place == "detail" else set()
        found |= {"fix"} if place == "detail" and console.detail.mendable else set()
        return found | (possible_now(row, console.now()) if row and console.seen.connected else set())

    def only_looks(self) -> bool:
        """Whether from this terminal one only looks and stops, for the account that the screen is about."""
        at = self._console.identity.at(self._console.account_here())
        return at is not None and at.at in ("elsewhere", "unproved")
