"""From what shall be seen to what is sent: as much as the terminal takes, the first row before all others, nothing twice.

No frame waits for another: while the terminal takes nothing, only what shall be seen changes, and when it takes something again it gets
the last of it.
"""

from __future__ import annotations

import asyncio
import threading
import time

from rich.color import ColorSystem
from textual._compositor import CompositorUpdate

from console.tui.canvas import Canvas
from console.tui.pace import GIVEN_UP, LEAST, QUESTION, Pace
from console.tui.writer import Writer

STUCK = 1.0
"""Seconds after which a terminal that took nothing is painted whole again: whoever held it may have written into it."""
_TOGETHER = "\x1b[?2026h", "\x1b[?2026l"


class Painter:
    """Paints one terminal, whose opening is `fd`."""

    def __init__(self, fd: int, loop: asyncio.AbstractEventLoop, colours: ColorSystem) -> None:
        self._canvas = Canvas(colours)
        self._pace = Pace()
        self._writer = Writer(fd, loop, self._free)
        self._loop = loop
        self._cursor, self._together = (0, 0), False
        self._later: asyncio.TimerHandle | None = None
        self._asking = True
        self._lock = threading.Lock()
        self.owed = 0
        """Answers that the terminal has not given yet."""

    def send(self, data: str) -> None:
        """Send something that is no frame."""
        self._writer.send(data)

    def show(self, update: CompositorUpdate, cursor: tuple[int, int], *, together: bool) -> None:
        """This shall be seen, and the cursor there (column, row); `together`: the terminal shows at once what is marked as one (DEC 2026)."""
        self._canvas.take(update)
        self._cursor, self._together = cursor, together
        self._paint()

    def whole(self) -> None:
        """Paint everything again, whatever the terminal is thought to show."""
        self._canvas.forget()
        self._paint()

    def answered(self) -> None:
        """The terminal has answered a question. Called by the thread that reads it."""
        with self._lock:
            self.owed = max(0, self.owed - 1)
        self._loop.call_soon_threadsafe(self._answered)

    def ask_no_more(self) -> None:
        """The end comes: every answer would come too late."""
        self._asking = False

    def close(self, within: float) -> None:
        """Send what is left within so many seconds."""
        if self._later is not None:
            self._later.cancel()
        self._writer.close(within)

    def _paint(self) -> None:
        if not self._canvas.waiting or self._writer.pending:
            return
        room = self._pace.room
        frame = self._canvas.frame(room, first_only=room <= 0) if room > -LEAST else ""
        if frame:
            asked = self._asking and self._pace.asks
            begin, end = _TOGETHER if self._together else ("", "")
            x, y = self._cursor
            whole = f"{begin}{frame}\x1b[{y + 1};{x + 1}H{end}{QUESTION if asked else ''}"
            with self._lock:
                self.owed += asked
            self._pace.sent(len(whole.encode()), asked=asked)
            self._writer.send(whole)
        if self._canvas.waiting and not self._writer.pending and self._later is None:
            self._later = self._loop.call_later(GIVEN_UP, self._given_up)

    def _free(self) -> None:
        """The terminal has taken everything that could not go at once."""
        if time.monotonic() - self._writer.stuck_since > STUCK:
            self._canvas.forget()
        self._paint()

    def _answered(self) -> None:
        self._pace.answered()
        self._paint()

    def _given_up(self) -> None:
        self._later = None
        self._paint()
