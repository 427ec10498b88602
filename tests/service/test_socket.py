"""Lines at the socket: what no frame can be is said and ends that connection, and everybody else is served all the while."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook
from daemon.service import server
from daemon.service.hub import Hub
from daemon.service.identity import identify
from daemon.service.server import IN_FLIGHT, Answer, Server, Session
from daemon.wire import (
    PROTOCOL,
    Ask,
    CountView,
    Done,
    Hello,
    OpenView,
    PageOf,
    Refusal,
    Show,
    Status,
    StatusAnswer,
    ViewOpened,
    ViewPage,
    Welcome,
    encode_frame,
)
from daemon.wire.frames import LINE_LIMIT
from daemon.wire.picturing import PictureOf
from daemon.wire.trying import Try
from tests.service.live_office import MINATO, PATIENCE, Caller, Gone, Office

HELLO = encode_frame(Hello())
STATUS = json.dumps({"frame": "ask", "id": "1", "query": {"query": "status"}}).encode()

NOT_A_FRAME = {
    "nothing": b"\n",
    "no JSON": b"hello?\n",
    "half a frame": STATUS[:30] + b"\n",
    "NULs": b"\0" * 100 + b"\n",
    "not UTF-8": b'{"frame":"hello","client":"\xff\xfe"}\n',
    "half a surrogate pair": b'{"frame":"ask","id":"\\ud800","query":{"query":"status"}}\n',
    "nested without end": b'{"frame":"hello","x":' + b"[" * 500_000 + b"\n",
    "nested objects": b'{"a":' * 100_000 + b"\n",
    "a list": b"[1, 2, 3]\n",
    "an unknown frame": b'{"frame":"shutdown"}\n',
    "a number beyond every number": b'{"frame":"hello","protocol":[1,1e999]}\n',
    "what only a daemon says": b'{"frame":"bye","refusal":{"answer":"refused","code":"busy","message":"","message_en":""}}\n',
    "another protocol altogether": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}
NOT_AN_ASK = {
    "an unknown act": b'{"frame":"ask","id":"1","act":{"act":"delete_everything"}}\n',
    "an act with a field too many": b'{"frame":"ask","id":"1","act":{"act":"withdraw","draft":1,"force":true}}\n',
    "an act and a query": b'{"frame":"ask","id":"1","act":{"act":"withdraw","draft":1},"query":{"query":"status"}}\n',
    "neither": b'{"frame":"ask","id":"1"}\n',
}


@pytest.mark.parametrize("line", NOT_A_FRAME.values(), ids=NOT_A_FRAME)
def test_what_is_no_hello_is_answered_with_a_sentence_and_the_end(office: Office, line: bytes) -> None:
    caller = office.line()
    caller.send(line)
    refusal = caller.goodbye()
    assert refusal.code == "protocol"
    assert "hello" in refusal.message


@pytest.mark.parametrize("line", (*NOT_A_FRAME.values(), HELLO), ids=(*NOT_A_FRAME, "another hello"))
def test_what_is_no_ask_is_answered_with_a_sentence_and_the_end(office: Office, line: bytes) -> None:
    caller = office.caller()
    caller.send(line)
    assert caller.goodbye().code == "protocol"
    assert office.status().training


@pytest.mark.parametrize("line", NOT_AN_ASK.values(), ids=NOT_AN_ASK)
def test_an_ask_that_cannot_be_understood_is_refused_and_the_next_one_answered(office: Office, line: bytes) -> None:
    caller = office.caller()
    caller.send(line)
    assert caller.answer("1").code == "protocol"
    assert caller.ask(Status(), StatusAnswer).training


def test_a_line_that_is_too_long_is_not_read_to_its_end(office: Office) -> None:
    caller = office.caller()
    caller.send(b" " * (LINE_LIMIT + 1) + b"\n")
    refusal = caller.goodbye()
    assert refusal.code == "protocol"
    assert str(LINE_LIMIT) in refusal.message


def test_a_hello_that_is_too_long_is_refused_once(office: Office) -> None:
    caller = office.line()
    caller.send(b" " * (LINE_LIMIT + 1) + b"\n")
    assert str(LINE_LIMIT) in caller.goodbye().message


def test_a_line_of_exactly_the_limit_is_read(office: Office) -> None:
    caller = office.caller()
    caller.send(STATUS + b" " * (LINE_LIMIT - len(STATUS)) + b"\n")
    assert isinstance(caller.answer("1"), StatusAnswer)


def test_a_line_without_an_end_is_cut_off_however_much_of_it_comes(office: Office) -> None:
    caller = office.line()
    with pytest.raises((ConnectionError, TimeoutError)):
        for _ in range(1000):
            caller.send(b"x" * LINE_LIMIT)
    assert office.status().training


@pytest.mark.parametrize("piece", [b"", b"{", HELLO[:-10], HELLO, HELLO + STATUS[:20], HELLO + STATUS + b"\n"])
def test_a_caller_that_breaks_off_anywhere_is_forgotten(office: Office, piece: bytes) -> None:
    for _ in range(5):
        caller = office.line()
        caller.send(piece)
        caller.finish()
        with pytest.raises(Gone):
            while True:
                caller.hear()
    assert office.status().training


@pytest.mark.parametrize("protocol", [(0, 0), (3, 4), (3, 2), (-5, 0), (2**70, 2**70)])
def test_a_caller_of_another_version_is_told_to_be_updated(office: Office, protocol: tuple[int, int]) -> None:
    refusal = office.line().hello(protocol=protocol)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "protocol"
    assert "更新" in refusal.message and "update" in refusal.message_en


def test_a_caller_of_a_later_version_that_still_speaks_ours_is_welcome(office: Office) -> None:
    welcome = office.line().hello(protocol=(1, 9))
    assert isinstance(welcome, Welcome)
    assert welcome.protocol == PROTOCOL[1]


def test_a_hello_may_have_fields_that_we_do_not_know_yet(office: Office) -> None:
    caller = office.line()
    caller.send(b'{"frame":"hello","protocol":[1,2],"mood":"good"}\n')
    assert isinstance(caller.hear(), Welcome)


def test_a_hundred_callers_who_say_nothing_keep_nobody_waiting(office: Office) -> None:
    for _ in range(100):
        office.line()
    assert office.status().training


def test_a_view_that_was_never_opened_is_said_to_be_gone(office: Office) -> None:
    office.caller().refused(PageOf(view=99), "no_such")
    office.caller().refused(CountView(view=99), "no_such")


@pytest.mark.parametrize("query", [Show(draft=1 << 70), Try(draft=1 << 63), PictureOf(draft=-(1 << 64))])
def test_a_number_that_no_row_can_have_is_said_to_be_nothings_and_is_no_incident(office: Office, query: object) -> None:
    office.caller("kansa").refused(query, "no_such")


@pytest.mark.parametrize(
    "field", [{"clauses": ("13",) * 1500}, {"without": tuple(map(str, range(1500)))}, {"text": "言葉 " * 1500}]
)
def test_a_filter_of_more_conditions_than_the_store_takes_is_refused_in_words(office: Office, field: dict[str, Any]) -> None:
    office.caller("kansa").refused(OpenView(**field), "state")


def test_a_short_list_is_counted_at_once_and_knows_where_a_draft_stands(office: Office) -> None:
    office.drop("minato-x", "short.txt", **MINATO)
    draft = office.row("short.txt").id
    caller = office.caller()
    opened = caller.ask(OpenView(around=draft, soon=True), ViewOpened)
    counted = caller.ask(CountView(view=opened.view), ViewOpened)
    assert counted.whole
    assert opened.at is not None
    assert caller.ask(PageOf(view=opened.view, offset=opened.at), ViewPage).rows[0].id == draft
    assert caller.ask(OpenView(around=draft, soon=True, text="体育館"), ViewOpened).at is None
    office.path("minato-x", "short.txt").unlink()


def test_a_draft_with_more_findings_than_anybody_reads_can_be_shown(office: Office) -> None:
    office.drop("minato-x", "findings.txt", "お問い合わせは090-1234-5678まで。2026/13/45(月)\u200b\n" * 2_000, **MINATO)
    assert office.show(office.row("findings.txt").id).findings
    office.path("minato-x", "findings.txt").unlink()


def test_many_questions_at_once_are_all_answered(office: Office) -> None:
    caller = office.caller()
    asked = {caller.put(Status()) for _ in range(10 * IN_FLIGHT)}
    while asked:
        frame = caller.hear()
        asked.remove(frame.id)  # type: ignore[union-attr]


# From here on the server alone, with an answer that the test holds back.


@pytest.fixture(scope="module")
def book(root: Path) -> Rulebook:
    return load_rulebook(root)


@asynccontextmanager
async def serving(folder: Path, book: Rulebook, answer: Answer) -> AsyncIterator[tuple[Server, Hub]]:
    """A server at a real socket in `folder`."""
    hub = Hub()
    serves = Server(folder, hub, lambda uid, plays: identify(uid, plays, os.geteuid(), book), answer, lambda: book.office)
    await serves.start()
    try:
        yield serves, hub
    finally:
        await serves.close()


async def in_a_thread(folder: Path, play: object) -> object:
    """Play at the socket from a thread, so that the server's loop goes on."""
    return await asyncio.to_thread(_played, folder, play)


def _played(folder: Path, play: object) -> object:
    with Caller(folder) as caller:
        return play(caller)  # type: ignore[operator]


async def done(ask: Ask, session: Session) -> Done:
    return Done(message=ask.id)


async def test_who_does_not_introduce_themselves_in_time_is_sent_away(
    tmp_path: Path, book: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HELLO_WITHIN", 0.05)
    async with serving(tmp_path, book, done):
        refusal = await in_a_thread(tmp_path, lambda caller: caller.goodbye())
        assert isinstance(refusal, Refusal)
        assert refusal.code == "protocol"


async def test_only_so_many_questions_of_one_caller_are_open_and_others_do_not_wait_behind_them(
    tmp_path: Path, book: Rulebook
) -> None:
    open_now: list[str] = []
    open_at_once: list[int] = []
    go_on = asyncio.Event()

    async def slow(ask: Ask, session: Session) -> Done:
        if ask.id.startswith("slow"):
            open_now.append(ask.id)
            await go_on.wait()
        return Done(message=ask.id)

    async with serving(tmp_path, book, slow):

        def flood(caller: Caller) -> set[str]:
            caller.hello()
            asked = {caller.put(Status(), f"slow{n}") for n in range(3 * IN_FLIGHT)}
            with Caller(tmp_path) as other:
                other.hello()
                other.ask(Status(), Done, "quick")
            open_at_once.append(len(open_now))
            loop.call_soon_threadsafe(go_on.set)
            return asked - {caller.hear().id for _ in range(3 * IN_FLIGHT)}  # type: ignore[union-attr]

        loop = asyncio.get_running_loop()
        try:
            assert await in_a_thread(tmp_path, flood) == set()
        finally:
            go_on.set()  # the server's end waits for what is still asked
        assert open_at_once[0] <= IN_FLIGHT
        assert len(open_now) == 3 * IN_FLIGHT


async def test_a_listener_that_falls_behind_is_told_to_ask_again_though_nothing_more_happens(
    tmp_path: Path, book: Rulebook
) -> None:
    async with serving(tmp_path, book, done) as (_, hub):
        joined, missed = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def listen(caller: Caller) -> tuple[int, int]:
            caller.hello(events=True)
            loop.call_soon_threadsafe(joined.set)
            asyncio.run_coroutine_threadsafe(missed.wait(), loop).result()
            resync = caller.event(lambda event: event.kind == "resync")
            caller.ask(Status(), Done)
            loop.call_soon_threadsafe(hub.publish, "gate")
            after = caller.event(lambda event: event.kind == "gate")
            return resync.seq, after.seq

        listening = asyncio.ensure_future(in_a_thread(tmp_path, listen))
        async with asyncio.timeout(PATIENCE):
            await joined.wait()
        for n in range(20_000):
            hub.publish("draft", draft=n, account="minato-x", path="x" * 200)
        missed.set()
        assert await listening == (20_000, 20_001)


async def test_an_answer_too_long_for_a_line_is_refused_and_the_connection_stays(tmp_path: Path, book: Rulebook) -> None:
    async def answering(ask: Ask, session: Session) -> Done:
        return Done(message="x" * LINE_LIMIT if ask.id == "long" else "")

    async with serving(tmp_path, book, answering):

        def ask(caller: Caller) -> object:
            caller.hello()
            caller.refused(Status(), "internal", "long")
            return caller.ask(Status(), Done)

        assert isinstance(await in_a_thread(tmp_path, ask), Done)


async def test_what_happened_before_an_answer_is_heard_before_it(tmp_path: Path, book: Rulebook) -> None:
    happened = [("draft", n) for n in range(3)]

    async def publishing(ask: Ask, session: Session) -> Done:
        for kind, number in happened:
            hub.publish(kind, draft=number)
        return Done()

    async with serving(tmp_path, book, publishing) as (_, hub):

        def hear(caller: Caller) -> list[object]:
            caller.hello(events=True)
            caller.send(encode_frame(Ask(id="1", query=Status())))
            return [caller.hear() for _ in range(4)]

        *events, answer = await in_a_thread(tmp_path, hear)
        assert [(event.kind, event.draft) for event in events] == happened
        assert isinstance(answer.answer, Done)


async def test_a_listener_that_never_reads_costs_little_and_keeps_nobody_waiting(tmp_path: Path, book: Rulebook) -> None:
    async with serving(tmp_path, book, done) as (_, hub):

        def deaf(caller: Caller) -> object:
            caller.hello(events=True)
            asyncio.run_coroutine_threadsafe(flood(), loop).result()
            with Caller(tmp_path) as other:
                other.hello(events=True)
                loop.call_soon_threadsafe(hub.publish, "gate")
                other.event(lambda event: event.kind == "gate")
                return other.ask(Status(), Done)

        async def flood() -> None:
            for n in range(50_000):
                hub.publish("draft", draft=n, path="x" * 200)

        loop = asyncio.get_running_loop()
        assert isinstance(await in_a_thread(tmp_path, deaf), Done)


async def test_an_error_of_the_program_is_an_incident_and_the_connection_stays(tmp_path: Path, book: Rulebook) -> None:
    async def broken(ask: Ask, session: Session) -> Done:
        if ask.id == "bad":
            raise ZeroDivisionError
        return Done()

    async with serving(tmp_path, book, broken):

        def ask(caller: Caller) -> Refusal:
            caller.hello()
            refusal = caller.refused(Status(), "internal", "bad")
            caller.ask(Status(), Done)
            return refusal

        refusal = await in_a_thread(tmp_path, ask)
        assert isinstance(refusal, Refusal)
        assert refusal.incident in refusal.message


async def test_everybody_hears_that_the_daemon_goes_down(tmp_path: Path, book: Rulebook) -> None:
    async with serving(tmp_path, book, done) as (serves, _):
        loop = asyncio.get_running_loop()

        def stay(caller: Caller) -> Refusal:
            caller.hello()
            asyncio.run_coroutine_threadsafe(serves.close(), loop)
            return caller.goodbye()

        refusal = await in_a_thread(tmp_path, stay)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "busy"
    assert not (tmp_path / "socket").exists()
