"""The process on the other end of a connection, as the kernel names it: still the same one, or not there any more."""

from __future__ import annotations

import os
import select
import socket
import struct
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from daemon.service.terminals.process import Unreadable, read

PROC = Path("/proc")

_UCRED = struct.Struct("3i")
_SO_PEERPIDFD = 77
"""Linux 6.5 and later: a descriptor of the very process that connected, which no other one of its number can stand in for."""


class Peer(Struct, frozen=True):
    """Who connected: pid and uid as they were then, and when that process had started (None: it could not be read)."""

    pid: int
    uid: int
    started: int | None
    line: socket.socket | None = None

    @classmethod
    def of(cls, line: socket.socket, proc: Path = PROC) -> Peer:
        """The peer of this connection, noted as soon as it is accepted."""
        pid, uid, _ = _UCRED.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
        try:
            started = read(proc, pid).started
        except Unreadable:
            started = None
        return cls(pid=pid, uid=uid, started=started, line=line)

    def has_ended(self) -> bool:
        """True where the kernel says that the process which connected is gone. On an old kernel only its number is known, and that the
        process of this number has still the start that was noted is asked besides (`evidence`)."""
        descriptor = -1
        with suppress(OSError):
            if self.line is not None:
                descriptor = self.line.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD)
        if descriptor < 0:
            try:
                descriptor = os.pidfd_open(self.pid)
            except OSError:
                return True
        try:
            looked = select.poll()
            looked.register(descriptor, select.POLLIN)
            return bool(looked.poll(0))
        finally:
            os.close(descriptor)
