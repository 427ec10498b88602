"""LineList: a list of any length, painted line by line, with a cursor that turns pages.

A cursor that scrolls repaints the whole list at each row (12 kB over the wire), one that turns a page repaints two lines
(0.5 kB) nineteen times out of twenty. Rows that have not come yet are waited for: the old page stays for 80 ms, because to paint
blanks first would double what is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, Protocol

from textual.events import Click
from textual.geometry import Region
from textual.timer import Timer

from console.tui.leaf import MARK, leaf, listed
from console.tui.mouse import WHEEL
from console.tui.paint import Strip, painted, strip
from console.tui.part import Part
from console.tui.straight import Rows

Move = Literal["up", "down", "page_up", "page_down", "home", "end", "left", "right"]

WAIT = 0.08
"""Seconds for which the old page stays on the screen while rows are fetched."""


class Source(Protocol):
    """What a list shows: how many lines, and each of them."""

    @property
    def count(self) -> int:
        """How many lines there are."""

    def line(self, index: int, width: int) -> Sequence[Part] | None:
        """One line, or None while it has not come."""

    def need(self, start: int, stop: int, towards: int) -> bool:
        """Have the lines `start` … `stop` ready; True if they are here already. `towards` tells the direction of travel."""


class Lines:
    """A source that is all here: short lists made of parts."""

    def __init__(self, lines: Sequence[Sequence[Part]]) -> None:
        self._lines = lines

    @property
    def count(self) -> int:
        return len(self._lines)

    def line(self, index: int, width: int) -> Sequence[Part]:
        return self._lines[index]

    def need(self, start: int, stop: int, towards: int) -> bool:
        return True


def _nothing() -> None:
    """Nobody wants to know."""


class LineList(Rows):
    """The widget. Line `cursor` is chosen; `top` is the first line on the screen."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.source: Source = Lines(())
        self.chosen: Callable[[], None] = _nothing
        """Called when the cursor stands on another line; at once, so that what depends on it is painted with it."""
        self.cursor = 0
        self.top = 0
        self.active = True
        """Whether the keys move in this list; in another one of the same screen no line is marked."""
        self._laid_out = False
        self._to_the_end = False
        self._aim: tuple[int, int] | None = None
        self._wait: Timer | None = None

    def show(self, source: Source, cursor: int = 0) -> None:
        """Show other lines, the cursor on line `cursor`."""
        self.source = source
        self.cursor = max(0, min(cursor, source.count - 1))
        self.top = leaf(self.cursor, self.top, self._height)
        self._aim = None
        source.need(self.top, self.top + self._height, 0)
        self.refresh()
        self.chosen()

    def move(self, how: Move) -> None:
        """Move the cursor; over the edge it turns the page."""
        start, _ = self._aim or (self.cursor, self.top)
        step = {"up": -1, "down": 1, "page_up": -self._height, "page_down": self._height}.get(how)
        goal = {"home": 0, "end": self.source.count - 1}.get(how, start if step is None else start + step)
        self.go(goal)
        self._to_the_end = how == "end"

    def go(self, goal: int) -> None:
        """Put the cursor on line `goal`, or the nearest that there is."""
        self._to_the_end = False
        goal = max(0, min(goal, self.source.count - 1))
        start, top = self._aim or (self.cursor, self.top)
        if goal == start:
            return
        top = leaf(goal, top, self._height)
        if self.source.need(top, top + self._height, 1 if goal > start else -1):
            self._arrive(goal, top)
            return
        self._aim = (goal, top)
        if self._wait is None:
            self._wait = self.set_timer(WAIT, self._waited)

    def arrived(self) -> None:
        """Lines have come, or have changed."""
        if self._aim is None:
            self.refresh()
        elif self.source.need(self._aim[1], self._aim[1] + self._height, 0):
            self._arrive(*self._aim)

    @property
    def on_screen(self) -> range:
        """The lines that are on the screen."""
        return range(self.top, min(self.top + self._height, self.source.count))

    def paint_again(self, lines: Collection[int]) -> None:
        """Paint these lines again, as far as they are on the screen."""
        if regions := [Region(0, at - self.top, self.size.width, 1) for at in lines if at in self.on_screen]:
            self.refresh(*regions)

    def grown(self) -> None:
        """The source has more lines than were known; a cursor that was sent to the end goes there."""
        self.source.need(self.top, self.top + self._height, 0)
        self.refresh()
        if self._to_the_end:
            self.move("end")

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.size.width
        index = self.top + y
        if index >= self.source.count:
            return strip((), width)
        parts = self.source.line(index, width - MARK)
        return painted(listed(parts or (), width, chosen=index == self.cursor and self.active), width)

    def on_mouse_scroll_down(self) -> None:
        self.go(self.cursor + WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self.go(self.cursor - WHEEL)

    def on_click(self, event: Click) -> None:
        if self.top + event.y < self.source.count:
            self.go(self.top + event.y)

    def on_resize(self) -> None:
        if not self._laid_out:  # what was shown before there was any height stands at its top
            self._laid_out = True
            self.top = leaf(self.cursor, 0, self._height)
        if not self.top <= self.cursor < self.top + self._height:
            self.top = max(0, self.cursor - self._height + 1)
        self.source.need(self.top, self.top + self._height, 0)
        self.refresh()

    @property
    def _height(self) -> int:
        return max(1, self.size.height)

    def _waited(self) -> None:
        self._wait = None
        if self._aim is not None:
            self._arrive(*self._aim)

    def _arrive(self, cursor: int, top: int) -> None:
        self._aim = None
        if self._wait is not None:
            self._wait.stop()
            self._wait = None
        before, self.cursor = self.cursor, cursor
        if top == self.top:
            self.refresh(*(Region(0, index - top, self.size.width, 1) for index in (before, cursor)))
        else:
            self.top = top
            self.refresh()
        self.chosen()
