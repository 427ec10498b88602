"""Rows that go straight to the screen, without the way by which Textual puts widgets together that may lie one upon the other.

For two rows that changed at the two ends of the screen Textual asks every widget between them for all of its rows again, cuts each row at the edges
of every widget, and looks through filters for colours that nothing here has: half of what a key cost. Nothing in the console lies upon
anything else, and its rows are complete when they are made (`console.tui.paint`), so what changed is taken as it is.
"""

from __future__ import annotations

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from console.tui.ink import mono


class Rows(Widget, can_focus=False):
    """A widget of rows that `render_line` makes whole. Nothing may ever lie before it."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._made: dict[int, Strip] = {}
        self._made_for = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        """These rows, made anew where they have changed."""
        size = self.size
        if size != self.outer_size or mono():  # a frame round it is Textual's; and so is it to take colours away
            return super().render_lines(crop)
        if self._made_for != size.width:
            self._made.clear()
            self._made_for = size.width
        rows = []
        for y in crop.line_range:
            row = self._made.get(y)
            if row is None:
                row = self._made[y] = self.render_line(y)
            rows.append(row)
        return rows if crop.column_span == (0, size.width) else [row.crop(*crop.column_span) for row in rows]

    def _set_dirty(self, *regions: Region) -> None:
        for region in regions:
            for y in region.line_range:
                self._made.pop(y, None)
        if not regions:
            self._made.clear()
        super()._set_dirty(*regions)


class Straight(Compositor):
    """Textual's own, but where only `Rows` have changed: then these rows alone are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._changed: list[tuple[Rows, Region]] = []

    def update_widgets(self, widgets: set[Widget]) -> None:
        """Take up what has changed of these."""
        rows = {widget for widget in self.visible_widgets.keys() & widgets if isinstance(widget, Rows)}
        super().update_widgets(widgets - rows)
        self._changed += [(widget, region) for widget in rows for region in widget._exchange_repaint_regions()]

    def render_full_update(self, simplify: bool = False):  # type: ignore[no-untyped-def]
        """Everything."""
        self._changed.clear()
        return super().render_full_update(simplify)

    def render_partial_update(self) -> ChopsUpdate | None:
        """What has changed: where only rows have, as they are; beside a layout or another widget as Textual does it."""
        changed, self._changed = [found for widget, region in self._changed if (found := self._placed(widget, region))], []
        if self._dirty_regions:
            self._dirty_regions.update(place for _, _, place in changed)
            return super().render_partial_update()
        lines: dict[int, dict[int, Strip]] = {}
        for widget, at, place in changed:
            rows = widget.render_lines(place.translate((-at.x, -at.y)))
            for y, row in zip(place.line_range, rows, strict=True):
                lines.setdefault(y, {})[place.x] = row
        return _update(lines, self.size.height) if lines else None

    def _placed(self, widget: Rows, region: Region) -> tuple[Rows, Region, Region] | None:
        """Where the widget stands now, and where that part of it is on the screen; None where it is not seen any more."""
        if widget not in self.visible_widgets:
            return None
        at, clip = self.visible_widgets[widget]
        place = clip.intersection(region.translate(at.offset)).intersection(self.size.region)
        return (widget, at, place) if place else None


def _update(lines: dict[int, dict[int, Strip]], height: int) -> ChopsUpdate:
    """Rows as pieces of lines, from left to right."""
    pieces: list[dict[int, Strip]] = [{}] * height
    ends: list[list[int]] = [[]] * height
    spans = []
    for y in sorted(lines):
        pieces[y] = dict(sorted(lines[y].items()))
        ends[y] = [x + row.cell_length for x, row in pieces[y].items()]
        spans += [(y, x, end) for (x, _), end in zip(pieces[y].items(), ends[y], strict=True)]
    return ChopsUpdate(pieces, spans, ends)
