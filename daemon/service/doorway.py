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
from daemon.rulebook.current import Current
from daemon.service.at_a_glance import at_a_glance
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
        look, mark = self.gate.look(epoch=self.left.epoch), last_mark(self.gate)
        stops = frozenset(look.scopes) | (frozenset() if look.open else {"all"})
        return at_a_glance(
            self.current,
            self.store,
            now=self.clock(),
            started=self.started,
            gate=StopState(
                stopped=not look.open,
                why=look.why,
                why_en=look.why_en,
                since=None if mark is None else datetime.fromtimestamp(mark.at, UTC),
                scopes=tuple(sorted(look.scopes)),
                epoch=self.left.epoch,
            ),
            stopped=lambda each: not stops.isdisjoint(("all", each.id, each.platform)),
            queue=self.left.queue,
            alarms=[STARTING, *self.store.notices],
            known=None,
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
