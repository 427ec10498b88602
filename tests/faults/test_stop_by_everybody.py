"""Stops while the daemon is halted, while its loop is blocked, and while the hand is halted in the middle of a write: by the console's
key, by `kohoban stop`, by a file. Everything that anybody does stops, what had begun is listed, and nothing begins after the proof.

(How long each takes is measured by `benchmarks/stop.py`.)
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from console.tui.stopkey import StopKey
from daemon.gate import Gate, process
from daemon.release.permit import Keeper
from tests.conftest import open_gate
from tests.service.live_office import MINATO, Office, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Trials = Callable[[int], int]


def by_key(office: Path) -> None:
    """F12 twice, in a console that runs."""
    key = StopKey(Gate(office / "state"), by="akasaka")
    assert [key.press(), key.press()] == ["armed", "stopped"]
    assert key.last is not None
    assert key.last.silent_ms is not None, key.last.why_en


def by_command(office: Path) -> None:
    """`kohoban stop`, whose answer lists what had begun."""
    command = [
        sys.executable,
        "-c",
        "import sys; from console.launch import main; sys.exit(main())",
        "stop",
        "--office",
        office,
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert said["stopped"] is True
    assert said["silent_ms"] is not None, said["why"]
    assert said["in_flight_known"] is True, done.stdout
    assert [(one["holder"], one["title"][:2], one["outcome"]) for one in said["in_flight"]] == [("akasaka", "区立", "unknown")]


def by_removing(office: Path) -> None:
    (office / "state" / "gate" / "RUN").unlink()


def by_touching(office: Path) -> None:
    (office / "state" / "STOP").touch()


WAYS = (by_key, by_command, by_removing, by_touching)


def halted(office: Office) -> None:
    assert office.process is not None
    office.process.send_signal(signal.SIGSTOP)
    until(lambda: office.process is not None and process(office.process.pid)[0] == "T", "a halted daemon")


def let_go(office: Office) -> None:
    assert office.process is not None
    office.process.send_signal(signal.SIGCONT)


def blocked(office: Office) -> None:
    (office.folder / "blocked").touch()
    time.sleep(0.06)  # its next round comes by then; where it comes later, the trial is one of a daemon that is only slow


def unblocked(office: Office) -> None:
    (office.folder / "blocked").unlink()


@pytest.mark.clause("saitama/11", "shinagawa/欠.緊急停止")
@pytest.mark.parametrize(("hold", "release"), [(halted, let_go), (blocked, unblocked)], ids=["SIGSTOP", "loop blocked"])
def test_a_daemon_that_does_not_move_keeps_nobody_from_stopping(
    found: Callable[..., Office], trials: Trials, hold: Callable[[Office], None], release: Callable[[Office], None]
) -> None:
    """A card is out all the while, and each stop stands when the daemon goes on: it is recorded, and only a manager ends it."""
    office = found().start()
    office.drop("minato-x", "card.txt", **MINATO)
    office.approve("card.txt", "shibata")
    office.take(office.row("card.txt", "approved"))
    gate = Gate(office.state)
    for trial in range(trials(70)):
        hold(office)
        try:
            WAYS[trial % len(WAYS)](office.folder)
            assert not gate.look().open
        finally:
            release(office)
        until(lambda: office.status().gate.stopped and (office.state / "STOP").exists(), "a daemon that has seen the stop")
        assert not gate.look().open
        office.resume()
        assert gate.look().open
    assert office.record_is_whole() > 0


HAND = """
import os, sys, time
from daemon.gate import Gate
gate, sent = Gate(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
print("up", flush=True)
while True:
    with gate.sending():
        if gate.look().open:
            os.write(sent, b"<")
            time.sleep(0.002)
            os.write(sent, b">")
    time.sleep(0.0005)
"""
"""A hand that writes and writes: each write has a middle in which it can be halted."""


@pytest.mark.clause("saitama/11")
def test_a_hand_that_is_halted_in_the_middle_of_a_write_is_ended_and_nothing_follows(tmp_path: Path, trials: Trials) -> None:
    state, sent = open_gate(tmp_path), tmp_path / "sent"
    keeper, halted_within = Keeper(state), 0
    for trial in itertools.count():
        if trial >= trials(70) and (halted_within or trial >= 100):  # a few may all have met it between two writes
            break
        keeper.grant(8 + trial)
        with subprocess.Popen([sys.executable, "-c", HAND, state, sent], stdout=subprocess.PIPE, text=True) as hand:
            assert hand.stdout is not None
            assert hand.stdout.readline() == "up\n"
            keeper.note_hand(hand.pid)
            time.sleep(random.uniform(0, 0.01))
            hand.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, hand.pid, os.WSTOPPED | os.WNOWAIT)
            shut = Gate(state).shut()
            size = sent.stat().st_size if sent.exists() else 0
            halted_within += size % 2  # it had begun, and did not end
            assert shut.stopped
            assert shut.silent_ms is not None, shut.why_en
            hand.send_signal(signal.SIGCONT)
            time.sleep(0.005)
            assert (sent.stat().st_size if sent.exists() else 0) == size, "something began after the proof of silence"
            hand.kill()
            if sent.exists():
                sent.unlink()
    assert halted_within, "no trial has met a hand within its write"
