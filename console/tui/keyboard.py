"""From a key, or a word on the `:` line, to a command; and the commands that are not about a draft."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from console.text import DisplayText
from console.tui.command_line import CommandLine
from console.tui.commands import Command, by_key, is_kana
from console.tui.leading import GO
from console.tui.lines import LineList, Move
from console.tui.memory import Tidying
from console.tui.stopkey import KEYS
from console.tui.tell import tell
from daemon.wire import QueueRow

if TYPE_CHECKING:
    from console.tui.app import Console

BURST = 6
BURST_TIME = 0.03
QUIET = 0.15
"""So many printable keys in so many seconds are no typing: a paste, or a terminal gone mad. Ignored until it is quiet again."""

_STATES = {"violations": "to_fix", "waiting_list": "waiting"}
"""The commands that show the queue narrowed to a state."""
_MOVES: dict[str, Move] = {
    "up": "up",
    "down": "down",
    "page_up": "page_up",
    "page_down": "page_down",
    "page_on": "page_down",
    "home": "home",
    "end": "end",
}


class Keyboard:
    """Finds commands and starts them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._strokes: deque[float] = deque(maxlen=BURST)
        self._quiet_until = 0.0
        self.line = CommandLine(console)
        self.tidying = Tidying()
        self._played_before = console.link.operator
        self._own: dict[str, Callable[[], None]] = {
            "filter": lambda: console.start_flow(self._filter()),
            "state": self._next_state,
            "refresh": self._refresh,
            "redraw": console.paint_whole,
            "mouse": self._mouse,
            "raw": self._raw,
            "tag_draft": console.tagging.toggle,
            "untag": console.tagging.clear,
            "differ": self._show_differences,
            "pane": self._other_pane,
            "copy": self._copy,
            "allow_terminal": lambda: console.start_flow(console.identity.allow()),
            "revoke_terminal": lambda: console.start_flow(console.identity.revoke()),
            "command": lambda: console.start_flow(self._command_line()),
            "quit": lambda: console.start_flow(self._quit()),
        }

    async def takes(self, key: str, character: str | None) -> bool:
        """Take a key as soon as the last one has had its effect. False for one that belongs to the input line, or stops."""
        if key in KEYS:
            return False
        if key == "ctrl+l":
            self._console.paint_whole()  # whatever is asked or typed there
            return True
        bottom = self._console.bottom
        self.tidying.soon()
        self._console.lock.touched()
        if not bottom.answering and self._console.composing.takes(key):
            return False
        if self._console.place == "picture" and not bottom.answering:
            await self._console.picturing.pressed(key, character)
            return True
        ready = key == "escape" or await bottom.ready()
        if bottom.typing and key == "escape":
            bottom.cancel()  # here, and not by way of the input: a key in the same packet would be typed into the line that closes
            return True
        if bottom.typing:
            return False
        if self._console.lock.locked and not bottom.asking:
            self._console.lock.pressed(key)
        elif ready:
            await self.pressed(key, character)
        else:
            self._console.notice(tell("notice.busy"), "warn", keep=False)
        return True

    def _mouse(self) -> None:
        taken = self._console.toggle_mouse()
        self._console.notice(tell("notice.mouse_on" if taken else "notice.mouse_off"), keep=False)

    async def pressed(self, key: str, character: str | None) -> None:
        """One key, outside the input line."""
        console = self._console
        console.reader.pressed()
        if key == "escape" and not console.bottom.answering and console.composing.leaves_text():
            return
        if self._is_burst(character):
            return
        if console.bottom.asking:
            if character and is_kana(character):
                console.bottom.remind(tell("notice.ime"))
            console.bottom.key_while_confirming(key)
            return
        typed = character if character and character.isprintable() else key
        command = by_key(typed, console.place)
        if command is not None:
            await self.run(command)
        elif is_kana(typed):
            console.notice(tell("notice.ime"), "warn", keep=False)

    async def run(self, command: Command, argument: str = "") -> None:
        """Carry out a command; `argument` is what stood behind its name on the `:` line."""
        console = self._console
        name = command.name
        if console.allowed.refuses(command):
            return
        if name in _MOVES:
            console.view.move(_MOVES[name])
        elif name in ("left", "right"):
            self._sideways(1 if name == "right" else -1)
        elif name in ("next", "previous"):
            await self._neighbour(1 if name == "next" else -1)
        elif name in (flows := self._conversations()):
            console.start_flow(flows[name](argument))
        elif console.place == "decide" and name in (keys := console.deciding.table()):
            console.start_flow(keys[name](argument))
        elif name == "back" and console.places.at_the_top and console.place == "decide":
            console.start_flow(self._quit())  # somebody who came to decide and nothing else has nowhere to go back to
        elif name == "back":
            await console.places.back()
        elif name == "open":
            await self._open()
        elif name in GO:
            await console.places.go(GO[name])
        elif name == "stop":
            self._stop(argument)
        elif name == "as":
            self._play(argument)
        elif command.sort in ("verb", "release"):
            self._verb(command, argument)
        else:
            self._own[name]()

    def _conversations(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """Those of the screens that have some of their own, by the names of their commands."""
        console = self._console
        screens = (
            console.stopping,
            console.calendar,
            console.overriding,
            console.endorsing,
            console.printing,
            console.duties,
            console.mending,
            console.composing,
            console.trials,
            console.filtering,
            console.picturing,
        )
        found = {name: flow for screen in screens for name, flow in screen.table().items()}
        narrowed = {name: partial(self._narrowed, state) for name, state in _STATES.items()}
        return found | narrowed | console.moderation.table()

    async def _narrowed(self, state: str, argument: str) -> None:
        """The queue, narrowed to one state."""
        self._console.queue.state = state
        await self._console.places.go("queue")
        await self._console.places.reopen()

    def played(self, *, admitted: bool) -> None:
        """The daemon has let us act as somebody, or has not: then be again who we were."""
        console = self._console
        if console.link.operator == self._played_before:
            return
        if admitted:
            self._played_before = console.link.operator
            console.notice(tell("notice.played", who=DisplayText.of(console.my_name())), "good")
        else:
            console.link.play(self._played_before)

    def _verb(self, command: Command, argument: str) -> None:
        """Start a verb on the draft that is chosen here."""
        console = self._console
        row = console.row()
        if row is None:
            console.notice(tell("notice.no_draft"), "warn")
        elif console.tagging.many:
            console.start_flow(console.tagging.act(command.name, argument))
        elif command.sort == "release" and console.seen.condition != "running":
            console.notice(tell("notice.stopped_no_release"), "warn")
        else:
            console.start_flow(self._once_allowed(command.name, row, argument))

    async def _once_allowed(self, name: str, row: QueueRow, argument: str) -> None:
        """A verb, unless the daemon says that it cannot be done: nobody shall answer questions for nothing."""
        console = self._console
        if not await console.allowed.refused(name, row):
            verbs = console.verbs.table() | console.around.table() | console.on_paper.table()
            await verbs[name](row, argument)

    async def _open(self) -> None:
        console = self._console
        if console.place == "comments":
            console.moderation.bench.toggle_whole()
        if console.place == "queue" and (row := console.row()) is not None:
            await console.places.open_draft(row.id)
        elif console.place == "compose":
            console.start_flow(console.composing.field())
        elif console.place == "clauses":
            self._other_pane()
        elif console.place == "hours":
            console.calendar.narrow()
        elif console.place == "reports":
            console.start_flow(console.reports.print())
        elif console.place == "record":
            console.record.toggle_whole()
        elif console.place == "policies" and (edition := console.policies.chosen_edition()):
            console.policies.amended.ask(edition)
            await console.places.go("policy_diff")
        elif console.place == "people" and (who := console.boards["people"].person()):
            self._play(who.login)

    def _show_differences(self) -> None:
        self._console.spawn(self._differ())

    async def _differ(self) -> None:
        """What the last revision has changed: in the open draft, or opening the chosen one."""
        console = self._console
        row = console.row()
        if row is None:
            console.notice(tell("notice.no_draft"), "warn")
            return
        if console.place == "queue":
            await console.places.open_draft(row.id)
        await console.quietly(console.detail.toggle_differences())

    def _sideways(self, step: int) -> None:
        console = self._console
        if console.place == "detail":
            console.detail.choose(step)
        elif console.place == "side_by_side":
            console.trials.turn(step)
        elif console.place == "reports":
            console.reports.turn(step)
        elif console.place == "hours":
            console.calendar.turn(step)
            console.spawn(console.places.reopen())
        elif console.place == "duties":
            console.duties.turn()
            console.duties.show()
        elif console.place in console.moderation.turned:
            console.moderation.turned[console.place](step)
            console.spawn(console.places.reopen())
        else:
            console.clauses.turn(step)
            console.spawn(console.places.reopen())

    async def _neighbour(self, step: int) -> None:
        """The next draft of the list, or the one before, without going back to it; on the stop screen the next thing to do."""
        console = self._console
        if console.place == "stop":
            console.stopping.turn(step)
            return
        if console.place == "comments":
            await console.moderation.bench.to_undecided(step)
            return
        lines = console.queue.view.lines
        lines.go(lines.cursor + step)
        if (row := console.queue.row()) is not None:
            await console.places.open_draft(row.id)

    def _other_pane(self) -> None:
        view = self._console.pair()
        view.other()
        lines = isinstance(view.active, LineList) or view.active is view.left
        self._console.notice(tell("notice.left" if lines else "notice.right"), "dim", keep=False)

    def _copy(self) -> None:
        """The text of this screen to the operator's own terminal."""
        if self._console.place == "stop":
            self._console.start_flow(self._console.stopping.aftermath.copy())
        else:
            self._console.card.copy()

    def _raw(self) -> None:
        console = self._console
        (console.moderation.bench if console.place == "comments" else console.detail).toggle_raw()

    def _next_state(self) -> None:
        console = self._console
        console.moderation.next_states.get(console.place, console.queue.next_state)()
        self._refresh()

    def _refresh(self) -> None:
        console = self._console
        console.spawn(console.read_status())
        console.spawn(console.places.reopen())

    def _stop(self, scope: str) -> None:
        """Stop by command: at once, without a question, like the key."""
        console = self._console
        try:
            shut = console.stop_key.stop(scope or "all")
        except ValueError:
            console.notice(tell("notice.no_scope", scope=DisplayText.of(scope)), "warn")
            return
        console.stopping.stopped(scope or "all", shut)

    def _play(self, login: str) -> None:
        """Act as another operator of a training office."""
        console = self._console
        if not login:
            console.notice(tell("notice.as_whom"), "warn")
            return
        if not login.isascii():  # a name, as people are called: the register has the login beside it
            console.notice(tell("notice.as_login", typed=DisplayText.of(login)), "warn")
            return
        console.notice(tell("notice.playing", who=DisplayText.of(login)))
        console.link.play(login)

    async def _filter(self) -> None:
        console = self._console
        if console.place == "help":
            typed = await console.bottom.ask(tell("ask.search_keys"))
            if typed is not None:
                console.keys_page.wanted = typed.strip()
                await console.places.reopen()
            return
        moderation = console.moderation
        if console.place == "record":
            typed = await console.bottom.ask(tell("ask.search_record"))
            if typed is not None:
                console.record.narrow_to(typed)
                await console.places.reopen()
            return
        typed = await console.bottom.ask(tell("ask.filter_comments" if console.place == "comments" else "ask.filter"))
        if typed is not None:
            moderation.narrowed.get(console.place, console.queue.narrow_to)(typed)
            await console.places.reopen()

    async def _command_line(self) -> None:
        """The `:` line: a name, and what belongs to it."""
        if (typed := await self.line.ask()) is not None:
            await self.run(*typed)

    async def while_typing(self, key: str) -> None:
        """Keys that the input line leaves over."""
        if self._console.bottom.typing:
            self.line.key(key)

    async def _quit(self) -> None:
        console = self._console
        if await console.bottom.confirm(tell("sure.quit")):
            await console.last.leave()
            console.exit(0)

    def _is_burst(self, character: str | None) -> bool:
        """Whether this key is part of a burst that no hand types."""
        if not character or not character.isprintable():
            return False
        now = time.monotonic()
        self._strokes.append(now)
        if len(self._strokes) == BURST and now - self._strokes[0] <= BURST_TIME:
            self._quiet_until = now + QUIET
            self._console.notice(tell("notice.burst"), "warn")
        if now < self._quiet_until:
            self._quiet_until = now + QUIET
            return True
        return False
