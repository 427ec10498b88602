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
from console.tui.frames import take
from console.tui.overlay import Overlay
from console.tui.pace import GIVEN_UP, LEAST, QUESTION, Pace
from console.tui.writer import Writer

STUCK = 1.0
"""Seconds after which a terminal that took nothing is painted whole again: whoever held it may have written into it."""
AHEAD = 3000
"""Bytes of a picture that may be on their way before its next piece goes. Not more on a line that is thought to be fast: how fast it is
shows only once it is full, and then a stop would wait behind the picture."""
GLANCE = 1.0
"""Seconds after the start for which what was shown before it may stand: until the list has been read again, as a rule."""
_TOGETHER = "\x1b[?2026h", "\x1b[?2026l"


class Painter:
    """Paints one terminal, whose opening is `fd`."""

    def __init__(
        self, fd: int, loop: asyncio.AbstractEventLoop, colours: ColorSystem, before: Canvas | None = None, rest: bytes = b""
    ) -> None:
        """`before`: what the terminal shows already, and shall show until `reveal`; `rest`: what of it is still to be sent."""
        self._colours = colours
        self._canvas = before or Canvas()
        self.held = before is not None
        """Whether what was shown before the start still stands."""
        if self.held:
            loop.call_later(GLANCE, self.reveal)
        self._pace = Pace()
        self._writer = Writer(fd, loop, self._free, rest)
        self._loop = loop
        self._cursor, self._together = (0, 0), False
        self._later: asyncio.TimerHandle | None = None
        self._asking = True
        self._overlay: Overlay | None = None
        self._lock = threading.Lock()
        self.owed = 0
        """Answers that the terminal has not given yet."""

    def send(self, data: str) -> None:
        """Send something that is no frame."""
        self._writer.send(data)

    def show(self, update: CompositorUpdate, cursor: tuple[int, int], *, together: bool) -> None:
        """This shall be seen, and the cursor there (column, row); `together`: the terminal shows at once what is marked as one (DEC 2026)."""
        take(self._canvas, update, self._colours)
        self._cursor, self._together = cursor, together
        if (over := self._overlay) is not None and not self._canvas.blank(over.rows, over.columns):
            self.lay(None)  # text is to stand there: the picture goes before it comes
        self._paint()

    def reveal(self) -> None:
        """What has been shown from before the start on is not to stand any longer: paint."""
        if self.held:
            self.held = False
            self._paint()

    def sized(self, size: tuple[int, int]) -> None:
        """The terminal says that it has so many columns and rows: paint everything again, unless all that stands there is for this size."""
        if not self.held or size != self._canvas.measures:
            self.whole()

    def whole(self) -> None:
        """Paint everything again, whatever the terminal is thought to show."""
        self._forget()
        self._paint()

    def lay(self, overlay: Overlay | None) -> bool:
        """Show this picture in the place of the one before; None takes that away. False where it would cover anything but blank cells between
        the first row and the last two: it is not shown then."""
        if (before := self._overlay) is not None and (end := before.end()):
            self._writer.send(end)
            self._canvas.forget_rows(before.rows)
        fits = overlay is not None and self._canvas.blank(overlay.rows, overlay.columns)
        self._overlay = overlay if fits else None
        self._paint()
        return fits

    @property
    def overlay(self) -> Overlay | None:
        """The picture that is shown, or is on its way."""
        return self._overlay

    def ask(self, question: str, rows: range) -> bool:
        """Ask the terminal something that may leave its mark in these rows, which are painted again behind it. False where it takes nothing
        now."""
        if self._writer.pending:
            return False
        self._send(question)
        self._canvas.forget_rows(rows)
        self._paint()
        return True

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
        if self._overlay is not None:
            self._writer.send(self._overlay.end())
        self._writer.close(within)

    def _paint(self) -> None:
        if self._writer.pending or self.held:
            return
        if self._canvas.waiting:
            room = self._pace.room
            frame = self._canvas.frame(room, first_only=room <= 0) if room > -LEAST else ""
            if frame:
                self._send(frame)
        while self._lying and self._pace.quiet(AHEAD) and not self._canvas.waiting and not self._writer.pending:
            assert self._overlay is not None
            self._send(self._overlay.take())
        if (self._canvas.waiting or self._lying) and not self._writer.pending and self._later is None:
            self._later = self._loop.call_later(GIVEN_UP, self._given_up)

    @property
    def _lying(self) -> bool:
        """Whether something of a picture has not gone yet."""
        return self._overlay is not None and not self._overlay.whole

    def _send(self, data: str) -> None:
        """Send something that leaves the cursor anywhere, and ask whether it has arrived."""
        asked = self._asking and self._pace.asks
        begin, end = _TOGETHER if self._together else ("", "")
        x, y = self._cursor
        whole = f"{begin}{data}\x1b[{y + 1};{x + 1}H{end}{QUESTION if asked else ''}"
        with self._lock:
            self.owed += asked
        self._pace.sent(len(whole.encode()), asked=asked)
        self._writer.send(whole)

    def _forget(self) -> None:
        self._canvas.forget()
        if self._overlay is not None:
            self._overlay.lost()

    def _free(self) -> None:
        """The terminal has taken everything that could not go at once."""
        if time.monotonic() - self._writer.stuck_since > STUCK:
            self._forget()
        self._paint()

    def _answered(self) -> None:
        self._pace.answered()
        self._paint()

    def _given_up(self) -> None:
        self._later = None
        self._paint()
