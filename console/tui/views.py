"""The views: what stands between the status bar and the last two rows. Each shows; none of them decides."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size

from console.text import cells
from console.tui.bottom import OneLine
from console.tui.commands import Place
from console.tui.lines import LineList, Move, Source
from console.tui.mouse import WHEEL
from console.tui.paint import Strip, strip
from console.tui.part import Part
from console.tui.straight import Rows
from console.tui.tell import tell
from console.tui.wrap import wrap

_MARKED = 3
"""Rows above the mark that more stands below; a lower sheet needs all of them for its words."""


class Sheet(Rows):
    """Text that wraps and scrolls."""

    DEFAULT_CSS = "Sheet { height: 1fr; width: 1fr; }"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.top = 0
        self._parts: list[Part] = []
        self._lines: list[list[Part]] = []
        self._width = 0

    def show(self, parts: Sequence[Part], *, top: bool = False) -> None:
        """Show these parts; with `top`, from the beginning."""
        if top:
            self.top = 0
        if self._parts != list(parts):
            self._parts = list(parts)
            self._wrapped()
        elif top:
            self.refresh()

    def move(self, how: Move) -> None:
        """Scroll."""
        page = max(1, self.size.height - 1)
        step = {"up": -1, "down": 1, "page_up": -page, "page_down": page}.get(how, 0)
        self.scroll_lines({"home": 0, "end": len(self._lines)}.get(how, self.top + step))

    def scroll_lines(self, top: int) -> None:
        """Let line `top` be the first, as far as there is so much."""
        goal = max(0, min(top, len(self._lines) - self.size.height))
        if goal != self.top:
            self.top = goal
            self.refresh()

    def on_mouse_scroll_down(self) -> None:
        self.scroll_lines(self.top + WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self.scroll_lines(self.top - WHEEL)

    @property
    def more(self) -> bool:
        """Whether lines stand below the last one shown."""
        return self.top + self.size.height < len(self._lines)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        if self._width != self.size.width:  # it is painted before it hears of its size: not in another one's lines
            self._wrap()
        index, width = self.top + y, self.size.width
        parts = self._lines[index] if index < len(self._lines) else []
        if y == self.size.height - 1 and y >= _MARKED and self._goes_on:
            mark = Part(tell("sheet.more"), "warn")
            room = width - cells(mark.text.plain)
            return Strip.join((strip(parts, room), strip([mark], width - room)))
        return strip(parts, width)

    @property
    def _goes_on(self) -> bool:
        """Whether words stand below: whoever reads the last row must not take it for the end."""
        below = self._lines[self.top + self.size.height :]
        return any(part.text.plain.strip() for line in below for part in line)

    def on_resize(self) -> None:
        self._wrapped()

    def _wrap(self) -> None:
        self._width = self.size.width
        self._lines = wrap(self._parts, max(1, self._width))

    def _wrapped(self) -> None:
        self._wrap()
        self.top = max(0, min(self.top, len(self._lines) - self.size.height))
        self.refresh()


class View(Vertical, can_focus=False):
    """One view: a heading row, and a body. `place` names it for keys."""

    DEFAULT_CSS = "View { height: 1fr; }"

    def __init__(self, place: Place) -> None:
        super().__init__(id=f"view-{place}")
        self.place: Place = place
        self.heading = OneLine(f"heading-{place}")

    def fits(self, size: Size) -> None:
        """Lay out for a terminal of this size."""

    def move(self, how: Move) -> None:
        """Move the cursor, or scroll."""


class ListView(View):
    """A heading and lines under a row of column names."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.columns = OneLine(f"columns-{place}")
        self.lines = LineList(f"lines-{place}")

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.columns
        yield self.lines

    def show(self, source: Source, cursor: int | None = None) -> None:
        """Show other lines."""
        self.lines.show(source, self.lines.cursor if cursor is None else cursor)

    def move(self, how: Move) -> None:
        self.lines.move(how)


class PairView(View):
    """A heading over two bodies: side by side where the terminal is wide, one above the other where it is not."""

    DEFAULT_CSS = """
    PairView .pair { height: 1fr; }
    PairView .pair > .left { width: 3fr; height: 1fr; padding: 0 1; }
    PairView .pair > .right { width: 2fr; height: 1fr; padding: 0 1; border-left: ascii $panel-lighten-2; }
    PairView.even .pair > .right { width: 3fr; }
    PairView.narrow .pair { layout: vertical; }
    PairView.narrow .pair > .left { width: 1fr; }
    PairView.narrow .pair > .right { width: 1fr; border-left: none; border-top: ascii $panel-lighten-2; }
    PairView.narrow.tall .pair > .left { height: 40%; }
    PairView.whole .pair > .left { display: none; }
    PairView.whole .pair > .right { border: none; }
    PairView.narrow.brief .pair > .right { height: 9; max-height: 50%; }
    """
    SIDE_BY_SIDE = 100

    def __init__(self, place: Place, left: LineList | Sheet) -> None:
        super().__init__(place)
        self.left = left
        self.left.add_class("left")
        self.right = Sheet(f"right-{place}")
        self.right.add_class("right")
        self.active: LineList | Sheet = left

    def compose(self) -> ComposeResult:
        yield self.heading
        with Horizontal(classes="pair"):
            yield self.left
            yield self.right

    def fits(self, size: Size) -> None:
        self.set_class(size.width < self.SIDE_BY_SIDE, "narrow")

    def move(self, how: Move) -> None:
        self.active.move(how)

    def other(self) -> None:
        """Let the keys that move work on the other body."""
        self.active = self.right if self.active is self.left else self.left


class SheetView(View):
    """A heading over one sheet."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.sheet = Sheet(f"sheet-{place}")

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.sheet

    def move(self, how: Move) -> None:
        self.sheet.move(how)
