"""緊急の宣言, 代決, 後閲: the acts, the queries, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from msgspec import Struct

from daemon.wire.act import Act, Role
from daemon.wire.answer import Answer
from daemon.wire.query import Query


class Declare(Act, frozen=True, kw_only=True, tag="declare"):
    """緊急の宣言: this very revision, which calls itself an emergency, is one. It lifts the hours and nothing else, and opens a 後閲. Who
    may is checked by the handler: the managers whom the policy names, or their deputy where it does not name them alone."""

    draft: int
    hash: str
    reason: str


class Endorse(Act, frozen=True, kw_only=True, tag="endorse"):
    """後閲: a different person has read what was decided as an emergency or in somebody's place. With `objects` they find it wrong, and
    say why in `note`: what went out stays out, and a correction is asked for."""

    review: int
    note: str = ""
    objects: bool = False


class CloseObjection(Act, frozen=True, kw_only=True, tag="close_objection"):
    """後閲で不可 settled: what was done about it (the correction, the deletion, or why neither)."""

    review: int
    note: str
    role: ClassVar[Role] = "manager"


class Reviews(Query, frozen=True, kw_only=True, tag="reviews"):
    """Every 後閲 that is open or objected to, and the exceptions that drafts in hand stand on; with `done` also what was done lately.
    Answer: `ReviewList`."""

    done: bool = False


class Deputies(Query, frozen=True, kw_only=True, tag="deputies"):
    """Who stands in for whom, by rules.toml. Answer: `DeputyList`."""


class ReviewSeen(Struct, frozen=True, kw_only=True):
    """One 後閲. `cause` is what opened it, `act` the decision, `by` who made it, `on_behalf` for whom. `who` may endorse it (`logins`; `who_en`
    is empty where it would say the same).
    `late` says that its time has passed. `can` names the acts that the one who asks could carry out."""

    id: int
    draft: int
    title: str
    account: str
    name: str
    cause: Literal["emergency", "deputy"]
    act: str
    by: str
    by_name: str
    on_behalf: str
    clause: str
    opened_at: datetime
    due: datetime
    late: bool
    state: Literal["open", "endorsed", "objected", "closed"]
    who: str
    who_en: str = ""
    logins: tuple[str, ...] = ()
    done_by: str = ""
    done_at: datetime | None = None
    note: str = ""
    can: tuple[str, ...] = ()


class LiftSeen(Struct, frozen=True, kw_only=True):
    """One exception that a draft in hand stands on, or stood on: who made it, under which clause, why, until when (None: an old one that
    has no end)."""

    draft: int
    title: str
    account: str
    rule: str
    clause: str
    under: str
    by: str
    by_name: str
    on_behalf: str
    reason: str
    at: datetime
    until: datetime | None
    ended: bool


class ReviewList(Answer, frozen=True, kw_only=True, tag="reviews"):
    """後閲, the one that is due first at the top, and exceptions, the one that ends first at the top."""

    reviews: tuple[ReviewSeen, ...]
    exceptions: tuple[LiftSeen, ...]
    late: int
    objected: int


class DeputySeen(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """One entry of `[[deputies]]`: `login` stands in for `whom`; empty limits are none. `basis` is empty where none is given."""

    id: str
    login: str
    name: str
    whom: str
    from_: date
    until: date
    accounts: tuple[str, ...]
    kinds: tuple[str, ...]
    topics: tuple[str, ...]
    emergencies: str
    basis: str
    in_force: bool


class DeputyList(Answer, frozen=True, kw_only=True, tag="deputies"):
    """The entries, those in force first."""

    deputies: tuple[DeputySeen, ...]
