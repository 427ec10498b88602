"""The verbs: what an operator does to a draft. Each names the draft, asks once more, sends one act, and shows what came of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from console.link import LinkDown
from console.text import DisplayText
from console.tui.at_work import at_draft
from console.tui.guard import guard_of
from console.tui.rows import named
from console.tui.tell import either, tell
from console.tui.when import when
from daemon.wire import (
    Approve,
    DecideSet,
    Declare,
    Done,
    Except,
    ExcuseMember,
    FanOutList,
    FanOuts,
    MissingSeen,
    Prepare,
    QueueRow,
    Refusal,
    Released,
    Return,
    Schedule,
    Settle,
    Take,
    Taken,
    Withdraw,
)
from daemon.wire.acts import AnyAct
from daemon.wire.answers import AnyAnswer
from daemon.wire.limits import LONGEST_ADDRESS

if TYPE_CHECKING:
    from console.tui.app import Console


_LETS_OUT = ("approve", "except", "schedule", "take", "released")
"""The verbs whose question shows the account guard."""


class Verbs:
    """One method a verb. `argument` is what the `:` line had behind the name; a verb that needs it then does not ask."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def table(self) -> dict[str, Callable[[QueueRow, str], Coroutine[Any, Any, None]]]:
        """The verbs by the names of their commands."""
        return {
            "approve": self.approve,
            "return": self.give_back,
            "except": self.make_exception,
            "declare": self.declare,
            "schedule": self.schedule,
            "take": self.take,
            "released": self.released,
            "settle": self.settle,
            "withdraw": self.withdraw,
            "approve_set": self.approve_set,
            "correct": self.correct,
            "delete_post": self.delete_post,
            "declare_set": self.declare_set,
            "excuse_member": self.excuse_member,
        }

    async def approve(self, row: QueueRow, argument: str) -> None:
        """承認. The account's handle is typed where the daemon asks for it, a reason where the moment has passed."""
        async with at_draft(self._console, row.id) as mine:
            if await self._sure("approve", row):
                mine.decided = await self._approve(row, argument)

    async def _approve(self, row: QueueRow, argument: str) -> bool:
        """Whether the decision was made."""
        act = Approve(draft=row.id, hash=row.hash, reason=argument)
        answer = await self._put(act)
        if isinstance(answer, Refusal) and answer.code == "handle":
            if not (handle := await self._handle(answer, row)):
                return False
            answer = await self._put(act := replace(act, handle=handle))
        if isinstance(answer, Refusal) and answer.code == "time" and not argument:
            self._console.refused(answer)  # its moment has passed: whether it may still go out is asked again
            if not (reason := await self._line("ask.late_reason", row)):
                return False
            answer = await self._put(replace(act, reason=reason))
        if answer is not None:
            self._shown(answer)
        return isinstance(answer, Done)

    async def correct(self, row: QueueRow, argument: str) -> None:
        """訂正: prepare the draft that corrects what is out."""
        if await self._sure("correct", row):
            await self.act(Prepare(draft=row.id))

    async def delete_post(self, row: QueueRow, argument: str) -> None:
        """削除: prepare the draft by which a person deletes what is out, as far as that is possible."""
        if await self._sure("delete_post", row):
            await self.act(Prepare(draft=row.id, what="delete"))

    async def approve_set(self, row: QueueRow, argument: str) -> None:
        """一斉発信の承認: every draft of the set that this person may approve."""
        if await self._sure("approve_set", row):
            await self.act(DecideSet(draft=row.id, hash=row.hash, reason=argument))

    async def declare_set(self, row: QueueRow, argument: str) -> None:
        """一斉発信の緊急の宣言."""
        reason = argument or await self._line("ask.declare_set_reason", row)
        if reason and await self._sure("declare_set", row):
            await self.act(DecideSet(draft=row.id, hash=row.hash, what="declare", reason=reason))

    async def excuse_member(self, row: QueueRow, argument: str) -> None:
        """Why the set does not go out on an account: that of this draft."""
        answer = await self._asked_of_set(row)
        if answer is None:
            self._console.notice(tell("notice.no_set", draft=named(row)), "warn")
            return
        reason = argument or await self._line("ask.excuse_reason", row, account=DisplayText.of(row.account))
        if reason and await self._sure("excuse_member", row, account=DisplayText.of(row.account)):
            await self.act(ExcuseMember(fan_out=answer, account=row.account, reason=reason))

    async def _asked_of_set(self, row: QueueRow) -> int | None:
        """The number of the set that a draft belongs to."""
        try:
            answer = await self._console.link.ask(FanOuts(draft=row.id))
        except LinkDown:
            return None
        return answer.fan_outs[0].id if isinstance(answer, FanOutList) and answer.fan_outs else None

    async def give_back(self, row: QueueRow, argument: str) -> None:
        """差戻し: the reason is what the author will read; a clause that no machine suggests may stand before it."""
        async with at_draft(self._console, row.id) as mine:
            typed = argument or await self._line("ask.return_reason", row)
            clause, reason = _clause_before(typed)
            if reason and await self._sure("return", row, reason=DisplayText.of(typed)):
                mine.decided = await self.act(Return(draft=row.id, hash=row.hash, reason=reason, clause=clause))

    async def make_exception(self, row: QueueRow, argument: str) -> None:
        """例外: lift one hold, with a reason, until a time."""
        hold = await self._which_hold(row)
        if hold is None:
            return
        reason = argument or await self._line("ask.except_reason", row, clause=DisplayText.of(hold.clause))
        typed = await self._console.bottom.ask(tell("ask.except_until", draft=named(row))) if reason else None
        if typed is None:
            return
        try:
            until = when(typed, self._console.now())
        except ValueError:
            self._console.notice(tell("notice.no_time", typed=DisplayText.of(typed)), "warn")
            return
        if await self._sure("except", row, clause=DisplayText.of(hold.clause)):
            await self.act(Except(draft=row.id, hash=row.hash, rule=hold.rule, reason=reason, until=until))

    async def declare(self, row: QueueRow, argument: str) -> None:
        """緊急の宣言, with its reason."""
        reason = argument or await self._line("ask.declare_reason", row)
        if reason and await self._sure("declare", row, reason=DisplayText.of(reason)):
            await self.act(Declare(draft=row.id, hash=row.hash, reason=reason))

    async def schedule(self, row: QueueRow, argument: str) -> None:
        """予約: at a time, or at the next opening."""
        typed = argument if argument else await self._console.bottom.ask(tell("ask.schedule", draft=named(row)))
        if typed is None:
            return
        try:
            at = when(typed, self._console.now())
        except ValueError:
            self._console.notice(tell("notice.no_time", typed=DisplayText.of(typed)), "warn")
            return
        moment = tell("ask.next_opening") if at is None else DisplayText(f"{at:%Y-%m-%d %H:%M}")
        if await self._sure("schedule", row, at=moment):
            await self.act(Schedule(draft=row.id, hash=row.hash, at=at))

    async def take(self, row: QueueRow, argument: str) -> None:
        """発信カードを取る: pass the gate, and only then see the text. The account's handle is typed where the daemon asks for it."""
        if not await self._sure("take", row):
            return
        answer = await self._put(Take(draft=row.id, hash=row.hash, handle=argument))
        if isinstance(answer, Refusal) and answer.code == "handle":
            if not (handle := await self._handle(answer, row)):
                return
            answer = await self._put(Take(draft=row.id, hash=row.hash, handle=handle))
        if isinstance(answer, Taken):
            await self._console.card.show(answer, row)
        elif answer is not None:
            self._shown(answer)

    async def released(self, row: QueueRow, argument: str) -> None:
        """発信済: posted, and this is where."""
        url = argument or await self._line("ask.url", row)
        if url and await self._sure("released", row, url=DisplayText.of(url)):
            answer = await self._put(Released(draft=row.id, url=url))
            if isinstance(answer, Done):
                await self._console.card.put_down(row.id)
            if answer is not None:
                self._shown(answer)

    async def settle(self, row: QueueRow, argument: str) -> None:
        """不明の決着: somebody has looked on the platform."""
        url = argument or await self._console.bottom.ask(tell("ask.settle", draft=named(row)), most=LONGEST_ADDRESS)
        if url is None:
            return
        if url:
            if await self._sure("settle_released", row, url=DisplayText.of(url)):
                await self.act(Settle(draft=row.id, outcome="released", url=url))
            return
        note = await self._line("ask.settle_note", row)
        if note and await self._sure("settle_not", row):
            await self.act(Settle(draft=row.id, outcome="not_released", note=note))

    async def withdraw(self, row: QueueRow, argument: str) -> None:
        """取下げ."""
        reason = argument or await self._console.bottom.ask(tell("ask.withdraw_reason", draft=named(row)))
        if reason is not None and await self._sure("withdraw", row):
            await self.act(Withdraw(draft=row.id, reason=reason))

    async def _which_hold(self, row: QueueRow) -> MissingSeen | None:
        """The hold to lift: the one that the chosen finding names, the only one, or the one whose number is typed."""
        holds = [missing for missing in row.waiting if missing.rule and missing.act == "except"]
        if not holds:
            self._console.notice(tell("notice.no_hold", draft=named(row)), "warn")
            return None
        chosen = self._console.chosen_finding()
        if chosen and (hit := next((hold for hold in holds if hold.rule == chosen.rule), None)):
            return hit
        if len(holds) == 1:
            return holds[0]
        choices = "  ".join(f"{n} {either(hold.what, hold.what_en).plain[:16]}" for n, hold in enumerate(holds, 1))
        typed = await self._console.bottom.ask(tell("ask.which_hold", choices=DisplayText.of(choices)))
        if typed and typed.strip().isdecimal() and 1 <= int(typed) <= len(holds):
            return holds[int(typed) - 1]
        return None

    async def _handle(self, asked: Refusal, row: QueueRow) -> str:
        """The account's handle, typed by the person who has just been told where it goes; "" when cancelled."""
        self._console.refused(asked)
        return await self._line("ask.handle", row, account=DisplayText.of(row.account))

    async def _line(self, key: str, row: QueueRow, **values: object) -> str:
        """A line that must not be empty; "" when it was cancelled or left empty, which is then said."""
        typed = await self._console.bottom.ask(tell(key, draft=named(row), **values))
        if typed is not None and not typed.strip():
            self._console.notice(tell("notice.empty"), "warn")
        return (typed or "").strip()

    async def _sure(self, verb: str, row: QueueRow, **values: object) -> bool:
        account = self._console.seen.account(row.account) if verb in _LETS_OUT else None
        return await self._console.bottom.confirm(tell(f"sure.{verb}", draft=named(row), **values), guard_of(account, short=True))

    async def act(self, act: AnyAct) -> bool:
        """Send an act and show what came of it; whether it was done."""
        if (answer := await self._put(act)) is not None:
            self._shown(answer)
        return isinstance(answer, Done)

    async def _put(self, act: AnyAct) -> AnyAnswer | None:
        """The daemon's answer; None when none came, which is then said: the act may have been carried out all the same."""
        self._console.notice(tell("notice.asking"), "dim", keep=False)
        try:
            return await self._console.link.ask(act, patience=10)
        except LinkDown:
            self._console.notice(tell("notice.no_answer"), "alert")
            return None

    def _shown(self, answer: AnyAnswer) -> None:
        if isinstance(answer, Refusal):
            self._console.refused(answer)
        elif isinstance(answer, Done):
            self._console.notice(either(answer.message, answer.message_en), "good")
        self._console.moved_on()


def _clause_before(typed: str) -> tuple[str, str]:
    """`minato/7-2(8)キ 公序良俗に反する` is a clause and a reason; everything else is a reason."""
    first, _, rest = typed.partition(" ")
    return (first, rest.strip()) if "/" in first and "://" not in first and rest.strip() else ("", typed)
