"""Where the daemon may start nothing and has no network, a postman of its own carries the notices, by the command of its unit alone."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from daemon.service.carrier import Carrier
from daemon.service.postman import main as postman_main

Open = Callable[[Sequence[str]], str]


@pytest.fixture
def postman(tmp_path: Path) -> Iterator[Open]:
    """A manager of services that starts a postman with this command for whoever calls; returns the place."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / "postman"))
        listener.listen(4)
        threads: list[threading.Thread] = []

        def serve(command: Sequence[str]) -> None:
            caller, _ = listener.accept()
            with caller:
                words = [sys.executable, "-P", "-m", "daemon.service.postman", "60", *command]
                subprocess.run(words, stdin=caller.fileno(), check=True)

        def start(command: Sequence[str]) -> str:
            threads.append(threading.Thread(target=serve, args=(command,)))
            threads[-1].start()
            return str(tmp_path / "postman")

        yield start
        for thread in threads:
            thread.join()


def test_the_letter_arrives_whole_and_the_daemon_knows(postman: Open, tmp_path: Path) -> None:
    command = ("sh", "-c", f"cat > {tmp_path}/letter")
    letter = "件名: 承認を待っています\n".encode() * 5000
    assert Carrier(postman(command)).carry(command, letter, 60) is None
    assert (tmp_path / "letter").read_bytes() == letter


def test_what_the_command_says_of_its_failure_comes_back(postman: Open) -> None:
    command = ("sh", "-c", "cat > /dev/null; echo no such user >&2; exit 67")
    why = Carrier(postman(command)).carry(command, b"x", 60)
    assert why is not None
    assert "67" in why[0] and "no such user" in why[1]


def test_a_daemon_cannot_choose_what_is_run(postman: Open, tmp_path: Path) -> None:
    asked = ("sh", "-c", f"touch {tmp_path}/taken")
    why = Carrier(postman(("true",))).carry(asked, b"x", 60)
    assert why is not None
    assert "kohoban service install" in why[0]
    assert not (tmp_path / "taken").exists()


def test_a_letter_that_does_not_come_in_whole_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("sh", "-c", f"cat > {tmp_path}/letter")
    monkeypatch.setattr("daemon.service.postman._PATIENCE", 0.1)
    ours, its = socket.socketpair()
    with ours, its:
        ours.sendall(json.dumps(command).encode() + b"\nthe first half")
        stdin = os.dup(0)
        os.dup2(its.fileno(), 0)
        try:
            postman_main(["10", *command])
        finally:
            os.dup2(stdin, 0)
            os.close(stdin)
        assert "not sent" in json.loads(ours.recv(1 << 16))[1]
    assert not (tmp_path / "letter").exists()


def test_where_there_is_no_postman_the_reason_is_said(tmp_path: Path) -> None:
    why = Carrier(str(tmp_path / "nobody")).carry(("true",), b"x", 1)
    assert why is not None
    assert "nobody" in why[0]
