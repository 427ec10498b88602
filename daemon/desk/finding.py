"""A filter becomes a frozen list: which drafts meet it, and in which order. Every condition is answered by an index, as a set of
numbers; the order is walked along an index too, so that a list of 10⁶ drafts reads none of their rows."""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from daemon.desk.states import NEEDS_SOMEBODY
from daemon.store import Store, texts
from daemon.wire.queries import OpenView

FEW = 20_000
"""So many drafts are read and put in order by themselves; of more, the order of all is walked."""
WORDS_MOST = 16
_MARKS = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})
_ids: msgspec.json.Decoder[list[int]] = msgspec.json.Decoder(list[int])


class Found(NamedTuple):
    """The drafts, in order. `unread`: about so many have no place in the index of texts yet; a search found them only as they are written."""

    ids: array[int]
    unread: int = 0


async def find_all(store: Store, query: OpenView, login: str, now: int) -> Found:
    """The drafts that meet the conditions, as `login` asks at this moment (microseconds since 1970)."""
    return await store.read(partial(_found, query=query, login=login, now=now))


def _found(db: sqlite3.Connection, query: OpenView, login: str, now: int) -> Found:
    states = [state for state in NEEDS_SOMEBODY if not query.states or state in query.states]
    hits = _hits(db, query, login, now)
    if hits is not None and len(hits) <= FEW:
        ids = _few(db, hits, states, query.sort)
    else:
        ids = _walked(db, states, query.sort)
        if hits is not None:
            ids = [draft for draft in ids if draft in hits]
    return Found(array("q", ids), texts.behind(db) if query.text or query.without else 0)


# -- which -------------------------------------------------------------------------------------------------------------------


def _hits(db: sqlite3.Connection, query: OpenView, login: str, now: int) -> set[int] | None:
    """The drafts that meet the conditions, those of the state left aside; None for all."""
    sets: list[set[int]] = [_having(db, word) for word in query.text.split()[:WORDS_MOST] if _means(word)]
    if query.accounts:
        sets.append(_one_of(db, "account", query.accounts))
    if query.mine:
        claimed = "SELECT json_group_array(draft) FROM claims WHERE login = ? AND until > ?"
        sets.append(_one_of(db, "author", (login,)) | _set(db, claimed, login, now))
    if query.due:
        due = "SELECT json_group_array(id) FROM drafts WHERE release_at IS NOT NULL AND live = 1"
        wanted = "SELECT json_group_array(id) FROM drafts WHERE wanted_at IS NOT NULL AND state = 'waiting' AND live = 1"
        sets.append(_set(db, due) | _set(db, wanted))
    if query.verdicts or query.clauses:
        sets.append(_judged(db, query))
    hits = set.intersection(*sets) if sets else None
    without = [_having(db, word) for word in query.without[:WORDS_MOST] if _means(word)]
    if without:
        gone = set.union(*without)
        hits = (_set(db, "SELECT json_group_array(id) FROM drafts") if hits is None else hits) - gone
    return hits


def _means(word: str) -> bool:
    return bool(texts.condition(word))


def _having(db: sqlite3.Connection, word: str) -> set[int]:
    """The drafts with this word in text or file name; `#12` is the draft of that number, too."""
    match = texts.condition(word)
    found: set[int] = set()
    for table in texts.TABLES:
        found |= _set(db, f"SELECT json_group_array(rowid) FROM {table} WHERE {table} MATCH ?", match)
    if upto := texts.behind(db):  # those are looked through letter by letter, as they are written
        like = f"%{word.translate(_MARKS)}%"
        written = r"SELECT json_group_array(id) FROM drafts WHERE id <= ? AND (body LIKE ? ESCAPE '\' OR CAST(name AS TEXT) LIKE ? ESCAPE '\')"
        found |= _set(db, written, upto, like, like)
    number = word[1:]
    if word[0] in "#＃" and number.isdecimal() and len(number) <= 18:
        found |= _set(db, "SELECT json_group_array(id) FROM drafts WHERE id = ?", int(number))
    return found


def _one_of(db: sqlite3.Connection, column: str, values: Sequence[str]) -> set[int]:
    marks = ",".join("?" * len(values))
    return _set(db, f"SELECT json_group_array(id) FROM drafts WHERE {column} IN ({marks})", *values)


def _judged(db: sqlite3.Connection, query: OpenView) -> set[int]:
    """Those with one of these verdicts, and a finding that stands under one of these clauses (`minato/7`: all below it, too;
    below it is what goes on as ids of clauses do: `minato/7(1)`, `minato/7-2`, `taisho/3.削除等`)."""
    wrong = "SELECT json_group_array(id) FROM drafts WHERE verdict <> 'pass'"
    hits: set[int] | None = None
    if query.verdicts:
        named = [verdict for verdict in query.verdicts if verdict != "pass"]
        marks = ",".join("?" * len(named))
        hits = _set(db, f"{wrong} AND verdict IN ({marks})", *named) if named else set()
        if "pass" in query.verdicts:
            hits |= _set(db, "SELECT json_group_array(id) FROM drafts") - _set(db, wrong)
    if query.clauses:
        spoken: set[int] = set()
        for clause in query.clauses:
            spoken |= _set(
                db,
                "SELECT json_group_array(id) FROM (SELECT DISTINCT d.id FROM drafts d, json_each(d.findings) f WHERE d.id IN "
                "(SELECT id FROM drafts WHERE verdict <> 'pass') AND (json_extract(f.value, '$.clause') = ? "
                "OR substr(json_extract(f.value, '$.clause'), 1, length(?) + 1) IN (? || '(', ? || '-', ? || '.')))",
                *(clause,) * 5,
            )
        hits = spoken if hits is None else hits & spoken
    return hits or set()


# -- in which order ----------------------------------------------------------------------------------------------------------


def _few(db: sqlite3.Connection, hits: set[int], states: Sequence[str], sort: str) -> list[int]:
    """These drafts, read and put in order."""
    rank = {state: n for n, state in enumerate(states)}
    rows = db.execute(
        "SELECT id, state, changed_at, received_at, account, "
        "iif(live = 1, coalesce(release_at, iif(state = 'waiting', wanted_at, NULL)), NULL) AS due FROM drafts "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(list(hits)).decode(),),
    )
    usual = sorted((row for row in rows if row["state"] in rank), key=lambda row: (rank[row["state"]], -row["changed_at"]))
    if sort == "arrived":
        usual.sort(key=lambda row: (-row["received_at"], -row["id"]))
    elif sort == "release":
        usual.sort(key=lambda row: (row["due"] is None, row["due"] or 0))
    elif sort == "account":
        usual.sort(key=lambda row: row["account"])
    return [row["id"] for row in usual]


def _walked(db: sqlite3.Connection, states: Sequence[str], sort: str) -> list[int]:
    """All drafts of these states, in order, along the indices."""
    of_state = "SELECT json_group_array(id) FROM (SELECT id FROM drafts WHERE state = ? ORDER BY changed_at DESC)"
    if sort == "arrived":
        ids = _list(db, "SELECT json_group_array(id) FROM (SELECT id FROM drafts ORDER BY received_at DESC, id DESC)")
        if len(states) == len(NEEDS_SOMEBODY):
            return ids
        marks = ",".join("?" * len(states))
        wanted = _set(db, f"SELECT json_group_array(id) FROM drafts WHERE state IN ({marks})", *states)
        return [draft for draft in ids if draft in wanted]
    usual = [draft for state in states for draft in _list(db, of_state, state)]
    if sort == "release":
        due = dict.fromkeys(_due(db))
        here = set(usual) if due else set()
        return [*(draft for draft in due if draft in here), *(draft for draft in usual if draft not in due)]
    if sort == "account":
        return _by_account(db, usual)
    return usual


def _due(db: sqlite3.Connection) -> Iterable[int]:
    """The drafts with a moment, the next first."""
    rows = db.execute(
        "SELECT id, release_at AS at FROM drafts WHERE release_at IS NOT NULL AND live = 1 UNION ALL "
        "SELECT id, wanted_at FROM drafts WHERE wanted_at IS NOT NULL AND state = 'waiting' AND live = 1 AND release_at IS NULL "
        "ORDER BY at"
    )
    return [row["id"] for row in rows]


def _by_account(db: sqlite3.Connection, usual: Sequence[int]) -> list[int]:
    """The usual order, account by account."""
    home: dict[int, str] = {}
    for row in db.execute("SELECT account, json_group_array(id) AS ids FROM drafts GROUP BY account"):
        home |= dict.fromkeys(_ids.decode(row["ids"]), row["account"])
    piles: defaultdict[str, list[int]] = defaultdict(list)
    for draft in usual:
        piles[home[draft]].append(draft)
    return [draft for account in sorted(piles) for draft in piles[account]]


def _list(db: sqlite3.Connection, sql: str, *values: object) -> list[int]:
    # As one JSON array: a row object for each of 10^5 drafts takes four times as long, and a console waits for it.
    return _ids.decode(db.execute(sql, values).fetchone()[0])


def _set(db: sqlite3.Connection, sql: str, *values: object) -> set[int]:
    return set(_list(db, sql, *values))
