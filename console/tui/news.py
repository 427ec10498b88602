"""What comes in unasked: the clock's ticks, the daemon's events, the line that stands or breaks; and what is read again after each."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.timer import Timer

from console.link import LinkDown
from console.phone import phone_of
from console.starting import how_to_start
from console.tui import identity
from daemon.standing import last_mark
from daemon.wire import Event, Listing, Register
from daemon.wire.since import behind

if TYPE_CHECKING:
    from console.tui.app import Console

TOGETHER = 0.2
"""Seconds after an event in which others are waited for, so that a burst of them costs one question for the status."""
APART = 1.0
"""Seconds between two such questions while the burst goes on."""
ENDED = 3.0
"""Seconds without anybody at the socket after which it is said how a daemon is started: one that only starts anew is back before."""


class News:
    """Takes up what has happened."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status_due = False
        self._status_not_before = 0.0
        self._ticks = 0
        self._pulse: Timer | None = None
        self._nobody_since: float | None = None

    def beat(self, seconds: float) -> None:
        """The next question for the status comes in so many seconds, whoever asked this time: a clock, or an event."""
        if self._pulse is not None:
            self._pulse.stop()
        console = self._console
        self._pulse = console.set_timer(seconds, lambda: console.spawn(console.read_status()))

    def tick(self) -> None:
        """Every second: look at the gate, let clocks run; now and then ask what our terminal still allows."""
        self._ticks += 1
        if self._ticks % identity.AGAIN == 0:
            self._console.spawn(self._console.identity.read())
        self._console.keyboard.tidying.now()
        self._missed()
        self._console.look()
        self._console.repaint()
        self._console.spawn(self._console.lock.tick())

    def event(self, event: Event) -> None:
        """Something happened in the daemon."""
        console = self._console
        if event.kind == "draft":
            console.queue.event(event)
            console.detail.event(event)
            console.card.event(event)
            console.deciding.event(event)
        elif event.kind == "comment":
            console.moderation.event()
        elif event.kind == "resync":
            console.moderation.event()
            console.spawn(console.quietly(console.queue.open()))
        elif event.kind == "gate":
            console.detail.event(event)
            if console.place == "stop":
                console.spawn(console.quietly(console.stopping.open()))  # another stop has another code, a resume none
        elif event.kind == "policy":
            console.spawn(console.identity.read())
            console.spawn(self._read_names())
        if not self._status_due:
            self._status_due = True
            console.set_timer(max(TOGETHER, self._status_not_before - time.monotonic()), self._status_after_event)

    def link_changed(self) -> None:
        """The line to the daemon stands, or is broken."""
        console, link = self._console, self._console.link
        console.seen.link = link.state
        console.stop_key.by = link.welcome.login if link.welcome else ""
        if link.state == "up":
            console.seen.older = link.welcome.version if link.welcome and behind(link.welcome.protocol) else ""
            console.queue.forget()
            console.moderation.forget()
            console.keyboard.played(admitted=True)
            console.spawn(self._read_all())
        elif console.seen.status is None and not console.seen.phone_at_home:
            console.seen.phone_at_home = phone_of(console.state_dir.parent)
        if link.state == "refused" and link.refusal is not None:
            console.refused(link.refusal)
            console.keyboard.played(admitted=False)
        self._missed()
        console.look()
        console.repaint()  # the screen must not say for another second what the first row has taken back

    def _missed(self) -> None:
        """Where nobody is at the socket, and has not been for a moment: what starts a daemon here."""
        seen, now = self._console.seen, time.monotonic()
        if not self._console.link.nobody:
            self._nobody_since, seen.start, seen.mark = None, "", None
            return
        seen.mark = last_mark(self._console.gate)
        self._nobody_since = now if self._nobody_since is None else self._nobody_since
        if not seen.start and (seen.status is None or now - self._nobody_since >= ENDED):
            seen.start = how_to_start(self._console.state_dir.parent)

    async def _read_names(self) -> None:
        """What the people on the register are called."""
        try:
            answer = await self._console.link.ask(Register())
        except LinkDown:
            return
        if isinstance(answer, Listing):
            self._console.seen.names = {who.login: who.name for who in answer.people}

    def _status_after_event(self) -> None:
        self._status_due = False
        self._status_not_before = time.monotonic() + APART
        self._console.spawn(self._console.read_status())

    async def _read_all(self) -> None:
        """After a new connection: the queue, the status, and what is open."""
        console, welcome = self._console, self._console.link.welcome
        await console.quietly(console.last.recall())
        await console.quietly(console.queue.open())
        await console.quietly(console.last.come_back())
        await console.read_status()
        console.call_after_refresh(console.reveal)
        await console.identity.read()
        console.spawn(self._read_names())
        if console.detail.detail is not None:
            await console.quietly(console.detail.again())
        console.allowed.read_as(welcome)
        if console.place == "stop":
            await console.quietly(console.stopping.open())
        if console.place == "decide":
            await console.quietly(console.deciding.open())
        if console.place in console.moderation.places or console.places.unread:
            await console.places.reopen()
