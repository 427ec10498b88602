"""The built-in editor's text: Textual's, but that nothing gets into it that a terminal could obey or an eye could not see."""

from __future__ import annotations

from collections.abc import Callable

from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from console.text import DisplayText, Flag

__all__ = ["SafeArea"]


class SafeArea(TextArea):
    """Text passes `DisplayText` as it is typed, pasted or loaded; `odd` hears what was made visible or left out."""

    DEFAULT_CSS = """
    SafeArea { height: 1fr; width: 1fr; border: none; padding: 0; background: $background; overflow-x: hidden; }
    SafeArea:focus { border: none; }
    """

    def __init__(self, name: str, longest: int, odd: Callable[[frozenset[Flag]], None], full: Callable[[], None]) -> None:
        super().__init__(id=name, soft_wrap=True, highlight_cursor_line=False)
        self.cursor_blink = False
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

    def _safe(self, text: str) -> str:
        safe = DisplayText.of(text.replace("\r\n", "\n").replace("\r", "\n"), block=True, limit=self._longest)
        if odd := safe.flags - {"cut"}:
            self._on_odd(odd)
        return safe.plain if "cut" not in safe.flags else safe.plain.removesuffix(" ...")
