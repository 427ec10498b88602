"""The first row as a widget: one line, repainted without a layout, and only where it reads otherwise. Where no daemon runs the command that
starts one stands below it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.office import OfficeSeen
from console.tui.paint import Strip, strip
from console.tui.part import Part
from console.tui.status import status_parts
from console.tui.straight import Rows
from console.tui.tell import tell
from console.tui.wrap import wrap
from daemon.wire import AccountHere, AccountStatus, Welcome

MOST = 3
"""Rows of the next step; a longer one is that of an office whose path nobody types."""


class StatusBar(Rows):
    """The row. The console sets who we are, the account that the screen is about, and whether the stop key is armed."""

    DEFAULT_CSS = "StatusBar { height: 1; }"

    def __init__(self, seen: OfficeSeen) -> None:
        super().__init__("status")
        self._seen = seen
        self.me: Welcome | None = None
        self.account: AccountStatus | None = None
        self.standing: Callable[[str], AccountHere | None] = lambda _: None
        """What our terminal means for an account."""
        self.armed = False
        self.now: datetime = datetime.fromtimestamp(0).astimezone()
        self._shown: tuple[list[Part], Ink | None] | None = None
        self._below: list[list[Part]] = []

    def update(self, now: datetime) -> None:
        """Look again at what is known, and repaint if it reads otherwise."""
        self.now = now
        parts = self._parts()
        if parts != self._shown:
            self._shown = parts
            self.refresh(layout=False)
        self.on_resize()

    def on_resize(self) -> None:
        """As many rows as what stands below the first one needs."""
        below = self._next_step()
        if below != self._below:
            self._below = below
            self.styles.height = 1 + len(below)
            self.refresh()

    def _next_step(self) -> list[list[Part]]:
        """What to do where no daemon runs, in rows of this width."""
        if not self._seen.start:
            return []
        words = tell("status.start", command=DisplayText.of(self._seen.start))
        return wrap([Part(words, "warn")], max(1, self.app.size.width))[:MOST]

    def _parts(self) -> tuple[list[Part], Ink | None]:
        at = self.standing(self.account.id) if self.account else None
        return status_parts(self._seen, self.me, self.account, self.armed, self.now, self.size.width, at)

    def render_line(self, y: int) -> Strip:
        """One of the rows."""
        if y:
            return strip(self._below[y - 1] if y <= len(self._below) else (), self.size.width)
        parts, over = self._parts()
        return strip(parts, self.size.width, over, rest="bar")
