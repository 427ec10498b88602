"""A socket that a service manager holds: taken over where it is this office's, left standing at the end, answered also by an office that
cannot run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.service.handed import NotOurs, taken
from daemon.service.notify import Manager
from daemon.service.turned_away import turn_away
from daemon.wire import Bye
from tests.service.live_office import ROOT, Caller, Office, until

UNDER_A_MANAGER = 'export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket that listens at the place of an office in `tmp_path`."""
    (tmp_path / "state").mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as found:
        found.bind(str(tmp_path / "state" / "socket"))
        found.listen(16)
        yield found


def handed(count: int = 1, pid: int | None = None) -> dict[str, str]:
    return {"LISTEN_FDS": str(count), "LISTEN_PID": str(os.getpid() if pid is None else pid), "LISTEN_FDNAMES": "x"}


def test_the_socket_of_this_office_is_taken_over_and_its_name_out_of_the_environment(
    listener: socket.socket, tmp_path: Path
) -> None:
    environment = handed()
    found = taken(tmp_path / "state", environment, os.dup(listener.fileno()))
    assert found is not None
    with found:
        assert found.getsockname() == str(tmp_path / "state" / "socket")
        assert not found.get_inheritable()
    assert environment == {}


def test_what_is_meant_for_another_process_is_none_of_ours(listener: socket.socket, tmp_path: Path) -> None:
    assert taken(tmp_path / "state", handed(pid=1)) is None
    assert taken(tmp_path / "state", {}) is None


def test_the_socket_of_another_office_is_refused(listener: socket.socket, tmp_path: Path) -> None:
    (tmp_path / "other" / "state").mkdir(parents=True)
    with pytest.raises(NotOurs):
        taken(tmp_path / "other" / "state", handed(), os.dup(listener.fileno()))


def test_what_does_not_listen_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.bind(str(tmp_path / "state" / "socket"))
        with pytest.raises(NotOurs):
            taken(tmp_path / "state", handed(), os.dup(silent.fileno()))


class Handed:
    """A daemon that is started for a caller, as a manager of services starts it; the socket is ours."""

    def __init__(self, office: Office) -> None:
        self.office = office
        office.state.mkdir(exist_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(office.state / "socket"))
        self.listener.listen(16)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        def third() -> None:
            os.dup2(self.listener.fileno(), 3)

        command = [
            "sh",
            "-c",
            UNDER_A_MANAGER,
            "sh",
            sys.executable,
            "-m",
            "daemon.service.main",
            "--office",
            str(self.office.folder),
        ]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self.office.folder / "stderr").open("ab") as said:
            self.process = subprocess.Popen(command, close_fds=False, preexec_fn=third, stderr=said, env=env, cwd="/")

    def end(self) -> None:
        self.listener.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def waiting(found: Callable[..., Office]) -> Iterator[Handed]:
    handed = Handed(found())
    yield handed
    handed.end()


def test_who_calls_before_there_is_a_daemon_is_answered_by_it(waiting: Handed) -> None:
    with Caller(waiting.office.state) as caller:
        waiting.start()
        caller.hello()
        assert waiting.office.status().training


def test_its_end_leaves_the_managers_socket_where_it_is(waiting: Handed) -> None:
    waiting.start()
    assert waiting.office.status().training
    assert waiting.process is not None
    waiting.process.send_signal(signal.SIGTERM)
    assert waiting.process.wait() == 0
    assert (waiting.office.state / "socket").is_socket()
    with Caller(waiting.office.state) as caller:
        waiting.start()
        caller.hello()


def test_an_office_whose_rules_are_broken_tells_its_callers_why(waiting: Handed) -> None:
    (waiting.office.folder / "rules.toml").write_text("[office\n")
    with Caller(waiting.office.state) as first, Caller(waiting.office.state) as second:
        waiting.start()
        for caller in (first, second):
            frame = caller.hear()
            assert isinstance(frame, Bye)
            assert "rules.toml" in frame.refusal.message_en
    assert waiting.process is not None
    assert waiting.process.wait() == 2


def test_a_caller_that_says_nothing_and_reads_nothing_holds_up_no_other(listener: socket.socket, tmp_path: Path) -> None:
    telling = threading.Thread(target=turn_away, args=(listener, Manager(), "だめです", "no", 3.0))
    with Caller(tmp_path / "state"), Caller(tmp_path / "state") as second:
        telling.start()
        assert "no" in second.goodbye().message_en
    until(lambda: not telling.is_alive(), "an end")
    telling.join()
