"""訓練 in the console: for a minute at most the stop key is that of a drill's gate, and every row that speaks of the stop says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.link import LinkDown
from console.tui.tell import either, tell
from daemon.gate import Gate
from daemon.wire import DrillEnd, DrillOn, DrillReport, DrillStart, Refusal

if TYPE_CHECKING:
    from console.tui.app import Console

STARTS_WITHIN = 20.0
"""Seconds in which hand and platform of a drill have to be there."""

LASTS_AT_MOST = 60.0
"""Seconds after which the key is the real one again, whatever the daemon's clock says."""


class Drill:
    """The drill of this console, if one is on. Whether it is, the stop key knows: it runs out there."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def start(self, argument: str = "") -> None:
        """Ask for a drill, and turn the stop key to its gate."""
        console = self._console
        if console.seen.condition != "running":
            console.notice(tell("notice.drill_stopped"), "warn")
            return
        if not await console.bottom.confirm(tell("sure.drill")):
            return
        console.notice(tell("notice.drill_starting"), "dim", keep=False)
        try:
            answer = await console.link.ask(DrillStart(), patience=STARTS_WITHIN)
        except LinkDown:
            console.notice(tell("notice.no_answer"), "alert")
            return
        if isinstance(answer, Refusal):
            console.refused(answer)
        elif isinstance(answer, DrillOn):
            left = min(LASTS_AT_MOST, (answer.until - console.now()).total_seconds())
            console.stop_key.practise(Gate(console.state_dir / answer.place), left)
            console.notice(tell("notice.drill_on"), "unknown")
            console.look()

    async def pressed(self) -> None:
        """The key has shut the drill's gate: hear what the platform counted."""
        console = self._console
        shut = console.stop_key.last
        console.look()
        if shut is None:
            return
        end = DrillEnd(pressed_ns=console.stop_key.pressed_ns, latched_ms=shut.latched_ms, silent_ms=shut.silent_ms)
        console.notice(tell("notice.drill_counting"), "dim", keep=False)
        try:
            answer = await console.link.ask(end, patience=STARTS_WITHIN)
        except LinkDown:
            console.notice(tell("notice.no_answer"), "alert")
            return
        if isinstance(answer, Refusal):
            console.refused(answer)
        elif isinstance(answer, DrillReport):
            console.notice(either(answer.message, answer.message_en), "good" if answer.passed else "alert")
        await console.read_status()

    def look(self) -> None:
        """A real stop wins, and without the daemon there is no drill: then the key is the real one at once."""
        key, seen = self._console.stop_key, self._console.seen
        if key.practising and seen.condition != "running":
            key.in_earnest()
        seen.drilling = key.practising
