"""What there is to tell whom, found in what the database says now: nothing is told that is not so, and nothing depends on an event that a
crash may have swallowed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from daemon.desk import attesting, board, reviews
from daemon.desk.case import Case, Setting
from daemon.desk.digest import worked
from daemon.desk.duties import working_hours
from daemon.desk.slices import little_by_little
from daemon.desk.waiting_for import why_not_yet
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account, Operator, Rulebook
from daemon.rulebook.notices import QUIET, NoticeKind
from daemon.store import Store, from_db, to_db

WATCHED = ("waiting", "to_fix", "approved", "held", "returned", "unknown", "expired")
"""The states in which a draft may wait for somebody."""

AT_ONCE = 200
"""Drafts of a state that are looked at in one round."""

_LATELY = timedelta(minutes=1)
"""How long ago a stop may have begun that is told though it is over: one that a round of looking has missed."""

_AGAIN = frozenset({"held", "returned", "unknown", "expired"})
"""States that a draft may come into several times with the same revision: each time is told."""


class Tiding(Struct, frozen=True):
    """One thing to tell one person. `key` keeps it from being told twice; `at` is when it came about."""

    kind: NoticeKind
    login: str
    account: str
    ref: str
    key: str
    at: datetime


Cursor = Mapping[str, tuple[int, int]]
"""How far each state has been looked through: the time and number of the last draft."""


async def of_drafts(store: Store, setting: Setting, cursor: Cursor) -> tuple[list[Tiding], Cursor]:
    """What drafts that have moved since `cursor` ask of whom; and how far that was."""
    found: list[Tiding] = []
    reached = dict(cursor)
    moved = await store.read(lambda db: {state: _moved(db, state, cursor) for state in WATCHED})
    for state, rows in moved.items():
        if rows:
            reached[state] = rows[-1]["changed_at"], rows[-1]["id"]
            cases = await board.cases(store, [row["id"] for row in rows], setting)
            for tidings in await little_by_little(lambda case: tuple(of_case(case, setting)), cases):
                found += tidings
    return found, reached


def _moved(db: sqlite3.Connection, state: str, cursor: Cursor) -> list[sqlite3.Row]:
    """The drafts that have come into this state since."""
    return db.execute(
        "SELECT id, changed_at FROM drafts WHERE state = ? AND live = 1 AND (changed_at > ? OR changed_at = ? AND id > ?) "
        "ORDER BY changed_at, id LIMIT ?",
        (state, cursor.get(state, (0, 0))[0], *cursor.get(state, (0, 0)), AT_ONCE),
    ).fetchall()


def of_case(case: Case, setting: Setting) -> Iterator[Tiding]:
    """Whom this draft asks for, and as what."""
    again = f":{to_db(case.changed_at)}" if case.state in _AGAIN else ""
    key = f"draft:{case.id}:{case.revision}:{case.state}{again}"
    kind: NoticeKind = "returned" if case.state == "returned" else "unknown" if case.state == "unknown" else "waits"
    for login in asked_of(case, setting):
        yield Tiding(kind, login, case.account.id, f"#{case.id}", key, case.changed_at)


def asked_of(case: Case, setting: Setting) -> tuple[str, ...]:
    """The logins of those whom the draft waits for now. What nobody knows the end of concerns author and managers."""
    book = setting.book
    if case.state == "unknown":
        return tuple(dict.fromkeys((*_known((case.author,), book), *managers(case.account, book))))
    if case.state not in WATCHED:
        return ()
    lines = why_not_yet(case, case.judged(setting), setting)
    asked = [login for line in lines for login in line.logins]
    if any(line.act in ("take", "reopen") for line in lines):
        asked += _known((case.author,), book)
    return tuple(dict.fromkeys(asked))


async def of_office(store: Store, setting: Setting) -> list[Tiding]:
    """What has a date: duties, drafts whose time is near, what should have been endorsed."""
    return [
        *await _of_duties(store, setting),
        *await _of_near(store, setting),
        *await _of_reviews(store, setting),
    ]


async def _of_duties(store: Store, setting: Setting) -> list[Tiding]:
    lines = await attesting.listed(store, setting)
    return [
        Tiding("due", login, line.account, line.id, f"duty:{line.id}:{line.account}:{line.due.date()}:{line.standing}", line.due)
        for line in lines
        if line.standing in ("soon", "overdue") and line.due is not None
        for login in line.logins
    ]


async def _of_near(store: Store, setting: Setting) -> list[Tiding]:
    """Drafts that nobody has approved yet, and whose time is near."""
    rules = setting.book.notices or QUIET
    now, until = setting.now, setting.now + timedelta(minutes=rules.near_minutes)
    rows = await store.fetch(
        "SELECT id FROM drafts WHERE live = 1 AND state IN ('waiting', 'to_fix', 'held', 'returned') AND (release_at BETWEEN ? AND ? "
        "OR unixepoch(json_extract(CAST(item AS TEXT), '$.release_at')) BETWEEN ? AND ?) LIMIT ?",
        (to_db(now), to_db(until), int(now.timestamp()), int(until.timestamp()), AT_ONCE),
    )
    found = []
    for case in await board.cases(store, [row["id"] for row in rows], setting):
        at = case.release_at or case.item.release_at or now
        people = dict.fromkeys((*asked_of(case, setting), *_known((case.author,), setting.book)))
        key = f"near:{case.id}:{case.revision}"
        begun = at - timedelta(minutes=rules.near_minutes)
        found += [Tiding("due", login, case.account.id, f"#{case.id}", key, begun) for login in people]
    return found


async def _of_reviews(store: Store, setting: Setting) -> list[Tiding]:
    return [
        Tiding("review", login, each.account, f"#{each.draft}", f"review:{each.id}", each.due)
        for each in await reviews.listed(store, setting, None)
        if each.late and each.state == "open"
        for login in each.logins or managers(setting.book.accounts.get(each.account), setting.book)
    ]


async def of_stops(store: Store, setting: Setting) -> list[Tiding]:
    """A stop that stands, or stood a moment ago, to the managers of what it covers, but for the one who made it."""
    book = setting.book
    found = []
    lately = to_db(setting.now - _LATELY)
    for row in await store.fetch("SELECT id, scope, at, by FROM stops WHERE ended_at IS NULL OR at > ?", (lately,)):
        covered = [a for a in book.accounts.values() if row["scope"] in ("all", a.id, a.platform)]
        people = dict.fromkeys(login for account in covered for login in managers(account, book) if login != row["by"])
        scope = "" if row["scope"] == "all" else row["scope"]
        found += [Tiding("stopped", login, scope, "", f"stop:{row['id']}", from_db(row["at"])) for login in people]
    return found


async def unattended(store: Store, setting: Setting, connected: frozenset[str]) -> dict[str, datetime]:
    """The accounts with something that has waited too long while nobody of theirs had a console open or did anything; and since when."""
    book = setting.book
    hours = (book.notices or QUIET).unattended_hours
    if hours <= 0 or not book.accounts:
        return {}
    marks = ",".join("?" * len(book.accounts))
    rows = await store.fetch(
        "SELECT account, min(changed_at) AS since FROM drafts WHERE live = 1 AND state IN ('waiting', 'held', 'unknown') "
        f"AND account IN ({marks}) GROUP BY account",
        tuple(book.accounts),
    )
    if not rows:
        return {}
    lately = to_db(setting.now - timedelta(hours=hours))
    acted = {row["actor"] for row in await store.fetch("SELECT DISTINCT actor FROM audit WHERE at > ?", (lately,))}
    found = {}
    for row in rows:
        account, since = book.accounts[row["account"]], from_db(row["since"])
        people = {who.login for who in _serving(account, book)}
        waited = worked(working_hours(account, book), since, setting.now, account, book.days)
        if waited >= timedelta(hours=hours) and not people & (acted | connected):
            found[account.id] = since
    return found


def of_unattended(found: Mapping[str, datetime], setting: Setting) -> list[Tiding]:
    """The managers of these accounts, told once a day."""
    day = setting.now.astimezone(TOKYO).date()
    return [
        Tiding("unattended", login, account, "", f"unattended:{account}:{day}", setting.now)
        for account in found
        for login in managers(setting.book.accounts[account], setting.book)
    ]


def managers(account: Account | None, book: Rulebook) -> list[str]:
    """The managers of an account: those of its own unit, where it has any."""
    able = [who for who in _serving(account, book) if who.role == "manager"] if account is not None else []
    own = [who for who in able if account is not None and who.unit == account.unit]
    return [who.login for who in own or able]


def wanted(tidings: Iterable[Tiding], book: Rulebook, now: datetime) -> Iterator[Tiding]:
    """Without those to people who are not there (any more), or who leave that kind out."""
    day = now.astimezone(TOKYO).date()
    for each in tidings:
        who = book.operators.get(each.login)
        if who is not None and who.in_office(day) and each.kind not in who.mute:
            yield each


def _serving(account: Account, book: Rulebook) -> list[Operator]:
    return [who for who in book.operators.values() if account.policy in who.policies and who.role != "viewer"]


def _known(logins: Iterable[str], book: Rulebook) -> tuple[str, ...]:
    return tuple(login for login in logins if login in book.operators)


def cursor_json(cursor: Cursor) -> str:
    """A cursor as it is kept."""
    return msgspec.json.encode(dict(cursor)).decode()


def cursor_of(kept: object) -> Cursor:
    """A cursor as it was kept; from the beginning where none was."""
    return msgspec.json.decode(kept, type=dict[str, tuple[int, int]]) if isinstance(kept, str) else {}
