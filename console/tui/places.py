"""Where the operator is: the views one behind the other, the way back, and which of them is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.link import LinkDown
from console.text import DisplayText
from console.tui.commands import Place
from console.tui.rooms import Room
from console.tui.tell import tell
from console.tui.views import View

if TYPE_CHECKING:
    from console.tui.app import Console


class Places:
    """The way that led here: Esc takes it back, step by step."""

    def __init__(self, console: Console, rooms: dict[Place, Room], first: Place) -> None:
        self._console = console
        self._rooms = rooms
        self._way: list[Place] = [first]
        self.unread = False
        """Whether what is shown could not be read when it came up, because nobody answered."""

    @property
    def here(self) -> Place:
        """The place that is shown."""
        return self._way[-1]

    @property
    def before(self) -> Place | None:
        """The place that Esc leads back to."""
        return self._way[-2] if len(self._way) > 1 else None

    def possible_at(self, place: Place) -> set[str]:
        """What this operator could do at a place, as its room says."""
        return self._rooms[place].possible()

    @property
    def at_the_top(self) -> bool:
        """Whether nothing is left to go back to."""
        return len(self._way) == 1

    @property
    def room(self) -> Room:
        """The place that is shown, with all that belongs to it."""
        return self._rooms[self.here]

    @property
    def view(self) -> View:
        """The view that is shown."""
        return self.room.view

    async def go(self, place: Place, *, replace: bool = False) -> None:
        """Show a place; Esc leads back to where we were.."""
        console, way = self._console, self._way
        console.bottom.say(DisplayText(""))
        if self.here == "picture" and place != "picture":
            way.pop()  # one looks at it and is back: it is no place on the way
        if place == "stop" and self.here != "stop":
            console.stopping.begin()
        if replace or place in way:
            self._way = way[: way.index(place)] if place in way else way[:-1]
        self._way.append(place)
        await self._show()
        self.unread = not await console.quietly(self.room.open())
        console.reader.came_to(self.view)

    async def back(self) -> None:
        """One level back; at the top, nothing."""
        if self.here == "record" and self._console.record.whole:
            self._console.record.toggle_whole()
        elif self.here == "compose":
            self._console.start_flow(self._console.composing.leave())
        elif not self._console.moderation.closes(self.here):
            await self.up()

    async def up(self) -> None:
        """The same without a question; at the top, nothing."""
        if not self.at_the_top:
            self._way.pop()
            await self._show()

    async def leave(self, place: Place) -> None:
        """A place is over: where it is shown, that from which one came; else it is only no longer on the way."""
        if self.here == place:
            self._way.pop()
            await self._show()
        else:
            self._way = [each for each in self._way if each != place]

    async def open_draft(self, draft: int) -> None:
        """Open a draft; if there is none of that number, the refusal is shown and the view stays."""
        try:
            if await self._console.detail.open(draft):
                await self.go("detail")
        except LinkDown:
            self._console.notice(tell("notice.no_link"), "warn")

    async def reopen(self) -> None:
        """Read again what is shown."""
        console = self._console
        again = {"detail": console.detail.again, "queue": console.queue.open}.get(self.here)
        await console.quietly(again() if again else self.room.open())

    async def _show(self) -> None:
        console, view = self._console, self.view
        self.unread = False
        if self.here != "picture":
            console.picturing.leave()
        body = console.query_one("#body")
        with console.batch_update():  # one frame, not one for each that comes and goes
            if view.parent is None:
                await body.mount(view)
            for other in body.children:
                other.display = other is view
            view.fits(console.size)
            console.look()
        console.last.moved()
        if console.looking() != console.looked_at:
            console.spawn(console.read_status())  # whoever else has the list open sees at once who works at what
