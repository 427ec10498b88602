"""The queue: the drafts that meet the filter, frozen while somebody works on them; what is new is announced, not inserted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.link import LinkDown
from console.text import DisplayText
from console.tui.news import TOGETHER
from console.tui.pages import PAGE, Pages
from console.tui.paint import Part
from console.tui.rows import STATES, DraftLines, heading, state_word
from console.tui.tell import SPACE, tell
from console.tui.views import ListView
from daemon.wire import CloseView, Event, OpenView, PageOf, QueueRow, Refusal, ViewOpened, ViewPage

if TYPE_CHECKING:
    from console.tui.app import Console


class Queue:
    """What the queue view shows, and how it is asked for."""

    def __init__(self, console: Console) -> None:
        self.view = ListView("queue")
        self.view.lines.chosen = self._chosen
        self.text = ""
        self.state = ""
        self.pages: Pages[QueueRow] | None = None
        self._console = console
        self._view: int | None = None
        self._new: set[int] = set()
        self._opening = 0
        self._meanwhile: list[Event] = []
        self._due = False
        self._shown = ("", "")

    def row(self) -> QueueRow | None:
        """The draft under the cursor."""
        return self.pages.row(self.view.lines.cursor) if self.pages else None

    async def open(self) -> None:
        """Freeze the list anew, the cursor on the same draft as before where it can be found near its old place. The old list stays
        until the new one can be shown, so that there is no moment without a chosen draft; what happens meanwhile is taken up then."""
        self._opening += 1
        try:
            await self._freeze()
        finally:
            self._opening -= 1
            if not self._opening:
                events, self._meanwhile = self._meanwhile, []
                for event in events:
                    self.event(event)

    async def _freeze(self) -> None:
        before = self.row()
        place = self.view.lines.cursor if self._shown == (self.text, self.state) else 0
        self._shown = self.text, self.state
        states = (self.state,) if self.state else ()
        answer = await self._console.link.ask(OpenView(states=states, text=self.text))
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            return
        if not isinstance(answer, ViewOpened):
            raise LinkDown
        old, self._view = self._view, answer.view
        pages = Pages(answer.count, self._page, self._console.spawn, self._arrived)
        for offset in {0, place // PAGE * PAGE}:
            if offset < answer.count:
                pages.keep(await self._page(offset))
        self.pages = pages
        self._new.clear()
        found = pages.index_of(before.id) if before else None
        self.view.show(DraftLines(pages, self._console.now()), place if found is None else found)
        self.head()
        if old is not None:
            await self._console.link.ask(CloseView(view=old))

    def forget(self) -> None:
        """The connection is new: the daemon knows no view of ours any more."""
        self._view = None

    def event(self, event: Event) -> None:
        """A draft has come or moved on: its row is read again where it stands; one that is not in the list is announced. A list without
        any draft is read anew: nobody works on it."""
        if self._opening:
            self._meanwhile.append(event)
            return
        if self.pages is None or event.draft is None:
            return
        if not self.pages.count:
            if not self._due:
                self._due = True
                self._console.set_timer(TOGETHER, self._open_again)
            return
        if not self.pages.changed(event.draft) and event.draft > self.pages.highest:
            self._new.add(event.draft)
            self.head()

    def _open_again(self) -> None:
        self._due = False
        self._console.spawn(self._console.quietly(self.open()))

    def narrow_to(self, text: str) -> None:
        """Filter by a text; an empty one shows all."""
        self.text = text.strip()

    def next_state(self) -> None:
        """Filter by the next of the states that have drafts, and after the last one by none."""
        status = self._console.seen.status
        there = ["", *(s for s in STATES if status and status.queue.get(s))]
        self.state = there[(there.index(self.state) + 1) % len(there)] if self.state in there else ""

    def head(self) -> None:
        """The heading: where the cursor stands, the filter as a chip, what is new."""
        count = self.pages.count if self.pages else 0
        at = min(self.view.lines.cursor + 1, count)
        words = tell("queue.heading", at=at, count=count) if self.pages else tell("queue.unread")
        parts = [Part(words, "strong")]
        if self.state:
            parts += [Part(SPACE), Part(tell("queue.chip", what=state_word(self.state)), "mark")]
        if self.text:
            parts += [Part(SPACE), Part(tell("queue.chip", what=DisplayText.of(self.text)), "mark")]
        if self._new:
            parts += [Part(SPACE), Part(tell("queue.new", count=len(self._new)), "live")]
        if not count and self.pages:
            parts += [Part(SPACE), Part(tell("queue.none_match" if self.text or self.state else "queue.empty"), "dim")]
        self.view.heading.show(parts)
        self.view.columns.show([Part(DisplayText("  ")), *heading(self._console.size.width - 2)])

    def _chosen(self) -> None:
        self.head()
        self._console.look_at_draft()

    def _arrived(self) -> None:
        self.view.lines.arrived()

    async def _page(self, offset: int) -> ViewPage:
        if self._view is None:
            raise LinkDown
        answer = await self._console.link.ask(PageOf(view=self._view, offset=offset, limit=PAGE))
        if not isinstance(answer, ViewPage):
            raise LinkDown
        return answer
