"""The rounds of the watch: what has to be looked at once a second, whether or not anybody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from daemon.desk import expiring, releasing
from daemon.desk import stops as desk_stops
from daemon.rulebook.calendar import opening
from daemon.service import untold
from daemon.service.announced import Announced
from daemon.service.cards import Cards
from daemon.service.comment_watch import CommentWatch
from daemon.service.correcting import Correcting
from daemon.service.deputising import Deputising
from daemon.service.fanning import Fanning
from daemon.service.incoming import Incoming
from daemon.service.jumps import Jumps
from daemon.service.letting_in import LettingIn
from daemon.service.measuring import Measuring
from daemon.service.mentions import Mentions
from daemon.service.moving import Moving
from daemon.service.outgoing import Outgoing
from daemon.service.pictures import Pictures
from daemon.service.promises import Promises
from daemon.service.running import Running
from daemon.service.sheets import SheetWatch
from daemon.service.shift import Shift
from daemon.service.space import Space
from daemon.service.spending import Spending
from daemon.store import StoreError, Tx

log = structlog.get_logger()

EVERY = 1.0
"""Seconds between two rounds."""
OFTEN = 0.25
"""Seconds between two looks at a folder for which somebody may be waiting, and that nothing else watches."""


class Rounds:
    """Due releases, run-out leases, the gate, the rules files, opening and closing."""

    def __init__(
        self,
        office: Running,
        outgoing: Outgoing,
        cards: Cards,
        incoming: Incoming,
        moving: Moving,
        sheets: SheetWatch,
        promises: Promises,
        fanning: Fanning,
        correcting: Correcting,
        comments: CommentWatch,
        letting_in: LettingIn,
        measuring: Measuring,
        mentions: Mentions,
    ) -> None:
        self._mentions = mentions
        self._spending = Spending(office, incoming)
        self._letting_in = letting_in
        self._comments, self._measuring = comments, measuring
        self._sheets = sheets
        self._office, self._outgoing, self._cards, self._incoming, self._moving = office, outgoing, cards, incoming, moving
        self._space = Space(office)
        self._jumps = Jumps(office, incoming)
        self._pictures = Pictures(office, incoming)
        self._deputising = Deputising(office, incoming)
        self._shift = Shift(office)
        self._fanning, self._correcting = fanning, correcting
        self._promises, self._announced = promises, Announced(office, promises)
        self._open: dict[str, bool] = {}

    async def go(self) -> None:
        """Make rounds until cancelled. The gate has its own, which neither a platform that hangs nor a policy by which a million drafts
        are judged again can hold up: a lone STOP that is not made whole in time could be taken away again."""
        async with asyncio.TaskGroup() as watches:
            watches.create_task(self._watch(("machine", self._moving.look), ("gate", self._gate)))
            watches.create_task(
                self._watch(
                    ("clock", self._jumps.look),
                    ("space", self._space.look),
                    ("rules", self._promises.look),
                    ("calendar", self._announced.look),
                    ("fan_out", self._fanning.look),
                    ("links", self._correcting.look),
                    ("hours", self._hours),
                    ("budgets", self._spending.look),
                    ("reviews", self._deputising.look),
                    ("handover", self._shift.look),
                    ("due", self._due),
                    ("expiry", self._expiry),
                    ("releases", self._releases),
                    ("leases", self._cards.expire),
                )
            )
            watches.create_task(self._watch(("guards", self._promises.guarding.look)))  # every canary of every policy
            watches.create_task(self._watch(("pictures", self._pictures.look)))
            watches.create_task(self._watch(("begun", self._outgoing.settle_begun), ("unknown", self._outgoing.look_again)))
            watches.create_task(self._watch(("measures", self._measuring.look), ("mentions", self._mentions.look)))
            watches.create_task(self._watch(("tries", self._measuring.settle)))  # a platform may hang over the question
            watches.create_task(self._watch(("comments", self._comments.look), often=True))  # an export takes as long as it takes
            watches.create_task(self._watch(("credentials", self._letting_in.look)))
            watches.create_task(self._watch(("sheets", self._sheets.look)))  # a share that hangs keeps nothing else waiting

    async def _watch(self, *looks: tuple[str, Callable[[], Awaitable[None]]], often: bool = False) -> None:
        """These looks, one after the other, again and again. One that fails is said and logged, and the next comes all the same."""
        while True:
            for name, look in looks:
                try:
                    await look()
                except Exception as error:  # whatever it is: a watch that ends watches over nothing
                    ja, en = (error.message, error.message_en) if isinstance(error, StoreError) else (str(error), str(error))
                    self._office.alarms[f"round:{name}"] = (
                        f"見回り（{name}）に失敗しました: {ja}",
                        f"A round ({name}) failed: {en}",
                    )
                    log.error("round failed", round=name, exc_info=error)
                else:
                    self._office.alarms.pop(f"round:{name}", None)
            await asyncio.sleep(min(EVERY, OFTEN) if often else EVERY)

    async def _gate(self) -> None:
        """A stop may come from anyone's hand (`rm`, `touch`): see it, make it whole, record it, tell everybody."""
        office = self._office
        async with office.at_the_gate:
            look, stops, before = office.look(), office.setting().stops, office.stops_seen
            marks = frozenset(look.scopes)
            gone = self._gone(stops, await self._left_standing() if before is None else before)
            # A lone STOP that is taken away again must not reopen anything, nor the last mark of a part's stop: only a resume does.
            for scope in sorted(gone | ((stops - before) if before is not None else marks)):
                await asyncio.to_thread(office.gate.shut, scope, "daemon")
            office.stops_seen = now = stops | gone
        try:
            if before is None:
                await self._first_gate(marks, now, gone)
            elif before != now or gone:
                await self._noted(now - before, before - now, gone, look.why_en)
            if await untold.hear(office):
                office.hub.publish("gate")
        except BaseException:
            if office.stops_seen is now:  # what could not be written down is news to the next round, too
                office.stops_seen = before
            raise

    def _gone(self, stops: frozenset[str], before: frozenset[str]) -> frozenset[str]:
        """The stops that no resume has ended, and that stand no more: somebody has taken their marks away. What the gate does not know
        for a part of the office any more is none: its mark would stop everything."""
        return (before - stops) & (self._office.gate.known() | {"all"})

    async def _left_standing(self) -> frozenset[str]:
        """The parts whose stop had not ended when the daemon that ran before this one did."""
        standing = await desk_stops.standing(self._office.store)
        return frozenset(each.scope for each in standing if each.at < self._office.started) - {"all"}

    async def _noted(self, added: frozenset[str], ended: frozenset[str], gone: frozenset[str], why: str) -> None:
        """Tell everybody what has been found at the gate, and write it down."""
        office = self._office
        office.hub.publish("gate")
        self._incoming.note_folders()
        await self._cards.put_away()
        marks = await untold.found(office, added)
        note = desk_stops.seen(marks, ended, office.setting())
        said = [f"{scope}: {mark.by}" for scope, mark in sorted(marks.items()) if mark.by]
        by: dict[str, list[str]] = {"stopped_by": said} if said else {}

        def op(tx: Tx) -> None:
            note(tx)
            tx.record("daemon", "gate", None, stopped=sorted(added), opened=sorted(ended), kept=sorted(gone), why=why, **by)

        await office.write_surely(op)

    async def _first_gate(self, marks: frozenset[str], stops: frozenset[str], gone: frozenset[str]) -> None:
        """What became of the stops while no daemon ran. A gate that is closed without a mark (no resume yet, a boot) is no stop."""
        office = self._office
        await self._cards.put_away()
        known = {each.scope for each in await desk_stops.standing(office.store) if each.at < office.started}
        if gone or marks - known:
            await self._noted(marks - known, frozenset(known) - stops, gone, office.look().why_en)
        elif known - stops:
            await office.write_surely(desk_stops.seen({}, frozenset(known) - stops, office.setting()))

    async def _hours(self) -> None:
        """An account that has just opened or closed: consoles draw it anew."""
        office = self._office
        book, now = office.current.rulebook, office.clock()
        for account in book.accounts.values():
            is_open = opening(book.policies[account.policy], now, days=book.days, account=account).open
            if self._open.get(account.id, is_open) != is_open:
                office.hub.publish("clock", account=account.id)
            self._open[account.id] = is_open

    async def _due(self) -> None:
        """What was scheduled for now: an outbox sends it, a release card can be taken."""
        office = self._office
        setting = office.setting()
        if not await releasing.any_due(office.store, setting):
            return
        for case in await office.store.write(releasing.due(setting)):
            office.hub.publish("draft", draft=case.id, account=case.account.id, state=case.state, verdict=case.verdict)
            self._incoming.note(case.account.id, case.id)

    async def _expiry(self) -> None:
        """What nobody approved in time."""
        office = self._office
        setting = office.setting()
        if not await expiring.any_run_out(office.store, setting):
            return
        for case in await office.store.write(expiring.run_out(setting)):
            office.hub.publish("draft", draft=case.id, account=case.account.id, state=case.state, verdict=case.verdict)
            self._incoming.note(case.account.id, case.id)

    async def _releases(self) -> None:
        """What is approved for a channel of the machine's goes out by itself."""
        await self._outgoing.send_ready(self._incoming.note)
