"""The queue: the drafts that meet the filter, frozen while somebody works on them; what is new is announced, not inserted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import structs

from console.finding import narrowed, ordered
from console.link import LinkDown
from console.text import DisplayText
from console.tui import running_out
from console.tui.draft_lines import DraftLines
from console.tui.news import TOGETHER
from console.tui.pages import PAGE, Pages
from console.tui.queue_head import Standing, heading, names
from console.tui.rows import STATES, state_word
from console.tui.tell import tell
from console.tui.views import ListView
from daemon.wire import CloseView, CountView, Event, OpenView, PageOf, QueueRow, Refusal, ViewOpened, ViewPage
from daemon.wire.finding import DraftSort

if TYPE_CHECKING:
    from console.tui.app import Console


class Queue:
    """What the queue view shows, and how it is asked for."""

    def __init__(self, console: Console) -> None:
        self.view = ListView("queue")
        self.view.lines.chosen = self._chosen
        self.text = ""
        self.state = ""
        self.sort: DraftSort = "state"
        self.picked: set[int] = set()
        self.pages: Pages[QueueRow] | None = None
        self._console = console
        self._view: int | None = None
        self._new: set[int] = set()
        self._opening = self._asked = 0
        self._meanwhile: list[Event] = []
        self._due = False
        self._shown: OpenView | None = None
        self._unread = 0
        self._whole = True
        self._wished: int | None = None
        self._running: set[int] = set()

    def row(self) -> QueueRow | None:
        """The draft under the cursor."""
        return self.pages.row(self.view.lines.cursor) if self.pages else None

    async def open(self) -> None:
        """Freeze the list anew, the cursor on the same draft as before wherever it stands now. The old list stays
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
        self._asked += 1
        mine, before, wanted = self._asked, self.row(), self.wanted()
        chosen = self._wished if self._wished is not None else before.id if before else None
        place = self.view.lines.cursor if self._shown == wanted else 0
        answer = await self._console.link.ask(structs.replace(wanted, around=chosen, soon=True))
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            return
        if not isinstance(answer, ViewOpened):
            raise LinkDown
        place = place if answer.at is None else answer.at
        pages = Pages(answer.count, partial(self._page, answer.view), self._console.spawn, self._arrived)
        for offset in {0, place // PAGE * PAGE}:
            if offset < answer.count:
                pages.keep(await self._rows(answer.view, offset))
        if mine != self._asked:  # the list was asked for anew meanwhile, perhaps by other words: the last one counts
            await self._console.link.ask(CloseView(view=answer.view))
            return
        # Until here heading, rows and daemon's list are those of before, all three; from here on the new ones.
        here = self.row()
        if here is not None and before is not None and here.id != before.id and self._wished is None:
            chosen = here.id if pages.index_of(here.id) is not None else chosen  # the cursor has gone on meanwhile
        self._shown, self._wished, self._unread, self._whole = wanted, None, answer.unread, answer.whole
        old, self._view, self.pages = self._view, answer.view, pages
        self._new.clear()
        self.picked.clear()
        found = pages.index_of(chosen) if chosen is not None else None
        lines = DraftLines(pages, self._console.now(), self.picked, self._runs_out)
        self.view.show(lines, place if found is None else found)
        self.head()
        self._console.last.moved()
        if not answer.whole:
            self._console.spawn(self._console.quietly(self._count(answer.view)))
        if old is not None:
            await self._console.link.ask(CloseView(view=old))

    async def _count(self, view: int) -> None:
        """The list is longer than could be said at once: learn how long it is. Nothing of what is shown moves."""
        answer = await self._console.link.ask(CountView(view=view))
        if self.pages is None or view != self._view or not isinstance(answer, ViewOpened):
            return
        self._unread, self._whole = answer.unread, True
        self.pages.grow(answer.count)
        self.view.lines.grown()
        self.head()

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
            self._open_soon()
            return
        # Without a state it only says that somebody looks at it.
        if not self.pages.changed(event.draft) and event.state and event.draft > self.pages.highest:
            self._new.add(event.draft)
            self.head()

    def _open_soon(self) -> None:
        if not self._due:
            self._due = True
            self._console.set_timer(TOGETHER, self._open_again)

    def _open_again(self) -> None:
        self._due = False
        self._console.spawn(self._console.quietly(self.open()))

    @property
    def words(self) -> str:
        """The filter as it could be typed, the chosen state with it."""
        state = f"{tell('find.state').plain}:{state_word(self.state).plain}" if self.state else ""
        return " ".join(filter(None, (state, self.text)))

    @property
    def shown(self) -> OpenView:
        """The conditions and the order of the rows that are shown, which those that are wanted may be ahead of."""
        return self._shown or OpenView()

    def wanted(self) -> OpenView:
        """What is asked for: the words that were typed, the chosen state, the chosen order."""
        status = self._console.seen.status
        return narrowed(self.text, self.state, self.sort, status.accounts if status else ())

    def wish(self, draft: int) -> None:
        """Put the cursor on this draft when the list is read next."""
        self._wished = draft

    def narrow_to(self, text: str) -> None:
        """Filter by words (`console.finding`); none show all. An order among them stays until another is chosen."""
        self.text = text.strip()
        self.sort = ordered(self.text) or self.sort

    def next_state(self) -> None:
        """Filter by the next of the states that have drafts, and after the last one by none."""
        status = self._console.seen.status
        there = ["", *(s for s in STATES if status and status.queue.get(s))]
        self.state = there[(there.index(self.state) + 1) % len(there)] if self.state in there else ""

    def head(self) -> None:
        """The heading: where the cursor stands, the filter as a chip, what is new."""
        count = self.pages.count if self.pages else 0
        at = min(self.view.lines.cursor + 1, count)
        if self._console.reader.on:
            at = min(1, count)  # what changes with every row would be read out with it
        row = None if self._console.reader.on else self.row()
        sentence = running_out.told(row, self._console.seen, self._console.now(), ticks=True) if row is not None else None
        standing = Standing(self._unread, self._whole, len(self.picked), len(self._new), sentence)
        self.view.heading.show(heading(at, count if self.pages else None, self.shown, standing))
        self.view.columns.show(names(count if self.pages else None, self.shown, self._console.size.width))

    def tick(self) -> None:
        """A second has gone by: what runs out is painted again, and nothing else."""
        if self._console.reader.on or self.pages is None:
            return
        lines = self.view.lines
        running = {at for at in lines.on_screen if (row := self.pages.row(at)) is not None and self._runs_out(row)}
        lines.paint_again(running | self._running)  # also what has just run out
        if running or self._running:
            self.head()
        self._running = running

    def _runs_out(self, row: QueueRow) -> DisplayText | None:
        """What runs out on a draft, in its line; not for a screen reader, which would read it out each second."""
        return None if self._console.reader.on else running_out.in_short(row, self._console.seen, self._console.now())

    def _chosen(self) -> None:
        self.head()
        self._console.look_at_draft()

    def _arrived(self) -> None:
        self.view.lines.arrived()

    async def _page(self, view: int, offset: int) -> ViewPage:
        """More rows of the list that is shown; none of one that has given way to another, or whose connection is gone."""
        if view != self._view:
            raise LinkDown
        return await self._rows(view, offset)

    async def _rows(self, view: int, offset: int) -> ViewPage:
        answer = await self._console.link.ask(PageOf(view=view, offset=offset, limit=PAGE))
        if isinstance(answer, Refusal) and answer.code == "no_such":  # the daemon has given it up for the sake of newer lists
            self._open_soon()
        if not isinstance(answer, ViewPage):
            raise LinkDown
        return answer
