"""The verbs around an approval: 着手, 取消, 保留, 開き直し; and the differences of two revisions as a sheet."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from console.link import LinkDown
from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.part import Part
from console.tui.rows import named
from console.tui.sheets import blank, headline, line
from console.tui.tell import NEWLINE, either, tell
from console.words import known, word
from daemon.wire import Claim, Differences, Done, Hold, QueueRow, Refusal, Reopen, Unclaim, Undo
from daemon.wire.acts import AnyAct
from daemon.wire.answers import AnyAnswer

if TYPE_CHECKING:
    from console.tui.app import Console

_INK: dict[str, Ink] = {"same": "plain", "gone": "alert", "come": "good"}
_SIGNS = {
    "same": DisplayText("  "),
    "changed": DisplayText("~ "),
    "gone": DisplayText("- "),
    "come": DisplayText("+ "),
}
_MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "come": ("{+", "+}")}
"""So that the differences can be read without a colour."""


class Around:
    """One method a verb, as `Verbs` has them."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def table(self) -> dict[str, Callable[[QueueRow, str], Coroutine[Any, Any, None]]]:
        """The verbs by the names of their commands."""
        return {"claim": self.claim, "undo": self.undo, "hold": self.hold, "reopen": self.reopen}

    async def claim(self, row: QueueRow, argument: str) -> None:
        """着手, or giving it back where it is one's own; taking it over from somebody else is asked once more."""
        me = self._console.link.welcome
        if row.claimed_by and me is not None and row.claimed_by == me.login:
            await self._act(Unclaim(draft=row.id))
            return
        answer = await self._put(Claim(draft=row.id))
        if isinstance(answer, Refusal) and answer.code == "claimed":
            self._console.refused(answer)
            if not await self._sure("claim_over", row):
                return
            answer = await self._put(Claim(draft=row.id, over=True))
        self._shown(answer)

    async def undo(self, row: QueueRow, argument: str) -> None:
        """取消: at once, without a question: it is what the seconds are for."""
        await self._act(Undo(draft=row.id))

    async def hold(self, row: QueueRow, argument: str) -> None:
        """保留: at once; a countdown is running. The reason may stand behind the command."""
        await self._act(Hold(draft=row.id, reason=argument))

    async def reopen(self, row: QueueRow, argument: str) -> None:
        """開き直し."""
        if await self._sure("reopen", row):
            await self._act(Reopen(draft=row.id, reason=argument))

    async def _sure(self, verb: str, row: QueueRow) -> bool:
        return await self._console.bottom.confirm(tell(f"sure.{verb}", draft=named(row)))

    async def _act(self, act: AnyAct) -> None:
        self._shown(await self._put(act))

    async def _put(self, act: AnyAct) -> AnyAnswer | None:
        try:
            return await self._console.link.ask(act, patience=10)
        except LinkDown:
            self._console.notice(tell("notice.no_answer"), "alert")
            return None

    def _shown(self, answer: AnyAnswer | None) -> None:
        if isinstance(answer, Refusal):
            self._console.refused(answer)
        elif isinstance(answer, Done):
            self._console.notice(either(answer.message, answer.message_en), "good")
        if answer is not None:
            self._console.moved_on()


def differences_sheet(found: Differences) -> list[Part]:
    """The differences of two revisions, line by line."""
    parts = headline(tell("differ.heading", old=found.old, new=found.new))
    if found.returned:
        parts += line(Part(tell("differ.returned", n=found.old, reason=DisplayText.of(found.returned)), "warn"))
    parts += blank()
    for each in found.lines:
        if each.skipped:
            parts += line(Part(tell("differ.skipped", count=each.skipped), "dim"))
        parts.append(Part(_SIGNS[each.kind], "strong" if each.kind == "changed" else _INK[each.kind]))
        for piece in each.pieces:
            before, after = _MARKS[piece.kind] if each.kind == "changed" else ("", "")
            parts.append(Part(DisplayText.of(f"{before}{piece.text}{after}"), _INK[piece.kind]))
        parts.append(Part(NEWLINE))
    for change in found.matter:
        key = DisplayText.of(word("matter", change.key) if known("tui", f"matter.{change.key}") else change.key)
        old, new = DisplayText.of(change.old or "-"), DisplayText.of(change.new or "-")
        parts += line(Part(tell("differ.matter", key=key, old=old, new=new), "warn"))
    if found.unread:
        parts += line(Part(tell("differ.unread", numbers=DisplayText.of(", ".join(map(str, found.unread)))), "alert"))
    elif not found.lines and not found.matter:
        parts += line(Part(tell("differ.same"), "good"))
    return parts
