"""The clause board (条文): every clause, what holds it and is proved to, which drafts it speaks to now, and when it last spoke at all."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from daemon.desk.case import Setting
from daemon.refused import Refused
from daemon.rulebook.coverage import coverage
from daemon.store import Store, from_db
from daemon.wire.answers import ClauseHeld

MOMENT = 0.15
"""Seconds for which drafts are looked through for the last time that each clause spoke; then it is said how far back that was."""
SLICE = 500


class Fired(NamedTuple):
    """The newest draft with a finding under each clause, when it came, and the time back to which was looked; None: to the beginning."""

    by_clause: Mapping[str, tuple[int, datetime]]
    back_to: datetime | None


async def clauses(
    store: Store, policy_id: str, setting: Setting, tests: Mapping[str, tuple[str, ...]] | None
) -> tuple[ClauseHeld, ...]:
    """The board of one policy. `tests` are those that prove a clause, None where nobody knows. Raises Refused for no such policy."""
    policy = setting.book.policies.get(policy_id)
    if policy is None:
        raise Refused("no_such", f"要綱 {policy_id} はありません。", f"There is no policy {policy_id}.")
    accounts = tuple(account.id for account in setting.book.accounts.values() if account.policy == policy_id)
    marks = ",".join("?" * len(accounts))
    rows = await store.fetch(
        f"SELECT json_extract(f.value, '$.clause') AS clause, COUNT(DISTINCT d.id) AS n FROM drafts d, json_each(d.findings) f "
        f"WHERE d.live = 1 AND d.account IN ({marks}) AND d.state IN ('to_fix', 'waiting', 'held') GROUP BY 1",
        accounts,
    )
    spoken = Counter({row["clause"]: row["n"] for row in rows})
    wanted = frozenset(clause for clause, c in policy.clauses.items())
    fired = await store.read(lambda db: last_fired(db, accounts, wanted))
    found = []
    for c in coverage(policy, {}):
        draft, at = fired.by_clause.get(c.id, (None, None))
        found.append(
            ClauseHeld(
                id=c.id,
                cite=c.cite,
                class_=c.class_,
                text=policy.clauses[c.id].text,
                note=policy.clauses[c.id].note,
                status=c.status,
                held_by=c.held_by,
                open_findings=spoken[c.id],
                last_fired=at,
                last_draft=draft,
                looked_back=fired.back_to if at is None else None,
                tests=None if tests is None else tests.get(c.id, ()),
            )
        )
    return tuple(found)


def last_fired(
    db: sqlite3.Connection, accounts: tuple[str, ...], clauses: frozenset[str], clock: Callable[[], float] = time.monotonic
) -> Fired:
    """When each of these clauses last spoke in a draft of these accounts: back from the newest draft, for a moment."""
    until, marks = clock() + MOMENT, ",".join("?" * len(accounts))
    found: dict[str, tuple[int, datetime]] = {}
    before = 1 << 62
    while len(found) < len(clauses):
        rows = db.execute(
            f"SELECT id, received_at, findings FROM drafts WHERE id < ? AND verdict <> 'pass' AND account IN ({marks}) "
            f"ORDER BY id DESC LIMIT {SLICE}",
            (before, *accounts),
        ).fetchall()
        for row in rows:
            before = row["id"]
            for finding in json.loads(row["findings"]):
                if finding["clause"] in clauses:  # others are an older version's, or the office's own: they end no search
                    found.setdefault(finding["clause"], (row["id"], from_db(row["received_at"])))
        if len(rows) < SLICE:
            return Fired(found, None)
        if clock() > until:
            return Fired(found, from_db(rows[-1]["received_at"]))
    return Fired(found, None)
