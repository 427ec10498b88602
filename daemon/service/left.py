"""How the daemon before this one left the office, in one trip to the database: its clock, the last resume, its machine, its drafts by state."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from daemon.desk.counted import counts
from daemon.service.clock import Noted
from daemon.service.machine import Machine
from daemon.store import Store, from_db

CLOCK = "clock"
"""Under this name `meta` remembers the boot, and the moment that the office's clock calls its start."""
EPOCH = "epoch"
"""… the number of the last resume."""
MACHINE = "machine"
"""… the office's `Stand` (service/stand.py), as JSON."""


class _Stood(msgspec.Struct, frozen=True):
    """What is asked of a `Stand` here."""

    machine: Machine
    came_from: tuple[Machine, ...] = ()


class Left(NamedTuple):
    """What was left behind. `epoch` is 0 before the first resume, `stood` None before the first start."""

    noted: Noted | None
    last_entry: datetime | None
    epoch: int
    stood: _Stood | None
    queue: Mapping[str, int]

    def at_home(self, here: Machine) -> bool:
        """Whether the office goes on where it was: on no other machine than this has anybody ever had the right to send."""
        return self.stood is not None and self.stood.machine.id == here.id and not self.stood.came_from


async def left(store: Store) -> Left:
    """What was left behind in this store. Raises StoreError."""
    return await store.read(_left)


def _left(db: sqlite3.Connection) -> Left:
    known = dict(db.execute("SELECT key, value FROM meta WHERE key IN (?, ?, ?)", (CLOCK, EPOCH, MACHINE)).fetchall())
    last = db.execute("SELECT at FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    noted = None
    if CLOCK in known:
        boot, _, start = str(known[CLOCK]).partition(" ")
        noted = Noted(boot, from_db(int(start)))
    return Left(
        noted,
        from_db(last["at"]) if last else None,
        int(known.get(EPOCH, 0)),
        msgspec.json.decode(known[MACHINE], type=_Stood) if MACHINE in known else None,
        counts(db),
    )
