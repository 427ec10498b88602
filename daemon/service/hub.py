"""Events to whoever listens: numbered, never waited for. A listener that falls behind is told to ask again (`resync`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from daemon.wire.answers import Event
from daemon.wire.frames import encode_frame

Kind = Literal["draft", "gate", "policy", "clock"]


class Hub:
    """All listeners of one daemon. `seq` is the number of the last event."""

    def __init__(self) -> None:
        self.seq = 0
        self._listeners: set[Callable[[bytes, int], None]] = set()

    def join(self, listener: Callable[[bytes, int], None]) -> None:
        """From now on, hand every event to `listener(line, seq)`; it must not block."""
        self._listeners.add(listener)

    def leave(self, listener: Callable[[bytes, int], None]) -> None:
        """No more events for this listener."""
        self._listeners.discard(listener)

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
        """Say that something happened. The line is encoded once, and only where somebody listens."""
        self.seq += 1
        if not self._listeners:
            return
        line = encode_frame(
            Event(seq=self.seq, kind=kind, draft=draft, account=account, state=state, verdict=verdict, path=path, hash=digest)
        )
        for listener in tuple(self._listeners):
            listener(line, self.seq)
