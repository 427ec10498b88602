"""決裁モード: one draft a screen, three keys, for somebody who never learnt the console.

What is approved is what stands on the screen: a decision names the hash that was shown, a newer revision that comes meanwhile takes the
question away, and for a moment after it appears no key decides anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from console.link import LinkDown
from console.reasons import LONGEST, excepted, reason_of, usual
from console.text import DisplayText
from console.tui.at_work import at_draft
from console.tui.decision import decision_sheet, over_sheet
from console.tui.guard import guard_part
from console.tui.news import TOGETHER
from console.tui.office import Condition
from console.tui.part import Part
from console.tui.tell import SPACE, either, tell
from console.tui.views import SheetView
from daemon.wire import Approve, Decide, Done, Event, ForDecision, Named, Refusal, Return, WaitingForMe

if TYPE_CHECKING:
    from console.tui.app import Console

FRESH = 0.7
"""Seconds after a draft appears in which nothing decides about it: the key was meant for the one before."""


class Deciding:
    """The drafts that wait for this operator, one after the other."""

    def __init__(self, console: Console) -> None:
        self.view = SheetView("decide")
        self.facts: ForDecision | None = None
        self._console = console
        self._left: list[int] = []
        """What is still to be decided, the one on the screen first; what was put off stands at the end."""
        self._decided = 0
        self._shown_at = 0.0
        self._read = self._due = False

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """What the three keys do."""
        return {"approve": self.approve, "return": self.give_back, "later": self.later}

    @property
    def possible(self) -> set[str]:
        """The keys that mean something now."""
        if self.facts is None or not self._console.seen.connected:
            return set()
        welcome = self._console.link.welcome
        may_return = welcome is not None and welcome.role == "manager"
        approve = {"approve"} if self.facts.asked else set()
        approve |= {"picture"} if self.facts.images else set()
        return approve | {"later"} | ({"return"} if may_return else set())

    async def open(self) -> None:
        """Read what waits; the one on the screen stays there as long as it waits."""
        waiting = await self._waiting()
        known = [draft for draft in self._left if draft in waiting]
        self._left = known + [draft for draft in waiting if draft not in known]
        self._read = True
        await self._show(top=self.facts is None or self._left[:1] != [self.facts.draft])

    def event(self, event: Event) -> None:
        """Something happened to a draft: the one on the screen is read again, and what is new comes at the end."""
        if not self._read:
            return
        facts = self.facts
        if facts is not None and event.draft == facts.draft and event.hash not in ("", facts.hash):
            self._console.bottom.cancel()  # nobody may say yes to what they have not seen
        if not self._due:
            self._due = True
            self._console.set_timer(TOGETHER, self._again)

    def paint(self, *, top: bool = False) -> None:
        """Paint what is known."""
        left = len(self._left)
        if self.facts is not None:
            self.view.sheet.show(decision_sheet(self.facts, self._colour(self.facts), self._standing(self.facts)), top=top)
        elif self._read:
            self.view.sheet.show(over_sheet(self._decided), top=top)
        parts = [Part(tell("decide.heading"), "strong"), Part(SPACE), Part(tell("decide.left", left=left), "plain")]
        more = [Part(SPACE + SPACE), Part(tell("decide.more"), "warn")] if self.view.sheet.more else []
        self.view.heading.show([*parts, *more])

    async def approve(self, reason: str = "") -> None:
        """承認 of what stands on the screen."""
        facts = self._ready()
        if facts is not None:
            async with at_draft(self._console, facts.draft) as mine:
                mine.decided = await self._asked_to_approve(facts, reason)

    async def _asked_to_approve(self, facts: ForDecision, reason: str) -> bool:
        if facts.exceptions and not reason:
            typed = await self._console.bottom.ask(tell("decide.ask_exception", clauses=DisplayText.of(excepted(facts))))
            if typed is None:
                return False
            reason = typed.strip()[:LONGEST]
        if facts.exceptions and not reason:
            self._console.notice(tell("notice.empty"), "warn")
            return False
        sure = await self._sure("decide.sure_grant" if facts.exceptions else "decide.sure_approve", facts)
        return sure and await self._approve(facts, reason)

    async def _approve(self, facts: ForDecision, reason: str, handle: str = "") -> bool:
        act = Approve(draft=facts.draft, hash=facts.hash, reason=reason, how="mode", handle=handle, exceptions=facts.exceptions)
        answer = await self._put(act)
        if isinstance(answer, Refusal) and answer.code == "handle" and not handle:
            self._console.refused(answer)  # the machine sends it: whoever lets it go types where to, once a session
            title = DisplayText.of(facts.title)
            typed = await self._console.bottom.ask(tell("ask.handle", draft=title, account=DisplayText.of(facts.account)))
            return bool(typed and typed.strip()) and await self._approve(facts, reason, (typed or "").strip())
        if isinstance(answer, Refusal) and answer.code == "time" and not reason:
            self._console.refused(answer)  # its moment has passed: whether it may still go out is asked again
            typed = await self._console.bottom.ask(tell("ask.late_reason", draft=DisplayText.of(facts.title)))
            return bool(typed and typed.strip()) and await self._approve(facts, (typed or "").strip()[:LONGEST], handle)
        await self._after(answer)
        return isinstance(answer, Done)

    async def give_back(self, reason: str = "") -> None:
        """差戻し, with one of the usual reasons or one that is typed."""
        facts = self._ready()
        if facts is not None:
            async with at_draft(self._console, facts.draft) as mine:
                mine.decided = await self._asked_to_return(facts, reason)

    async def _asked_to_return(self, facts: ForDecision, reason: str) -> bool:
        if not reason:
            typed = await self._console.bottom.ask(tell("decide.ask_reason", reasons=DisplayText.of("  ".join(usual()))))
            if typed is None:
                return False
            reason = reason_of(typed)
        if not reason:
            self._console.notice(tell("notice.empty"), "warn")
            return False
        if not await self._sure("decide.sure_return", facts, reason=DisplayText.of(reason)):
            return False
        answer = await self._put(Return(draft=facts.draft, hash=facts.hash, reason=reason, how="mode"))
        await self._after(answer)
        return isinstance(answer, Done)

    async def later(self, _: str = "") -> None:
        """あとで: the next one; this one comes back at the end."""
        if len(self._left) < 2:
            self._console.notice(tell("decide.only_this"), "warn", keep=False)
            return
        self._left = [*self._left[1:], self._left[0]]
        await self._console.quietly(self._show(top=True))

    def _ready(self) -> ForDecision | None:
        """What is on the screen, once it has been there long enough to be seen, where this terminal decides anything."""
        if self.facts is not None and time.monotonic() - self._shown_at < FRESH:
            self._console.notice(tell("decide.fresh"), "warn", keep=False)
            return None
        at = self._console.identity.at(self.facts.account) if self.facts is not None else None
        if at is not None and at.at in ("elsewhere", "unproved"):
            self._console.notice(tell("decide.only_looks"), "warn")
            return None
        return self.facts

    async def _sure(self, key: str, facts: ForDecision, **values: object) -> bool:
        name = DisplayText.of(facts.name)
        guard = guard_part(facts, self._colour(facts), short=True)
        return await self._console.bottom.confirm(tell(key, account=name, check=facts.hash[:6], **values), guard)

    def _standing(self, facts: ForDecision) -> Condition:
        """How the gate stands for this draft, as this console sees it now: what was read with the draft may be over."""
        seen = self._console.seen
        narrower = {facts.account, facts.platform}.intersection(seen.scopes)
        return "stopped" if seen.condition == "running" and narrower else seen.condition

    def _colour(self, facts: ForDecision) -> str:
        account = self._console.seen.account(facts.account)
        return account.colour if account else ""

    async def _put(self, act: Approve | Return) -> Done | Refusal | None:
        self._console.notice(tell("notice.asking"), "dim", keep=False)
        try:
            answer = await self._console.link.ask(act, patience=10)
        except LinkDown:
            self._console.notice(tell("notice.no_answer"), "alert")
            return None
        return answer if isinstance(answer, Done | Refusal) else None

    async def _after(self, answer: Done | Refusal | None) -> None:
        console = self._console
        if answer is None:
            return
        if isinstance(answer, Refusal):
            console.refused(answer)
        else:
            self._decided += 1
            console.notice(either(answer.message, answer.message_en), "good")
        console.spawn(console.read_status())
        await console.quietly(self.open())

    async def _waiting(self) -> tuple[int, ...]:
        answer = await self._console.link.ask(WaitingForMe())
        if isinstance(answer, Refusal):
            self._console.refused(answer)
        if not isinstance(answer, Named):
            raise LinkDown
        return answer.drafts

    async def _show(self, *, top: bool) -> None:
        """Read the first of what is left, and show it. Says so where it has become another revision under the reader's eyes."""
        before = self.facts
        facts = await self._facts(self._left[0]) if self._left else None
        changed = before is not None and facts is not None and before.draft == facts.draft and before.hash != facts.hash
        if facts is None or before is None or (before.draft, before.hash) != (facts.draft, facts.hash):
            self._shown_at = time.monotonic()
        self.facts = facts
        self.paint(top=top or changed)
        if changed and facts is not None:
            self._console.notice(tell("decide.new_revision", n=facts.revision), "alert")
        self._console.look()

    async def _facts(self, draft: int) -> ForDecision | None:
        answer = await self._console.link.ask(Decide(draft=draft))
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            self._left.remove(draft)
            return await self._facts(self._left[0]) if self._left else None
        if not isinstance(answer, ForDecision):
            raise LinkDown
        return answer

    def _again(self) -> None:
        self._due = False
        self._console.spawn(self._console.quietly(self.open()))
