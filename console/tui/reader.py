"""The console for a screen reader (`kohoban --accessible`): the cursor is seen, and stands where there is something to read.

A screen reader of a terminal reads the line on which the cursor stands. So it stands on the chosen row, on the first line of a text, or on
the message row when something has been said or asked; and nothing else changes on the screen while somebody goes from row to row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Offset
from textual.widget import Widget

from console.accessible import wanted
from console.text import DisplayText
from console.tui.lines import LineList
from console.tui.views import ListView, PairView, SheetView, View

if TYPE_CHECKING:
    from console.tui.app import Console


class Reader:
    """Where the cursor stands."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._saying = False
        self.on = wanted()

    def said(self, text: DisplayText) -> None:
        """This stands in the message row, to be heard until the next key."""
        self._saying = self.on and bool(text)

    def pressed(self) -> None:
        """A key: what has been said was heard."""
        self._saying = False

    def came_to(self, view: View) -> None:
        """Another place is shown: it is named, in one line, by its own heading."""
        named = "".join(part.text.plain for part in view.heading.parts).strip() if self.on else ""
        if named and not self._console.bottom.answering:
            self._console.bottom.say(DisplayText.of(named))
            self._saying = True

    def spot(self) -> Offset | None:
        """Where the cursor is to stand now; None where it is hidden, or stands in the input."""
        bottom = self._console.bottom
        if not self.on or bottom.typing:
            return None
        if self._saying or bottom.asking:
            return bottom.message.region.offset
        body = _read_in(self._console.view)
        if isinstance(body, LineList):
            return body.region.offset + Offset(0, max(0, min(body.cursor - body.top, body.size.height - 1)))
        return body.region.offset


def _read_in(view: View) -> Widget:
    """The part of a view in which the keys move."""
    if isinstance(view, PairView):
        return view.active
    if isinstance(view, ListView):
        return view.lines
    return view.sheet if isinstance(view, SheetView) else view
