"""The office's clock: it goes on steadily whatever somebody does to the machine's, and takes over the machine's time only in a round
that has looked at what a jump would do.

The kernel's CLOCK_BOOTTIME counts every second since the boot, a suspended machine's as well, and nobody can set it. Wall time that
has moved otherwise was set (by a person, by NTP, by a host that moved the machine): perhaps right, perhaps wrong. Nobody's draft goes
out early for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from daemon.gate import boot_id
from daemon.rulebook.calendar import TOKYO

JUMP = timedelta(seconds=10)
"""A difference beyond this is a jump; below, the clock is being corrected in small steps, as NTP does all day."""
GAP = timedelta(minutes=2)
"""So long without a round: the machine slept, or the daemon was halted."""
MOVED = timedelta(seconds=2)
"""A difference beyond this is noted, so that a restart knows a jump from a clock that runs a little fast."""


def tokyo_now() -> datetime:
    """The machine's time, in the zone in which every municipality of this country opens and closes."""
    return datetime.now(TOKYO)


def since_boot() -> timedelta:
    """The time since the machine's boot, whether it was awake or not."""
    return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))


class Noted(NamedTuple):
    """What a restart is told of the clock: in which boot, and which moment was the start of that boot by the office's clock."""

    boot: str
    start: datetime


class Clock:
    """Call it for the time. `wall` is the machine's, which may jump; `steady` counts and cannot be set."""

    def __init__(self, wall: Callable[[], datetime] = tokyo_now, steady: Callable[[], timedelta] = since_boot) -> None:
        self._wall, self._steady = wall, steady
        self._start = wall() - steady()
        self._looked = steady()
        self._noted: datetime | None = None

    def __call__(self) -> datetime:
        return self._start + self._steady()

    def remember(self, noted: Noted | None, last_entry: datetime | None) -> None:
        """After a restart: go on by the clock as it was noted in this boot; after another boot, never from before the last entry of the
        record. If the machine's clock is elsewhere by now, the first look finds the jump."""
        if noted is not None and noted.boot == boot_id():
            self._start = self._noted = noted.start
        elif last_entry is not None and self() < last_entry:
            self._start = last_entry - self._steady()

    def look(self) -> timedelta:
        """How far the machine's clock has jumped since the last look; zero where it has not, and then its time is taken over. A jump
        is taken over by `adopt` alone."""
        jumped = self._wall() - self()
        if abs(jumped) > JUMP:
            return jumped
        self._start += jumped
        return timedelta()

    def adopt(self, jumped: timedelta) -> None:
        """From now on the time after this jump."""
        self._start += jumped

    def gap(self) -> timedelta:
        """How long nobody has asked this, where that is far longer than the pause between two rounds; else zero."""
        passed, self._looked = self._steady() - self._looked, self._steady()
        return passed if passed > GAP else timedelta()

    def to_note(self) -> Noted | None:
        """What is to be noted now for a restart; None where what is noted already still holds."""
        if self._noted is not None and abs(self._start - self._noted) <= MOVED:
            return None
        return Noted(boot_id(), self._start)

    def noted(self, noted: Noted) -> None:
        """This has been noted durably."""
        self._noted = noted.start
