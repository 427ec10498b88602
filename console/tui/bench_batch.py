"""まとめて判断: one decision for the comments that were chosen one by one, or for everything that meets the filter. How many they are and how
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
from console.tui.paint import Part
from console.tui.sheets import blank, headline, line
from console.tui.tell import NEWLINE, tell
from console.words import choose
from daemon.wire.bench import CommentRow
from daemon.wire.moderation import JudgeMany

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
        console, bench = self._console, self._bench
        try:
            rows, left_out, condition = await self._chosen()
            if not rows:
                console.notice(tell("notice.none_to_judge", out=left_out), "warn")
                return
            if len(rows) > MOST:
                console.notice(tell("notice.too_many", count=len(rows), most=MOST), "warn")
                return
            who = tell("comments.several", count=len(rows))
            choice = await self._decision(rows, who, argument)
        except LinkDown:
            console.notice(tell("notice.no_link"), "warn")
            return
        if choice is None:
            return
        bench.lay(self._sheet(rows, left_out, condition, choice))
        try:
            typed = await console.bottom.ask(tell("ask.count", count=len(rows), decision=choice.words))
        finally:
            bench.lay(None)
        if typed is None:
            return
        if unicodedata.normalize("NFKC", typed).strip() != str(len(rows)):
            console.notice(tell("notice.wrong_count", count=len(rows)), "warn")
            return
        act = JudgeMany(
            comments=tuple(row.id for row in rows),
            count=len(rows),
            condition=condition,
            clause=choice.clause,
            actions=choice.actions,
            reason=choice.reason,
        )
        if await self._verbs.put(act):
            bench.picked.clear()
            bench.head()
            here = bench.row()
            if here is None or not bench.waits(here):
                await bench.to_undecided(1)

    async def _decision(self, rows: list[CommentRow], who: DisplayText, typed: str) -> Choice | None:
        """Of comments to several accounts only 措置なし: a ground belongs to one account's own list."""
        detail = await self._bench.read(rows[0])
        if detail is None:
            return None
        if len({row.account for row in rows}) > 1 or not detail.grounds:
            self._console.notice(tell("notice.only_leave"), "warn")
            return Choice("", (), "", tell("comments.leave"))
        return await self._verbs.choosing.decision(detail, who, typed, none=True)

    async def _chosen(self) -> tuple[list[CommentRow], int, str]:
        """The comments that were picked, or all of the list, as they stand now: those that this person may judge and nobody else works at;
        how many are left out; and how they were chosen, in words, as the record has it. Raises LinkDown."""
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
        rows = [row for row in found if row.state in WAITING and "judge" in row.can and row.claimed_by in ("", me)]
        words = tell("comments.condition_picked" if picked else "comments.condition_all").plain
        return rows, len(found) - len(rows), f"{words}: {choose(opened.condition, opened.condition_en)}"

    def _sheet(self, rows: list[CommentRow], left_out: int, condition: str, choice: Choice) -> list[Part]:
        """What would be decided about how many, how they were chosen, and each of them."""
        parts = headline(tell("comments.batch", count=len(rows)))
        parts += line(Part(choice.words, "strong"))
        parts += line(Part(tell("comments.condition"), "dim"), DisplayText.of(condition))
        if left_out:
            parts += line(Part(tell("comments.left_out", count=left_out), "warn"))
        if guided := sum(bool(row.guidance) for row in rows):
            parts += line(Part(tell("comments.with_guidance", count=guided), "alert"))
        if choice.reason:
            parts += line(Part(tell("comments.because"), "dim"), DisplayText.of(choice.reason))
        parts += blank()
        now, width = self._console.now(), max(40, self._console.size.width - 3)
        for row in rows:
            parts += [*comment_line(row, width, now, (), ""), Part(NEWLINE)]
        return parts
