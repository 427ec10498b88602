"""A list under the names of its columns, with the chosen line in full beside it or below, or alone."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from console.tui.bottom import OneLine
from console.tui.commands import Place
from console.tui.lines import LineList
from console.tui.views import PairView


class TableView(PairView):
    """The view."""

    DEFAULT_CSS = "TableView.whole.narrow.brief .pair > .right { height: 1fr; max-height: 100%; }"

    def __init__(self, place: Place, left: LineList) -> None:
        super().__init__(place, left)
        self.columns = OneLine(f"columns-{place}")

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.columns
        with Horizontal(classes="pair"):
            yield self.left
            yield self.right
