"""What a second machine leaves for the first one to find: a line in each folder of `[office] anchors`, saying who took the office over.

Whoever finds a line of another machine that is not older than their own take-over is no longer the one who sends. The lines can only
stop an office, never open one. A share may hang for minutes and must keep nobody waiting: each folder has a thread of its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from daemon.store.anchor import append_line

EVERY = 10.0
"""Seconds between two looks into a folder."""

MOST = 1 << 20
"""Bytes of a file of lines that are read, from its end."""


class TakenOver(Struct, frozen=True, kw_only=True):
    """A machine has taken the office over. `turn` counts the take-overs of an office: the highest is who sends. `office` names the
    record (`store.anchor.office_of`), `at` is for people (ISO 8601)."""

    office: str
    turn: int
    machine: str
    name: str
    at: str
    by: str


_line = msgspec.json.Decoder(TakenOver)


def newer(lines: Iterable[TakenOver], machine: str, turn: int) -> TakenOver | None:
    """The line that says that not `machine`, whose own last take-over was number `turn`, is the one who sends. Two who took over from
    the same backup have the same number: then each finds the other's line, and both stop."""
    known = list(lines)
    mine = max([turn, *(line.turn for line in known if line.machine == machine)])
    others = [line for line in known if line.machine != machine and line.turn >= mine and line.turn > 0]
    return max(others, key=lambda line: line.turn, default=None)


class Lookout(threading.Thread):
    """One folder: what other machines have left there; and our own line, laid there until it lies."""

    def __init__(self, folder: Path, office: str) -> None:
        # A daemon thread: one that hangs in a dead share must not keep the process from ending.
        super().__init__(name=f"successors-{folder}", daemon=True)
        self._path = folder / f"{office}.machine"
        self._office = office
        self._wake = threading.Event()
        self._closed = False
        self.mine: TakenOver | None = None
        self.lines: tuple[TakenOver, ...] = ()
        """What lay there at the last look."""
        self.looked = threading.Event()
        """Set after the first look, whatever came of it."""
        self.trouble = ""
        """Why our line does not lie there; empty while it does, or there is none."""

    def tell(self, mine: TakenOver | None) -> None:
        """Our own line, to be laid down where it is not there yet."""
        if mine != self.mine:
            self.mine = mine
            self._wake.set()

    def close(self) -> None:
        """Look no more."""
        self._closed = True
        self._wake.set()

    def run(self) -> None:
        """The thread's life."""
        while not self._closed:
            try:
                self.lines = self._read()
                if self.mine is not None and self.mine not in self.lines:
                    append_line(self._path, msgspec.json.encode(self.mine).decode())
                self.trouble = ""
            except OSError as error:
                self.trouble = (error.strerror or str(error)) if self.mine is not None else ""
            self.looked.set()
            self._wake.wait(EVERY)
            self._wake.clear()

    def _read(self) -> tuple[TakenOver, ...]:
        """The lines of this office; what is none is passed over. Raises OSError."""
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return ()
        with os.fdopen(fd, "rb") as file:
            file.seek(max(0, os.fstat(fd).st_size - MOST))
            data = file.read(MOST)
        found = []
        for line in data.splitlines():
            try:
                found.append(_line.decode(line))
            except msgspec.DecodeError:
                continue
        return tuple(line for line in found if line.office == self._office)
