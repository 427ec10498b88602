"""The doorway: whoever comes while the house is still being set up is greeted, and told how the office stands. All else that they ask waits
until there is a room for it.

An answer needs the rules, the database and the gate; the rooms need ten times as much, and nobody should have to wait for that who only wants
to know whether the office is stopped. What is not known yet is said to be so, and no answer is given that a room might contradict: an
office that has never run, or that has come from another machine, says nothing before it is set up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from daemon.release.permit import Keeper
from daemon.rulebook.calendar import LAST_YEAR
from daemon.rulebook.current import Current
from daemon.service.account_line import account_status
from daemon.service.clock import Clock
from daemon.service.left import Left, left
from daemon.service.machine import Machine
from daemon.service.server import Answer, Session
from daemon.standing import last_mark
from daemon.store import Store
from daemon.wire.answers import AnyAnswer, StatusAnswer
from daemon.wire.frames import Ask
from daemon.wire.queries import Status
from daemon.wire.stops import StopState

KNOCKS = 0.05
"""Seconds that the rooms wait, at most, for those who stand at the door already to be answered: whoever has started the office by calling."""

STARTING = (
    "起動しています。停止、受付時間、件数は今のものです。警告、務め、番人、費用、発信中のもの、だれが停止したかは、まもなく分かります。",
    "Starting. Stop, hours and counts are as they are now; alarms, duties, guards, costs, what is on its way out and who stopped it "
    "will be known in a moment.",
)
"""What the first answers say of what they do not know."""


class Ground(NamedTuple):
    """What an office stands on before its rooms are there."""

    current: Current
    store: Store
    clock: Clock
    gate: Keeper
    left: Left
    home: bool
    """Whether it goes on where it was (`Left.at_home`)."""
    started: datetime

    @classmethod
    async def of(cls, current: Current, store: Store, clock: Clock, gate: Keeper, here: Machine) -> Ground:
        """Go on from where the daemon before this one ended: its clock, the day's rules, and the gate as found. Raises StoreError."""
        before = await left(store)
        clock.remember(before.noted, before.last_entry)
        current.turn()
        if home := before.at_home(here):
            await asyncio.to_thread(gate.after_boot)
        return cls(current, store, clock, gate, before, home, clock())

    @property
    def knows(self) -> bool:
        """Whether it can be said already how the office stands: where it may still be stopped, or opened, on the way in, it cannot."""
        return self.home and (self.left.epoch > 0 or not self.current.rulebook.office.training)

    def status(self) -> StatusAnswer:
        """How the office stands, as far as that is known."""
        book, now = self.current.rulebook, self.clock()
        look = self.gate.look(epoch=self.left.epoch)
        mark = last_mark(self.gate)
        stops = frozenset(look.scopes) | (frozenset() if look.open else {"all"})
        errors = [each for each in self.current.problems if each.severity == "error"]
        alarms = [(each.message, each.message_en) for each in (self.store.trouble,) if each is not None]
        alarms = [STARTING, *alarms, *self.store.notices]
        return StatusAnswer(
            starting=True,
            office=book.office.name,
            training=book.office.training,
            gate=StopState(
                stopped=not look.open,
                why=look.why,
                why_en=look.why_en,
                since=None if mark is None else datetime.fromtimestamp(mark.at, UTC),
                scopes=tuple(sorted(look.scopes)),
                epoch=self.left.epoch,
            ),
            accounts=tuple(
                account_status(
                    each, book, now, stopped=not stops.isdisjoint(("all", each.id, each.platform)), spent=0, reading={}
                )
                for each in book.accounts.values()
            ),
            queue=dict(self.left.queue),
            policy_hash=book.hash,
            policy_since=self.current.since,
            problems=tuple(f"{p.file}:{p.line}: {p.message}" for p in errors),
            problems_en=tuple(f"{p.file}:{p.line}: {p.message_en}" for p in errors),
            alarms=tuple(ja for ja, _ in alarms),
            alarms_en=tuple(en for _, en in alarms),
            audit_head=self.store.head.hash,
            lock_minutes=max(0, book.office.lock_minutes),
            phone=book.office.phone,
            holidays_until=LAST_YEAR,
            now=now,
            started=self.started,
        )


class Doorway:
    """Hands every ask to the house, once it is `open`."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._house: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._heard = asyncio.Event()

    def open(self, answer: Callable[[Ask, Session], Awaitable[AnyAnswer]]) -> None:
        """From now on the house answers, also those who wait."""
        self._house.set_result(answer)

    async def heard(self) -> None:
        """Wait a moment for those who called before anybody was here: until a first one has their answer, or asks for what takes the house."""
        with suppress(TimeoutError):
            async with asyncio.timeout(KNOCKS):
                await self._heard.wait()

    async def answer(self, ask: Ask, session: Session) -> AnyAnswer:
        """The answer to one ask. Raises what the house raises."""
        self._heard.set()
        if not self._house.done() and isinstance(ask.query, Status) and self._ground.knows:
            return self._ground.status()
        answer = await asyncio.shield(self._house)  # who hangs up while waiting takes it from nobody else
        return await answer(ask, session)
