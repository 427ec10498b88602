"""The calendar (暦): closed days, extra openings, and a month with what is planned in it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import ClassVar, Literal

from msgspec import Struct

from daemon.wire.act import Act, Role
from daemon.wire.answer import Answer
from daemon.wire.query import Query


class AddClosure(Act, frozen=True, kw_only=True, tag="add_closure", rename={"from_": "from"}):
    """臨時閉庁: closed from the first to the last day, both included (`to` left out: one day), for these accounts (none: all whose policy
    has hours). `clause` is the article under which it is done (empty: the one of the hours). `until`: the day from which it no longer
    counts (left out: the next opening day after it)."""

    from_: date
    to: date | None = None
    accounts: tuple[str, ...] = ()
    reason: str
    clause: str = ""
    until: date | None = None
    role: ClassVar[Role] = "manager"


class AddOpening(Act, frozen=True, kw_only=True, tag="add_opening"):
    """臨時の開庁（休日開庁）: open on that day from `open` to the end of the minute `close`. It goes beyond the policy's hours, so `clause`
    names the article that allows it."""

    day: date
    open: time
    close: time
    accounts: tuple[str, ...] = ()
    reason: str
    clause: str = ""
    until: date | None = None
    role: ClassVar[Role] = "manager"


class RemoveOverride(Act, frozen=True, kw_only=True, tag="remove_override"):
    """上書きの取消: an override no longer counts from now on, with the reason. It stays in the record."""

    id: str
    reason: str
    role: ClassVar[Role] = "manager"


class SpecialDays(Query, frozen=True, kw_only=True, tag="special_days"):
    """Closures, extra openings and narrower hours: those of rules.toml and the overrides. Answer: `SpecialDayList`."""


class MonthOf(Query, frozen=True, kw_only=True, tag="month"):
    """A month of the calendar, `YYYY-MM` (empty: this one), of all accounts or of one. Answer: `Month`."""

    month: str = ""
    account: str = ""


class SpecialDaySeen(Struct, frozen=True, kw_only=True):
    """One closure, extra opening, or narrower hours. `open` and `close` as `HH:MM`, empty for a closure; `author` and `until` are those of
    an override, empty for what stands in rules.toml; `over`: it lies in the past."""

    what: Literal["closure", "opening", "hours"]
    first: date | None
    last: date | None
    open: str = ""
    close: str = ""
    accounts: tuple[str, ...] = ()
    reason: str = ""
    clause: str = ""
    id: str = ""
    author: str = ""
    until: date | None = None
    over: bool = False


class SpecialDayList(Answer, frozen=True, kw_only=True, tag="special_days"):
    """All special days, the first one first; `last_year` is the last year for which the holidays have been announced."""

    days: tuple[SpecialDaySeen, ...]
    last_year: int


class PlannedSeen(Struct, frozen=True, kw_only=True):
    """A draft that is to go out, or has gone out, on a day. `at` is the moment that is set, asked for, or was."""

    draft: int
    account: str
    title: str
    state: str
    at: datetime


class AccountDay(Struct, frozen=True, kw_only=True):
    """One account on one day: `hours` such as `9:00–17:30` (empty: closed all day; `free` where the policy has no hours at all), and why
    it is closed. `special`: a closure or an extra opening of the office decides."""

    account: str
    open: bool
    hours: str = ""
    free: bool = False
    reason: str = ""
    reason_en: str = ""
    special: bool = False


class DaySeen(Struct, frozen=True, kw_only=True):
    """One day of the month, with all accounts that were asked for and what is planned."""

    day: date
    accounts: tuple[AccountDay, ...]
    planned: tuple[PlannedSeen, ...] = ()


class GapSeen(Struct, frozen=True, kw_only=True):
    """An account with nothing sent or scheduled from one day to another, both included; `working` of those days are opening days."""

    account: str
    first: date
    last: date
    days: int
    working: int


class ClashSeen(Struct, frozen=True, kw_only=True):
    """Drafts that get in each other's way, or in the way of the hours: within minutes on one account (`near`), at the same moment on
    several (`same_moment`), just before closing (`closing`), when it is closed (`closed`)."""

    what: Literal["near", "same_moment", "closing", "closed"]
    at: datetime
    drafts: tuple[int, ...]
    accounts: tuple[str, ...]
    message: str
    message_en: str


class Month(Answer, frozen=True, kw_only=True, tag="month"):
    """A month: every day, gaps, clashes, and the last year for which the holidays have been announced."""

    month: str
    today: date
    days: tuple[DaySeen, ...]
    gaps: tuple[GapSeen, ...] = ()
    clashes: tuple[ClashSeen, ...] = ()
    last_year: int


CALENDAR_ACTS = (AddClosure, AddOpening, RemoveOverride)
