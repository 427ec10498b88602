"""A desk with a real store, the training office's real rulebook, and a clock that the test sets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from daemon.desk import acts, arrivals, duties, exceptions, releasing
from daemon.desk.case import Case, Setting, load
from daemon.desk.opinion import Paper, judge_paper
from daemon.intake.frontmatter import read_item
from daemon.judge import InSet, Recent
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Operator, Rulebook
from daemon.store import Store, Tx, to_db
from daemon.wire import Approve, Done, Except, Refusal, Return, Schedule, Withdraw

TUESDAY_10 = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
TUESDAY_20 = datetime(2026, 11, 24, 20, 30, tzinfo=TOKYO)


@pytest.fixture(scope="session")
def book(root: Path) -> Rulebook:
    """The training office's rulebook, from the real files."""
    return load_rulebook(root)


class Desk:
    """A readable way to play at the desk: who does what with which draft."""

    def __init__(self, store: Store, book: Rulebook) -> None:
        self.store, self.book = store, book
        self.now = TUESDAY_10
        self.stops: frozenset[str] = frozenset()
        self.recent: tuple[Recent, ...] = ()
        self.started: datetime | None = None
        self.sets: Mapping[int, InSet] | None = None

    @property
    def setting(self) -> Setting:
        lacks = partial(duties.lacks, book=self.book, ticks={})
        return Setting(self.book, self.now, self.stops, lambda _: self.recent, lacks, sets=self.sets, started=self.started)

    async def drop(self, account: str, text: str, name: str = "a.txt", **front: object) -> arrivals.Landed:
        """A file settles in the account's folder."""
        head = "".join(f"{key} = {_toml(value)}\n" for key, value in front.items())
        data = (f"+++\n{head}+++\n" if front else "").encode() + text.encode()
        digest = hashlib.sha256(data).hexdigest()
        paper = Paper(account, name.encode(), data, digest, read_item(data), -1, 1, hash(name) % 10**6, 0, 0, len(data))
        return await self.store.write(arrivals.receive(judge_paper(paper, self.setting)))

    async def remove(self, account: str, name: str = "a.txt") -> arrivals.Landed | None:
        return await self.store.write(arrivals.remove(account, name.encode(), self.setting))

    def who(self, login: str) -> Operator:
        return self.book.operators[login]

    async def case(self, draft: int) -> Case:
        return await self.store.write(lambda tx: load(tx.db, draft, self.book))

    async def do(self, make: Callable[..., Callable[[Tx], Done]], act: object, login: str) -> Done | Refusal:
        try:
            return await self.store.write(make(act, self.who(login), self.setting))
        except Refused as refused:
            return refused.refusal

    async def approve(self, draft: int, login: str, *, digest: str | None = None, reason: str = "") -> Done | Refusal:
        digest = digest or (await self.case(draft)).hash
        return await self.do(acts.approve, Approve(draft=draft, hash=digest, reason=reason), login)

    async def give_back(self, draft: int, login: str, reason: str) -> Done | Refusal:
        return await self.do(acts.give_back, Return(draft=draft, hash=(await self.case(draft)).hash, reason=reason), login)

    async def withdraw(self, draft: int, login: str) -> Done | Refusal:
        return await self.do(acts.withdraw, Withdraw(draft=draft), login)

    async def lift(self, draft: int, login: str, rule: str, reason: str = "断水の周知のため") -> Done | Refusal:
        act = Except(draft=draft, hash=(await self.case(draft)).hash, rule=rule, reason=reason)
        return await self.do(exceptions.lift, act, login)

    async def schedule(self, draft: int, login: str, at: datetime | None = None) -> Done | Refusal:
        return await self.do(acts.schedule, Schedule(draft=draft, hash=(await self.case(draft)).hash, at=at), login)

    async def begin(self, draft: int, login: str | None, *, handle_known: bool = True) -> releasing.Ticket | Refusal:
        digest = (await self.case(draft)).hash
        who = self.who(login) if login else None
        try:
            return await self.store.write(releasing.begin(draft, digest, who, 1, self.setting, handle_known=handle_known))
        except Refused as refused:
            return refused.refusal

    async def end(self, ticket: releasing.Ticket, outcome: str, url: str = "") -> Case:
        return await self.store.write(releasing.end(ticket.release, outcome, self.setting, by="test", url=url))

    async def missing(self, draft: int) -> list[tuple[str, str]]:
        """What the draft waits for: (act, rule or clause)."""
        return [(line.act, line.rule or line.clause) for line in (await self.case(draft)).judged(self.setting).missing]

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)


class Clocked(Desk):
    """A desk that tells its store the time."""

    def __init__(self, store: Store, book: Rulebook, told: list[datetime]) -> None:
        self._told = told
        super().__init__(store, book)

    @property
    def now(self) -> datetime:
        return self._told[0]

    @now.setter
    def now(self, now: datetime) -> None:
        self._told[0] = now


@asynccontextmanager
async def clocked(folder: Path, book: Rulebook) -> AsyncIterator[Desk]:
    """A desk whose store goes by the desk's own clock, where seconds and days are counted."""
    now = [TUESDAY_10]
    async with await Store.open(folder / "state", clock=lambda: to_db(now[0])) as store:
        yield Clocked(store, book, now)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    return value.isoformat() if isinstance(value, datetime) else json.dumps(value, ensure_ascii=False)


@pytest.fixture
async def desk(tmp_path: Path, book: Rulebook) -> AsyncIterator[Desk]:
    """A desk at ten on a Tuesday morning, also for its store: on no day of the tests' own does anything else come out."""
    async with clocked(tmp_path, book) as desk:
        yield desk


def refused(answer: object, code: str) -> bool:
    """True for a refusal with this code; shows the answer where it is not."""
    assert isinstance(answer, Refusal), answer
    assert answer.code == code, answer
    return True


__all__ = ["TUESDAY_10", "TUESDAY_20", "Desk", "clocked", "refused"]
