"""Stop and resume, as the operator meets them: executed first, told to the daemon second, explained third."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from console.link import LinkDown
from console.text import DisplayText
from console.tui.acting import put
from console.tui.aftermath import Aftermath
from console.tui.drill import Drill
from console.tui.ink import Ink
from console.tui.papers import needs_daemon, stop_sheet
from console.tui.part import Part
from console.tui.stopkey import WINDOW, Pressed
from console.tui.tell import either, tell
from console.tui.views import SheetView
from console.tui.wrap import wrap
from console.words import word
from daemon.gate import Shut
from daemon.letters import leave
from daemon.standing import login
from daemon.wire import ConfirmResume, ConfirmStop, Refusal, Resume, ResumeCode, Stopped, StopState

if TYPE_CHECKING:
    from console.tui.app import Console


class Stopping:
    """What happens around the gate. The view is screen 5."""

    def __init__(self, console: Console) -> None:
        self.view = SheetView("stop")
        self.aftermath = Aftermath(console)
        self.drill = Drill(console)
        self._console = console
        self._code: StopState | None = None

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The conversations of this screen, by the names of their commands."""
        return {
            "resume": self.resume,
            "resume_here": self.resume,
            "confirm_stop": self.confirm,
            "narrow_stop": self.narrow,
            "drill": self.drill.start,
            **self.aftermath.table(),
        }

    def turn(self, step: int) -> None:
        """Choose the next thing to do after the stop, or the one before, and bring it into view: in 24 rows it lies below the rest."""
        self.aftermath.turn(step)
        self._console.look()
        self.show()
        sheet = self.view.sheet
        sheet.scroll_lines(len(wrap(self._standing(), max(1, sheet.size.width))))

    def begin(self) -> None:
        """The screen is come to from another: from its top, with the next thing to do chosen."""
        self.aftermath.begin()
        self.view.sheet.scroll_lines(0)

    def pressed(self, pressed: Pressed) -> None:
        """The stop key was pressed, and has already done what it does."""
        console = self._console
        if pressed == "armed":
            console.bar.armed = True
            console.set_timer(WINDOW + 0.05, self._disarm)
            console.look()
            return
        if pressed == "drilled":
            console.bar.armed = False
            console.start_flow(self.drill.pressed())
        else:
            self.stopped("all", console.stop_key.last)
        console.picturing.close()

    def stopped(self, scope: str, shut: Shut | None) -> None:
        """The gate has been shut from here: show it, then tell the daemon and ask for a reason beside the screen."""
        console = self._console
        console.bar.armed = False
        if shut is not None and not shut.stopped:
            console.start_flow(self._failed(scope, shut))
            return
        again = console.seen.condition == "stopped"
        if not again:  # the first moment is the stop's; whoever presses once more repeats it
            console.seen.stopped_by, console.seen.stopped_at = console.my_name(), console.now()
        console.look()
        if shut is not None:
            console.notice(*_said(shut, again=again))
        console.start_flow(self._report(scope, again=again))

    async def _failed(self, scope: str, shut: Shut) -> None:
        """Nothing could be done from here: said at once, and no reason is asked for. The daemon may be able to."""
        console = self._console
        console.look()
        console.notice(*_said(shut))
        if await self._tell(scope, "") and console.seen.told is not None and console.seen.told.stopped:
            console.notice(tell("notice.stop_told"), "good")

    async def open(self) -> None:
        """Read what a resume would need, and show it."""
        self._code = None
        try:
            answer = await self._console.link.ask(ResumeCode())
            await self.aftermath.read()
        except LinkDown:
            answer = None
        if isinstance(answer, StopState):
            self._code = answer
            self._console.seen.told = answer
        self._console.look()
        self.show()

    def show(self) -> None:
        """Paint what is known."""
        self.view.heading.show([Part(tell("stop.heading"), "strong")])
        self.view.sheet.show([*self._standing(), *self.aftermath.sheet()])

    def _standing(self) -> list[Part]:
        return stop_sheet(self._console.seen, self._code, self._console.now())

    @property
    def resumable(self) -> bool:
        """Whether this operator could resume now: something is stopped, and the daemon has given them the code."""
        return self._stopped and self._console.seen.connected and self._code is not None and bool(self._code.code)

    @property
    def possible(self) -> set[str]:
        """The commands of this screen that this operator could carry out now."""
        found = {"resume_here"} if self.resumable else set()
        if self.resumable and self._console.seen.condition == "stopped":
            found.add("narrow_stop")
        if self._code is not None and self._code.unconfirmed and self._manager:
            found.add("confirm_stop")
        return found | self.aftermath.possible

    @property
    def _manager(self) -> bool:
        welcome = self._console.link.welcome
        return welcome is not None and welcome.role == "manager"

    @property
    def _stopped(self) -> bool:
        seen = self._console.seen
        return seen.condition != "running" or bool(seen.scopes)

    async def resume(self, scope: str = "") -> None:
        """再開 of everything, or of the part that is stopped: the code that the screen shows, typed; a reason; one act. Where somebody has
        asked for it already, the second person only types the code."""
        console = self._console
        if not self._stopped:
            console.notice(tell("notice.not_stopped"), "warn")
            return
        await self.open()
        if self._code is None or not self._code.code:  # whoever may not stays where they are
            console.notice(self._why_no_code(self._code), "warn")
            return
        await console.places.go("stop")
        state = self._code
        if state is None or not state.code:
            console.notice(self._why_no_code(state), "warn")
            return
        if state.asked is not None:
            if code := await self._typed_code(state, "ask.second_code"):
                await self._put(ConfirmResume(code=code))
            return
        scope = scope or await self._scope()
        if not scope or not (code := await self._typed_code(state, "ask.code")):
            return
        reason = await console.bottom.ask(tell("ask.resume_reason"))
        if not reason or not reason.strip():
            console.notice(tell("notice.empty"), "warn")
            return
        await self._put(Resume(code=code, reason=reason.strip(), scope=scope))

    async def narrow(self, argument: str) -> None:
        """From a stop of everything to one of parts: the parts are stopped by themselves first, then everything is resumed, so that at no
        moment anything may go out there."""
        console = self._console
        await console.places.go("stop")
        if console.seen.condition != "stopped" or not self.resumable:
            console.notice(self._why_no_code(self._code) if self._stopped else tell("notice.not_stopped"), "warn")
            return
        named = DisplayText.of("  ".join(self._parts()))
        typed = argument or await console.bottom.ask(tell("ask.keep_stopped", scopes=named)) or ""
        scopes = typed.replace("、", " ").split()
        if not scopes:
            return
        if unknown := next((each for each in scopes if each not in self._parts()), None):
            console.notice(tell("notice.no_scope", scope=DisplayText.of(unknown)), "warn")
            return
        said = DisplayText.of(" ".join(word("scope", each) for each in scopes))
        if not await console.bottom.confirm(tell("sure.narrow_stop", scopes=said)):
            return
        for each in scopes:
            console.stop_key.stop(each)
            if not await self._tell(each, ""):
                console.notice(tell("notice.no_answer"), "alert")
                return
        await self.resume("all")

    def _parts(self) -> list[str]:
        """What can be stopped by itself: platforms, accounts, and what is done about comments."""
        status = self._console.seen.status
        accounts = status.accounts if status else ()
        return [*sorted({each.platform for each in accounts}), *(each.id for each in accounts), "actions"]

    async def confirm(self, scope: str = "") -> None:
        """停止の確認 by a manager: of everything that nobody has confirmed yet, or of one part."""
        scopes = self._code.unconfirmed if self._code else ()
        if not scopes or (scope and scope not in scopes):
            self._console.notice(tell("notice.nothing_to_confirm"), "warn")
            return
        chosen = (scope,) if scope else scopes
        named = DisplayText.of(" ".join(word("scope", each) for each in chosen))
        if await self._console.bottom.confirm(tell("sure.confirm_stop", scopes=named)):
            for each in chosen:
                await self._put(ConfirmStop(scope=each))

    async def _typed_code(self, state: StopState, label: str) -> str:
        """The code as it was typed; empty where it is not the one shown, which is said before anything else is asked."""
        typed = await self._console.bottom.ask(tell(label, code=DisplayText.of(state.code)))
        code = unicodedata.normalize("NFKC", typed or "").strip()
        if code and code != state.code:
            self._console.notice(tell("notice.wrong_code"), "warn")
        return code if code == state.code else ""

    def _why_no_code(self, state: StopState | None) -> DisplayText:
        if not self._console.seen.connected:
            return needs_daemon(self._console.seen)
        return tell("stop.wait_second" if state is not None and state.asked else "stop.manager_only")

    async def _put(self, act: Resume | ConfirmResume | ConfirmStop) -> None:
        console = self._console
        if await put(console, act) is None:
            return
        await console.read_status()
        if console.seen.condition == "running":
            console.seen.stopped_by, console.seen.stopped_at, console.seen.told = "", None, None
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

    async def _report(self, scope: str, *, again: bool) -> None:
        """Tell the daemon at once, and ask why meanwhile; leaving the reason out is fine. Where it cannot be told, it finds a letter."""
        console = self._console
        if again and any(each.reason for each in console.seen.stops if each.scope == scope):
            told = await self._told(scope, "")
        else:
            async with asyncio.TaskGroup() as group:
                first = group.create_task(self._told(scope, ""))
                reason = await console.bottom.ask(tell("ask.stop_reason"), filled=tell("stop.prefilled").plain, leaves_out=True)
            told = first.result()
            if reason and reason.strip():
                told = await self._told(scope, reason.strip())
        await console.places.go("stop")
        if told == "notice.stop_told":
            console.notice(tell("notice.stop_repeated" if again else told), "good")
        else:
            console.notice(tell(told), "warn")

    async def _told(self, scope: str, reason: str) -> str:
        """Tell the daemon; where it does not hear, leave it a letter. The name of the sentence about it."""
        console = self._console
        if await self._tell(scope, reason):
            return "notice.stop_told"
        by = console.stop_key.by or login(os.getuid())
        return "notice.stop_letter" if await asyncio.to_thread(leave, console.gate, scope, by, reason) else "notice.stop_untold"

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


def _said(shut: Shut, *, again: bool = False) -> tuple[DisplayText, Ink]:
    """What the stop achieved, in a sentence."""
    if not shut.stopped:
        return tell("notice.stop_failed", why=either(shut.why, shut.why_en)), "alert"
    latched = f"{shut.latched_ms or 0:.1f}"
    if shut.silent_ms is None:
        return tell("notice.stopped_unproved", ms=latched, why=either(shut.why, shut.why_en)), "warn"
    return tell("notice.stopped_again" if again else "notice.stopped", ms=latched, silent=f"{shut.silent_ms:.1f}"), "good"
