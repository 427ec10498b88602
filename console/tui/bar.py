"""The first row as a widget: one line, repainted without a layout, and only where it reads otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from console.tui.ink import Ink
from console.tui.office import OfficeSeen
from console.tui.paint import Part, Strip, strip
from console.tui.status import status_parts
from console.tui.straight import Rows
from daemon.wire import AccountHere, AccountStatus, Welcome


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

    def update(self, now: datetime) -> None:
        """Look again at what is known, and repaint if it reads otherwise."""
        self.now = now
        parts = self._parts()
        if parts != self._shown:
            self._shown = parts
            self.refresh(layout=False)

    def _parts(self) -> tuple[list[Part], Ink | None]:
        at = self.standing(self.account.id) if self.account else None
        return status_parts(self._seen, self.me, self.account, self.armed, self.now, self.size.width, at)

    def render_line(self, y: int) -> Strip:
        """The row."""
        parts, over = self._parts()
        return strip(parts, self.size.width, over, rest="bar")
