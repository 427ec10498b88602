"""紙の決裁 in the console: what was decided on paper is entered by one person (`:紙の決裁`) and countersigned by another (`:副署`)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.link import LinkDown
from console.reasons import LONGEST
from console.text import DisplayText
from console.tui.acting import put
from console.tui.rows import named
from console.tui.tell import tell
from daemon.wire import Countersign, Decide, EnterPaper, ForDecision, PaperEntry, QueueRow

if TYPE_CHECKING:
    from console.tui.app import Console


class OnPaper:
    """The two conversations, each about the draft that is chosen."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def table(self) -> dict[str, Callable[[QueueRow, str], Coroutine[Any, Any, None]]]:
        """The conversations by the names of their commands."""
        return {"enter_paper": self.enter, "countersign": self.countersign}

    async def enter(self, row: QueueRow, _: str) -> None:
        """入力: what stands on the paper, line by line; a line that is left empty ends it."""
        typed = {}
        for name in ("check", "decided_by", "decision", "reference", "on"):
            typed[name] = await self._line(f"on_paper.ask_{name}", row)
            if not typed[name]:
                return
        decision = {"1": "approve", "2": "return"}.get(typed["decision"])
        if decision is None:
            self._console.notice(tell("on_paper.which"), "warn")
            return
        reason = await self._line("on_paper.ask_reason", row) if decision == "return" else ""
        if decision == "return" and not reason:
            return
        file = await self._line("on_paper.ask_scan", row)
        if not file or (scan := self._scan(file)) is None:
            return
        await self._put(
            EnterPaper(
                draft=row.id,
                check=typed["check"],
                decided_by=typed["decided_by"],
                decision="approve" if decision == "approve" else "return",
                reference=typed["reference"],
                on=typed["on"],
                scan=scan,
                reason=reason,
            )
        )

    async def countersign(self, row: QueueRow, reason: str) -> None:
        """副署: what was entered is read out, and agreed to; with a reason behind the command's name it is struck out instead."""
        entry = await self._entry(row)
        if entry is None:
            return
        said = tell(
            "on_paper.strike" if reason else "on_paper.sure",
            draft=named(row),
            by=DisplayText.of(entry.decided_by),
            decision=tell(f"command.{entry.decision}"),
            number=DisplayText.of(entry.reference),
            on=DisplayText.of(entry.on),
            clerk=DisplayText.of(entry.entered_by),
            scan=DisplayText.of(entry.scan[:12]),
        )
        if await self._console.bottom.confirm(said):
            await self._put(Countersign(draft=row.id, hash=row.hash, agrees=not reason, reason=reason))

    async def _entry(self, row: QueueRow) -> PaperEntry | None:
        """What waits for a countersignature of the revision that stands on the screen; says so where there is nothing."""
        try:
            facts = await self._console.link.ask(Decide(draft=row.id))
        except LinkDown:
            self._console.notice(tell("notice.no_link"), "warn")
            return None
        entry = next(iter(facts.papers), None) if isinstance(facts, ForDecision) and facts.hash == row.hash else None
        if entry is None:
            self._console.notice(tell("on_paper.none", draft=named(row)), "warn")
        return entry

    def _scan(self, file: str) -> bytes | None:
        try:
            return Path(file).expanduser().read_bytes()
        except OSError as error:
            why = DisplayText.of(error.strerror or str(error))
            self._console.notice(tell("on_paper.unread", file=DisplayText.of(file), why=why), "warn")
            return None

    async def _line(self, key: str, row: QueueRow) -> str:
        typed = await self._console.bottom.ask(tell(key, draft=named(row)))
        if typed is not None and not typed.strip():
            self._console.notice(tell("notice.empty"), "warn")
        return (typed or "").strip()[:LONGEST]

    async def _put(self, act: EnterPaper | Countersign) -> None:
        console = self._console
        console.notice(tell("notice.asking"), "dim", keep=False)
        if await put(console, act) is None:
            return
        console.moved_on()
