"""The built-in editor's text: Textual's, but that nothing gets into it that a terminal could obey or an eye could not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.cache import LRUCache
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from console.text import DisplayText, Flag

__all__ = ["SafeArea"]


class SafeArea(TextArea):
    """Text passes `DisplayText` as it is typed, pasted or loaded; `odd` hears what was made visible or left out.

    A row that reads as it read before is not made anew: Textual makes all rows after each key, each out of the whole paragraph, and a Japanese text
    of 2,000 characters without a line break is one paragraph of thirty rows.
    """

    DEFAULT_CSS = """
    SafeArea { height: 1fr; width: 1fr; border: none; padding: 0; background: $background; overflow-x: hidden; }
    SafeArea:focus { border: none; }
    """

    def __init__(self, name: str, longest: int, odd: Callable[[frozenset[Flag]], None], full: Callable[[], None]) -> None:
        super().__init__(id=name, soft_wrap=True, highlight_cursor_line=False)
        self.cursor_blink = False
        self.match_cursor_bracket = False  # the brackets of a notice are no code
        self._made: LRUCache[tuple[Any, ...], Strip] = LRUCache(512)
        self.can_focus = False  # else Textual hands it the focus whenever a view changes
        self._longest, self._on_odd, self._on_full = longest, odd, full

    def put(self, text: str) -> None:
        """Begin with this text, the cursor at its end."""
        self.load_text(self._safe(text)[: self._longest])
        self.move_cursor(self.document.end)

    def edit(self, edit: Edit) -> EditResult:
        """One change; what would make the text too long is left out."""
        text = self._safe(edit.text)
        over = len(self.text) + len(text) - self._longest
        if text and over > 0:
            text = text[: max(0, len(text) - over)]
            self._on_full()
        return super().edit(Edit(text, edit.from_location, edit.to_location, edit.maintain_selection_offset))

    def _render_line(self, y: int) -> Strip:
        looks = self._looks(y + self.scroll_offset.y)
        if looks is None:
            return super()._render_line(y)
        if (strip := self._made.get(looks)) is None:
            strip = self._made[looks] = super()._render_line(y)
        return strip

    def _looks(self, y: int) -> tuple[Any, ...] | None:
        """All that the looks of a row hang on; None where that is more than its own text, the cursor and the colours (a selection, a tab), or
        where there is none."""
        (row, column), begun = self.selection.end, self.selection.start
        rows = self.wrapped_document._offset_to_line_info
        theme = self._theme
        if begun != (row, column) or y >= len(rows) or theme is None:
            return None
        number, section = rows[y]
        text, ends = self.document.get_line(number), self.wrapped_document.get_offsets(number)
        first, last = ends[section - 1] if section else 0, section == len(ends)
        own = text[first:] if last else text[first : ends[section]]
        if "\t" in own:
            return None
        here = self._draw_cursor and row == number and first <= column < first + len(own) + last
        width = self.scrollable_content_region.size.width
        return own, last, column - first if here else None, width, self.rich_style, theme.base_style, theme.cursor_style

    def _safe(self, text: str) -> str:
        safe = DisplayText.of(text.replace("\r\n", "\n").replace("\r", "\n"), block=True, limit=self._longest)
        if odd := safe.flags - {"cut"}:
            self._on_odd(odd)
        return safe.plain if "cut" not in safe.flags else safe.plain.removesuffix(" ...")
