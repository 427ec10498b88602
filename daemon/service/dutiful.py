"""Duties as they are asked for over the socket: the list, each tick, what was done; and what everybody is told of those overdue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from daemon.desk import attesting, duties
from daemon.rulebook.model import Operator
from daemon.rulebook.verdict import Missing
from daemon.service.once import once
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store import Tx
from daemon.wire.answers import Done
from daemon.wire.duties import Duties, DutyDone, DutyHistory, DutyList, DutyPast, DutySeen, DutyUndo

STATUS_MOST = 20
"""Duties that the status names, at most: those that are not due yet are for the list."""


class Dutiful:
    """The duties of one office. `note` is told of every draft whose verdict file is to be written again."""

    def __init__(self, office: Running, note: Callable[[str, int], None]) -> None:
        self._office, self._note = office, note
        self._look = attesting.SeenBefore()

    async def listed(self, query: Duties, session: Session, request: str) -> DutyList:
        """Every duty as it stands."""
        return DutyList(duties=await self._seen(session.who))

    async def history(self, query: DutyHistory, session: Session, request: str) -> DutyPast:
        """The last ticks, newest first."""
        return await attesting.past(self._office.store, query)

    async def done(self, act: DutyDone, session: Session, request: str) -> Done:
        """済, with a note. Raises Refused, as the other does."""
        return await self._tick(attesting.done, act, session.who, request)

    async def undo(self, act: DutyUndo, session: Session, request: str) -> Done:
        """A wrong tick taken back, with a reason."""
        return await self._tick(attesting.undo, act, session.who, request)

    async def at_a_glance(self) -> tuple[tuple[DutySeen, ...], list[tuple[str, str]]]:
        """For the status: the duties that ask for something now and the next drill; and the sentences of those that are overdue."""
        lines = await self._seen(None)
        pressing = [line for line in lines if line.standing in ("needed", "overdue", "soon") or line.id == "drill"]
        return tuple(pressing[:STATUS_MOST]), list(duties.alarms(lines))

    async def _seen(self, who: Operator | None) -> tuple[DutySeen, ...]:
        return await attesting.listed(self._office.store, self._office.setting(), who, self._look)

    async def _tick(self, make: Callable[..., Callable[[Tx], Done]], act: Any, who: Operator, request: str) -> Done:
        office = self._office
        lacking = self._lacking()
        done = await once(office.store, make(act, who, office.setting()), who, request)
        await office.refresh_duties()
        office.hub.publish("clock")
        for account, lines in self._lacking().items():
            if lines != lacking.get(account):
                await self._told_anew(account)
        return done

    def _lacking(self) -> dict[str, tuple[Missing, ...]]:
        book = self._office.current.rulebook
        return {account.id: self._office.lacks(account, book) for account in book.accounts.values()}

    async def _told_anew(self, account: str) -> None:
        """What this account's drafts wait for has changed."""
        for row in await self._office.store.fetch("SELECT id FROM drafts WHERE account = ? AND live = 1", (account,)):
            self._note(account, row["id"])
