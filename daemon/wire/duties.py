"""What crosses the socket about duties (務め): attesting one, taking a wrong tick back, what is due by when, and what was done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from daemon.wire.act import Act
from daemon.wire.answer import Answer
from daemon.wire.query import Query

Standing = Literal["needed", "overdue", "soon", "ok", "done"]
"""needed: the account cannot release without it. overdue, soon: by its date. ok: later. done: once and for all."""


class DutyDone(Act, frozen=True, kw_only=True, tag="duty_done"):
    """済: attest a duty, with a note of what was done, the address that shows it, and the day on which it was (today where left out).
    `account` may be left out where only one account has it. Whether a manager has to is said by the policy."""

    duty: str
    note: str
    account: str = ""
    proof: str = ""
    on: date | None = None


class DutyUndo(Act, frozen=True, kw_only=True, tag="duty_undo"):
    """取消: the last tick of a duty is taken back, with the reason. It stays in the record."""

    duty: str
    reason: str
    account: str = ""


class Duties(Query, frozen=True, kw_only=True, tag="duties"):
    """What has to be done by a date, or before an account's first release. Answer: `DutyList`."""


class DutyHistory(Query, frozen=True, kw_only=True, tag="duty_history"):
    """The last `limit` ticks, newest first, those that were taken back among them; of one duty, of one account. Answer: `DutyPast`."""

    duty: str = ""
    account: str = ""
    limit: int = 100


class DutySeen(Struct, frozen=True, kw_only=True):
    """A duty: what, when it was last done (None: never yet), when it is due (None: once and for all), whether that has passed. `basis`
    says where the interval comes from, `cite` which article names the duty, or which rule of the office; `who` may attest it. `can` names
    the acts that the one who asks could carry out."""

    id: str
    title: str
    title_en: str
    basis: str
    basis_en: str
    last: datetime | None
    due: datetime | None
    overdue: bool
    account: str = ""
    clause: str = ""
    cite: str = ""
    standing: Standing = "ok"
    how: str = ""
    how_en: str = ""
    who: str = ""
    logins: tuple[str, ...] = ()
    by: str = ""
    note: str = ""
    proof: str = ""
    needs_proof: bool = False
    can: tuple[str, ...] = ()


class DutyList(Answer, frozen=True, kw_only=True, tag="duties"):
    """All duties: what keeps an account from releasing first, then the one that is due first."""

    duties: tuple[DutySeen, ...]


class DutyTick(Struct, frozen=True, kw_only=True):
    """One tick: who attested which duty when, for which day, and who took it back."""

    id: int
    duty: str
    account: str
    at: datetime
    on: date
    by: str
    note: str
    proof: str = ""
    undone_by: str = ""
    undone_at: datetime | None = None
    undone_reason: str = ""


class DutyPast(Answer, frozen=True, kw_only=True, tag="duty_past"):
    """The ticks, newest first."""

    ticks: tuple[DutyTick, ...]
