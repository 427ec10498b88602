"""The frozen lists that this daemon keeps. Each is filled beside everything else, and can be read from its beginning meanwhile; it is kept
as long as a session has it, by all sessions that asked the same while nothing was written."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable, Sequence
from functools import partial
from weakref import WeakValueDictionary, ref

import msgspec
from msgspec.structs import replace

from daemon.desk.finding import find
from daemon.refused import Refused
from daemon.store import Store
from daemon.wire.queries import OpenView

ROWS_MOST = 16_000_000
"""Rows that all lists together may have, at four bytes each; beyond that the oldest is given up."""

PIECE = 1 << 16
"""Rows that are looked through for a draft without a pause for others: about a millisecond."""


class Frozen:
    """A frozen list: numbers of drafts, in order. They come in portions until it is `whole`, and none that is there ever moves."""

    def __init__(self) -> None:
        self.ids = array("I")
        self.whole = False
        self.unread = 0
        self.began = False
        """Whether its first rows are there; a list may have none."""
        self.gone = False
        """It was given up for the sake of newer ones."""
        self._fault: BaseException | None = None
        self._news = asyncio.Event()

    @property
    def sound(self) -> bool:
        """Whether it can still be read."""
        return not self.gone and self._fault is None

    def add(self, drafts: array[int]) -> None:
        """The next of its drafts."""
        if not self.gone:
            self.ids.extend(drafts)
        self.began = self.began or len(drafts) > 0
        self._tell()

    def end(self, unread: int = 0, fault: BaseException | None = None) -> None:
        """All are there, or no more will come."""
        self.whole, self.unread, self._fault = fault is None, unread, fault
        self.began = True
        self._tell()

    def give_up(self) -> None:
        """Forget it, whoever has it open."""
        self.ids, self.gone = array("I"), True
        self._tell()

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait until that is so, or the list is whole. Raises what kept it from being filled, and Refused once it is given up."""
        while self.sound and not self.whole and not ready():
            await self._news.wait()
        if self.gone:
            raise gone()
        if self._fault is not None:
            raise self._fault

    async def reaches(self, count: int) -> None:
        """Wait until so many rows are there, or all. Raises as `until`."""
        await self.until(lambda: len(self.ids) >= count)

    async def counted(self) -> None:
        """Wait until it is whole. Raises as `until`."""
        await self.until(lambda: self.whole)

    async def place_of(self, draft: int) -> int | None:
        """Where a draft stands, once its place is known; None where it is not in the list. Raises as `until`."""
        start = 0
        while True:
            stop = min(start + PIECE, len(self.ids))
            if start == stop:
                if self.whole:
                    return None
                await self.reaches(start + 1)
                continue
            if draft in (piece := self.ids[start:stop]):
                return start + piece.index(draft)
            start = stop
            await asyncio.sleep(0)

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class FrozenLists:
    """All of them."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        """`clock` gives microseconds since 1970."""
        self._store, self._clock = store, clock
        self._all: list[ref[Frozen]] = []
        self._same: WeakValueDictionary[tuple[int, bytes], Frozen] = WeakValueDictionary()
        self._filling: set[asyncio.Task[None]] = set()

    def open(self, query: OpenView, login: str) -> Frozen:
        """The drafts that meet these conditions now. Where nothing was written since somebody asked the same, it is the same list."""
        key = (self._store.writer.commits.made, msgspec.json.encode(replace(query, around=None, soon=False)))
        if not query.mine and (same := self._same.get(key)) is not None and same.sound:
            return same
        self._make_room()
        frozen = Frozen()
        self._all.append(ref(frozen))
        if not query.mine:
            self._same[key] = frozen
        filling = asyncio.get_running_loop().create_task(self._fill(query, login, ref(frozen)))
        self._filling.add(filling)
        filling.add_done_callback(self._filling.discard)
        return frozen

    async def _fill(self, query: OpenView, login: str, frozen: ref[Frozen]) -> None:
        """Fill a list as long as anybody has it; it is nobody's who keeps it here."""
        loop, fault, unread = asyncio.get_running_loop(), None, 0

        def tell(drafts: Sequence[int]) -> bool:
            loop.call_soon_threadsafe(_add, frozen, array("I", drafts))
            return frozen() is not None

        try:
            unread = await self._store.walk(partial(find, query=query, login=login, now=self._clock(), tell=tell))
        except Exception as error:
            fault = error
        if (ended := frozen()) is not None:
            ended.end(unread, fault)

    def _make_room(self) -> None:
        """Give up the oldest lists, as far as all together have too many rows."""
        there = [each for one in self._all if (each := one()) is not None and not each.gone]
        rows = sum(len(each.ids) for each in there)
        for each in there:
            if rows <= ROWS_MOST:
                break
            rows -= len(each.ids)
            each.give_up()
        self._all = [ref(each) for each in there if not each.gone]


def gone() -> Refused:
    """For whoever asks for a list that is not kept any more."""
    return Refused("no_such", "この一覧はもうありません。開き直してください。", "This list is gone: open it again.")


def _add(frozen: ref[Frozen], drafts: array[int]) -> None:
    if (there := frozen()) is not None:
        there.add(drafts)
