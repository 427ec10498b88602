"""What follows a stop, as it is asked for over the socket: the check-list, and each tick of it (`daemon/desk/follow_ups.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from daemon.desk import follow_ups
from daemon.rulebook.model import Operator
from daemon.service.once import once
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store import Tx
from daemon.wire.acts import AgreeFollowUp, DoneFollowUp, SkipFollowUps, UndoFollowUp
from daemon.wire.answers import Done
from daemon.wire.following import FollowUpList
from daemon.wire.queries import FollowUps


class Aftermath:
    """The follow-ups of one office."""

    def __init__(self, office: Running) -> None:
        self._office = office

    async def listed(self, query: FollowUps, session: Session, request: str) -> FollowUpList:
        """What is open, and what of the last stop is settled."""
        office = self._office
        return await follow_ups.listed(office.store, office.setting(), session.who, settled=query.settled)

    async def agree(self, act: AgreeFollowUp, session: Session, request: str) -> Done:
        """The first of the two people who delete an account. Raises Refused, as the others do."""
        return await self._tick(follow_ups.agree, act, session.who, request)

    async def done(self, act: DoneFollowUp, session: Session, request: str) -> Done:
        """済, with its proof."""
        return await self._tick(follow_ups.done, act, session.who, request)

    async def skip(self, act: SkipFollowUps, session: Session, request: str) -> Done:
        """不要, with the manager's reason."""
        return await self._tick(follow_ups.skip, act, session.who, request)

    async def undo(self, act: UndoFollowUp, session: Session, request: str) -> Done:
        """A wrong tick taken back, with a reason."""
        return await self._tick(follow_ups.undo, act, session.who, request)

    async def alarm(self) -> tuple[str, str] | None:
        """What everybody is told as long as something is open: running again is not being done."""
        office = self._office
        count = await follow_ups.count_open(office.store, office.current.rulebook)
        if not count:
            return None
        return (
            f"停止のあとにすることが {count} 件残っています（停止画面 5、または kohoban followups）",
            f"{count} things that follow a stop are still open (stop screen 5, or kohoban followups)",
        )

    async def _tick(self, make: Callable[..., Callable[[Tx], Done]], act: Any, who: Operator, request: str) -> Done:
        done = await once(self._office.store, make(act, who, self._office.setting()), who, request)
        self._office.hub.publish("gate")
        return done
