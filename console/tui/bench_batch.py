"""まとめて: one decision (or 案内済) for the comments that were chosen one by one, or for everything that meets the filter. How many they are and how
they were chosen is shown, and the number is typed."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from console.link import LinkDown
from console.text import DisplayText
from console.tui.bench import Bench
from console.tui.bench_verbs import BenchVerbs
from console.tui.choosing import Choice
from console.tui.comment_rows import WAITING, comment_line
from console.tui.part import Part
from console.tui.sheets import blank, headline, line
from console.tui.tell import NEWLINE, tell
from console.words import choose
from daemon.wire.bench import CommentRow
from daemon.wire.moderation import GuideMany, JudgeMany

if TYPE_CHECKING:
    from console.tui.app import Console

MOST = 500
"""Comments in one decision, as the daemon takes them."""


class Batch:
    """The dialog."""

    def __init__(self, console: Console, bench: Bench, verbs: BenchVerbs) -> None:
        self._console, self._bench, self._verbs = console, bench, verbs

    async def judge(self, argument: str) -> None:
        """Choose, see how many and which, type the number."""
        console = self._console
        try:
            chosen = await self._chosen("judge", "notice.none_to_judge")
            if chosen is None:
                return
            rows, left_out, condition = chosen
            who = tell("comments.several", count=len(rows))
            choice = await self._decision(rows, who, argument)
        except LinkDown:
            console.notice(tell("notice.no_link"), "warn")
            return
        if choice is None:
            return
        question = tell("ask.count", count=len(rows), decision=choice.words)
        if not await self._counted(self._sheet(rows, left_out, condition, choice), question, len(rows)):
            return
        act = JudgeMany(
            comments=tuple(row.id for row in rows),
            count=len(rows),
            condition=condition,
            clause=choice.clause,
            actions=choice.actions,
            reason=choice.reason,
        )
        await self._carry_out(act)

    async def guide(self, argument: str) -> None:
        """案内済 of all that carry a guidance mark among those that were chosen, or in the list."""
        console = self._console
        try:
            chosen = await self._chosen("guided", "notice.none_to_guide")
            if chosen is None:
                return
            rows, left_out, condition = chosen
            who = tell("comments.several", count=len(rows))
            note = argument or await self._verbs.choosing.reason("ask.guided_note", who, due=False)
        except LinkDown:
            console.notice(tell("notice.no_link"), "warn")
            return
        if note is None:
            return
        sheet = self._sheet(rows, left_out, condition, Choice("", (), note, tell("command.guided")), guiding=True)
        if await self._counted(sheet, tell("ask.count_guided", count=len(rows)), len(rows)):
            numbers = tuple(row.id for row in rows)
            await self._carry_out(GuideMany(comments=numbers, count=len(rows), condition=condition, note=note))

    async def _counted(self, sheet: list[Part], question: DisplayText, count: int) -> bool:
        """Whether the person has typed how many they are, under what they are."""
        self._bench.lay(sheet)
        try:
            typed = await self._console.bottom.ask(question)
        finally:
            self._bench.lay(None)
        if typed is not None and unicodedata.normalize("NFKC", typed).strip() == str(count):
            return True
        if typed is not None:
            self._console.notice(tell("notice.wrong_count", count=count), "warn")
        return False

    async def _carry_out(self, act: JudgeMany | GuideMany) -> None:
        bench = self._bench
        if await self._verbs.put(act, go_on=True, stay=True):
            bench.picked.clear()
            bench.list.refresh()
            bench.head()

    async def _decision(self, rows: list[CommentRow], who: DisplayText, typed: str) -> Choice | None:
        """Of comments to several accounts only 措置なし: a ground belongs to one account's own list."""
        detail = await self._bench.read(rows[0])
        if detail is None:
            return None
        if len({row.account for row in rows}) > 1 or not detail.grounds:
            self._console.notice(tell("notice.only_leave"), "warn")
            return Choice("", (), "", tell("comments.leave"))
        return await self._verbs.choosing.decision(detail, who, typed, none=True)

    async def _chosen(self, act: str, none: str) -> tuple[list[CommentRow], int, str] | None:
        """The comments that were picked, or all of the list, as they stand now: those about which this person may do this and at which
        nobody else works; how many are left out; and how they were chosen, in words, as the record has it. None where there are none or
        too many, which is said. Raises LinkDown."""
        bench = self._bench
        opened, pages = bench.opened, bench.pages
        if opened is None or pages is None:
            raise LinkDown
        picked = set(bench.picked)
        found: list[CommentRow] = []
        for offset in range(0, pages.count, MOST):
            answer = await bench.page(offset, MOST)
            found += [row for row in answer.rows if not picked or row.id in picked]
        me = self._console.link.welcome.login if self._console.link.welcome else ""
        rows = [row for row in found if row.state in WAITING and act in row.can and row.claimed_by in ("", me)]
        if not rows or len(rows) > MOST:
            many = tell("notice.too_many", count=len(rows), most=MOST) if rows else tell(none, out=len(found))
            self._console.notice(many, "warn")
            return None
        words = tell("comments.condition_picked" if picked else "comments.condition_all").plain
        return rows, len(found) - len(rows), f"{words}: {choose(opened.condition, opened.condition_en)}"

    def _sheet(
        self, rows: list[CommentRow], left_out: int, condition: str, choice: Choice, *, guiding: bool = False
    ) -> list[Part]:
        """What would be decided about how many, how they were chosen, and each of them."""
        parts = headline(tell("comments.batch_guided" if guiding else "comments.batch", count=len(rows)))
        parts += line(Part(choice.words, "strong"))
        parts += line(Part(tell("comments.condition"), "dim"), DisplayText.of(condition))
        if left_out:
            parts += line(Part(tell("comments.left_out", count=left_out), "warn"))
        if not guiding and (guided := sum(bool(row.guidance) for row in rows)):
            parts += line(Part(tell("comments.with_guidance", count=guided), "alert"))
        if guiding and (pressing := sum(row.guidance not in ("", "question") for row in rows)):
            parts += line(Part(tell("comments.pressing", count=pressing), "alert"))
        if choice.reason:
            parts += line(Part(tell("comments.because"), "dim"), DisplayText.of(choice.reason))
        parts += blank()
        now, width = self._console.now(), max(40, self._console.size.width - 3)
        for row in rows:
            parts += [*comment_line(row, width, now, (), ""), Part(NEWLINE)]
        return parts
