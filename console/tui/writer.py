"""Output to the terminal that never waits: what it does not take now is kept, and whoever paints is told when it has gone.

Textual hands output to a thread behind a queue of thirty; a terminal that takes nothing (Ctrl+S, a hanging line, a sleeping laptop)
then holds up the whole program.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import threading
import time
from collections.abc import Callable

from console.tui.opened import opened_again


class Writer:
    """Sends to the terminal behind `fd`. `free` is called in the loop whenever everything has gone that could not go at once.

    It writes through an opening of its own: not to wait is a property of the opening, and the one that was inherited is the shell's, too.
    Where there can be no other, that one is borrowed, and `close` gives it back as it was.
    """

    def __init__(self, fd: int, loop: asyncio.AbstractEventLoop, free: Callable[[], None], rest: bytes = b"") -> None:
        """`rest` goes before everything else."""
        self._loop = loop
        self._free = free
        self._thread = threading.get_ident()
        self._rest = bytearray(rest)
        self._gone = False
        self._borrowed: int | None = None
        self.stuck_since = 0.0
        own = opened_again(fd)
        if own is None:
            own, self._borrowed = os.dup(fd), fcntl.fcntl(fd, fcntl.F_GETFL)
            fcntl.fcntl(own, fcntl.F_SETFL, self._borrowed | os.O_NONBLOCK)
        self._fd = own
        if rest:
            self._loop.add_writer(own, self._go_on)

    @property
    def pending(self) -> int:
        """Bytes that the terminal has not taken yet."""
        return len(self._rest)

    def send(self, text: str) -> None:
        """Send, behind what waits already. From another thread: as soon as the loop turns."""
        if threading.get_ident() != self._thread:
            self._loop.call_soon_threadsafe(self.send, text)
            return
        waited = bool(self._rest)
        self._rest += text.encode("utf-8", "replace")
        if not waited and not self._push():
            self.stuck_since = time.monotonic()
            self._loop.add_writer(self._fd, self._go_on)

    def close(self, within: float) -> None:
        """Send what is left, if the terminal takes it within so many seconds, and leave it as it was."""
        end = time.monotonic() + within
        self._loop.remove_writer(self._fd)
        while not self._push() and (left := end - time.monotonic()) > 0:
            select.select([], [self._fd], [], left)
        if self._borrowed is not None:
            fcntl.fcntl(self._fd, fcntl.F_SETFL, self._borrowed)
        os.close(self._fd)
        self._rest.clear()
        self._gone = True

    def _push(self) -> bool:
        """Hand over what the terminal takes; True when nothing is left. A terminal that is gone takes everything: whoever reads its keys
        hears of it, and ends the console."""
        while self._rest:
            if self._gone:
                self._rest.clear()
                break
            try:
                sent = os.write(self._fd, self._rest)
            except BlockingIOError:
                return False
            except OSError:
                self._gone = True
                continue
            del self._rest[:sent]
        return True

    def _go_on(self) -> None:
        if self._push():
            self._loop.remove_writer(self._fd)
            self._free()
