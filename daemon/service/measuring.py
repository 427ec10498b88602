"""Measures on comments that an account's channel takes: by the same hand, gate and turn as releases, one after the other for each account.

Nothing is begun twice: a try is journaled before the hand gets it, and one that is 不明 is looked for, never sent again by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from daemon.desk import costs
from daemon.moderation import sending
from daemon.moderation.machine import MACHINE
from daemon.refused import Refused
from daemon.release.flight import Underway
from daemon.release.jobs import Forget, Report
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.channels import MILLION, capabilities, price
from daemon.service import charging, sealed
from daemon.service.comment_watch import CommentWatch
from daemon.service.outgoing import ABANDONED, ENDING, LONGEST_REST, LOOK_AGAIN, LOOK_FOR, REST, Outgoing
from daemon.service.running import Running
from daemon.standing import words
from daemon.store import Tx

log = structlog.get_logger()

WITHIN = 30.0
"""Seconds for which a measure that the hand was given may lie before it must not begin any more."""
DIED = "発信係が途中で終わりました。されていません", "the hand died on the way: it was not taken"


class Measuring:
    """The measures of one office that go out by machine."""

    def __init__(self, office: Running, outgoing: Outgoing, watch: CommentWatch) -> None:
        self._office, self._outgoing, self._watch = office, outgoing, watch
        self._senders: dict[str, asyncio.Task[None]] = {}
        self._beginning: set[int] = set()
        """Measures of which a try is being journaled: from before the journal can show it until it is known in `_under_way`."""
        self._under_way: set[int] = set()
        self._rests: dict[str, datetime] = {}
        """Until when nothing is sent for an account."""
        self._look_at: dict[int, float] = {}
        outgoing.beside = self._underway

    async def close(self) -> None:
        """What is in flight stays in the journal."""
        for sender in self._senders.values():
            sender.cancel()
        await asyncio.gather(*self._senders.values(), return_exceptions=True)

    async def look(self) -> None:
        """A round: begin what may begin. Each account has a sender of its own."""
        office, setting = self._office, self._watch.setting()
        if office.disk_full:
            return
        waiting = await office.store.read(lambda db: sending.ready(db, setting.now))
        for name, measures in waiting.items():
            account = setting.book.accounts.get(name)
            running = self._senders.get(name)
            if account is None or setting.stopped(account) or self._rests.get(name, setting.now) > setting.now:
                continue
            if running is None or running.done():
                self._senders[name] = asyncio.get_running_loop().create_task(self._send_all(name, measures))

    async def settle(self) -> None:
        """A round: what has no known end, after a crash or because nobody can say, is looked for where one can look."""
        office, now, moment = self._office, time.monotonic(), self._office.clock()
        for each in await office.store.read(sending.still_open):
            if each.number in self._under_way or each.measure in self._beginning:
                continue
            if each.account not in office.current.rulebook.accounts:
                continue
            if each.state == "unknown":
                if not capabilities(each.channel).looks or moment - each.begun_at > LOOK_FOR:
                    continue
                if self._look_at.setdefault(each.number, now + 1.0) > now:
                    continue
                self._look_at[each.number] = now + LOOK_AGAIN
            look = sealed.look_for_measure(office, each, self._outgoing.platform_at)
            report = await charging.looked(office, self._outgoing.releaser, look)
            if report.outcome == "unknown" and each.state == "unknown":
                continue
            await self._end(each.number, report, looked=each.state == "begun")

    async def _send_all(self, name: str, measures: list[int]) -> None:
        for measure in measures:
            try:
                if not await self._send(name, measure):
                    return
            except Refused:  # a stop has come
                return
            except Exception as error:  # the round that comes next tries again, and says so meanwhile
                problem = f"{name} の措置を行えません: {error}", f"Measures of {name} fail: {error}"
                self._office.alarms[f"measures:{name}"] = problem
                log.error("measures", account=name, exc_info=error)
                return
            self._office.alarms.pop(f"measures:{name}", None)

    async def _send(self, name: str, measure: int) -> bool:
        """One measure; False where the others of the account have to wait. Raises Refused."""
        office, outgoing = self._office, self._outgoing
        if (why := await self._too_dear(name, measure)) is not None:
            await office.store.write(sending.to_person(measure, why))
            office.hub.publish("comment")
            return True
        async with outgoing.turns[name]:
            self._beginning.add(measure)
            try:
                ticket = await office.store.write(sending.begin(measure, office.epoch, self._watch.setting()))
                if ticket is None:
                    return True
                self._under_way.add(ticket.number)
            finally:
                self._beginning.discard(measure)
            try:
                report = await self._hand_over(ticket)
                await self._end(ticket.number, report)
            finally:
                self._under_way.discard(ticket.number)
        return self._heed(name, report)

    async def _too_dear(self, name: str, measure: int) -> tuple[str, str] | None:
        """Why the account's budget does not do for this measure; None where it does, or where the account has none."""
        setting = self._watch.setting()
        account = setting.book.accounts[name]
        if not account.budget:
            return None
        rows = await self._office.store.fetch("SELECT really FROM measures WHERE id = ?", (measure,))
        cost = price(account.channel, rows[0]["really"])
        if not cost or self._office.spent_of(name, setting.now) + cost <= account.budget * MILLION:
            return None
        return "今月の予算を使い切りました。人が行います", "the month's budget is spent: a person does it"

    async def _hand_over(self, ticket: sending.Ticket) -> Report:
        """Note the flight, give the job to the hand, hear what became of it. A flight that cannot be noted does not begin."""
        try:
            await self._outgoing.note_flight()
        except OSError as error:
            ja, en = words(error)
            why, why_en = f"発信中の控えを書けません（{ja}）", f"state/flight cannot be written ({en})"
            return Report(job=ticket.job, outcome="prevented", why=why, why_en=why_en)
        job = sealed.measure(ticket, self._outgoing.platform_at, WITHIN)
        return await self._outgoing.releaser.send(job, WITHIN + ENDING.total_seconds())

    async def _end(self, number: int, report: Report, *, looked: bool = False) -> None:
        office, setting = self._office, self._watch.setting()
        why = (report.why or ABANDONED, report.why_en or ABANDONED)
        again = datetime.fromtimestamp(report.again_at, UTC) if report.again_at is not None else None
        outcome = "unknown" if report.outcome == "passed" else report.outcome
        if outcome == "failed" and looked:
            op = sending.not_begun(number, DIED, setting)
        elif again is not None and outcome == "failed":
            op = sending.end(number, "prevented", why, setting, again_at=again)
        else:
            later = again or setting.now + timedelta(seconds=REST)
            op = sending.end(number, outcome, why, setting, again_at=later, place=report.place)
        await office.store.write(self._charged(number, op))
        await office.refresh_spent()
        await self._outgoing.flight_as_it_stands()
        if outcome != "unknown":
            self._outgoing.releaser.forget(Forget(jobs=(sending.job_of(number),)))
            self._look_at.pop(number, None)
        office.hub.publish("comment")

    def _charged(self, number: int, op: Callable[[Tx], bool]) -> Callable[[Tx], bool]:
        """The end of a try along with what it costs: what was done, and what may have been, until that is settled."""

        def both(tx: Tx) -> bool:
            told = op(tx)
            row = tx.db.execute(
                "SELECT t.state, t.account, t.channel, m.really FROM measure_tries t JOIN measures m ON m.id = t.measure WHERE t.id = ?",
                (number,),
            ).fetchone()
            if row["state"] in ("released", "unknown"):
                cost = price(row["channel"], row["really"])
                costs.charge(
                    tx, "measure", str(number), row["account"], row["channel"], row["really"], cost, self._office.clock()
                )
            else:
                costs.uncharge(tx, "measure", str(number))
            return told

        return both

    def _heed(self, name: str, report: Report) -> bool:
        """Whether the next may go. A platform that asks to wait is said, once for an account."""
        office, key = self._office, f"measures-later:{name}"
        if report.outcome != "prevented":
            office.alarms.pop(key, None)
            return report.outcome == "released"
        with suppress(KeyError):
            if self._watch.setting().stopped(office.current.rulebook.accounts[name]):
                return False
        rest = REST
        if report.again_at is not None:
            rest = min(max(report.again_at - office.clock().timestamp(), REST), LONGEST_REST)
        self._rests[name] = at = office.clock().astimezone(TOKYO) + timedelta(seconds=rest)
        office.alarms[key] = (
            f"{name} の措置: {report.why}。{at:%H:%M:%S} にもう一度試します。",
            f"Measures of {name}: {report.why_en}. Tried again at {at:%H:%M:%S}.",
        )
        return False

    async def _underway(self) -> list[Underway]:
        tries = await self._office.store.read(sending.still_open)
        return [Underway(each.measure, each.account, MACHINE, each.begun_at) for each in tries]
