"""代決, 後閲 and exceptions with an end: what is asked for over the socket, and what the rounds look after."""

from __future__ import annotations

from daemon.desk import exceptions, reviews
from daemon.rulebook import deputies
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Deputy
from daemon.service.incoming import Incoming
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.wire.deputising import Deputies, DeputyList, DeputySeen, ReviewList, Reviews


class Deputising:
    """The deputies of one office, and what has to be read after them."""

    def __init__(self, office: Running, incoming: Incoming) -> None:
        self._office, self._incoming = office, incoming

    async def reviews(self, query: Reviews, session: Session, request: str) -> ReviewList:
        """What is to be endorsed, and the exceptions that drafts in hand stand on."""
        office = self._office
        setting = office.setting()
        found = await reviews.listed(office.store, setting, session.who, done=query.done)
        return ReviewList(
            reviews=found,
            exceptions=await exceptions.listed(office.store, setting),
            late=sum(one.late and one.state == "open" for one in found),
            objected=sum(one.state == "objected" for one in found),
        )

    async def deputies(self, query: Deputies, session: Session, request: str) -> DeputyList:
        """Who stands in for whom."""
        seen = [self._seen(entry) for entry in self._office.current.rulebook.deputies]
        return DeputyList(deputies=tuple(sorted(seen, key=lambda one: not one.in_force)))

    def _seen(self, entry: Deputy) -> DeputySeen:
        book = self._office.current.rulebook
        deputy = book.operators.get(entry.login)
        return DeputySeen(
            id=entry.id,
            login=entry.login,
            name=deputy.name if deputy is not None else entry.login,
            whom=deputies.whom(entry, book.operators),
            from_=entry.from_,
            until=entry.until,
            accounts=entry.accounts,
            kinds=entry.kinds,
            topics=entry.topics,
            emergencies=entry.emergencies,
            basis=entry.basis,
            in_force=deputies.on(entry, self._office.clock().astimezone(TOKYO).date()),
        )

    async def alarms(self) -> list[tuple[str, str]]:
        """What everybody is told as long as something is overdue or found wrong."""
        return reviews.alarms(await reviews.listed(self._office.store, self._office.setting(), None))

    async def look(self) -> None:
        """A round: what is late is recorded as missed, and what an exception that has ended let by waits again."""
        office = self._office
        now = office.clock()
        if await reviews.any_to_note(office.store, now):
            await office.store.write(reviews.note_missed(office.setting()))
        if not await exceptions.any_ended(office.store, now):
            return
        for case in await office.store.write(exceptions.ended(office.setting())):
            office.hub.publish("draft", draft=case.id, account=case.account.id, state=case.state, verdict=case.verdict)
            self._incoming.note(case.account.id, case.id)
