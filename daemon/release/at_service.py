"""The line between a daemon and a releaser that runs under a login of its own (an installation): `state/releaser.sock`.

The daemon listens, the releaser connects: it may start before the daemon, and finds the next one. Each asks the kernel who the other
is: orders are taken from the owner of `state/` alone, reports from the login that `rules.toml` names.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from daemon.release.steps import FOLDER
from daemon.wire.place import address

SOCKET = "releaser.sock"
AGAIN_AFTER = 0.5
"""Seconds between two looks for a daemon."""

_UCRED = struct.Struct("3i")


class Stranger(OSError):
    """Whoever is on the other end is not who may be there."""


def peer(line: socket.socket) -> tuple[int, int]:
    """The pid and uid of the process on the other end, as the kernel knows them."""
    pid, uid, _ = _UCRED.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return int(pid), int(uid)


def serve_daemons(state: Path) -> None:
    """Serve one daemon after the other, for ever. Raises OSError where another releaser serves this office already."""
    from daemon.release.hand import Hand, serve

    with only_one(state):
        while True:
            with suppress(OSError), _to_the_daemon(state) as line, line.makefile("rb") as orders, line.makefile("wb") as reports:
                serve(Hand(state), orders, reports)
            time.sleep(AGAIN_AFTER)


@contextmanager
def only_one(state: Path, *, wait: bool = False) -> Iterator[None]:
    """Be the only releaser of this office, whoever has started it: two could send the same job. Raises OSError where another one is,
    unless it `wait`s for its end."""
    folder = state / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(lock)


@contextmanager
def _to_the_daemon(state: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        with address(state, SOCKET) as place:
            line.connect(place)
        if peer(line)[1] != state.stat().st_uid:
            raise Stranger("this is not the daemon of this office")
        yield line
