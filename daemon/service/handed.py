"""The socket that a service manager has opened for us and handed over (sd_listen_fds(3)): callers wait in it while no daemon runs.

Nobody is turned away between two daemons: whoever comes meanwhile is answered by the next one. Who may come is decided by the mode and the
group that the socket unit gives it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path

from daemon.wire.place import SOCKET

FIRST = 3
"""The descriptor of the first socket that is handed over."""


class NotOurs(OSError):
    """What was handed over is no socket of this office."""


def taken(state: Path, environment: MutableMapping[str, str], first: int = FIRST) -> socket.socket | None:
    """The listening socket of the office with this `state`, where one was handed over; what names it is taken out of the environment.

    Raises NotOurs where another one was: callers of another office would be answered by this one.
    """
    count, pid = (environment.pop(name, "") for name in ("LISTEN_FDS", "LISTEN_PID"))
    environment.pop("LISTEN_FDNAMES", None)
    if not count.isdigit() or int(count) == 0 or pid != str(os.getpid()):
        return None
    for descriptor in range(first, first + int(count)):
        os.set_inheritable(descriptor, False)
    if int(count) > 1:
        raise NotOurs(0, f"{count} sockets were handed over, one is expected", str(state / SOCKET))
    listener = socket.socket(fileno=first)
    if not _ours(listener, state):
        listener.close()
        raise NotOurs(0, "the socket that was handed over is not this office's", str(state / SOCKET))
    listener.setblocking(False)
    return listener


def _ours(listener: socket.socket, state: Path) -> bool:
    """Whether it listens, and under the name that callers of this office use."""
    with suppress(OSError):
        if (listener.family, listener.type) != (socket.AF_UNIX, socket.SOCK_STREAM):
            return False
        if not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return False
        name = listener.getsockname()
        return isinstance(name, str) and Path(name).name == SOCKET and Path(name).parent.samefile(state)
    return False
