"""The queue as lines of a list."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import datetime

from console.text import DisplayText
from console.tui.lines import Source
from console.tui.pages import Pages
from console.tui.part import Part
from console.tui.rows import draft_line
from daemon.wire import QueueRow


class DraftLines(Source):
    """The queue as lines: pages of the daemon's frozen view."""

    def __init__(
        self,
        pages: Pages[QueueRow],
        clock: datetime,
        picked: Container[int] = (),
        runs_out: Callable[[QueueRow], DisplayText | None] = lambda _: None,
    ) -> None:
        self.pages = pages
        self.clock = clock
        self.runs_out = runs_out
        self._picked = picked

    @property
    def count(self) -> int:
        return self.pages.count

    def line(self, index: int, width: int) -> list[Part] | None:
        row = self.pages.row(index)
        if row is None:
            return None
        return draft_line(row, width, self.clock, picked=row.id in self._picked, runs_out=self.runs_out(row))

    def need(self, start: int, stop: int, towards: int) -> bool:
        self.pages.need(start, stop, towards)
        return self.pages.have(start, stop)
