"""A filter becomes a frozen list: which drafts meet it, and in which order, all of one moment. Its first rows are found before the rest
(decision 0045): most of what stands first meets what is asked for; or little does, and then an index names it at once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from daemon.desk.conditions import Condition, conditions, one_of
from daemon.desk.orders import order_of, sorted_few, states_of
from daemon.store import texts
from daemon.wire.queries import OpenView

PROBED = 256
"""So many of those that stand first are looked at before any index of conditions is asked."""
ENOUGH = 128
"""So many rows are worth showing: two pages of a console."""
FEW = 5_000
"""So many drafts are read and put in order by themselves; of more, the order of all is walked."""
KNOWN = 50_000
"""So many numbers an index names in some ten milliseconds: which drafts meet a condition is known then without a look at any."""
LOOKING = 0.06
"""Seconds for which one row after the other is looked at, where neither of both was enough."""


class Mask(NamedTuple):
    """Which drafts meet a condition, a byte for each number; with `without`, they are those that do not."""

    marks: bytearray
    without: bool

    def of(self, drafts: Iterable[int]) -> list[int]:
        """Those of these drafts that are left."""
        marks = self.marks
        return [draft for draft in drafts if not marks[draft]] if self.without else [draft for draft in drafts if marks[draft]]


def find(db: sqlite3.Connection, query: OpenView, login: str, now: int, tell: Callable[[Sequence[int]], bool]) -> int:
    """Tell the drafts that meet the conditions, in order, as `login` asks at this moment (microseconds since 1970): a first stretch as
    soon as there is one, then the rest, until `tell` is False. Returns how many drafts, about, have no place in the index of texts yet:
    a search found those only as they are written."""
    upto = texts.behind(db)
    for drafts in _found(db, query, conditions(db, query, login, now, upto)):
        if not tell(drafts):
            break
    return upto if query.text or query.without else 0


def meets(db: sqlite3.Connection, query: OpenView, login: str, now: int, draft: int) -> bool:
    """Whether this one draft meets all conditions."""
    asked = [*conditions(db, query, login, now, texts.behind(db)), one_of("state", states_of(query.states))]
    return bool(_meeting(db, [draft], asked))


def _found(db: sqlite3.Connection, query: OpenView, asked: list[Condition]) -> Iterator[list[int]]:
    states = states_of(query.states)
    order = order_of(db, query.sort, states, query.accounts)
    if query.sort == "arrived" and query.states:
        asked = [one_of("state", states), *asked]

    probed = order.head(db, PROBED)
    first = _meeting(db, probed, asked)
    looked, masks = len(probed), list[Mask]()
    if asked and len(first) < ENOUGH and looked == PROBED:
        known, asked = _looked_up(db, asked)
        if known and len(narrowest := min(known, key=len)) <= FEW:
            fit = _meeting(db, list(narrowest.intersection(*known)), asked)
            yield sorted_few(db, fit, query.sort, states)
            return
        masks = [Mask(_marked(db, [list(hits)]), without=False) for hits in known]
        until = time.monotonic() + LOOKING
        ahead = order.head(db, KNOWN)[looked:]
        while ahead and len(first) < ENOUGH and time.monotonic() < until:
            piece, ahead = ahead[:PROBED], ahead[PROBED:]
            first += _meeting(db, _masked(piece, masks), asked)
            looked += len(piece)
    yield first
    if len(probed) < PROBED:
        return

    masks += [Mask(_marked(db, each.every(db)), each.without) for each in asked]
    seen = 0
    for drafts in order.all(db):
        yield _masked(drafts[max(0, looked - seen) :], masks)
        seen += len(drafts)


def _looked_up(db: sqlite3.Connection, asked: Sequence[Condition]) -> tuple[list[set[int]], list[Condition]]:
    """The drafts that meet those conditions that not too many meet, and the conditions that are left."""
    known, left = list[set[int]](), list[Condition]()
    for each in asked:
        hits = None if each.without else each.few(db, KNOWN)
        if hits is None:
            left.append(each)
        else:
            known.append(hits)
    return known, left


def _meeting(db: sqlite3.Connection, drafts: list[int], asked: Sequence[Condition]) -> list[int]:
    """Those of these drafts that meet all conditions, looked at one by one."""
    for each in asked:
        if drafts:
            hits = each.among(db, drafts)
            drafts = [draft for draft in drafts if (draft in hits) != each.without]
    return drafts


def _masked(drafts: list[int], masks: Sequence[Mask]) -> list[int]:
    for mask in masks:
        drafts = mask.of(drafts)
    return drafts


def _marked(db: sqlite3.Connection, found: Iterable[Iterable[int]]) -> bytearray:
    highest: int = db.execute("SELECT coalesce(max(id), 0) FROM drafts").fetchone()[0]
    marks = bytearray(highest + 1)
    for drafts in found:
        for draft in drafts:
            marks[draft] = 1
    return marks
