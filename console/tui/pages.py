"""The pages of a frozen list: 10⁵ drafts stay in the daemon, and the console keeps those that somebody looks at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, Protocol, TypeVar

from console.link import LinkDown

PAGE = 64
"""Rows in one question to the daemon."""

KEPT = 128
"""Pages that stay in memory, the least recently used go first: 8,192 rows, about 15 MB."""


class Numbered(Protocol):
    """A row that has a number of its own: a draft, a comment."""

    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Numbered)
R_co = TypeVar("R_co", bound=Numbered, covariant=True)


class Page(Protocol[R_co]):
    """What the daemon answers for a page."""

    @property
    def offset(self) -> int: ...

    @property
    def rows(self) -> tuple[R_co, ...]: ...


class Pages(Generic[R]):
    """The rows of one view. `fetch(offset)` asks the daemon for a page; `spawn` runs that question beside the screen;
    `arrived` is called when rows that are looked at (the last that were needed) have come or have changed."""

    def __init__(
        self,
        count: int,
        fetch: Callable[[int], Awaitable[Page[R]]],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        arrived: Callable[[], None],
    ) -> None:
        self.count = count
        self.highest = 0
        self._fetch = fetch
        self._spawn = spawn
        self._arrived = arrived
        self._pages: OrderedDict[int, tuple[R, ...]] = OrderedDict()
        self._asked: set[int] = set()
        self._looked_at = range(0)
        self._short: int | None = None
        self._page_of: dict[int, int] = {}

    def row(self, index: int) -> R | None:
        """The row, if its page is here. Asks for nothing."""
        page, place = divmod(index, PAGE)
        if (rows := self._pages.get(page)) is None or place >= len(rows):
            return None
        self._pages.move_to_end(page)
        return rows[place]

    def have(self, start: int, stop: int) -> bool:
        """Whether every page of the rows `start` … `stop` is here."""
        return all(page in self._pages for page in self._span(start, stop))

    def need(self, start: int, stop: int, towards: int = 0) -> None:
        """Ask for what is missing of the rows `start` … `stop`, and for the page that lies next in the direction of travel
        (`towards`: -1, 0, 1)."""
        span = self._looked_at = self._span(start, stop)
        wanted = [*span, span.stop] if towards > 0 else [*span, span.start - 1] if towards < 0 else [*span]
        for page in wanted:
            if 0 <= page * PAGE < self.count and page not in self._pages and page not in self._asked:
                self._ask(page)

    def changed(self, draft: int) -> bool:
        """A draft has moved on: read its page again, if it is here. False if none of the pages here has it."""
        page = self._page_of.get(draft)
        if page is None or page not in self._pages:
            return False
        if page not in self._asked:
            self._ask(page)
        return True

    def again(self, start: int, stop: int) -> None:
        """Anything may have moved on: the rows `start` … `stop` are read again, the others when they are wanted."""
        span = self._span(start, stop)
        for page in [page for page in self._pages if page not in span]:
            del self._pages[page]
        for page in span:
            if page not in self._asked:
                self._ask(page)

    def grow(self, count: int) -> None:
        """There are more rows than were known: the page that ended the list is read on."""
        last, self.count = self.count // PAGE, count
        if last in self._asked:  # it may come as it was
            self._short = last
        elif last in self._pages:
            self._ask(last)

    def index_of(self, draft: int) -> int | None:
        """Where a draft stands, if its page is here."""
        page = self._page_of.get(draft)
        rows = self._pages.get(page, ()) if page is not None else ()
        for place, row in enumerate(rows):
            if row.id == draft:
                return (page or 0) * PAGE + place
        return None

    def keep(self, answer: Page[R]) -> None:
        """Take in a page that has come."""
        page = answer.offset // PAGE
        self._pages[page] = answer.rows
        self._pages.move_to_end(page)
        self._page_of.update((row.id, page) for row in answer.rows)
        self.highest = max([self.highest, *(row.id for row in answer.rows)])
        while len(self._pages) > KEPT:
            gone, rows = self._pages.popitem(last=False)
            for row in rows:
                if self._page_of.get(row.id) == gone:
                    del self._page_of[row.id]

    def _ask(self, page: int) -> None:
        self._asked.add(page)
        self._spawn(self._bring(page))

    async def _bring(self, page: int) -> None:
        try:
            answer = await self._fetch(page * PAGE)
        except LinkDown:
            return
        finally:
            self._asked.discard(page)
        self.keep(answer)
        if page == self._short:
            self._short = None
            self._ask(page)
        if page in self._looked_at:  # what came ahead of time changes nothing that is seen
            self._arrived()

    def _span(self, start: int, stop: int) -> range:
        last = min(stop, self.count) - 1
        return range(start // PAGE, last // PAGE + 1) if last >= start >= 0 else range(0)
