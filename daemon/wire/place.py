"""Where the socket is: `state/socket`, reached also when the path is longer than a Unix address may be (107 bytes)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOCKET = "socket"
_LONGEST = 107


@contextmanager
def address(state: Path, name: str = SOCKET) -> Iterator[str]:
    """An address for bind or connect that names `state/<name>`; valid inside the `with`. Raises OSError if the folder is not there."""
    path = os.fsencode(state / name)
    if len(path) <= _LONGEST:
        yield os.fsdecode(path)
        return
    folder = os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{name}"
    finally:
        os.close(folder)
