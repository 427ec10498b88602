"""A draft that a platform asked to wait, for longer than its own time bears: a person is asked again, as of any that comes too late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from daemon.desk.case import Case, save
from daemon.desk.releasing import LATE, MACHINE
from daemon.store import Tx


def held_if_late(tx: Tx, case: Case, again_at: datetime | None) -> Case:
    """Hold an approved draft whose moment will be long past when it may be tried again; any other stays as it is."""
    if again_at is None or case.state != "approved":
        return case
    meant = _scheduled(tx, case) or case.item.release_at
    if meant is None or again_at - meant <= LATE:
        return case
    held = replace(case.step("hold"), release_at=meant)  # whoever is asked again is told which moment it was
    save(tx.db, held, tx.now)
    tx.record(MACHINE, "hold", held.id, account=held.account.id, hash=held.hash, state=held.state)
    return held


def _scheduled(tx: Tx, case: Case) -> datetime | None:
    """The moment for which a person has scheduled this revision last, without having been asked about it since. By now only the record has
    it: what is due has no time any more."""
    row = tx.db.execute(
        "SELECT act, record FROM audit WHERE draft = ? AND act IN ('schedule', 'approve') ORDER BY seq DESC LIMIT 1", (case.id,)
    ).fetchone()
    if row is None or row["act"] != "schedule":
        return None
    said: dict[str, Any] = msgspec.json.decode(row["record"])["detail"]
    return datetime.fromisoformat(said["until"]) if said["hash"] == case.hash else None
