"""From `DisplayText` to what Textual paints. Nothing else in the console makes a segment, a text or a content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.text import DisplayText, cells, fit
from console.tui.ink import AnyInk, Ink, Shade, spell, style

__all__ = ["Part", "Strip", "lit", "strip"]


class Part(NamedTuple):
    """A piece of text in one ink. `width` fits it to a column of that many cells; 0 leaves it as it is."""

    text: DisplayText
    ink: AnyInk = "plain"
    width: int = 0


def lit(text: DisplayText, spans: Sequence[tuple[int, int, Ink]]) -> list[Part]:
    """`text` with the code points `start` … `end` of its *source* in an ink; the last span that covers a place wins.

    Without colour a lit span stands in 【 】 too, so that it can be found by the eye, by a screen reader and in a print.
    """
    inks: list[Ink] = ["plain"] * len(text.plain)
    for start, end, ink in spans:
        for place in range(text.at(start), text.at(end)):
            inks[place] = ink
    parts: list[Part] = []
    begin = 0
    for place in range(1, len(inks) + 1):
        if place == len(inks) or inks[place] != inks[begin]:
            piece = DisplayText(text.plain[begin:place])
            parts.append(Part(DisplayText("【") + piece + DisplayText("】") if _brackets(inks[begin]) else piece, inks[begin]))
            begin = place
    return parts


def _style(ink: AnyInk) -> Style:
    """Those of a picture are not remembered: it has thousands."""
    return Style.parse(ink) if isinstance(ink, Shade) else style(ink)


def _brackets(ink: Ink) -> bool:
    return ink != "plain" and spell(ink) in ("bold", "reverse")


def strip(parts: Sequence[Part], width: int, over: Ink | None = None, rest: Ink = "plain") -> Strip:
    """The parts as one line of exactly `width` cells, filled up in the ink `rest`; with `over`, all of it in that ink (the
    chosen row)."""
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
    return Strip([Segment(text, _style(ink)) for text, ink in zip(texts, inks, strict=True)], width)


_NOTHING = DisplayText("")
