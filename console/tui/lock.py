"""離席: after a while without a key the screen is covered and takes no command, until whoever sits here types their own login.

It keeps a passer-by's hand from what somebody has left open; it is no door (decision 0043): the login of the session is the kernel's, and
needs no proof here. The first row stays, and so does the stop key.
"""

from __future__ import annotations

import time
import unicodedata
from typing import TYPE_CHECKING

from console.link import LinkDown
from console.tui.part import Part
from console.tui.sheets import blank, headline, line
from console.tui.tell import short_time, tell
from console.tui.views import SheetView
from daemon.wire.finding import StepAway

if TYPE_CHECKING:
    from console.tui.app import Console


class Lock:
    """Whether the console is covered, and since when."""

    def __init__(self, console: Console) -> None:
        self.view = SheetView("lock")
        self.locked = False
        self._console = console
        self._touched = time.monotonic()

    def touched(self) -> None:
        """A key came."""
        self._touched = time.monotonic()

    async def tick(self) -> None:
        """Every second: cover the screen once nobody has touched a key for the office's minutes."""
        status = self._console.seen.status
        minutes = status.lock_minutes if status is not None else 0
        if minutes and not self.locked and time.monotonic() - self._touched >= minutes * 60:
            await self.shut()

    async def shut(self) -> None:
        """Cover the screen, drop what was being asked, give back what was claimed."""
        console = self._console
        self.locked = True
        console.bottom.cancel()
        await console.places.go("lock")
        try:
            await console.link.ask(StepAway())
        except LinkDown:
            return  # claims end by themselves

    async def show(self) -> None:
        """Paint the cover."""
        console = self._console
        self.view.heading.show([Part(tell("lock.heading", at=short_time(console.now())), "unknown")])
        parts = [*blank(), *headline(tell("lock.covered"))]
        parts += line(Part(tell("lock.open", name=console.my_name()), "plain"))
        parts += line(Part(tell("lock.stop"), "plain"))
        self.view.sheet.show(parts, top=True)

    def pressed(self, key: str) -> None:
        """A key while it is covered: Enter asks for the login, everything else only says so."""
        console = self._console
        if key == "enter" and console.link.welcome is not None:
            console.start_flow(self._open())
        else:
            console.notice(tell("lock.how"), "warn", keep=False)

    async def _open(self) -> None:
        console = self._console
        typed = await console.bottom.ask(tell("lock.ask"))
        me = console.link.welcome
        if typed is None or me is None:
            return
        if unicodedata.normalize("NFKC", typed).strip().lower() != me.login.lower():
            console.notice(tell("lock.wrong"), "warn", keep=False)
            return
        self.locked = False
        self.touched()
        await console.places.leave("lock")
        console.notice(tell("lock.opened"), "good", keep=False)
