"""From an approved draft to a release: journal, hand, report. What else goes by the releaser (measures on comments, questions to a platform)
takes its turn here.

One release of an account at a time; accounts do not wait for each other. Steps of the journal, between any two of which this process
may die: begun (発信中 is durable), noted (`state/flight` says so), given (the hand has the job), reported, ended (its end is durable).
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal

import structlog

from daemon.desk import costs, releasing
from daemon.desk.case import Case
from daemon.desk.ready import not_ready, ready
from daemon.desk.releasing import Said, Ticket
from daemon.desk.waited_out import held_if_late
from daemon.moderation import sending
from daemon.refused import Refused
from daemon.release import flight
from daemon.release.flight import Flying, Underway
from daemon.release.hands import Releaser
from daemon.release.jobs import Forget, Report, moment, report_of
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.channels import capabilities
from daemon.rulebook.model import Account, Operator
from daemon.service import sealed
from daemon.service.charging import looked
from daemon.service.practice import Practice
from daemon.service.putting_away import put_away
from daemon.service.running import Running
from daemon.service.wholeness import Wholeness
from daemon.standing import words
from daemon.store import Tx

log = structlog.get_logger()

DEADLINE = timedelta(seconds=30)
"""How long a job may lie before the hand must not begin it any more …"""
ENDING = timedelta(seconds=25)
"""How long a job that has begun may take to its end before its hand counts as hung."""

FLIGHT = "flight"
"""The alarm of a flight that cannot be written."""

REST = 10.0
"""Seconds without an attempt after the hand has found a gate closed that is open from here."""

REFUSED = 30.0
"""Seconds after a release that failed: what is wrong there (no credit, no right) mostly meets the next draft, too."""

LONGEST_REST = 3600.0
"""Seconds that a platform may have us wait between two tries: it may have taken us for somebody else, and a person may have paid meanwhile."""

LOOK_AGAIN = 10.0
"""Seconds between two looks for a release that is 不明, where one can look …"""
LOOK_FOR = timedelta(minutes=30)
"""… and how long after its beginning: a post that came late is found, and a person is asked meanwhile."""

ABANDONED = "found open, and nobody at it"

Step = Literal["begun", "noted", "given", "reported", "ended"]

STEPS: tuple[Step, ...] = ("begun", "noted", "given", "reported", "ended")


class Outgoing:
    """All releases of one office, through `releaser` (by default the one that the rules name). `at` is told every step of the journal
    (tests of faults let the daemon die there)."""

    at: Callable[[Step], None] = staticmethod(lambda step: None)

    def __init__(self, office: Running, releaser: Releaser | None = None) -> None:
        self._office = office
        self.releaser = releaser or Releaser(office.state, office.current.rulebook.office.releaser)
        self._practice = Practice(office.state)
        self._whole = Wholeness(office)
        self.turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """Held by whoever has a release or a measure of an account under way: the journal and the hand agree on the order."""
        self.beside: Callable[[], Awaitable[Sequence[Underway]]] | None = None
        """The measures on comments that are under way, for `state/flight`."""
        self._flight_turn = asyncio.Lock()
        self._beginning: set[int] = set()
        """Drafts whose release is being journaled: from before the journal can show it until it is known in `_under_way`."""
        self._under_way: set[int] = set()
        self._senders: dict[str, asyncio.Task[None]] = {}
        self._look_at: dict[int, float] = {}
        self._rests: dict[str, datetime] = {}
        """Until when nothing is sent for an account."""

    async def start(self) -> None:
        """Start the hand. What a crash has left open is settled by the rounds: a platform that hangs must not keep them waiting."""
        await self._practice.runs(self._office.current.rulebook)
        await self.releaser.start()
        still_open = await releasing.still_open(self._office.store)
        tries = await self._office.store.read(sending.still_open)
        known = (*(str(each.release) for each in still_open), *(sending.job_of(each.number) for each in tries))
        self.releaser.forget(Forget(but_for=known))
        await self.flight_as_it_stands()

    async def close(self) -> None:
        """End the hand. What is in flight stays in the journal."""
        for sender in self._senders.values():
            sender.cancel()
        await asyncio.gather(*self._senders.values(), return_exceptions=True)
        await self.releaser.close()
        await self._practice.close()

    @property
    def on_the_line(self) -> bool:
        """Whether a hand is there to carry out what is released."""
        return self.releaser.pid is not None

    async def begin(self, draft: int, digest: str, who: Operator | None, *, handle_known: bool) -> tuple[Ticket, Report]:
        """Journal a release and hand it over; the caller ends it, or calls `let_go` where it is left in a person's hands.

        Raises Refused with everything that is missing. One at a time for an account: the journal and the hand agree on the order.
        """
        office = self._office
        if office.disk_full:
            raise Refused(
                "busy",
                "ディスクがいっぱいのため、発信を始めません。空きができれば続きます。",
                "The disk is full: no release begins until there is room.",
            )
        async with self.turns[await self.account_of(draft)]:
            await self._whole.proved(draft)
            await self._whole.as_sealed(draft)
            self._beginning.add(draft)
            try:
                ticket = await office.store.write(
                    releasing.begin(draft, digest, who, office.epoch, office.setting(), handle_known=handle_known)
                )
                self._under_way.add(ticket.release)
            except Refused as refused:
                if refused.refusal.code == "missing":
                    await self._wait_again(draft)
                raise
            finally:
                self._beginning.discard(draft)
            try:
                self.at("begun")
                report = await self._hand_over(ticket)
                await office.refresh_recent(ticket.account.id)
            except BaseException:
                self.let_go(ticket)
                raise
        office.hub.publish("draft", draft=draft, account=ticket.account.id, state="releasing")
        return ticket, report

    async def _wait_again(self, draft: int) -> None:
        """What is missing again is waited for, in the state that says so: not tried every second."""
        case = await self._office.store.write(not_ready(draft, self._office.setting()))
        if case is not None:
            self._office.hub.publish("draft", draft=draft, account=case.account.id, state=case.state, verdict=case.verdict)

    def let_go(self, ticket: Ticket) -> None:
        """Nobody here works at this release any more: what it is now, the journal says."""
        self._under_way.discard(ticket.release)

    async def ended(self, ticket: Ticket, report: Report) -> Case:
        """Write what became of a release that was handed over."""
        outcome = report.outcome if report.outcome != "passed" else "unknown"
        again = self._again(report)
        return await self.end(ticket.release, outcome, by=releasing.MACHINE, url=report.url, detail=_said(report), again_at=again)

    async def end(
        self,
        release: int,
        outcome: str,
        *,
        by: str,
        url: str = "",
        detail: Said = "",
        found: Collection[str] = releasing.OPEN,
        again_at: datetime | None = None,
    ) -> Case:
        """Write what became of a release, by whom it is known, and let everybody know; `again_at`: when it may be tried again. Raises Refused
        where it is over already, or where the journal no longer says what it was `found` to say."""
        office = self._office
        setting = office.setting()
        ends = releasing.end(release, outcome, setting, by=by, url=url, detail=detail, found=found)

        def op(tx: Tx) -> Case:
            ended = held_if_late(tx, ends(tx), again_at)
            costs.release_ended(tx, release, ended, outcome, setting.now)
            return ended

        case = await office.store.write(op)
        await office.refresh_spent()
        self.at("ended")
        await self.flight_as_it_stands()
        if case.state != "unknown":
            self.releaser.forget(Forget(jobs=(str(release),)))
            self._look_at.pop(release, None)
        await office.refresh_recent(case.account.id)
        if case.state == "released":
            problem = await put_away(office, case)
            if problem is not None:
                office.alarms[f"done:{case.id}"] = problem
        office.hub.publish(
            "draft", draft=case.id, account=case.account.id, state=case.state, verdict=case.verdict, digest=case.hash
        )
        return case

    async def send_ready(self, sent: Callable[[str, int], None]) -> None:
        """What is approved for a channel of the machine's goes out by itself, while nothing is missing and the gate is open. Returns at
        once: every account has a sender of its own, so that a platform that hangs holds up nobody else. `sent` hears of each."""
        setting = self._office.setting()
        await self._practice.runs(setting.book)
        accounts = [a.id for a in setting.book.accounts.values() if a.channel != "manual" and not setting.stopped(a)]
        waiting: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for draft, digest, account in await ready(self._office.store, accounts, setting):
            waiting[account].append((draft, digest))
        for account, drafts in waiting.items():
            running = self._senders.get(account)
            if (running is None or running.done()) and not self._rests_now(account):
                self._senders[account] = asyncio.get_running_loop().create_task(self._send_all(account, drafts, sent))

    async def _send_all(self, account: str, drafts: list[tuple[int, str]], sent: Callable[[str, int], None]) -> None:
        for draft, digest in drafts:
            try:
                await self.send_out(draft, digest)
                sent(account, draft)
                if self._rests_now(account):
                    return
            except Refused as refused:
                log.debug("not released", draft=draft, why=refused.refusal.message_en)
                if refused.refusal.code == "pace":
                    return
            except Exception as error:  # the round that comes next tries again, and says so meanwhile
                problem = f"{account} の発信に失敗しました: {error}", f"A release of {account} failed: {error}"
                self._office.alarms[f"sender:{account}"] = problem
                log.error("sender", account=account, exc_info=error)
                return
            self._office.alarms.pop(f"sender:{account}", None)

    async def send_out(self, draft: int, digest: str) -> None:
        """Release an approved draft by machine. Raises Refused where something is still missing: it stays where it is."""
        ticket, report = await self.begin(draft, digest, None, handle_known=True)
        try:
            await self.ended(ticket, report)
        finally:
            self.let_go(ticket)
        self._heed(ticket.account, report)

    def _heed(self, account: Account, report: Report) -> None:
        """A platform that asks to wait, or refuses, and a hand that finds the gate closed where we see it open: said once for an account,
        and not tried again every second."""
        later, refused, prevented = (f"{kind}:{account.id}" for kind in ("later", "refused", "prevented"))
        now = self._office.clock().astimezone(TOKYO)
        for key in (later, refused, prevented):
            self._office.alarms.pop(key, None)
        if (at := self._again(report)) is not None:
            self._rests[account.id] = at
            self._office.alarms[later] = (
                f"{account.id}: {report.why}。{at.astimezone(TOKYO):%H:%M:%S} にもう一度試します。",
                f"{account.id}: {report.why_en}. Tried again at {at.astimezone(TOKYO):%H:%M:%S}.",
            )
        elif report.outcome == "failed":
            self._rests[account.id] = now + timedelta(seconds=REFUSED)
            self._office.alarms[refused] = (
                f"{account.id}: 発信できませんでした（{report.why}）。その下書きは保留です。原因を直してから、承認してください。",
                f"{account.id}: a release failed ({report.why_en}). Its draft is held: see to the cause, then approve it.",
            )
        elif report.outcome == "prevented" and not self._office.setting().stopped(account):
            self._rests[account.id] = now + timedelta(seconds=REST)
            self._office.alarms[prevented] = (
                f"発信係が {account.id} の発信を止めています（{report.why}）。こちらからは許可が見えています。kohoban doctor で確かめてください。",
                f"The releaser keeps {account.id} from being released ({report.why_en}), though the gate is open from here: see kohoban doctor.",
            )

    def _again(self, report: Report) -> datetime | None:
        """When the platform may be tried again, where it has said so."""
        if report.again_at is None:
            return None
        now = self._office.clock()
        return now + timedelta(seconds=min(max(report.again_at - now.timestamp(), REST), LONGEST_REST))

    def _rests_now(self, account: str) -> bool:
        return self._rests.get(account, self._office.clock()) > self._office.clock()

    async def settle_begun(self) -> None:
        """What the journal calls begun and nobody carries out (after a crash, or where its end could not be written) either went out, or
        certainly did not, or is 不明. An account that has left the office is settled when it comes back."""
        if FLIGHT in self._office.alarms:
            await self.flight_as_it_stands()
        for each in await releasing.still_open(self._office.store, "begun"):
            # Asked after the question, and ended only if nothing has become of it since: who is at work on it may have begun, or ended,
            # while the answer was on its way.
            if each.release in self._under_way or each.draft in self._beginning:
                continue
            if each.account not in self._office.current.rulebook.accounts:
                continue
            why: Said
            if each.channel == "manual":  # a card is shown only after its lease is in the journal
                outcome, url, why = "not_released", "", ABANDONED
            else:
                report = await looked(self._office, self.releaser, sealed.look(self._office, each, self.platform_at))
                outcome, url, why = report.outcome, report.url, _said(report, ABANDONED)
            with suppress(Refused):
                await self.end(each.release, outcome, by=releasing.MACHINE, url=url, detail=why, found=("begun",))

    async def look_again(self) -> None:
        """Where one can look (not on a person's card, nor where a restored backup cannot even name the channel), look again for what is
        不明: a post that arrived late is found, and a hand that died over the question leaves it to the next. That nothing is found on a
        platform settles nothing."""
        moment = self._office.clock()
        waiting: defaultdict[str, list[releasing.Open]] = defaultdict(list)
        for each in await releasing.still_open(self._office.store, "unknown"):
            known = each.account in self._office.current.rulebook.accounts
            if capabilities(each.channel).looks and known and moment - each.begun_at <= LOOK_FOR:
                waiting[each.account].append(each)
        # A platform that hangs over the question keeps only its own account waiting.
        looks = (self._look_at_all(each) for each in waiting.values())
        for failed in await asyncio.gather(*looks, return_exceptions=True):
            if failed is not None:
                raise failed

    async def _look_at_all(self, waiting: list[releasing.Open]) -> None:
        for each in waiting:
            now = time.monotonic()
            if self._look_at.setdefault(each.release, now + 1.0) > now:
                continue
            report = await looked(self._office, self.releaser, sealed.look(self._office, each, self.platform_at))
            later = 0.0 if report.again_at is None else report.again_at - self._office.clock().timestamp()
            self._look_at[each.release] = time.monotonic() + min(max(LOOK_AGAIN, later), LONGEST_REST)
            if report.outcome in ("released", "failed"):
                why = _said(report, "found by looking again")
                with suppress(Refused):  # a person has settled it meanwhile
                    await self.end(
                        each.release, report.outcome, by=releasing.MACHINE, url=report.url, detail=why, found=("unknown",)
                    )

    @property
    def platform_at(self) -> str:
        """Where the simulated platform of a training office listens."""
        return self._practice.at

    async def account_of(self, draft: int) -> str:
        """The account of a draft, empty where the office has none such."""
        rows = await self._office.store.fetch("SELECT account FROM drafts WHERE id = ?", (draft,))
        return str(rows[0]["account"]) if rows and rows[0]["account"] in self._office.current.rulebook.accounts else ""

    async def _hand_over(self, ticket: Ticket) -> Report:
        """Note the flight, give the job to the hand, hear what became of it. A flight that cannot be noted does not begin."""
        try:
            await self.note_flight()
        except OSError as error:
            ja, en = words(error)
            return report_of(
                str(ticket.release), "failed", f"発信中の控えを書けません（{ja}）", f"state/flight cannot be written ({en})"
            )
        self.at("noted")
        job = sealed.job(self._office, ticket, self.platform_at, DEADLINE.total_seconds())
        sending = asyncio.ensure_future(self.releaser.send(job, job.deadline - moment() + ENDING.total_seconds()))
        await asyncio.sleep(0)
        self.at("given")
        report = await sending
        self.at("reported")
        return report

    async def flight_as_it_stands(self) -> None:
        """Bring `state/flight` up to the journal, if it can be written: what has ended has ended, and a full disk stops no daemon."""
        try:
            await self.note_flight()
        except OSError as error:
            ja, en = words(error)
            self._office.alarms[FLIGHT] = (
                f"発信中の控え（state/flight）を書けません（{ja}）。ディスクの空きと権限を確かめてください。",
                f"state/flight cannot be written ({en}): check the room on the disk and its permissions.",
            )
        else:
            self._office.alarms.pop(FLIGHT, None)

    async def note_flight(self) -> None:
        """Bring `state/flight` up to the journal. Raises OSError."""
        async with self._flight_turn:
            flying = [Flying(e.draft, e.holder, e.title, e.begun_at) for e in await releasing.still_open(self._office.store)]
            measures = await self.beside() if self.beside is not None else ()
            await asyncio.to_thread(flight.note, self._office.state, flying, measures)


def _said(report: Report, otherwise: str = "") -> Said:
    """What a report says of a release, in both languages where it has them."""
    return (report.why, report.why_en) if report.why and report.why_en else report.why_en or otherwise
