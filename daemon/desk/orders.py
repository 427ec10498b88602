"""The orders of a list, each a row of walks along an index that ends only where somebody stops: no list reads a row of a draft to put it
in its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

import msgspec

from daemon.desk.conditions import portions
from daemon.desk.states import NEEDS_SOMEBODY
from daemon.wire.finding import DraftSort

_OF_STATE = "SELECT id FROM drafts WHERE state = ? ORDER BY changed_at DESC"
_OF_ACCOUNT = "SELECT id FROM drafts WHERE account = ? AND state = ? ORDER BY changed_at DESC"
_ARRIVED = "SELECT id FROM drafts ORDER BY received_at DESC, id DESC"
_DUE = """SELECT id FROM (SELECT id, state, release_at AS at FROM drafts WHERE release_at IS NOT NULL AND live = 1 UNION ALL
    SELECT id, state, wanted_at FROM drafts WHERE wanted_at IS NOT NULL AND state = 'waiting' AND live = 1 AND release_at IS NULL)
    WHERE state IN (SELECT value FROM json_each(?)) ORDER BY at, id"""


class Order(NamedTuple):
    """Walks one behind the other; a draft that comes twice counts where it comes first, which is in the first walk."""

    walks: Sequence[tuple[str, tuple[Any, ...]]]
    repeats: bool = False

    def head(self, db: sqlite3.Connection, most: int) -> list[int]:
        """The first `most` drafts."""
        limited = (portions(db, f"SELECT id FROM ({sql} LIMIT ?)", *values, most) for sql, values in self.walks)
        return list(islice(chain.from_iterable(self._once(chain.from_iterable(limited))), most))

    def all(self, db: sqlite3.Connection) -> Iterator[list[int]]:
        """Every draft, in portions."""
        return self._once(chain.from_iterable(portions(db, sql, *values) for sql, values in self.walks))

    def _once(self, found: Iterator[list[int]]) -> Iterator[list[int]]:
        if not self.repeats:
            yield from found
            return
        before: set[int] = set()
        for ids in found:
            yield [draft for draft in ids if draft not in before]
            before.update(ids)


def order_of(db: sqlite3.Connection, sort: DraftSort, states: Sequence[str], accounts: Sequence[str]) -> Order:
    """The drafts of these states, in this order; by arrival, those of all states, and by account, those of `accounts` (none: all)."""
    if sort == "arrived":
        return Order([(_ARRIVED, ())])
    usual = [(_OF_STATE, (state,)) for state in states]
    if sort == "account":
        there = sorted(set(accounts)) if accounts else _accounts(db)
        return Order([(_OF_ACCOUNT, (account, state)) for account in there for state in states])
    if sort == "release":
        return Order([(_DUE, (msgspec.json.encode(states).decode(),)), *usual], repeats=True)
    return Order(usual)


def sorted_few(db: sqlite3.Connection, drafts: Sequence[int], sort: DraftSort, states: Sequence[str]) -> list[int]:
    """These few drafts, as far as they are in one of these states: read, and put in the same order."""
    rank = {state: n for n, state in enumerate(states)}
    rows = db.execute(
        "SELECT id, state, changed_at, received_at, account, iif(live = 1, coalesce(release_at, iif(state = 'waiting', wanted_at, NULL)), NULL) "
        "AS due FROM drafts WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (msgspec.json.encode(drafts).decode(),),
    )
    usual = sorted((row for row in rows if row["state"] in rank), key=lambda row: (rank[row["state"]], -row["changed_at"]))
    if sort == "arrived":
        usual.sort(key=lambda row: (-row["received_at"], -row["id"]))
    elif sort == "release":
        usual.sort(key=lambda row: (1, 0, 0) if row["due"] is None else (0, row["due"], row["id"]))
    elif sort == "account":
        usual.sort(key=lambda row: row["account"])
    return [row["id"] for row in usual]


def states_of(wanted: Sequence[str]) -> list[str]:
    """These states, in the order of the queue; all, where none is named."""
    return [state for state in NEEDS_SOMEBODY if not wanted or state in wanted]


def _accounts(db: sqlite3.Connection) -> list[str]:
    """Every account that has a draft, also one that the office no longer has: from one to the next along an index."""
    rows = db.execute(
        "WITH RECURSIVE there (account) AS (SELECT min(account) FROM drafts UNION ALL "
        "SELECT (SELECT min(account) FROM drafts WHERE account > there.account) FROM there WHERE there.account IS NOT NULL) "
        "SELECT account FROM there WHERE account IS NOT NULL"
    )
    return [row["account"] for row in rows]
