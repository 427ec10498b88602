"""One page of a list: where it begins, and how its lines are marked. A cursor turns pages; it does not scroll (console.tui.lines)."""

from __future__ import annotations

from collections.abc import Sequence

from console.text import DisplayText
from console.tui.ink import AnyInk
from console.tui.part import Part, runs

_CURSOR = DisplayText(">")
_BLANK = DisplayText("")
MARK = 2
"""Columns of the mark that the chosen line bears."""


def leaf(index: int, top: int, height: int) -> int:
    """The first line on the screen when `index` is to be seen: the page that begins at `top`, the next one, or the one before; for a line further away,
    pages of `height` lines counted from the beginning."""
    if top <= index < top + height:
        return top
    if top + height <= index < top + 2 * height:
        return top + height
    if top - height <= index < top:
        return max(0, top - height)
    return index // height * height


def listed(parts: Sequence[Part], width: int, *, chosen: bool) -> list[tuple[str, AnyInk]]:
    """A line of a list, `width` cells of it; no state is told by colour alone, so the chosen one has a mark, too."""
    return runs([Part(_CURSOR if chosen else _BLANK, "plain", MARK), *parts], width, "chosen" if chosen else None)
