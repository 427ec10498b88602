"""What is done about a comment, one method a verb: each says why it cannot be done, names the comment, asks once more, sends one act."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from console.link import LinkDown
from console.text import DisplayText
from console.tui.acting import put
from console.tui.at_work import at_comment
from console.tui.bench import Bench
from console.tui.boards import listing
from console.tui.choosing import Choosing
from console.tui.comment_rows import WAITING, named, state_word
from console.tui.sheets import headline, line
from console.tui.tell import either, tell
from console.tui.which_account import asked_account
from console.words.marks import listed
from daemon.wire import Done, Register, Who
from daemon.wire.acts import AnyAct
from daemon.wire.bench import CommentDetail, CommentRow
from daemon.wire.limits import LONGEST_ADDRESS, LONGEST_TEXT
from daemon.wire.moderation import (
    AskSecond,
    ClaimComment,
    CommentGone,
    EscalateComment,
    Guided,
    Judge,
    MarkComment,
    Propose,
    SecondOpinion,
    TagComments,
    UnclaimComment,
    UndoJudgement,
)

if TYPE_CHECKING:
    from console.tui.app import Console


class BenchVerbs:
    """The verbs of the bench."""

    def __init__(self, console: Console, bench: Bench) -> None:
        self._console, self._bench = console, bench
        self.choosing = Choosing(console, bench)

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The verbs by the names of their commands."""
        return {
            "judge": self.judge,
            "leave": self.leave,
            "propose": self.propose,
            "claim_comment": self.claim,
            "ask_second": self.second,
            "escalate_comment": self.escalate,
            "guided": self.guided,
            "comment_gone": self.gone,
            "undo_judgement": self.undo,
            "tag_comments": self.tag,
            "mark_comment": self.mark,
        }

    # -- decisions -------------------------------------------------------------------------------------------------------

    async def judge(self, argument: str) -> None:
        """判断: ground, measures, a reason where it is due; then the next comment that waits."""
        found = await self._at("judge")
        if found is None:
            return
        row, detail = found
        async with at_comment(self._console, row) as mine:
            choice = await self.choosing.decision(detail, named(row), argument)
            if choice is not None and await self._sure("judge", row, decision=choice.words):
                act = Judge(comment=row.id, clause=choice.clause, actions=choice.actions, reason=choice.reason, seen=detail.hash)
                mine.decided = await self.put(act, go_on=True)

    async def leave(self, argument: str) -> None:
        """措置なし: a decision, too."""
        found = await self._at("judge")
        if found is None:
            return
        row, detail = found
        async with at_comment(self._console, row) as mine:
            if await self._sure("leave_guidance" if row.guidance else "leave", row):
                mine.decided = await self.put(Judge(comment=row.id, reason=argument, seen=detail.hash), go_on=True)

    async def propose(self, argument: str) -> None:
        """提案, of a ground with measures or of none (0)."""
        found = await self._at("propose")
        if found is None:
            return
        row, detail = found
        async with at_comment(self._console, row) as mine:
            choice = await self.choosing.decision(detail, named(row), argument, none=True)
            if choice is not None and await self._sure("propose", row, decision=choice.words):
                act = Propose(comment=row.id, clause=choice.clause, actions=choice.actions, reason=choice.reason)
                mine.decided = await self.put(act, go_on=True)

    async def second(self, argument: str) -> None:
        """意見: ask somebody for theirs, or, where one's own was asked for, give it."""
        found = await self._at("ask_second")
        if found is None:
            return
        row, detail = found
        asked = next((said for said in reversed(detail.said) if said.kind == "ask_second"), None)
        me = self._console.link.welcome.login if self._console.link.welcome else ""
        if row.state == "second" and asked is not None and asked.to == me:
            async with at_comment(self._console, row) as mine:
                choice = await self.choosing.decision(detail, named(row), argument, none=True)
                if choice is not None and await self._sure("second_opinion", row, decision=choice.words):
                    act = SecondOpinion(comment=row.id, clause=choice.clause, actions=choice.actions, reason=choice.reason)
                    mine.decided = await self.put(act, go_on=True)
            return
        to = argument.strip() or await self._whom(row)
        note = await self.choosing.reason("ask.second_note", named(row), due=False) if to else None
        if to and note is not None and await self._sure("ask_second", row, who=DisplayText.of(to)):
            await self.put(AskSecond(comment=row.id, to=to, note=note), go_on=True)

    async def escalate(self, argument: str) -> None:
        """上申 to the manager above the others."""
        found = await self._at("escalate_comment")
        if found is None:
            return
        row, _ = found
        note = argument or await self.choosing.reason("ask.escalate_note", named(row), due=True)
        if note and await self._sure("escalate_comment", row):
            await self.put(EscalateComment(comment=row.id, note=note), go_on=True)

    async def undo(self, argument: str) -> None:
        """判断の取消し, with its reason."""
        found = await self._at("undo_judgement")
        if found is None:
            return
        row, _ = found
        reason = argument or await self.choosing.reason("ask.undo_judgement", named(row), due=True)
        if reason and await self._sure("undo_judgement", row):
            await self.put(UndoJudgement(comment=row.id, reason=reason))

    async def guided(self, argument: str) -> None:
        """案内済."""
        found = await self._at("guided")
        if found is None:
            return
        row, _ = found
        note = argument or await self.choosing.reason("ask.guided_note", named(row), due=False)
        if note is not None and await self._sure("guided", row):
            await self.put(Guided(comment=row.id, note=note), go_on=True)

    async def gone(self, argument: str) -> None:
        """投稿が消えた: its words are erased here, too."""
        found = await self._at("comment_gone")
        if found is None:
            return
        row, _ = found
        note = argument or await self.choosing.reason("ask.gone_note", named(row), due=False)
        if note is not None and await self._sure("comment_gone", row):
            await self.put(CommentGone(comment=row.id, note=note), go_on=True)

    # -- beside decisions ------------------------------------------------------------------------------------------------

    async def claim(self, argument: str) -> None:
        """着手; a second time gives it back; somebody else's is taken over after a question."""
        row = self._bench.row()
        if row is None or not self._may("claim_comment", row):
            return
        me = self._console.link.welcome.login if self._console.link.welcome else ""
        if row.claimed_by == me:
            await self.put(UnclaimComment(comment=row.id))
        elif not row.claimed_by or await self._sure("claim_comment", row, who=DisplayText.of(row.claimed_by)):
            await self.put(ClaimComment(comment=row.id, over=bool(row.claimed_by)))

    async def tag(self, argument: str) -> None:
        """札 on the comments that are chosen, or on the one under the cursor."""
        row = self._bench.row()
        rows = list(self._bench.picked.values()) or ([row] if row else [])
        if not rows or not all(self._may("tag_comments", each) for each in rows):
            return
        who = named(rows[0]) if len(rows) == 1 else tell("comments.several", count=len(rows))
        typed = argument or await self.choosing.reason("ask.tag", who, due=False)
        if typed is not None:
            await self.put(TagComments(comments=tuple(each.id for each in rows), tag=typed))

    async def mark(self, argument: str) -> None:
        """印を付ける: put a comment on the bench that no machine has found anything in, as it is read on the platform."""
        bottom, row = self._console.bottom, self._bench.row()
        default = next(iter(self._bench.wanted.accounts), row.account if row else "")
        account = await asked_account(self._console, argument, default)
        if account is None:
            return
        handle = await bottom.ask(tell("ask.mark_handle"))
        url = await bottom.ask(tell("ask.mark_url"), most=LONGEST_ADDRESS) if handle else None
        lines: list[str] = []
        while url is not None:
            typed = await bottom.ask(tell("ask.mark_text" if not lines else "ask.mark_more", count=len(lines)), most=LONGEST_TEXT)
            if typed is None:
                return
            if not typed:
                break
            lines.append(typed)
        if not handle or not lines:
            self._console.notice(tell("notice.empty"), "warn")
            return
        text = DisplayText.of(lines[0], limit=30)
        words = tell("sure.mark_comment", account=DisplayText.of(account), handle=DisplayText.of(handle), text=text)
        if await bottom.confirm(words):
            act = MarkComment(account=account, handle=handle.strip().lstrip("@"), url=(url or "").strip(), text="\n".join(lines))
            await self.put(act)

    # -- what they share -------------------------------------------------------------------------------------------------

    async def _at(self, act: str) -> tuple[CommentRow, CommentDetail] | None:
        """The comment under the cursor as it stands now, if this may be done about it; else why not is said."""
        row = self._bench.row()
        if row is None:
            self._console.notice(tell("notice.no_comment"), "warn")
            return None
        try:
            detail = await self._bench.read(row)
        except LinkDown:
            self._console.notice(tell("notice.no_link"), "warn")
            return None
        if detail is None or not self._may(act, detail.row, detail):
            return None
        return detail.row, detail

    def _may(self, act: str, row: CommentRow, detail: CommentDetail | None = None) -> bool:
        if act in row.can:
            return True
        self._console.notice(why_not(act, row, detail), "warn")
        return False

    async def _whom(self, row: CommentRow) -> str:
        """Somebody else who serves the account: by number from the list, or by login; "" when it was cancelled."""
        console = self._console
        status = console.seen.account(row.account)
        me = console.link.welcome.login if console.link.welcome else ""
        try:
            everybody = (await listing(console, Register())).people
        except LinkDown:
            everybody = ()
        others = [who for who in everybody if who.login != me and who.role != "viewer"]
        people = [who for who in others if status is not None and status.policy in who.policies]
        self._bench.lay(
            [*headline(tell("comments.people")), *(part for n, who in enumerate(people, 1) for part in _person(n, who))]
        )
        try:
            typed = (await console.bottom.ask(tell("ask.second_to", comment=named(row))) or "").strip()
        finally:
            self._bench.lay(None)
        return people[int(typed) - 1].login if typed.isdecimal() and 1 <= int(typed) <= len(people) else typed

    async def _sure(self, verb: str, row: CommentRow, **values: object) -> bool:
        return await self._console.bottom.confirm(tell(f"sure.{verb}", comment=named(row), **values))

    async def put(self, act: AnyAct, *, go_on: bool = False, stay: bool = False) -> bool:
        """Send an act, show what came of it, and with `go_on` stand on the next comment that waits (with `stay` only where the one under the
        cursor waits no more); whether it was done."""
        answer = await put(self._console, act)
        try:
            if go_on and isinstance(answer, Done):
                await self._bench.again()
                here = self._bench.row()
                if not (stay and here is not None and self._bench.waits(here)):
                    await self._bench.to_undecided(1, either(answer.message, answer.message_en))
            else:
                await self._bench.again()
        except LinkDown:
            self._console.notice(tell("notice.no_link"), "warn")
        return isinstance(answer, Done)


def why_not(act: str, row: CommentRow, detail: CommentDetail | None) -> DisplayText:
    """Why somebody cannot do this about a comment now, and what to do instead."""
    if not row.can:
        key = "notice.comment_over" if row.state not in WAITING else "notice.only_look"
        return tell(key, state=state_word(row.state))
    if act == "undo_judgement":
        return tell("notice.nothing_to_undo", state=state_word(row.state))
    if row.state not in WAITING:
        return tell("notice.comment_decided", state=state_word(row.state))
    if act == "judge":
        return tell("notice.not_judge", judges=DisplayText.of(detail.judges if detail else ""))
    return tell("notice.no_guidance" if act == "guided" else "notice.only_look")


def _person(number: int, who: Who) -> list[Any]:
    titles = DisplayText.of(listed(who.titles))
    return line(
        DisplayText(f"{number:>2}."), DisplayText.of(who.login), DisplayText.of(who.name), titles, DisplayText.of(who.unit)
    )
