"""Where this person's console was last: told to the daemon a moment after each move, and gone back to by the next one of the same person,
on whatever terminal. A console that is left on purpose (`q`) leaves nothing to go back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.link import LinkDown
from console.tui.tell import short_time, tell
from daemon.wire.finding import FilterList, KeepScreen, MyFilters, Screen

if TYPE_CHECKING:
    from console.tui.app import Console

RESTS = 1.0
"""Seconds after a move until it is told: a key that is held is told once."""

_KNOWN = (
    "queue", "detail", "clauses", "hours", "record", "stop", "people", "reviews", "policies", "duties", "messages", "comments", "measures",
    "blocks", "reactions", "reports", "settings",
)  # fmt: skip
"""The places that can be gone back to; from any other (a card, a paper) the way leads to the queue."""


class LastScreen:
    """Keeps and restores. Nothing of it happens in a console that was opened for one thing (`kohoban decide`), nor without `comes_back`."""

    def __init__(self, console: Console) -> None:
        self.comes_back = console.places.here == "queue"
        self._console = console
        self.told: KeepScreen | None = None
        """What the daemon was told last."""
        self._due = False
        self._before: Screen | None = None
        self._first = True

    def moved(self) -> None:
        """Something of it may be otherwise now."""
        if self.comes_back and not self._due and not self._first:
            self._due = True
            self._console.set_timer(RESTS, self._rested)

    async def recall(self) -> None:
        """At the first connection, before the queue is read: filter, order and cursor as they were. Raises LinkDown."""
        if not self._first or not self.comes_back:
            return
        answer = await self._console.link.ask(MyFilters())
        self._before = answer.last if isinstance(answer, FilterList) else None
        if (before := self._before) is None:
            return
        queue = self._console.queue
        if before.words:
            await self._console.read_status()  # an account is known by the status
        queue.narrow_to(before.words)
        queue.state, queue.sort = before.state, before.sort
        if before.draft is not None:
            queue.wish(before.draft)

    async def come_back(self) -> None:
        """When the queue has been read: the screen as it was, and a word about it."""
        before, self._before = self._before, None
        first, self._first = self._first, False
        if not first or before is None or self._console.place != "queue":
            return
        console = self._console
        if before.place == "detail" and before.draft is not None:
            await console.places.open_draft(before.draft)
        elif before.place in _KNOWN and before.place != "queue":
            await console.places.go(before.place)  # type: ignore[arg-type]
        row = console.queue.row()
        moved = before.draft is not None and row is not None and console.queue.view.lines.cursor > 0
        if before.place != "queue" or before.words or before.state or before.sort != "state" or moved:
            console.notice(tell("notice.back_again", at=short_time(before.at, console.now())), "good")

    async def leave(self) -> None:
        """The console is left on purpose."""
        if not self.comes_back:
            return
        self.comes_back = False
        try:
            await self._console.link.ask(KeepScreen(place=""), patience=RESTS)
        except LinkDown:
            return  # then the next one comes back here: no harm

    def _rested(self) -> None:
        self._due = False
        console = self._console
        if console.lock.locked:
            return
        row = console.row() or console.queue.row()
        now = KeepScreen(
            place=console.place,
            words=console.queue.text,
            state=console.queue.state,
            sort=console.queue.sort,
            draft=row.id if row is not None else None,
        )
        if now != self.told and console.link.state == "up" and self.comes_back:
            self.told = now
            console.spawn(self._tell(now))

    async def _tell(self, now: KeepScreen) -> None:
        try:
            await self._console.link.ask(now)
        except LinkDown:
            self.told = None
