"""How much may be on its way to the terminal.

Behind sshd a frame is not held up where it is written: the buffers of two machines take seconds of a slow line. So the terminal is asked
behind each frame whether it is in order (DSR), and its answer says that the frame is on the screen. From how long answers take follows how
fast the line is, and no more goes out than it carries in its own delay and a moment beside: what is painted next is never older than that.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

QUESTION = "\x1b[5n"
BESIDE = 0.05
"""Seconds of waiting that a frame may find before it on the line."""
LEAST, FIRST = 1500, 16_000
"""Bytes that may always be on their way, and those before anything is known of the line."""
GIVEN_UP = 3.0
"""Seconds after which an answer is not waited for any longer."""
REMEMBERED = 10.0
"""Seconds for which the quickest answer counts as the line's own delay, at least."""
_UNANSWERED = 64


class _Asked(NamedTuple):
    at: float
    size: int
    ahead: int


class Pace:
    """Counts what was sent and what has arrived. A terminal that has never answered is not waited for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: deque[_Asked] = deque()
        self._answers = False
        self._size = 0
        self._rate = 0.0
        self._quickest = (float("inf"), float("inf"))
        self._since = clock()
        self._last = 0.0

    @property
    def asks(self) -> bool:
        """Whether a question is to go behind the next frame: of a terminal that gives no answers one is enough."""
        return self._answers or not self._asked

    @property
    def under_way(self) -> int:
        """Bytes of which it is not known that they have arrived; those are forgotten whose answer was given up."""
        since = self._clock() - GIVEN_UP
        return self._size + sum(asked.size for asked in self._asked if asked.at > since)

    @property
    def room(self) -> int:
        """Bytes that may be sent now. Negative where more is on its way than should be."""
        if not self._answers:
            return FIRST * 100
        return self.window - self.under_way

    @property
    def window(self) -> int:
        """Bytes that may be on their way at once."""
        if not self._rate:
            return FIRST
        return max(LEAST, int(self._rate * (min(self._quickest) + BESIDE)))

    def quiet(self, most: int) -> bool:
        """Whether no more than so many bytes are on their way, however fast the line is thought to be; of a terminal that gives no answers
        nobody knows."""
        return not self._answers or self.under_way <= most

    def sent(self, size: int, *, asked: bool) -> None:
        """So many bytes have gone out, at their end a question or not."""
        self._size += size
        if asked:
            self._asked.append(_Asked(self._clock(), self._size, self.under_way))
            self._size = 0
        if len(self._asked) > _UNANSWERED:
            self._asked.clear()
            self._answers = False

    def answered(self) -> None:
        """The terminal has answered the oldest question."""
        self._answers = True
        if not self._asked:
            return
        asked, now, last = self._asked.popleft(), self._clock(), self._last
        self._last = now
        if (took := now - asked.at) > GIVEN_UP:
            return
        self._remember(took, now)
        waited = took - min(self._quickest)
        alone = asked.ahead == asked.size
        rate = asked.size / max(waited if alone else now - max(last, asked.at), 0.001)
        # An answer that has not waited tells the least that the line can carry; one that has waited tells what it carries.
        self._rate = max(self._rate, rate) if waited < BESIDE or not self._rate else (self._rate + rate) / 2

    def _remember(self, took: float, now: float) -> None:
        quickest, before = self._quickest
        if now - self._since > REMEMBERED:
            self._since, quickest, before = now, took, quickest
        self._quickest = min(quickest, took), before
