"""The guard watched (番人): the canaries at the start, after every change of the rules and at the first opening of each day; contradictions and
dead ends; and amendments announced before they begin, with the drafts in hand that they judge otherwise."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import structlog

from daemon.desk import attesting
from daemon.intake.frontmatter import read_item
from daemon.judge.canaries import Answered, canaries
from daemon.judge.conflicts import conflicts
from daemon.judge.opposed import Conflict
from daemon.rulebook.calendar import TOKYO, opening
from daemon.rulebook.model import Policy, Rulebook
from daemon.rulebook.versions import coming, editions_of, timeline
from daemon.service.backtest import Backtests, Comparison
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store import Tx
from daemon.wire.policies import AmendmentSeen, CanarySeen, ConflictSeen, PolicyNow, PolicyState, VersionSeen

log = structlog.get_logger()

ANNOUNCED = timedelta(days=14)
"""So long before it begins an amendment is on every screen."""
COUNT_EVERY = timedelta(minutes=15)
"""How often the drafts that it judges otherwise are counted anew."""
WARNED = timedelta(days=60)
"""Dead ends that begin later than this are on the policy's screen only."""


class Guarding:
    """The watch over the rules of one office."""

    def __init__(self, office: Running, backtests: Backtests) -> None:
        self._office, self._backtests = office, backtests
        self._book: Rulebook | None = None
        self._day: date | None = None
        self._morning: date | None = None
        self._answered: tuple[Answered, ...] = ()
        self._looked: datetime | None = None
        self._conflicts: tuple[Conflict, ...] = ()
        self._impact: dict[str, tuple[Comparison, datetime]] = {}

    @property
    def awake(self) -> tuple[int, int]:
        """How many canaries answered at the last look, and how many there are."""
        return sum(each.ok for each in self._answered), len(self._answered)

    async def look(self) -> None:
        """Once a round: look at what may have changed since the last one."""
        office = self._office
        book, now = office.current.rulebook, office.clock()
        day = now.astimezone(TOKYO).date()
        if book is not self._book or day != self._day:
            self._book, self._day = book, day
            self._conflicts = await asyncio.to_thread(conflicts, book, day)
            self._warn(day)
            await self._try(book, now, morning=False)
        elif self._morning != day and _opens(book, now):
            self._morning = day
            await self._try(book, now, morning=True)
        self._announce(book, now, day)

    async def state(self, query: PolicyNow, session: Session, request: str) -> PolicyState:
        """How the policies stand."""
        office = self._office
        book, day = office.current.rulebook, office.clock().astimezone(TOKYO).date()
        answered, count = self.awake
        followed = dict.fromkeys(account.policy for account in book.accounts.values())
        return PolicyState(
            versions=tuple(line for policy_id in followed for line in _versions(book, policy_id, day)),
            coming=tuple(
                AmendmentSeen(policy=policy.id, day=begins, cite=policy.version.cite, changes=self._changes(policy))
                for begins, policy in coming(book, day)
            ),
            conflicts=tuple(
                ConflictSeen(
                    weight=c.weight, policy=c.policy, clause=c.clause, since=c.since, message=c.message, message_en=c.message_en
                )
                for c in self._conflicts
            ),
            silent=tuple(
                CanarySeen(policy=a.policy, clause=a.clause, cite=a.cite, rule=a.rule, said=a.said)
                for a in self._answered
                if not a.ok
            ),
            answered=answered,
            canaries=count,
            looked=self._looked,
        )

    async def _try(self, book: Rulebook, now: datetime, *, morning: bool) -> None:
        """Judge every canary; one that does not answer is an alarm until it does. The morning's look is written down, and any that fails."""
        office = self._office
        self._answered = answered = await asyncio.to_thread(canaries, book, now, read_item)
        self._looked = now
        silent = [each for each in answered if not each.ok]
        if silent:
            named = "、".join(f"{each.clause}（{each.cite}）" for each in silent[:3])
            named_en = ", ".join(each.clause for each in silent[:3])
            office.alarms["canaries"] = (
                f"番人が応答しません（{len(silent)}/{len(answered)}）: {named}。この条文は守られていないおそれがあります。kohoban policy canaries で確かめてください。",
                f"{len(silent)} of {len(answered)} canaries are silent: {named_en}. These clauses may not be held: see kohoban policy canaries.",
            )
            log.error("canaries silent", clauses=[each.clause for each in silent])
        else:
            office.alarms.pop("canaries", None)
        if morning or silent:
            failed = [f"{each.clause} {each.rule}" for each in silent]

            def op(tx: Tx) -> None:
                attesting.canaries_ran(tx, now)
                tx.record("daemon", "canaries", None, answered=len(answered) - len(silent), of=len(answered), failed=failed)

            await office.store.write(op)

    def _warn(self, day: date) -> None:
        """Dead ends and contradictions that hold, or soon will, are on every screen."""
        near = [one for one in self._conflicts if one.weight != "notice" and (one.since or day) <= day + WARNED]
        if not near:
            self._office.alarms.pop("conflicts", None)
            return
        first = near[0]
        when, when_en = ("", "") if first.since in (None, day) else (f"{first.since:%-m月%-d日}から: ", f"from {first.since}: ")
        self._office.alarms["conflicts"] = (
            f"規則の行き止まり・矛盾 {len(near)}件。{when}{first.message}",
            f"{len(near)} dead ends or contradictions in the rules; {when_en}{first.message_en}",
        )

    def _announce(self, book: Rulebook, now: datetime, day: date) -> None:
        """「4月1日に改正。手元の3件の判定が変わります」."""
        near = {policy.hash: (begins, policy) for begins, policy in coming(book, day) if begins - day <= ANNOUNCED}
        for key in [key for key in self._office.alarms if key.startswith("amendment:") and key[10:] not in near]:
            del self._office.alarms[key]
        self._impact = {hash_: each for hash_, each in self._impact.items() if hash_ in near}
        for hash_, (begins, policy) in near.items():
            known = self._impact.get(hash_)
            if known is None or (not known[0].running and (known[0].book is not book or now - known[1] > COUNT_EVERY)):
                comparison = self._backtests.comparison(book, policy, 0)
                self._backtests.begin(comparison)
                self._impact[hash_] = comparison, now
                if known is not None:
                    continue
            changes = self._changes(policy)
            counted = (
                ""
                if changes is None
                else f"手元の{changes}件の判定が変わります。"
                if changes
                else "手元の下書きの判定は変わりません。"
            )
            counted_en = "" if changes is None else f" {changes} drafts in hand will be judged otherwise."
            self._office.alarms[f"amendment:{hash_}"] = (
                f"{begins:%-m月%-d日}に要綱 {policy.id} が改正されます（{policy.version.cite}）。{counted}p で要綱の版を見られます。",
                f"Policy {policy.id} is amended on {begins} ({policy.version.cite}).{counted_en} Press p for its versions.",
            )

    def _changes(self, policy: Policy) -> int | None:
        known = self._impact.get(policy.hash)
        if known is None or known[0].running or known[0].error[0]:
            return None
        return len(known[0].changes)


def _opens(book: Rulebook, now: datetime) -> bool:
    """Is any account open now?"""
    return any(
        opening(book.policies[account.policy], now, days=book.days, account=account).open for account in book.accounts.values()
    )


def _versions(book: Rulebook, policy_id: str, day: date) -> list[VersionSeen]:
    return [
        VersionSeen(
            policy=policy_id,
            cite=dated.version.cite,
            from_=dated.version.from_,
            until=dated.until,
            in_force=dated.covers(day),
            text=dated.edition is not None,
            hash=dated.edition.hash if dated.edition else "",
        )
        for dated in timeline(editions_of(book, policy_id))
    ]
