"""The line to whoever runs services (sd_notify(3)): ready, how it stands in words, still alive, ending. Where nobody listens, nothing is said.

The protocol is datagrams of `NAME=value` lines to the socket that the environment names; nothing has to be installed for it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, MutableMapping
from contextlib import suppress

STATUS_MOST = 200
"""Characters of the state in words: `systemctl status` shows one line of it."""


class Manager:
    """Whoever started this process and wants to hear of it. `patience` is the seconds that the watchdog waits for the next sign of life;
    0 where it does not watch."""

    def __init__(self, place: str = "", patience: float = 0.0) -> None:
        self._line: socket.socket | None = None
        self._said = ""
        self.patience = patience if place else 0.0
        if not place:
            return
        try:
            self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._line.connect("\0" + place[1:] if place.startswith("@") else place)
            self._line.setblocking(False)  # a manager that hangs must not hang the office
        except OSError:
            self.close()

    @classmethod
    def named_by(cls, environment: MutableMapping[str, str]) -> Manager:
        """The one that the environment names; what names it is taken out, for it is not meant for the processes that are started here."""
        place, usec, pid = (environment.pop(name, "") for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"))
        ours = usec.isdigit() and pid in ("", str(os.getpid()))
        return cls(place, int(usec) / 1e6 if ours else 0.0)

    @property
    def listens(self) -> bool:
        """Whether there is one."""
        return self._line is not None

    def close(self) -> None:
        """Say nothing more."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def ready(self) -> None:
        """The socket answers."""
        self._tell({"READY": "1"})

    def status(self, words: str) -> None:
        """How it stands, in words, for `systemctl status`; said only when it has changed."""
        if words != self._said:
            self._said = words
            self._tell({"STATUS": words.replace("\n", " ")[:STATUS_MOST]})

    def ending(self) -> None:
        """It has begun to end: no sign of life is expected any more."""
        self._tell({"STOPPING": "1"})

    def alive(self) -> None:
        """A sign of life."""
        if self.patience:
            self._tell({"WATCHDOG": "1"})

    def hung(self) -> None:
        """Something here has come to no end: do now what is to be done when the signs of life cease."""
        if self.patience:
            self._tell({"WATCHDOG": "trigger"})

    def longer(self, seconds: float) -> None:
        """A start, or an end, that takes its time is to have so many seconds more from now on."""
        self._tell({"EXTEND_TIMEOUT_USEC": str(int(seconds * 1e6))})

    def _tell(self, said: Mapping[str, str]) -> None:
        if self._line is not None:
            with suppress(OSError):
                self._line.send("\n".join(f"{name}={value}" for name, value in said.items()).encode(errors="replace"))
