"""The acts that wait for the writer: those that somebody waits for before those that the folder brings, each kind in the order of its coming.

Python's own queues with an order take a lock and two conditions, in Python, for each act and each look; a simple queue of signs, one for
each act, does its waiting in C.
"""

from __future__ import annotations

from collections import deque
from queue import Empty, SimpleQueue

from daemon.store.job import Job

__all__ = ["Empty", "Queued"]


class Queued:
    """The queue of one writer. Anybody may `put`; the writer alone gets."""

    def __init__(self) -> None:
        self._asked: deque[Job] = deque()
        self._brought: deque[Job] = deque()
        self._signs: SimpleQueue[None] = SimpleQueue()  # as many as there are acts, and one for the end

    def put(self, job: Job) -> None:
        """Behind all of its kind. `NUDGE` goes where it is seen first."""
        (self._asked if job.asked else self._brought).append(job)
        self._signs.put(None)

    def put_back(self, job: Job) -> None:
        """One that was taken too early: before all of its kind."""
        (self._asked if job.asked else self._brought).appendleft(job)
        self._signs.put(None)

    def end(self) -> None:
        """Behind everything: there is nothing more. To be called once."""
        self._signs.put(None)

    def get(self, timeout: float | None = None) -> Job | None:
        """The next act; None at the end. Raises Empty where none comes within so many seconds."""
        self._signs.get(timeout=timeout)
        return self._next()

    def get_at_once(self) -> Job | None:
        """The next act; None at the end. Raises Empty where there is none now."""
        self._signs.get_nowait()
        return self._next()

    def empty(self) -> bool:
        """Whether nothing waits. From any thread."""
        return self._signs.empty()

    def _next(self) -> Job | None:
        if self._asked:
            return self._asked.popleft()
        return self._brought.popleft() if self._brought else None
