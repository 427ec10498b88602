"""Files that must be looked at again, and when: those still being written, empty, changing, or perhaps gone."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from daemon.intake.arrival import Identity, NotYet

WINDOW = 0.3
"""Seconds for which a file must stand unchanged where the kernel cannot say whether anybody writes it."""
WINDOW_REMOTE = 2.0
"""The same on a network file system, whose clients learn of a change late."""
ABSENT = 0.2
"""Seconds before a missing name counts as gone: editors remove a file and put it back, and a rename shows its old end first."""
CHANGING = 0.02
SUSPECT = 1.0
"""Seconds for which a file over which its reader has ended stands back: all others go first."""
EMPTY = 2.0
"""Seconds for which a known draft must stand empty before it counts as emptied; editors empty a file before they write it."""
EMPTY_LONG = 30.0
"""Seconds after which the author of a new file that still is empty is told so."""
WRITING_FIRST, WRITING_MOST = 0.005, 0.05
WRITING_LONG = 10.0
"""Seconds after which a file that is still held open is looked at once a second only, and is told to the operators."""

Key = tuple[str, bytes]


@dataclass
class Look:
    """One file that is waited for: since when, how often it was looked at, and how it stood at the last look."""

    since: float
    due: float
    tries: int = 0
    why: str = ""
    steady: Identity | None = None
    """How it stood when the window began."""
    digest: str = ""
    """For a file read within a clock tick of its last change: what was read (see `Intake`)."""


class Looks:
    """The waiting files in the order in which they are due. Times are seconds of one monotonic clock."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._looks: dict[Key, Look] = {}
        self._heap: list[tuple[float, Key]] = []

    def get(self, key: Key) -> Look | None:
        """The look that waits for this file, if any."""
        return self._looks.get(key)

    def drop(self, key: Key) -> None:
        """Wait for this file no more."""
        self._looks.pop(key, None)

    def wait(self, key: Key, result: NotYet, now: float) -> Look:
        """Look at a file again that was not settled, as soon as it makes sense for what it waits for."""
        look = self._looks.get(key)
        if look is None or look.why != result.why or (result.why in ("window", "empty") and look.steady != result.identity):
            look = self._looks[key] = Look(now, now, why=result.why, steady=result.identity)
        delay = self._delay(look, result, now)
        look.tries += 1
        self._due(key, look, now + delay)
        return look

    def recheck(self, key: Key, digest: str, now: float, delay: float) -> None:
        """Read a file once more after `delay` seconds, and compare it with `digest`."""
        look = self._looks[key] = Look(now, now, why="recheck", digest=digest)
        self._due(key, look, now + delay)

    def due(self, now: float) -> list[Key]:
        """The files whose time has come. They stay waited for until they are dropped or put off again."""
        keys = []
        while self._heap and self._heap[0][0] <= now:
            at, key = heapq.heappop(self._heap)
            look = self._looks.get(key)
            if look is not None and look.due == at:
                keys.append(key)
        return keys

    def next_due(self) -> float | None:
        """When the next file is due; None if nothing waits."""
        return self._heap[0][0] if self._heap else None

    def long_written(self, now: float) -> list[Key]:
        """Files that have been held open for writing for longer than anybody takes to save a text."""
        return [key for key, look in self._looks.items() if look.why == "writing" and now - look.since > WRITING_LONG]

    def _due(self, key: Key, look: Look, at: float) -> None:
        look.due = at
        heapq.heappush(self._heap, (at, key))

    def _delay(self, look: Look, result: NotYet, now: float) -> float:
        if result.why == "writing":
            return min(WRITING_FIRST * 2.0**look.tries, WRITING_MOST) if now - look.since < WRITING_LONG else 1.0
        if result.why == "changing":
            return CHANGING
        if result.why == "undone":
            return 0.0
        if result.why == "suspect":
            return SUSPECT
        if result.why == "absent":
            return ABSENT
        if result.why == "empty":
            return min(WRITING_FIRST * 2.0**look.tries, EMPTY / 2)
        return self._window
