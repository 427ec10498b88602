"""The anchor: `audit.anchor`, a file that only grows, with the head of the record as it was at certain moments.

One line each, `<seq> <hash> <time> <office> <key id> <signature>` (lines of before the seal end behind the time). It is written at
the first entry after a start, at every stop and resume, every 1,000 entries or 10 minutes, and at the end. A chain that was cut, or
recomputed as a whole, no longer fits it. Its lines are to be copied to where the daemon cannot write; a checkpoint that an office
signs with a key of its own (`kohoban audit checkpoint`) is such a line, too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from daemon.store.database import sync_folder
from daemon.store.faults import StoreError, told
from daemon.store.moments import from_db

ANCHOR = "audit.anchor"

_LINE = re.compile(r"(\d{1,18}) ([0-9a-f]{64}) (\S+)(?: ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{128}))?")


class Mark(NamedTuple):
    """A line of an anchor file: the head of the record at a moment, for whom (`office`), and who signed it (`key`)."""

    seq: int
    hash: str
    at: str
    office: str = ""
    key: str = ""
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over."""
        return f"kohoban-checkpoint {self.seq} {self.hash} {self.at} {self.office} {self.key}".encode()

    @property
    def line(self) -> str:
        """The line as it stands in a file, without its end."""
        return " ".join(filter(None, (str(self.seq), *self[1:])))


def parse_mark(line: str) -> Mark | None:
    """Read a line of an anchor file; None when it is none."""
    match = _LINE.fullmatch(line)
    return Mark(int(match[1]), *(part or "" for part in match.groups()[1:])) if match else None


def office_of(first: str) -> str:
    """The short name of an office's record, from the hash of its first entry: what tells its lines from another office's."""
    return first[:16]


class Anchored(Struct):
    """What anchor files say: the hashes named for each entry (one, if all is well), and how many lines are no anchor."""

    hashes: dict[int, set[str]] = {}
    marks: list[Mark] = []
    unreadable: int = 0

    @property
    def offices(self) -> set[str]:
        """The records that the lines name as theirs."""
        return {mark.office for mark in self.marks if mark.office}


def read_anchor(*paths: Path) -> Anchored:
    """Read anchor files; a missing one says nothing. Raises StoreBroken when one is there and cannot be read."""
    anchored = Anchored()
    for path in paths:
        with told(str(path)):
            try:
                text = path.read_bytes().decode(errors="replace")
            except FileNotFoundError:
                continue
        for line in filter(None, text.split("\n")):
            if mark := parse_mark(line):
                anchored.hashes.setdefault(mark.seq, set()).add(mark.hash)
                anchored.marks.append(mark)
            else:
                anchored.unreadable += 1
    return anchored


Sign = Callable[[Mark], Mark]
"""Puts the signature to a line that names its office."""


class Anchor:
    """The open anchor file. `seq` is the highest entry named in it, `last` its last whole line. Used by the writer thread alone;
    `last` may be read from any."""

    def __init__(self, path: Path, sign: Sign | None = None) -> None:
        """Open, or make, the file. Raises StoreError."""
        with told(str(path)):
            new = not path.exists()
            self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            if new:
                sync_folder(path.parent)
            tail = _tail(self._fd)
        self._sign = sign
        self._torn = not tail.endswith(b"\n") and tail != b""
        marks = [mark for line in tail.decode(errors="replace").split("\n") if (mark := parse_mark(line))]
        self.seq = max((mark.seq for mark in marks), default=0)
        self.last = marks[-1] if marks else None

    def append(self, seq: int, head: str, at: int, office: str = "") -> None:
        """Name the entry `seq`, durably, and signed where there is a seal. Raises OSError; StoreError where it could be named but not
        signed."""
        mark = plain = Mark(seq, head, from_db(at).isoformat(timespec="seconds"))
        unsealed: StoreError | None = None
        if self._sign is not None:
            try:
                mark = self._sign(plain._replace(office=office))
            except StoreError as error:
                unsealed = error
        self._append(f"{mark.line}\n".encode())
        self.seq, self.last = seq, mark
        if unsealed is not None:
            raise unsealed

    def _append(self, line: bytes) -> None:
        if self._torn:
            # The file may be append-only by attribute: what is torn cannot be cut back, only ended.
            line = b"\n" + line
        self._torn = True
        written = os.write(self._fd, line)
        if written < len(line):
            raise OSError(f"only {written} of {len(line)} bytes were written")
        self._torn = False
        os.fdatasync(self._fd)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def append_line(path: Path, line: str) -> None:
    """Add a line to an anchor file outside, durably; nothing where it is the last one there already. Raises OSError."""
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        tail = _tail(fd)
        if tail.endswith(f"{line}\n".encode()):
            return
        data = (b"\n" if tail and not tail.endswith(b"\n") else b"") + f"{line}\n".encode()
        if os.write(fd, data) < len(data):
            raise OSError("only a part of the line was written")
        os.fsync(fd)
        sync_folder(path.parent)
    finally:
        os.close(fd)


def _tail(fd: int) -> bytes:
    """The last lines: enough to know the last anchor and whether it is whole."""
    size = os.fstat(fd).st_size
    return os.pread(fd, 4096, max(0, size - 4096))
