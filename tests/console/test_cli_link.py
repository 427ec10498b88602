"""The command line's line to the daemon when something is wrong with the other end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.cli.link import Link, NoDaemon, Refused
from console.cli.outcome import NO_DAEMON, REFUSED
from daemon.wire import Bye, Done, Refusal, Reply, Resume, Status, StatusAnswer, Welcome, decode_frame, encode_frame

WELCOME = Welcome(
    protocol=1, login="kato", name="加藤", role="clerk", titles=(), office="試験", training=True, seq=0, version="0.1.0"
)
Peer = Callable[[socket.socket], None]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path


@pytest.fixture
def listen(office: Path) -> Iterator[Callable[..., list[bytes]]]:
    """Put a peer behind the office's socket; each function serves one connection. Returns what the peer was sent."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(office / "state" / "socket"))
    listener.listen()
    threads: list[threading.Thread] = []

    def start(*peers: Peer) -> None:
        def serve() -> None:
            for peer in peers:
                connection, _ = listener.accept()
                with connection:
                    peer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        threads.append(thread)

    yield start  # type: ignore[misc]
    for thread in threads:
        thread.join(60)
    listener.close()


def line(connection: socket.socket) -> bytes:
    return connection.makefile("rb").readline()


def welcome(connection: socket.socket) -> None:
    line(connection)
    connection.sendall(encode_frame(WELCOME))


def test_no_socket_is_said_with_what_to_do(office: Path) -> None:
    with pytest.raises(NoDaemon) as failure, Link(office):
        pass
    assert failure.value.code == NO_DAEMON
    assert "kohoban daemon" in failure.value.sentence


def test_a_dead_daemons_socket_is_told_from_a_missing_one(office: Path) -> None:
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    dead.bind(str(office / "state" / "socket"))
    dead.close()
    with pytest.raises(NoDaemon, match="(終わって|has ended)"), Link(office):
        pass


def test_an_office_with_a_very_long_path_is_reached_all_the_same(tmp_path: Path) -> None:
    office = tmp_path / ("部署" * 30) / ("部署" * 30)
    (office / "state").mkdir(parents=True)
    with pytest.raises(NoDaemon) as failure, Link(office):
        pass
    assert "socket" in failure.value.sentence


def test_a_daemon_that_hangs_is_given_up_and_the_stop_is_named(office: Path, listen: Callable[..., None]) -> None:
    done = threading.Event()
    listen(lambda connection: done.wait(60))
    try:
        with pytest.raises(NoDaemon, match="kohoban stop"), Link(office, patience=0.2):
            pass
    finally:
        done.set()


def test_a_peer_that_speaks_something_else_is_no_daemon(office: Path, listen: Callable[..., None]) -> None:
    def speak(connection: socket.socket) -> None:
        line(connection)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    listen(speak)
    with pytest.raises(NoDaemon, match="doctor"), Link(office):
        pass


def test_a_goodbye_is_a_refusal_in_the_daemons_own_words(office: Path, listen: Callable[..., None]) -> None:
    def refuse(connection: socket.socket) -> None:
        line(connection)
        said = Refusal(
            code="not_on_register", message="名簿にありません。", message_en="Not on the register.", clause="saitama/6-4"
        )
        connection.sendall(encode_frame(Bye(refusal=said)))

    listen(refuse)
    with pytest.raises(Refused) as failure, Link(office):
        pass
    assert failure.value.code == REFUSED
    assert "saitama/6-4" in failure.value.sentence


def test_an_act_whose_answer_was_lost_is_asked_again_under_the_same_id(office: Path, listen: Callable[..., None]) -> None:
    asked: list[str] = []

    def lose(connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        stream.readline()
        connection.sendall(encode_frame(WELCOME))
        asked.append(decode_frame(stream.readline()).id)  # type: ignore[union-attr]

    def answer(connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        stream.readline()
        connection.sendall(encode_frame(WELCOME))
        ask = decode_frame(stream.readline())
        asked.append(ask.id)  # type: ignore[union-attr]
        connection.sendall(encode_frame(Reply(id=asked[-1], answer=Done(message="済み"))))

    listen(lose, answer)
    with Link(office) as link:
        done = link.ask(Resume(code="1234", reason="試験"), Done)
    assert done.message == "済み"
    assert asked[0] == asked[1]


def test_an_answer_that_never_comes_is_said_to_be_unknown_not_undone(office: Path, listen: Callable[..., None]) -> None:
    def lose(connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        stream.readline()
        connection.sendall(encode_frame(WELCOME))
        stream.readline()

    listen(lose, lose)
    with Link(office) as link, pytest.raises(NoDaemon, match="(分かりません|not known)"):
        link.ask(Resume(code="1234", reason="試験"), Done)


def test_an_answer_of_another_kind_is_not_taken_for_the_right_one(office: Path, listen: Callable[..., None]) -> None:
    def answer(connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        stream.readline()
        connection.sendall(encode_frame(WELCOME))
        ask = decode_frame(stream.readline())
        connection.sendall(encode_frame(Reply(id=ask.id, answer=Done())))  # type: ignore[union-attr]

    listen(answer)
    with Link(office) as link, pytest.raises(NoDaemon):
        link.ask(Status(), StatusAnswer)
