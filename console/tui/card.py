"""The release card on the screen: from the moment it was taken until its release is on record, or its time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.text import DisplayText
from console.tui import clipboard
from console.tui.papers import card_sheet
from console.tui.part import Part
from console.tui.rows import named
from console.tui.tell import tell
from console.tui.views import SheetView
from daemon.wire import DraftDetail, Event, QueueRow, Show, Taken

if TYPE_CHECKING:
    from console.tui.app import Console


class Card:
    """The card that this operator holds, if any; only the last one taken is shown."""

    def __init__(self, console: Console) -> None:
        self.view = SheetView("card")
        self.row: QueueRow | None = None
        self._taken: Taken | None = None
        self._edited = False
        self._console = console

    @property
    def possible(self) -> set[str]:
        """Whether there is an image to be seen."""
        return {"picture"} if self._taken and self._taken.images else set()

    async def show(self, taken: Taken, row: QueueRow) -> None:
        """Show a card that has just been taken."""
        self._taken, self.row, self._edited = taken, row, False
        await self._console.places.go("card")
        self._console.notice(tell("notice.taken", draft=named(row)), "good")

    def event(self, event: Event) -> None:
        """Something happened to a draft: where it is the one in hand, look whether its file was edited meanwhile."""
        if self.row is not None and event.draft == self.row.id and event.state == "releasing":
            self._console.spawn(self._console.quietly(self._look_again(self.row.id)))

    async def _look_again(self, draft: int) -> None:
        answer = await self._console.link.ask(Show(draft=draft))
        if not isinstance(answer, DraftDetail) or self.row is None or self.row.id != draft:
            return
        edited = any(line.act == "settle" for line in answer.row.waiting)
        if edited and not self._edited:
            self._console.notice(tell("card.edited"), "alert")
        self._edited = edited
        self.paint()

    def copy(self) -> None:
        """Give the exact text to the operator's own terminal (OSC 52): only ever by this key. A terminal may refuse it in silence, so
        where the same text lies as a file is said too."""
        console = self._console
        if self._taken is None:
            return
        if console.seen.condition != "running":
            console.notice(tell("card.stopped"), "alert")
            return
        clipboard.give(console, self._taken.text)
        console.notice(tell("notice.copied", folder=DisplayText.of(self._taken.folder or "-")), "good")

    async def put_down(self, draft: int) -> None:
        """The release of this draft is on record: leave its card."""
        if self.row is not None and self.row.id == draft:
            self._taken = self.row = None
            if self._console.place == "card":
                await self._console.places.back()

    def paint(self, *, top: bool = False) -> None:
        """Paint it, with the time that is left."""
        if self._taken is None or self.row is None:
            return
        console = self._console
        self.view.heading.show([Part(tell("card.heading", draft=named(self.row)), "strong")])
        stopped = console.seen.condition != "running"
        account = console.seen.account(self._taken.account)
        self.view.sheet.show(card_sheet(self._taken, account, console.now(), stopped=stopped, edited=self._edited), top=top)
