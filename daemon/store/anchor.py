"""The anchor: `state/audit.anchor`, a file that only grows, with the head of the record as it was at certain moments.

One line each: `<seq> <hash> <time>`. It is written at the first entry after a start, at every stop and resume, every 1,000 entries
or 10 minutes, and at the end. A chain that was cut, or recomputed as a whole, no longer fits it. Its lines are to be copied to
where the daemon cannot write.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from daemon.store.database import sync_folder
from daemon.store.faults import told
from daemon.store.moments import from_db

ANCHOR = "audit.anchor"

_LINE = re.compile(r"(\d{1,18}) ([0-9a-f]{64}) \S+")


@dataclass
class Anchored:
    """What an anchor file says: the hashes named for each entry (one, if all is well), and how many lines are no anchor."""

    hashes: dict[int, set[str]] = field(default_factory=dict)
    unreadable: int = 0


def read_anchor(path: Path) -> Anchored:
    """Read the anchor file; a missing one says nothing. Raises StoreBroken when it is there and cannot be read."""
    anchored = Anchored()
    with told(str(path)):
        try:
            text = path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return anchored
    for line in filter(None, text.split("\n")):
        if match := _LINE.fullmatch(line):
            anchored.hashes.setdefault(int(match[1]), set()).add(match[2])
        else:
            anchored.unreadable += 1
    return anchored


class Anchor:
    """The open anchor file. `seq` is the highest entry named in it. Used by the writer thread alone."""

    def __init__(self, path: Path) -> None:
        """Open, or make, the file. Raises StoreError."""
        with told(str(path)):
            new = not path.exists()
            self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            if new:
                sync_folder(path.parent)
            tail = _tail(self._fd)
        self._torn = not tail.endswith(b"\n") and tail != b""
        named = [int(match[1]) for line in tail.decode(errors="replace").split("\n") if (match := _LINE.fullmatch(line))]
        self.seq = max(named, default=0)

    def append(self, seq: int, head: str, at: int) -> None:
        """Name the entry `seq`, durably. Raises OSError."""
        line = f"{seq} {head} {from_db(at).isoformat(timespec='seconds')}\n".encode()
        if self._torn:
            # The file may be append-only by attribute: what is torn cannot be cut back, only ended.
            line = b"\n" + line
        self._torn = True
        written = os.write(self._fd, line)
        if written < len(line):
            raise OSError(f"only {written} of {len(line)} bytes were written")
        self._torn = False
        os.fdatasync(self._fd)
        self.seq = seq

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def _tail(fd: int) -> bytes:
    """The last lines: enough to know the last anchor and whether it is whole."""
    size = os.fstat(fd).st_size
    return os.pread(fd, 4096, max(0, size - 4096))
