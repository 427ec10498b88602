"""The office at work: every room's object, made once, and what they all need to know at one moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import structlog

from daemon.desk import attesting, costs, lately
from daemon.desk.case import Setting
from daemon.desk.correcting import Linked
from daemon.desk.duties import Attested, Key, lacks
from daemon.gate import Look
from daemon.judge import InSet, Recent
from daemon.release.permit import Keeper
from daemon.rulebook.current import Current
from daemon.rulebook.model import Account, Rulebook
from daemon.rulebook.verdict import Missing
from daemon.service.clock import Clock
from daemon.service.hub import Hub
from daemon.service.left import EPOCH
from daemon.store import Store, StoreFull, Tx
from daemon.store.ballast import Ballast

log = structlog.get_logger()

T = TypeVar("T")


class Running:
    """One office, running: rulebook, store, gate, events. Rooms are called through it; it decides nothing itself."""

    def __init__(
        self,
        folder: Path,
        current: Current,
        store: Store,
        clock: Clock,
        *,
        hub: Hub | None = None,
        gate: Keeper | None = None,
        started: datetime | None = None,
    ) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.current = current
        self.store = store
        self.clock = clock
        self.gate = gate or Keeper(self.state)
        self.at_the_gate = asyncio.Lock()
        """Held by whoever of us looks at the gate in order to change it: a round must not make whole a stop that a resume is ending."""
        self.hub = hub or Hub()
        self.stops_seen: frozenset[str] | None = None
        """The stops that the last round, or the last resume, left standing; None before the first round."""
        self.epoch = 0
        self.moved: tuple[str, str] | None = None
        """Why nobody may resume here, in both languages: the office has come from another machine, or one has taken it over
        (service/moving.py). None where this machine is the one that sends."""
        self.disk_full = False
        """The disk is full (service/space.py): no release begins, and what arrives waits in its folder."""
        self.started = started or clock()
        self.alarms: dict[str, tuple[str, str]] = {f"store:{n}": notice for n, notice in enumerate(store.notices)}
        """What is wrong now, by its source, in both languages; shown on every screen until it is over."""
        self.links: Mapping[int, Linked] | None = None
        """The drafts that correct or delete others, as the last round found them."""
        self.in_sets: Mapping[int, InSet] | None = None
        """The sets (一斉発信) under way, by draft, as the last round found them."""
        self._recent: dict[str, tuple[Recent, ...]] = {}
        self._ticks: Mapping[Key, Attested] = {}
        self._lacks: dict[str, tuple[Missing, ...]] = {}
        self._lacks_by: Rulebook | None = None
        self._spent: Mapping[str, int] = {}
        self._spent_in = ""

    @property
    def owner_uid(self) -> int:
        """The login that this office belongs to: the owner of its state."""
        return self.state.stat().st_uid

    async def prepare(self) -> None:
        """Read what is remembered: the last resume, and what went out lately."""
        rows = await self.store.fetch("SELECT value FROM meta WHERE key = ?", (EPOCH,))
        self.epoch = int(rows[0]["value"]) if rows else 0
        for account in self.current.rulebook.accounts:
            await self.refresh_recent(account)
        await self.refresh_duties()
        await self.refresh_spent()
        try:
            await asyncio.to_thread(self.name_scopes)
        except OSError as error:  # a stop of a part then stops everything, which is said
            log.warning("the scopes cannot be written down", why=str(error))

    async def refresh_recent(self, account: str) -> None:
        """Read again what this account released lately; called after every step of a release."""
        self._recent[account] = await lately.recent(self.store, account, self.clock())

    async def refresh_duties(self) -> None:
        """Read again which duties were attested; called after every tick."""
        self._ticks = await attesting.ticks(self.store)
        self._lacks = {}

    async def refresh_spent(self) -> None:
        """Read again what the accounts have cost this month; called after everything that costs something."""
        month = costs.month_of(self.clock())
        self._spent = await self.store.read(lambda db: costs.spent(db, month))
        self._spent_in = month

    def spent_of(self, account: str, moment: datetime) -> int:
        """What an account has cost in the month of this moment, in millionths of a US dollar."""
        return self._spent.get(account, 0) if self._spent_in == costs.month_of(moment) else 0

    def lacks(self, account: Account, book: Rulebook) -> tuple[Missing, ...]:
        """What this account has to have before it may release anything. Worked out anew only when rules or ticks have changed."""
        if self._lacks_by is not book:
            self._lacks_by, self._lacks = book, {}
        if (known := self._lacks.get(account.id)) is None:
            known = self._lacks[account.id] = lacks(account, book, self._ticks)
        return known

    def name_scopes(self) -> None:
        """Tell the gate which accounts and platforms there are: a STOP for anything else stops everything. Raises OSError."""
        accounts = self.current.rulebook.accounts.values()
        self.gate.know({account.id for account in accounts} | {account.platform for account in accounts})

    def look(self) -> Look:
        """The gate as the whole office sees it, for the epoch that the record names."""
        return self.gate.look(epoch=self.epoch)

    async def write_surely(self, op: Callable[[Tx], T]) -> T:
        """Write what must be written also on a full disk (a stop): with the ballast's room where there is no other. Raises as
        `store.write` does where even that is not enough."""
        try:
            return await self.store.write(op)
        except StoreFull:
            if not await asyncio.to_thread(Ballast(self.store.state).give_up):
                raise
            return await self.store.write(op)

    def setting(self, now: datetime | None = None) -> Setting:
        """The world at this moment (or at `now`), for the desk."""
        look = self.look()
        stops = frozenset(look.scopes) | (frozenset() if look.open else {"all"})
        moment = now or self.clock()
        book = self.current.now(moment)
        return Setting(
            book,
            moment,
            stops,
            lambda account: self._recent.get(account, ()),
            lambda account: self.lacks(account, book),
            self.in_sets,
            self.links,
            self.started,
            lambda account: self.spent_of(account, moment),
        )
