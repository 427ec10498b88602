"""Orders and saved filters of the queue: the next order, a filter under a name, one of them recalled."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from console.finding import SORTS
from console.link import LinkDown
from console.text import DisplayText
from console.tui.acting import put
from console.tui.tell import tell
from daemon.wire import Refusal
from daemon.wire.finding import Filter, FilterList, MyFilters, SaveFilter

if TYPE_CHECKING:
    from console.tui.app import Console


class Filtering:
    """What narrows and sorts the queue besides the line of `/`."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The conversations by the names of their commands."""
        return {"sort": self.sort, "recall_filter": self.recall, "save_filter": self.save}

    async def sort(self, argument: str) -> None:
        """The next order; the draft that is chosen stays chosen."""
        queue = self._console.queue
        queue.sort = SORTS[(SORTS.index(queue.sort) + 1) % len(SORTS)]
        await self._console.quietly(queue.open())

    async def save(self, argument: str) -> None:
        """Save the filter that stands, under a name."""
        queue = self._console.queue
        if not queue.words and queue.sort == "state":
            self._console.notice(tell("notice.nothing_to_save"), "warn")
            return
        question = tell("ask.save_filter", words=DisplayText.of(queue.words))
        name = argument or await self._console.bottom.ask(question)
        if name and name.strip():
            await put(self._console, SaveFilter(name=name.strip(), words=queue.words, sort=queue.sort))

    async def recall(self, argument: str) -> None:
        """Narrow the queue by a saved filter, by its number or name."""
        console = self._console
        try:
            answer = await console.link.ask(MyFilters())
        except LinkDown:
            console.notice(tell("notice.no_link"), "warn")
            return
        if isinstance(answer, Refusal):
            console.refused(answer)
            return
        filters = answer.filters if isinstance(answer, FilterList) else ()
        if not filters:
            console.notice(tell("notice.no_filters"), "warn")
            return
        listed = "  ".join(f"{n} {each.name}" for n, each in enumerate(filters, 1))
        typed = argument or await console.bottom.ask(tell("ask.recall_filter", filters=DisplayText.of(listed)))
        if not typed or not typed.strip():
            return
        if (found := _meant(filters, typed)) is None:
            console.notice(tell("notice.no_such_filter", name=DisplayText.of(typed)), "warn")
            return
        console.queue.state = ""  # the words say it, where one was chosen
        console.queue.narrow_to(found.words)
        console.queue.sort = found.sort
        await console.quietly(console.queue.open())


def _meant(filters: tuple[Filter, ...], typed: str) -> Filter | None:
    """The filter that somebody means by its number in the list, its name, or how that begins."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    if plain.isdecimal() and 1 <= int(plain) <= len(filters):
        return filters[int(plain) - 1]
    begun = [each for each in filters if unicodedata.normalize("NFKC", each.name).startswith(plain)]
    exact = [each for each in begun if unicodedata.normalize("NFKC", each.name) == plain]
    return next(iter(exact or begun), None)
