"""A line of the screen before it is painted: pieces of safe text, each in an ink. Nothing of Textual here: the first glance does without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from console.text import DisplayText, cells, fit
from console.tui.ink import AnyInk, Ink

_NOTHING = DisplayText("")


class Part(NamedTuple):
    """A piece of text in one ink. `width` fits it to a column of that many cells; 0 leaves it as it is."""

    text: DisplayText
    ink: AnyInk = "plain"
    width: int = 0


def runs(parts: Sequence[Part], width: int, over: Ink | None = None, rest: Ink = "plain") -> list[tuple[str, AnyInk]]:
    """The parts as one line of exactly `width` cells, filled up in the ink `rest`; with `over`, all of it in that ink (the chosen row)."""
    texts: list[str] = []
    inks: list[AnyInk] = []
    room = width
    for text, ink, wide in (*parts, Part(_NOTHING, rest, width)):
        if room <= 0:
            break
        own = cells(text.plain)
        size = min(wide or own, room)
        room -= size
        piece = text.plain if size == own else fit(text.plain, size)
        # Neighbours in one ink are one segment: every segment costs some thirty bytes on the line to the terminal.
        if inks and inks[-1] == (over or ink):
            texts[-1] += piece
        elif piece:
            texts.append(piece)
            inks.append(over or ink)
    return list(zip(texts, inks, strict=True))
