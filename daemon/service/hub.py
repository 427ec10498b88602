"""Events to whoever listens: numbered, never waited for. A listener that falls behind is told to ask again (`resync`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from daemon.wire.answers import Event
from daemon.wire.frames import encode_frame

Kind = Literal["draft", "gate", "policy", "clock", "comment"]

PIECE = 1 << 16
"""Bytes that are handed over in one piece at most."""


class Hub:
    """All listeners of one daemon. `seq` is the number of the last event."""

    def __init__(self) -> None:
        self.seq = 0
        self._listeners: dict[Callable[[bytes], None], str] = {}
        self._waiting = bytearray()

    def join(self, listener: Callable[[bytes], None], login: str = "") -> None:
        """From now on, hand every event to `listener`, which is this person's, as lines; it must not block."""
        self.flush()
        self._listeners[listener] = login

    def listening(self) -> frozenset[str]:
        """The logins of those who listen: who has a console open."""
        return frozenset(self._listeners.values())

    def leave(self, listener: Callable[[bytes], None]) -> None:
        """No more events for this listener."""
        self._listeners.pop(listener, None)

    def publish(
        self,
        kind: Kind,
        *,
        draft: int | None = None,
        account: str = "",
        state: str = "",
        verdict: str = "",
        path: str = "",
        digest: str = "",
    ) -> None:
        """Say that something happened. The line is encoded once, and only where somebody listens; it goes out with those of the same
        commit, in one piece: a call of every listener for each cost more than all else in a burst."""
        self.seq += 1
        if not self._listeners:
            return
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self._waiting += encode_frame(
            Event(seq=self.seq, kind=kind, draft=draft, account=account, state=state, verdict=verdict, path=path, hash=digest)
        )
        if len(self._waiting) > PIECE:
            self.flush()

    def flush(self) -> None:
        """Hand over what waits: before anything is said that follows it."""
        if self._waiting:
            lines = bytes(self._waiting)
            self._waiting.clear()
            for listener in tuple(self._listeners):
                listener(lines)
