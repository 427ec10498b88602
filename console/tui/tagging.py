"""まとめて: drafts of the queue that were tagged one by one (Space), and one verb for all of them. How many they are and by which filter they
were chosen stands in the question; from ten on their number is typed. Each is an act of its own, about the revision that was read then:
what another person has changed meanwhile is refused, and named."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING

from console.finding import conditions
from console.link import LinkDown
from console.text import DisplayText
from console.tui.acting import PATIENCE
from console.tui.rows import named
from console.tui.tell import either, tell
from daemon.wire import Approve, Claim, Done, DraftDetail, Hold, QueueRow, Refusal, Reopen, Return, Show, Withdraw
from daemon.wire.acts import AnyAct

if TYPE_CHECKING:
    from console.tui.app import Console

MOST = 100
"""Drafts of one batch."""
TYPED_FROM = 10
"""From so many on the number is typed: `y` is a habit."""
_NAMED = 3
"""Drafts that the question names; and refusals that the answer tells."""

_ACTS: dict[str, Callable[[QueueRow, str], AnyAct]] = {
    "approve": lambda row, reason: Approve(draft=row.id, hash=row.hash, reason=reason),
    "return": lambda row, reason: Return(draft=row.id, hash=row.hash, reason=reason),
    "withdraw": lambda row, reason: Withdraw(draft=row.id, reason=reason),
    "hold": lambda row, reason: Hold(draft=row.id, reason=reason),
    "reopen": lambda row, reason: Reopen(draft=row.id, reason=reason),
    "claim": lambda row, _: Claim(draft=row.id),
}


class Tagging:
    """The tags of the queue. They are gone when the list is read anew: nothing that is not seen is ever acted on."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def many(self) -> bool:
        """Whether a verb means the tagged drafts now."""
        return self._console.place == "queue" and bool(self._console.queue.picked)

    def toggle(self) -> None:
        """Tag the draft under the cursor, or no longer; and go on."""
        queue = self._console.queue
        row = queue.row()
        if row is None:
            return
        if row.id in queue.picked:
            queue.picked.discard(row.id)
        elif len(queue.picked) < MOST:
            queue.picked.add(row.id)
        else:
            self._console.notice(tell("notice.too_many_tagged", most=MOST), "warn")
            return
        queue.view.lines.refresh()
        queue.view.lines.move("down")
        queue.head()

    def clear(self) -> None:
        """No draft is tagged any more."""
        queue = self._console.queue
        queue.picked.clear()
        queue.view.lines.refresh()
        queue.head()

    async def act(self, verb: str, argument: str) -> None:
        """Carry out a verb on all that are tagged and may be."""
        console = self._console
        if verb not in _ACTS:
            console.notice(tell("notice.not_for_many", command=tell(f"command.{verb}")), "warn")
            return
        try:
            rows, left_out = await self._chosen(verb)
            if not rows:
                console.notice(tell("notice.none_of_tagged", out=left_out, command=tell(f"command.{verb}")), "warn")
                return
            reason = argument
            if verb == "return" and not reason:
                reason = (await console.bottom.ask(tell("ask.return_many", count=len(rows))) or "").strip()
                if not reason:
                    return
            if await self._sure(verb, rows, left_out, reason):
                await self._carry_out(verb, rows, reason)
        except LinkDown:
            console.notice(tell("notice.no_answer"), "alert")

    async def _chosen(self, verb: str) -> tuple[list[QueueRow], int]:
        """The tagged drafts as they stand now, of which this person may do this and at which nobody else works; how many are left out.
        Raises LinkDown."""
        me = self._console.link.welcome.login if self._console.link.welcome else ""
        rows, left_out = [], 0
        for draft in sorted(self._console.queue.picked):
            answer = await self._console.link.ask(Show(draft=draft))
            row = answer.row if isinstance(answer, DraftDetail) else None
            if row is not None and verb in row.can and row.claimed_by in ("", me):
                rows.append(row)
            else:
                left_out += 1
        return rows, left_out

    async def _sure(self, verb: str, rows: list[QueueRow], left_out: int, reason: str) -> bool:
        console = self._console
        asked = " ".join(conditions(console.queue.shown)) or tell("tag.no_condition").plain
        question = tell(
            "sure.many",
            count=len(rows),
            verb=tell(f"command.{verb}"),
            condition=DisplayText.of(asked),
            drafts=DisplayText.of(" ".join(named(row).plain for row in rows[:_NAMED]) + (" .." if len(rows) > _NAMED else "")),
            out=tell("tag.left_out", count=left_out) if left_out else "",
            reason=tell("tag.because", reason=DisplayText.of(reason)) if reason else "",
        )
        if len(rows) < TYPED_FROM:
            return await console.bottom.confirm(question)
        typed = await console.bottom.ask(question + tell("ask.count_many", count=len(rows)))
        if typed is not None and unicodedata.normalize("NFKC", typed).strip() == str(len(rows)):
            return True
        if typed is not None:
            console.notice(tell("notice.wrong_count", count=len(rows)), "warn")
        return False

    async def _carry_out(self, verb: str, rows: list[QueueRow], reason: str) -> None:
        """One act each. Raises LinkDown where an answer does not come: those behind it have not been asked for."""
        console = self._console
        done, refused = 0, []
        for n, row in enumerate(rows, 1):
            console.notice(tell("notice.many_on", n=n, count=len(rows)), "dim", keep=False)
            answer = await console.link.ask(_ACTS[verb](row, reason), patience=PATIENCE)
            if isinstance(answer, Done):
                done += 1
                console.queue.picked.discard(row.id)
            elif isinstance(answer, Refusal):
                refused.append((row, answer))
        words = tell("notice.many_done", verb=tell(f"command.{verb}"), count=done)
        if refused:
            why = "  ".join(f"#{row.id} {either(said.message, said.message_en).plain}" for row, said in refused[:_NAMED])
            words = words + tell("notice.many_refused", count=len(refused), why=DisplayText.of(why))
        console.notice(words, "warn" if refused else "good")
        console.queue.view.lines.refresh()
        console.queue.head()
        console.moved_on()
