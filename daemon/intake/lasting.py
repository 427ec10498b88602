"""What was taken in must still lie there after a power cut. People's programs do not sync: for half a minute a new file may come back
empty, or not at all, and would then look like its author's own edit or withdrawal."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from daemon.intake.arrival import Brought, Gone, Refused, Renamed
from daemon.intake.scan import open_folder

FEW = 4
"""So many files are synced by themselves; of more, their whole file system at once, which is the cheaper."""
TICK_NS = 20_000_000
"""A file's time may lie so far behind the clock (a kernel's clock tick is up to 10 ms)."""

_libc = ctypes.CDLL(None, use_errno=True)
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class Lasting:
    """Makes files durable, and remembers when each device was last synced whole: what has not changed since needs no more. So a burst
    costs one sync, not one a batch."""

    def __init__(self, drafts: Path) -> None:
        self._drafts = drafts
        self._synced: dict[int, int] = {}
        self._hands = ThreadPoolExecutor(FEW, thread_name_prefix="intake-sync")

    def make(self, things: Iterable[Brought]) -> None:
        """Make the files of these arrivals durable under their names. One that has gone meanwhile is nobody's loss. Raises OSError."""
        accounts: dict[str, list[bytes]] = {}
        for thing in things:
            if not isinstance(thing, Gone | Renamed | Refused) and not self._covered(thing.dev, thing.ctime_ns):
                accounts.setdefault(thing.account, []).append(thing.name)
        few = sum(map(len, accounts.values())) <= FEW
        devices: set[int] = set()
        for account, names in accounts.items():
            folder = open_folder(self._drafts, account)
            try:
                if few:
                    self._sync_each(folder, names)
                elif (device := os.fstat(folder).st_dev) not in devices:
                    devices.add(device)
                    self._sync_all(folder, device)
            finally:
                os.close(folder)

    def close(self) -> None:
        """End the threads."""
        self._hands.shutdown()

    def _covered(self, device: int, changed: int) -> bool:
        synced = self._synced.get(device, 0)
        return changed < synced <= time.time_ns()  # a clock that was set back proves nothing

    def _sync_each(self, folder: int, names: Iterable[bytes]) -> None:
        """The files and their folder, all at once: a slow disk makes one wait, not one a file."""
        waits = [self._hands.submit(_sync_one, folder, name) for name in names]
        try:
            os.fsync(folder)
        finally:
            for wait in waits:  # each of them uses the folder
                wait.exception()
        for wait in waits:
            wait.result()

    def _sync_all(self, folder: int, device: int) -> None:
        begun = time.time_ns()
        if _libc.syncfs(folder) != 0:
            problem = ctypes.get_errno()
            raise OSError(problem, os.strerror(problem))
        self._synced[device] = begun - TICK_NS


def _sync_one(folder: int, name: bytes) -> None:
    try:
        file = os.open(name, _OPEN, dir_fd=folder)
    except OSError:  # gone, or something else by now: its next look says so
        return
    try:
        os.fsync(file)
    finally:
        os.close(file)
