"""When each clause last spoke to a comment: found there by the machine, or named by whoever judged it. For the clause board, which knows of drafts."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from daemon.moderation.comment import IN_HAND
from daemon.store import Store, from_db
from daemon.wire.answers import ClauseHeld

MOMENT = 0.15
"""Seconds for each of the two looks back; then it is said how far it came."""
SLICE = 500

_FOUND = (
    "SELECT id, id AS comment, arrived_at AS at, findings, '' AS clause FROM comments WHERE id < ? AND verdict <> 'pass' AND account IN ({}) "
    "ORDER BY id DESC LIMIT ?"
)
_JUDGED = (
    "SELECT s.id, s.comment, s.at, '' AS findings, s.clause FROM comment_says s JOIN comments c ON c.id = s.comment WHERE s.id < ? "
    "AND s.kind = 'judgement' AND s.undone_at IS NULL AND c.account IN ({}) ORDER BY s.id DESC LIMIT ?"
)


class Heard(NamedTuple):
    """The comment to which each clause last spoke, and when; the time back to which was looked (None: to the beginning); and to how many
    comments that wait for a decision each clause speaks."""

    by_clause: Mapping[str, tuple[int, datetime]]
    back_to: datetime | None
    in_hand: Mapping[str, int]


async def with_comments(store: Store, board: Sequence[ClauseHeld], accounts: Sequence[str]) -> tuple[ClauseHeld, ...]:
    """The clauses of the board, each as it was last heard of, in a draft or in a comment to one of these accounts."""
    wanted = {each.id for each in board}
    heard = await store.read(lambda db: heard_of(db, accounts, wanted))
    return tuple(_joined(each, heard) for each in board)


def heard_of(
    db: sqlite3.Connection, accounts: Sequence[str], wanted: Collection[str], clock: Callable[[], float] = time.monotonic
) -> Heard:
    """What comments say of these clauses: back from the newest of each kind, for a moment each."""
    found, found_to = _look_back(db, _FOUND, accounts, wanted, clock)
    judged, judged_to = _look_back(db, _JUDGED, accounts, wanted, clock)
    newest = {
        clause: max((each[clause] for each in (found, judged) if clause in each), key=lambda one: one[1])
        for clause in found.keys() | judged.keys()
    }
    marks, states = _marks(accounts), _marks(IN_HAND)
    rows = db.execute(
        "SELECT json_extract(f.value, '$.clause') AS clause, COUNT(DISTINCT c.id) AS n FROM comments c, json_each(c.findings) f "
        f"WHERE c.account IN ({marks}) AND c.state IN ({states}) GROUP BY 1",
        (*accounts, *IN_HAND),
    )
    in_hand = Counter({row["clause"]: row["n"] for row in rows})
    return Heard(newest, max((at for at in (found_to, judged_to) if at is not None), default=None), in_hand)


def _look_back(
    db: sqlite3.Connection, query: str, accounts: Sequence[str], wanted: Collection[str], clock: Callable[[], float]
) -> tuple[dict[str, tuple[int, datetime]], datetime | None]:
    until, before = clock() + MOMENT, 1 << 62
    found: dict[str, tuple[int, datetime]] = {}
    while len(found) < len(wanted):
        rows = db.execute(query.format(_marks(accounts)), (before, *accounts, SLICE)).fetchall()
        for row in rows:
            before = row["id"]
            for clause in _clauses(row):
                if clause in wanted:  # others are an older version's, or the office's own: they end no search
                    found.setdefault(clause, (row["comment"], from_db(row["at"])))
        if len(rows) < SLICE:
            return found, None
        if clock() > until:
            return found, from_db(rows[-1]["at"])
    return found, None


def _clauses(row: sqlite3.Row) -> Iterator[str]:
    if row["clause"]:
        yield row["clause"]
    if row["findings"]:
        yield from (finding["clause"] for finding in json.loads(row["findings"]))


def _joined(clause: ClauseHeld, heard: Heard) -> ClauseHeld:
    clause = replace(clause, open_comments=heard.in_hand.get(clause.id, 0))
    comment, at = heard.by_clause.get(clause.id, (None, None))
    if at is not None and (clause.last_fired is None or at > clause.last_fired):
        return replace(clause, last_fired=at, last_draft=None, last_comment=comment, looked_back=None)
    if clause.last_fired is None and heard.back_to is not None:
        return replace(clause, looked_back=max(heard.back_to, clause.looked_back or heard.back_to))
    return clause


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
