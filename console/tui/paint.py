"""From `DisplayText` to what Textual paints. Nothing else in the console makes a segment, a text or a content."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.text import DisplayText
from console.tui.ink import AnyInk, Ink, Shade, spell, style
from console.tui.part import Part, runs

__all__ = ["Strip", "lit", "painted", "strip"]


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
    """The parts as one line of exactly `width` cells, filled up in the ink `rest`; with `over`, all of it in that ink."""
    return painted(runs(parts, width, over, rest), width)


def painted(line: Sequence[tuple[str, AnyInk]], width: int) -> Strip:
    """A line that has been laid out already (`console.tui.part.runs`)."""
    return Strip([Segment(text, _style(ink)) for text, ink in line], width)
