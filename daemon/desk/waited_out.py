"""A draft that a platform asked to wait, for longer than its own time bears: a person is asked again, as of any that comes too late."""

from __future__ import annotations

from datetime import datetime

from daemon.desk.case import Case, save
from daemon.desk.releasing import LATE, MACHINE
from daemon.store import Tx


def held_if_late(tx: Tx, case: Case, again_at: datetime | None) -> Case:
    """Hold an approved draft whose moment will be long past when it may be tried again; any other stays as it is."""
    meant = case.item.release_at
    if again_at is None or meant is None or case.state != "approved" or again_at - meant <= LATE:
        return case
    held = case.step("hold")
    save(tx.db, held, tx.now)
    tx.record(MACHINE, "hold", held.id, account=held.account.id, hash=held.hash, state=held.state)
    return held
