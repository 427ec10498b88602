"""The console: keys in, commands found, views shown, the daemon's news taken up. What a command does is in the rooms beside."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.events import Event, Key, Resize
from textual.geometry import Offset
from textual.screen import Screen

from console.link import Link, LinkDown
from console.text import DisplayText
from console.tui import fatal, keymap, memory
from console.tui.allowed import Allowed
from console.tui.approving import Around
from console.tui.bar import StatusBar
from console.tui.boards import Clauses, boards
from console.tui.bottom import Bottom
from console.tui.calendar import Calendar
from console.tui.card import Card
from console.tui.commands import Place
from console.tui.compose import Composing
from console.tui.decide import Deciding
from console.tui.detail import Detail
from console.tui.driver import ConsoleDriver, StopPressed
from console.tui.duties import DutyBoard
from console.tui.filtering import Filtering
from console.tui.hints import answer_parts, hint_parts
from console.tui.identity import Identity
from console.tui.ink import Ink, mono
from console.tui.keyboard import Keyboard
from console.tui.keys_page import KeysPage
from console.tui.last_screen import LastScreen
from console.tui.lesson import Lesson
from console.tui.lock import Lock
from console.tui.mending import Mending
from console.tui.messages import Messages
from console.tui.moderation import Moderation
from console.tui.news import News
from console.tui.office import OfficeSeen
from console.tui.on_paper import OnPaper
from console.tui.overriding import Overriding
from console.tui.painted import Painted
from console.tui.part import Part
from console.tui.picturing import Picturing
from console.tui.places import Places
from console.tui.policies import Policies
from console.tui.printing import Printing
from console.tui.queue import Queue
from console.tui.reader import Reader
from console.tui.record import Record
from console.tui.reports import Reports
from console.tui.reviews import Endorsing
from console.tui.rooms import rooms
from console.tui.settings import Settings
from console.tui.stopkey import StopKey
from console.tui.stopping import Stopping
from console.tui.straight import Straight
from console.tui.tagging import Tagging
from console.tui.tell import TOKYO, either, tell
from console.tui.theme import THEME
from console.tui.trials import Trials
from console.tui.verbs import Verbs
from console.tui.views import PairView, View
from daemon.gate import Gate
from daemon.wire import FindingSeen, QueueRow, Refusal, Status, StatusAnswer

EYES = 1.0
"""Seconds between two looks at the gate: a stop by `rm` or `touch` shows within this time, with the daemon dead too."""

PULSE, ANSWERS = 1.0, 0.8
"""Seconds between two questions for the office's status, and for its answer: a daemon that hangs is not shown as running for longer
than both together."""

_TABS = {"stopped": "stopped", "unknown": "unknown", "running": "plain"}
"""What the terminal's tab says. Never that the office is running: a tab goes on saying it when the console has died."""


class OfficeScreen(Screen[None], inherit_bindings=False):
    """The one screen; views change inside it, so that no view can be without the first row and the last two."""

    AUTO_FOCUS = ""
    CSS = "OfficeScreen { layout: vertical; background: $background; color: $foreground; } #body { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._compositor = Straight()


class Console(Painted, inherit_bindings=False):
    """One operator's console on the office whose folder is `office_dir`."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [Binding("f12,ctrl+backslash", "stop_key", show=False, priority=True)]

    def __init__(self, office_dir: Path, operator: str = "", place: Place = "queue", *, day: bool = False) -> None:
        super().__init__(driver_class=ConsoleDriver)
        if not mono():
            self.register_theme(THEME)
            self.theme = THEME.name
        self.state_dir = office_dir / "state"
        self.seen = OfficeSeen()
        self.gate = Gate(self.state_dir)
        self.stop_key = StopKey(self.gate)
        self.news = News(self)
        self.link = Link(self.state_dir, operator=operator, event=self.news.event, changed=self.news.link_changed)
        self.bar = StatusBar(self.seen)
        self.bottom = Bottom(self._hints)
        self.lesson = Lesson(self, office_dir, on=day)
        self.queue = Queue(self)
        self.filtering = Filtering(self)
        self.tagging = Tagging(self)
        self.lock = Lock(self)
        self.detail = Detail(self)
        self.clauses = Clauses(self)
        self.stopping = Stopping(self)
        self.verbs = Verbs(self)
        self.around = Around(self)
        self.boards = boards(self)
        self.card = Card(self)
        self.identity = Identity(self)
        self.bar.standing = self.identity.at
        self.calendar = Calendar(self)
        self.overriding = Overriding(self)
        self.settings = Settings(self)
        self.reports = Reports(self)
        self.record = Record(self)
        self.keys_page = KeysPage(self)
        self.policies = Policies(self)
        self.duties = DutyBoard(self)
        self.endorsing = Endorsing(self)
        self.deciding = Deciding(self)
        self.printing = Printing(self)
        self.mending = Mending(self)
        self.on_paper = OnPaper(self)
        self.composing = Composing(self)
        self.trials = Trials(self)
        self.picturing = Picturing(self)
        self.messages = Messages(self)
        self.moderation = Moderation(self)
        self.said: deque[tuple[datetime, DisplayText, Ink]] = deque(maxlen=200)
        self.incident: tuple[str, str] | None = None
        self.allowed = Allowed(self)
        self.places = Places(self, rooms(self), place)
        self.last = LastScreen(self)
        self.keyboard = Keyboard(self)
        self.keymap = keymap.load()
        self.looked_at: int | None = None
        self.reader = Reader(self)
        self._suggesting = False

    # -- life ---------------------------------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """The one screen."""
        return OfficeScreen()

    def compose(self) -> ComposeResult:
        yield self.bar
        with Container(id="body"):
            yield self.view
        yield self.lesson
        yield self.bottom

    def on_load(self) -> None:
        """Ask the daemon while the screen is still being made: then the first screen has rows already."""
        self.run_worker(self.link.run(), group="link")

    def on_mount(self) -> None:
        self.bottom.input.can_focus = False
        self.look()
        self._hints()
        self.set_interval(EYES, self.news.tick)
        self.news.beat(PULSE)
        self.set_timer(memory.SETTLED, memory.settle)

    def now(self) -> datetime:
        """The time, in Japan."""
        return datetime.now(TOKYO)

    def my_name(self) -> str:
        """Who I am, as the daemon says."""
        return self.link.welcome.name if self.link.welcome else ""

    def spawn(self, work: Coroutine[Any, Any, object]) -> object:
        """Run something beside the screen."""
        return self.run_worker(work, group="beside")

    def start_flow(self, flow: Coroutine[Any, Any, None]) -> None:
        """Run a conversation with the operator; the one before it is dropped."""
        self.bottom.begin(flow)
        self.run_worker(self.bottom.converse(flow), group="flow", exclusive=True)

    # -- what is seen -------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at the gate with our own eyes, and at everything else as it was last told; repaint what reads otherwise."""
        self.seen.look = self.gate.look()
        if self.seen.condition == "running":
            self.seen.stopped_by, self.seen.stopped_at, self.seen.told = "", None, None
        self.stopping.drill.look()
        self.bar.me = self.link.welcome
        named = self.account_here()
        self.bar.account = self.seen.account(named) if named else None
        self.bar.update(self.now())
        self.name_the_tab(tell(f"tab.{_TABS[self.seen.condition]}"))
        self._hints()

    async def read_status(self) -> None:
        """Ask for the office's status; no answer is told by the link's state."""
        self.news.beat(PULSE)
        asked, self.looked_at, told = time.monotonic(), self.looking(), self.seen.told
        try:
            answer = await self.link.ask(Status(looking=self.looked_at), patience=ANSWERS)
        except LinkDown:
            self.seen.latency = None
            self.look()
            return
        self.seen.answered_in(time.monotonic() - asked)
        if isinstance(answer, StatusAnswer):
            self.seen.heard(answer, since=told)
        self.look()
        self.repaint()

    def repaint(self) -> None:
        """Paint again what shows the office as it stands, or a clock."""
        self.places.room.paint()

    def look_at_draft(self) -> None:
        """The first row and the last speak of the draft that is chosen, or of the comment."""
        if named := self.account_here():
            before, self.bar.account = self.bar.account, self.seen.account(named)
            if self.bar.account is not before:
                self.bar.update(self.now())
        self._hints()
        self.last.moved()

    def account_here(self) -> str:
        """The account that the screen is about; empty where it is about none."""
        if self.place == "decide":
            return self.deciding.facts.account if self.deciding.facts else ""
        if self.place in self.moderation.places:
            return self.moderation.account(self.place)
        if self.place == "hours":
            return self.calendar.account()
        if self.place == "compose":
            return self.composing.account
        row = self.row()
        return row.account if row else ""

    def row(self) -> QueueRow | None:
        """The draft that a verb would mean here."""
        return self.row_at(self.place)

    def row_at(self, place: Place) -> QueueRow | None:
        """The draft that a verb would mean at a place."""
        if place == "detail":
            return self.detail.row()
        if place in ("card", "picture"):
            return self.card.row if place == "card" else self.picturing.row
        return self.queue.row() if place == "queue" else None

    def looking(self) -> int | None:
        """The draft that is open on this screen, for the others to know."""
        row = self.row() if self.place in ("detail", "card", "picture") else None
        return row.id if row else None

    def chosen_finding(self) -> FindingSeen | None:
        """The finding chosen in the open draft."""
        return self.detail.finding() if self.place == "detail" else None

    def notice(self, text: DisplayText, ink: Ink = "plain", *, keep: bool = True) -> None:
        """Say something in the message row; `m` lists what was said."""
        if keep:
            self.said.append((self.now(), text, ink))
        self.bottom.say(text, ink)
        self.reader.said(text)

    def refused(self, refusal: Refusal) -> None:
        """Show a refusal: what, and what to do."""
        text = either(refusal.message, refusal.message_en)
        if refusal.clause:
            text = text + DisplayText.of(f" [{refusal.clause}]")
        if refusal.incident:
            text = text + tell("notice.incident", incident=DisplayText.of(refusal.incident))
        self.notice(text, "warn")

    def moved_on(self) -> None:
        """An act has been answered: the open draft may read otherwise now."""
        self.spawn(self.read_status())
        if self.detail.detail is not None and self.place == "detail":
            self.spawn(self.quietly(self.detail.again()))

    async def quietly(self, work: Awaitable[object]) -> bool:
        """Read something; without an answer the view stays as it is, and the message row says so. Whether there was one."""
        try:
            await work
        except LinkDown:
            self.notice(tell("notice.no_link"), "warn")
            return False
        return True

    # -- keys ---------------------------------------------------------------------------------------------------------

    def spot(self) -> Offset | None:
        """Where the cursor stands while nothing is typed."""
        return self.reader.spot()

    def action_stop_key(self) -> None:
        """The stop key as an ordinary binding: where the driver is not ours (tests)."""
        self.stopping.pressed(self.stop_key.press())

    def on_stop_pressed(self, message: StopPressed) -> None:
        """The stop key, pressed and carried out in the thread that reads the keyboard."""
        self.stopping.pressed(message.pressed)

    def on_not_utf8(self) -> None:
        """The terminal is set to another encoding: what it sent was dropped."""
        self.notice(tell("notice.not_utf8"), "warn")

    async def on_event(self, event: Event) -> None:
        """Keys are taken here, one after the other: going round by the screen, the second would overtake what the first one opens."""
        if not (isinstance(event, Key) and not event.is_forwarded and await self.keyboard.takes(event.key, event.character)):
            await super().on_event(event)

    async def on_key(self, event: Key) -> None:
        """What the input line leaves over."""
        event.stop()
        await self.keyboard.while_typing(event.key)

    @property
    def place(self) -> Place:
        """The place that is shown."""
        return self.places.here

    @property
    def view(self) -> View:
        """The view that is shown."""
        return self.places.view

    def pair(self) -> PairView:
        """The view with two bodies that is shown."""
        return self.view if isinstance(self.view, PairView) else self.detail.view

    def suggest(self, words: list[str]) -> None:
        """Show what may be meant in the last row; the usual keys again where there is nothing."""
        self._suggesting = bool(words)
        if words:
            self.bottom.keys.show([Part(DisplayText.of("   ".join(words)), "bar")])
        else:
            self._hints()

    def _hints(self) -> None:
        if self._suggesting and self.bottom.typing:
            return
        self._suggesting = False  # the line that they were meant for is gone
        if answering := self.bottom.answering:
            self.bottom.keys.show(
                answer_parts(answering, self.size.width, drilling=self.seen.drilling, leaves_out=self.bottom.leaves_out)
            )
            return
        releasing = self.seen.condition == "running"
        drilling = self.seen.drilling
        possible = set() if self.reader.on else self._possible()  # a row that changes with every move would be read out with it
        hints = hint_parts(self.place, self.size.width, releasing=releasing, possible=possible, drilling=drilling)
        self.bottom.keys.show(hints)

    def _possible(self) -> set[str]:
        """What this operator could do here and now, as far as the daemon has said."""
        return self.places.room.possible()

    def on_resize(self, event: Resize) -> None:
        self.sized(event.size)
        if self.screen_stack:
            self.view.fits(event.size)
            self.call_after_refresh(self.queue.head)

    # -- the end ------------------------------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """What nobody caught: written down for the help desk; the operator gets one line (`main.run`), never a traceback."""
        self.incident = self.incident or fatal.record(error, self.state_dir)
        self._return_code = 2
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """Textual's way to end with a report on the screen: ours goes to the file."""
        self._handle_exception(RuntimeError("the thread that reads the keyboard has ended"))
