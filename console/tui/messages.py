"""The messages: what is wrong as long as it lasts, which the first row can only begin, and what was said so far. All of it in full."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from console.text import DisplayText
from console.tui.part import Part
from console.tui.sheets import blank, headline, line
from console.tui.tell import short_time, tell
from console.tui.views import SheetView

if TYPE_CHECKING:
    from console.tui.app import Console


class Messages:
    """What the messages view shows."""

    def __init__(self, console: Console) -> None:
        self.view = SheetView("messages")
        self._console = console

    def show(self, *, top: bool = False) -> None:
        """Paint it; with `top`, from the beginning."""
        console = self._console
        lasting = console.seen.lasting
        words = tell("messages.heading", count=len(console.said), lasting=len(lasting))
        self.view.heading.show([Part(words, "strong")])
        parts = headline(tell("messages.lasting"))
        for number, sentence in enumerate(lasting, 1):
            parts += line(DisplayText(f"{number}."), Part(DisplayText.of(sentence), "warn"))
        if not lasting:
            parts += line(Part(tell("messages.none_lasting"), "dim"))
        parts += [*blank(), *headline(tell("messages.said"))]
        for (text, ink), same in groupby(reversed(console.said), key=lambda one: one[1:]):
            times = [at for at, _, _ in same]
            often = [Part(tell("messages.times", count=len(times)), "dim")] if len(times) > 1 else []
            parts += line(Part(short_time(times[0]), "dim"), Part(text, ink), *often)
        self.view.sheet.show(parts, top=top)
