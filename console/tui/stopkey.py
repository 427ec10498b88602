"""The stop key: F12 twice within three seconds, or Ctrl+\\ twice. Executed before anything is painted.

`press` runs in whichever thread reads the key and does the gate's system calls itself: it needs neither the event loop, nor a
terminal that still takes output, nor the daemon.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Literal

from daemon.gate import Gate, Shut
from daemon.standing import login

Pressed = Literal["armed", "stopped", "drilled"]

KEYS = frozenset({"f12", "ctrl+backslash", "ctrl+\\"})
WINDOW = 3.0
"""Seconds in which the second press counts."""


class StopKey:
    """Arms at the first press, stops everything at the second. `by` is who the daemon says that this is (empty: the login's own name)."""

    def __init__(self, gate: Gate, by: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self.by = by
        self._clock = clock
        self.last: Shut | None = None
        self._gate = gate
        self._armed_at: float | None = None
        self._lock = threading.Lock()
        self._drill: Gate | None = None
        self._drill_until = 0.0
        self.pressed_ns = 0

    def press(self) -> Pressed:
        """One press of the key. At the second within the window the gate is shut when this returns; `last` says how."""
        now = self._clock()
        with self._lock:
            if self._armed_at is None or now - self._armed_at > WINDOW:
                self._armed_at = now
                return "armed"
            self._armed_at = None
            if (drill := self._practised(now)) is not None:
                self._drill, self.pressed_ns = None, time.monotonic_ns()
                self.last = drill.shut(by=self.by or login(os.getuid()))
                return "drilled"
            self.last = self._gate.shut(by=self.by or login(os.getuid()))
            return "stopped"

    def practise(self, gate: Gate, seconds: float) -> None:
        """訓練: for so long the next stop by the key is that of this gate, and only that one; the stop by command stays the real one. The
        time runs out here, in whichever thread reads the key, whatever has become of the loop and the daemon."""
        with self._lock:
            self._drill, self._drill_until, self._armed_at = gate, self._clock() + seconds, None

    def in_earnest(self) -> None:
        """The drill is over: the key is the real one again."""
        with self._lock:
            self._drill = None

    @property
    def practising(self) -> bool:
        """Whether the key is that of a drill now."""
        return self._practised(self._clock()) is not None

    def _practised(self, now: float) -> Gate | None:
        return self._drill if now <= self._drill_until else None

    def stop(self, scope: str = "all") -> Shut:
        """Stop at once, by command. Raises ValueError for a scope that can be none, or that this office does not have."""
        known = self._gate.known()
        if len(known) > 1 and scope not in known | {"all"}:  # with no more than `actions` the list is not to be had: stop, then
            raise ValueError(f"no account or platform {scope!r}")
        with self._lock:
            self._armed_at = None
            self.last = self._gate.shut(scope, by=self.by or login(os.getuid()))
            return self.last

    @property
    def armed(self) -> bool:
        """Whether a press now would stop."""
        return self._armed_at is not None and self._clock() - self._armed_at <= WINDOW
