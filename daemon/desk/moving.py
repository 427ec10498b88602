"""An office on another machine (別の機械): what its journal says of the old one's sending is not all there is to know.

Between the moment of a backup and the move, the old machine may have sent what still waits here, and no entry tells of it.
"""

from __future__ import annotations

from daemon.store import Store, Tx

_MAYBE_OUT = "('waiting', 'approved', 'scheduled')"


def in_doubt(tx: Tx) -> list[int]:
    """What was under way when the office was copied is 不明: the hand that had it is on the other machine, with its notes. Returns all
    drafts that are."""
    tx.db.execute("UPDATE releases SET state = 'unknown', ended_at = ? WHERE state IN ('begun', 'leased')", (tx.now,))
    unknown = [row["id"] for row in tx.db.execute("SELECT id FROM drafts WHERE state = 'releasing' AND live = 1")]
    tx.db.execute("UPDATE drafts SET state = 'unknown', changed_at = ? WHERE state = 'releasing' AND live = 1", (tx.now,))
    return unknown


def hold_for_a_look(tx: Tx) -> list[int]:
    """Everything that a person might let out next comes back 保留, also what only waits for an approval: it may be out already, and
    whoever confirms it has to look at the platform first. Returns the drafts."""
    held = [row["id"] for row in tx.db.execute(f"SELECT id FROM drafts WHERE state IN {_MAYBE_OUT} AND live = 1")]
    tx.db.execute(f"UPDATE drafts SET state = 'held', changed_at = ? WHERE state IN {_MAYBE_OUT} AND live = 1", (tx.now,))
    return held


async def count_held(store: Store, since: int) -> int:
    """How many of the drafts that `hold_for_a_look` held at `since` nobody has decided about yet."""
    rows = await store.fetch("SELECT count(*) AS n FROM drafts WHERE state = 'held' AND changed_at = ? AND live = 1", (since,))
    return int(rows[0]["n"])
