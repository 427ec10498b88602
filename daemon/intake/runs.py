"""Readings in runs: a few are done here and at once, many go to whoever reads elsewhere, in processes of their own.

While a burst pours in, one run is being read there while the one before it is kept here. A single draft never waits for another
process: to ask one, and to be woken by it, takes longer than to read a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from daemon.intake.arrival import Failed, NotYet, Read, Wanted
from daemon.intake.looks import Key
from daemon.intake.names import is_office
from daemon.intake.settling import Reading, Settling

RUN = 128
"""Files in a run at most: what two processes read in the time of one commit."""
FEW = 24
"""So many small files are read here, unless others are being read elsewhere already."""

Answer = tuple[Wanted, Read]


class Elsewhere(Protocol):
    """Who reads files in other processes. For one thread."""

    def prepare(self) -> None:
        """Nothing is to be done just now: get ready for a burst."""

    def ready(self) -> bool:
        """Is there a process that reads, busy or not? From here on there should be one soon."""

    def has_room(self) -> bool:
        """Can it be given a run now?"""

    def send(self, run: Sequence[Wanted]) -> None:
        """Have these read. Only where it has room."""

    def take(self) -> list[Answer]:
        """Wait for answers, of the run that was sent first. May be empty; never raises."""

    def alone(self, wanted: Wanted) -> bool:
        """Has a process ended over this file, so that it must be read elsewhere, and by itself?"""


class Runs:
    """The readings of one intake. `done` gets what became of each, in no particular order of files."""

    def __init__(self, settling: Settling, elsewhere: Elsewhere | None, done: Callable[[Reading, Read], None]) -> None:
        self._settling, self._elsewhere, self._done = settling, elsewhere, done
        self._next: list[Reading] = []
        self._away: dict[Key, Reading] = {}

    def add(self, reading: Reading, *, large: bool = False) -> None:
        """Have this file read, soon. One that is large, or over which a process has ended, goes by itself and is waited for."""
        if is_office(reading.wanted.name):  # decoded by a process of its own in any case
            self._done(reading, self._read(reading.wanted))
            return
        alone = self._elsewhere is not None and self._elsewhere.alone(reading.wanted)
        if not (large or alone):
            self._next.append(reading)
            if len(self._next) >= RUN:
                self._send()
            return
        self.finish()
        if alone and self._elsewhere is not None and not self._elsewhere.ready():
            self._done(reading, NotYet("suspect"))
            return
        self._next.append(reading)
        self._send(few=0)
        self.finish()

    def prepare(self) -> None:
        """Nothing is to be done just now: get ready for a burst."""
        if self._elsewhere is not None:
            self._elsewhere.prepare()

    def finish(self) -> None:
        """Read what is still to be read, and wait for all of it."""
        if self._next:
            self._send()
        while self._away and self._elsewhere is not None:
            self._answered(self._elsewhere.take())

    def _send(self, few: int = FEW) -> None:
        run, self._next = self._next, []
        elsewhere = self._elsewhere
        if elsewhere is None or (len(run) <= few and not self._away) or not elsewhere.ready():
            for reading in run:
                self._done(reading, self._read(reading.wanted))
            return
        taken: list[Answer] = []
        while not elsewhere.has_room():
            taken += elsewhere.take()
        self._away.update((_key(reading.wanted), reading) for reading in run)
        elsewhere.send([reading.wanted for reading in run])
        # Only now: while these are kept here, those are read there.
        self._answered(taken)

    def _read(self, wanted: Wanted) -> Read:
        """Read here. A failure of ours over one file must not end the intake for all others."""
        try:
            return self._settling.read(wanted)
        except Exception as error:
            return Failed.of(error)

    def _answered(self, answers: Iterable[Answer]) -> None:
        for wanted, result in answers:
            self._done(self._away.pop(_key(wanted)), result)


def _key(wanted: Wanted) -> Key:
    return wanted.account, wanted.name
