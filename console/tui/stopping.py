"""Stop and resume, as the operator meets them: executed first, told to the daemon second, explained third."""

from __future__ import annotations

import asyncio
import unicodedata
from typing import TYPE_CHECKING

from console.link import LinkDown
from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.paint import Part
from console.tui.papers import stop_sheet
from console.tui.stopkey import WINDOW, Pressed
from console.tui.tell import either, tell
from console.tui.views import SheetView
from daemon.gate import Shut
from daemon.wire import Done, Refusal, Resume, ResumeCode, Stopped, StopState

if TYPE_CHECKING:
    from console.tui.app import Console


class Stopping:
    """What happens around the gate. The view is screen 5."""

    def __init__(self, console: Console) -> None:
        self.view = SheetView("stop")
        self._console = console
        self._code: StopState | None = None

    def pressed(self, pressed: Pressed) -> None:
        """The stop key was pressed, and has already done what it does."""
        console = self._console
        if pressed == "armed":
            console.bar.armed = True
            console.set_timer(WINDOW + 0.05, self._disarm)
            console.look()
        else:
            self.stopped("all", console.stop_key.last)

    def stopped(self, scope: str, shut: Shut | None) -> None:
        """The gate has been shut from here: show it, then tell the daemon and ask for a reason beside the screen."""
        console = self._console
        console.bar.armed = False
        console.seen.stopped_by = console.my_name()
        console.seen.stopped_at = console.now()
        console.look()
        if shut is not None:
            console.notice(*_said(shut))
        console.start_flow(self._report(scope))

    async def open(self) -> None:
        """Read what a resume would need, and show it."""
        self._code = None
        try:
            answer = await self._console.link.ask(ResumeCode())
        except LinkDown:
            answer = None
        if isinstance(answer, StopState):
            self._code = answer
            self._console.seen.told = answer
        self._console.look()
        self.show()

    def show(self) -> None:
        """Paint what is known."""
        console = self._console
        self.view.heading.show([Part(tell("stop.heading"), "strong")])
        self.view.sheet.show(stop_sheet(console.seen, self._code, console.now()))

    @property
    def resumable(self) -> bool:
        """Whether this operator could resume now: something is stopped, and the daemon has given them the code."""
        return self._stopped and self._console.seen.connected and self._code is not None and bool(self._code.code)

    @property
    def _stopped(self) -> bool:
        seen = self._console.seen
        return seen.condition != "running" or bool(seen.scopes)

    async def resume(self, scope: str = "") -> None:
        """再開 of everything, or of the part that is stopped: the code that the screen shows, typed; a reason; one act."""
        console = self._console
        if not self._stopped:
            console.notice(tell("notice.not_stopped"), "warn")
            return
        await console.go("stop")
        if self._code is None or not self._code.code:
            console.notice(tell("stop.manager_only" if console.seen.connected else "stop.needs_daemon"), "warn")
            return
        scope = scope or await self._scope()
        if not scope:
            return
        typed = await console.bottom.ask(tell("ask.code", code=DisplayText.of(self._code.code)))
        if not typed:
            return
        reason = await console.bottom.ask(tell("ask.resume_reason"))
        if not reason or not reason.strip():
            console.notice(tell("notice.empty"), "warn")
            return
        code = unicodedata.normalize("NFKC", typed).strip()
        try:
            answer = await console.link.ask(Resume(code=code, reason=reason.strip(), scope=scope), patience=10)
        except LinkDown:
            console.notice(tell("notice.no_answer"), "alert")
            return
        if isinstance(answer, Refusal):
            console.refused(answer)
        elif isinstance(answer, Done | StopState):
            console.seen.stopped_by, console.seen.stopped_at, console.seen.told = "", None, None
            said = either(answer.message, answer.message_en) if isinstance(answer, Done) else tell("notice.resumed")
            console.notice(said, "good")
        await console.read_status()
        await self.open()

    async def _scope(self) -> str:
        """What there is to resume: everything; where only parts are stopped the only one, or the one that is typed."""
        seen = self._console.seen
        if seen.condition != "running":
            return "all"
        if len(seen.scopes) == 1:
            return seen.scopes[0]
        typed = await self._console.bottom.ask(tell("ask.scope", scopes=DisplayText.of("  ".join(seen.scopes))))
        return (typed or "").strip()

    async def _report(self, scope: str) -> None:
        """Tell the daemon at once, and ask why meanwhile; leaving the reason out is fine."""
        console = self._console
        async with asyncio.TaskGroup() as group:
            first = group.create_task(self._tell(scope, ""))
            reason = await console.bottom.ask(tell("ask.stop_reason"))
        told = first.result()
        if reason and reason.strip():
            told = await self._tell(scope, reason.strip()) or told
        await console.go("stop")
        console.notice(tell("notice.stop_told") if told else tell("notice.stop_untold"), "good" if told else "warn")

    async def _tell(self, scope: str, reason: str) -> bool:
        console = self._console
        try:
            answer = await console.link.ask(Stopped(scope=scope, reason=reason), patience=1.5)
        except LinkDown:
            return False
        if isinstance(answer, StopState):
            console.seen.told = answer
        console.spawn(console.read_status())
        return not isinstance(answer, Refusal)

    def _disarm(self) -> None:
        if not self._console.stop_key.armed:
            self._console.bar.armed = False
            self._console.look()


def _said(shut: Shut) -> tuple[DisplayText, Ink]:
    """What the stop achieved, in a sentence."""
    if not shut.stopped:
        return tell("notice.stop_failed", why=either(shut.why, shut.why_en)), "alert"
    latched = f"{shut.latched_ms or 0:.1f}"
    if shut.silent_ms is None:
        return tell("notice.stopped_unproved", ms=latched, why=either(shut.why, shut.why_en)), "warn"
    return tell("notice.stopped", ms=latched, silent=f"{shut.silent_ms:.1f}"), "good"
