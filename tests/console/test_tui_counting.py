"""A list of 10⁶ is shown before it is counted: the heading says so, nothing moves, and the end is the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from console_desk import Desk, at_desk
from scripted_peer import Peer

from daemon.wire import Ask, CountView, OpenView, PageOf, Refusal, ViewOpened, ViewPage

pytestmark = pytest.mark.usefixtures("japanese")

FIRST = 100
"""Rows that are there before the rest: no whole number of pages."""


class Slow:
    """A daemon that has the first rows, and counts when the test says so."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._answers, self.counted = peer, peer.answer, False
        peer.answer = self.answer

    def answer(self, ask: Ask) -> object | None:
        match self._answers(ask):
            case ViewOpened(view=view, seq=seq):
                return ViewOpened(view=view, count=FIRST, seq=seq, whole=False)
            case ViewPage(view=view, offset=offset, rows=rows) if not self.counted:
                return ViewPage(view=view, offset=offset, rows=rows[: max(0, FIRST - offset)], count=FIRST)
            case _ if isinstance(ask.query, CountView):
                return None
            case other:
                return other

    @property
    def asked(self) -> Ask | None:
        """The question how many there are, once it has come."""
        return next((ask for ask in self._peer.asked if isinstance(ask.query, CountView)), None)

    def count(self) -> None:
        """The rest has been found."""
        assert self.asked is not None
        self.counted = True
        self._peer.say(self.asked, ViewOpened(view=1, count=len(self._peer.rows), seq=0))


@pytest.fixture
def slow(peer: Peer) -> Slow:
    return Slow(peer)


@pytest.fixture
async def desk(office: Path, slow: Slow) -> AsyncIterator[Desk]:
    async with at_desk(office) as it:
        await it.shows(f"下書き 1/{FIRST}以上（数えています）")
        await it.until(lambda: slow.asked)
        yield it


async def test_the_first_rows_stand_there_before_the_list_is_counted_and_stay(desk: Desk, slow: Slow) -> None:
    await desk.press("j", "j")
    row, rows = desk.console.queue.row(), desk.screen()[3:]
    slow.count()
    await desk.shows("下書き 3/300 ")
    assert desk.console.queue.row() == row
    assert desk.screen()[3:-2] == rows[:-2]


async def test_who_went_to_the_end_of_a_list_that_is_being_counted_comes_to_its_end(desk: Desk, slow: Slow) -> None:
    await desk.press("end")
    await desk.shows(f"下書き {FIRST}/{FIRST}以上")
    slow.count()
    await desk.shows("下書き 300/300 ")
    await desk.until(lambda: (row := desk.console.queue.row()) is not None and row.id == 1)


async def test_who_merely_stands_on_the_last_row_stays_there_and_can_go_on(desk: Desk, slow: Slow) -> None:
    await desk.press("end", "up", "down")
    await desk.until(desk.console.queue.row)
    row = desk.console.queue.row()
    slow.count()
    await desk.shows(f"下書き {FIRST}/300 ")
    assert desk.console.queue.row() == row
    await desk.press("down")
    await desk.shows(f"下書き {FIRST + 1}/300 ")
    await desk.until(lambda: desk.console.queue.row() is not None)


async def test_a_list_that_the_daemon_gave_up_is_read_anew(office: Path, peer: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/300")
        answers, gone = (
            peer.answer,
            Refusal(code="no_such", message="この一覧はもうありません。", message_en="This list is gone."),
        )
        opened = sum(isinstance(ask.query, OpenView) for ask in peer.asked)
        peer.answer = lambda ask: gone if isinstance(ask.query, PageOf) and ask.query.offset else answers(ask)
        await desk.press("end")
        await desk.until(lambda: sum(isinstance(ask.query, OpenView) for ask in peer.asked) > opened)
        peer.answer = answers
        await desk.until(lambda: desk.console.queue.row() is not None)
