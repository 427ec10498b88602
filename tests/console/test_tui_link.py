"""The line to the daemon: questions, acts that survive a break, and what it says of itself when something is wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from scripted_peer import Peer

from console.link import Link, LinkDown
from daemon.wire import Approve, Ask, Done, Event, Refusal, Status, StatusAnswer

HASH = "0" * 64


class Listener:
    """A link with its events, run beside the test."""

    def __init__(self, state: Path, operator: str = "") -> None:
        self.events: list[Event] = []
        self.states: list[str] = []
        self.link = Link(state, operator=operator, event=self.events.append, changed=lambda: self.states.append(self.link.state))

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(60):
            while not true():  # noqa: ASYNC110 - what the other end does sets no event of ours
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def listening(state: Path, operator: str = "") -> AsyncIterator[Listener]:
    listener = Listener(state, operator)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(listener.link.run())
        yield listener
        task.cancel()


async def test_a_question_is_answered(peer: Peer) -> None:
    async with listening(peer.state) as listener:
        await listener.until(lambda: listener.link.state == "up")
        assert isinstance(await listener.link.ask(Status()), StatusAnswer)
        assert listener.link.welcome is not None
        assert listener.link.welcome.office == "訓練市"


async def test_an_act_asked_during_a_break_is_asked_again_under_the_same_id(peer: Peer) -> None:
    answers = peer.answer

    def deaf(ask: Ask) -> object | None:
        peer.answer = answers
        peer.hang_up()
        return None

    async with listening(peer.state) as listener:
        await listener.until(lambda: listener.link.state == "up")
        peer.answer = deaf
        answer = await listener.link.ask(Approve(draft=1, hash=HASH))
        assert isinstance(answer, Done)
        ids = [ask.id for ask in peer.asked if ask.act is not None]
        assert len(ids) == 2
        assert len(set(ids)) == 1


async def test_a_query_of_a_broken_connection_is_lost_and_says_so(peer: Peer) -> None:
    def gone(ask: Ask) -> object | None:
        peer.hang_up()
        return None

    async with listening(peer.state) as listener:
        await listener.until(lambda: listener.link.state == "up")
        peer.answer = gone
        with pytest.raises(LinkDown):
            await listener.link.ask(Status())


async def test_a_daemon_that_hangs_is_noticed_and_comes_back(peer: Peer) -> None:
    answers = peer.answer
    async with listening(peer.state) as listener:
        await listener.until(lambda: listener.link.state == "up")
        peer.answer = lambda ask: None
        with pytest.raises(LinkDown):
            await listener.link.ask(Status(), patience=0.1)
        assert listener.link.state == "silent"
        peer.answer = answers
        await listener.link.ask(Status())
        assert listener.link.state == "up"


async def test_without_a_daemon_it_is_down_and_connects_as_soon_as_there_is_one(office: Path) -> None:
    async with listening(office / "state") as listener:
        await listener.until(lambda: listener.link.state == "down")
        with pytest.raises(LinkDown):
            await listener.link.ask(Status())
        async with Peer(office / "state"):
            await listener.until(lambda: listener.link.state == "up")


async def test_a_refusal_at_the_door_is_kept_to_be_shown(peer: Peer) -> None:
    peer.bye = Refusal(code="not_on_register", message="名簿にありません", message_en="not on the register")
    async with listening(peer.state) as listener:
        await listener.until(lambda: listener.link.state == "refused")
        assert listener.link.refusal == peer.bye


async def test_a_gap_in_the_events_means_read_again(peer: Peer) -> None:
    async with listening(peer.state) as listener:
        await listener.until(lambda: listener.link.state == "up")
        peer.tell(kind="draft", draft=1)
        peer._seq += 5
        peer.tell(kind="draft", draft=2)
        await listener.until(lambda: len(listener.events) == 3)
        assert [event.kind for event in listener.events] == ["draft", "resync", "draft"]


async def test_playing_another_operator_is_a_new_hello(peer: Peer) -> None:
    async with listening(peer.state, operator="sato") as listener:
        await listener.until(lambda: listener.link.state == "up")
        listener.link.play("tanaka")
        await listener.until(lambda: bool(listener.link.welcome and listener.link.welcome.login == "tanaka"))


async def test_garbage_from_the_other_end_ends_the_connection_and_not_the_console(peer: Peer) -> None:
    async with listening(peer.state) as listener:
        await listener.until(lambda: listener.link.state == "up")
        for writer in peer._writers:
            writer.write(b"\x00{not a frame\n")
        await listener.until(lambda: "down" in listener.states)
        await listener.until(lambda: listener.link.state == "up")
