"""How many drafts stand in each state: kept by the database itself, never counted."""

from __future__ import annotations

import sqlite3


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many drafts stand in each state."""
    rows = db.execute("SELECT state, SUM(n) AS n FROM counters GROUP BY state HAVING SUM(n) > 0")
    return {row["state"]: row["n"] for row in rows}
