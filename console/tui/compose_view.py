"""The view in which a draft is written: the form above the text, and what would be found beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.geometry import Size

from console.tui.lines import LineList, Move
from console.tui.views import Sheet, View
from console.tui.writing import LONGEST

if TYPE_CHECKING:
    from console.tui.area import SafeArea
    from console.tui.compose import Composing


class ComposeView(View):
    """A heading; the form above the text; beside them, or below where the terminal is narrow, what would be found."""

    DEFAULT_CSS = """
    ComposeView .both { height: 1fr; layout: horizontal; }
    ComposeView .writing { width: 3fr; height: 1fr; padding: 0 1; }
    ComposeView .writing > LineList { border-bottom: ascii $panel-lighten-2; }
    ComposeView .both > Sheet { width: 2fr; height: 1fr; padding: 0 1; border-left: ascii $panel-lighten-2; }
    ComposeView.narrow .both { layout: vertical; }
    ComposeView.narrow .writing { width: 1fr; }
    ComposeView.narrow .both > Sheet { width: 1fr; height: 7; border-left: none; border-top: ascii $panel-lighten-2; }
    ComposeView.low .both > Sheet { height: 4; }
    ComposeView.low .writing > LineList { max-height: 3; }
    """
    LOW = 20
    """Rows of a terminal below which the text keeps most of them."""
    SIDE_BY_SIDE = 100

    def __init__(self, composing: Composing) -> None:
        super().__init__("compose")
        self.form = LineList("form-compose")
        self.found = Sheet("found-compose")
        self.area: SafeArea | None = None
        self._composing = composing

    def compose(self) -> ComposeResult:
        from console.tui.area import SafeArea  # Textual's editor takes a tenth of the start, and most do not write

        self.area = SafeArea("text-compose", LONGEST, self._composing.odd, self._composing.full)
        yield self.heading
        with Container(classes="both"):
            with Vertical(classes="writing"):
                yield self.form
                yield self.area
            yield self.found

    def fits(self, size: Size) -> None:
        self.set_class(size.width < self.SIDE_BY_SIDE, "narrow")
        self.set_class(size.width < self.SIDE_BY_SIDE and size.height < self.LOW, "low")

    def move(self, how: Move) -> None:
        (self.found if how in ("page_up", "page_down") else self.form).move(how)

    def on_text_area_changed(self) -> None:
        """Something was typed."""
        self._composing.changed()
