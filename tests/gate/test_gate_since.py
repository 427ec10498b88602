"""Since when the stop stands, and who made it: told by its marks, so that it is right after a stop by hand and with a dead daemon too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.standing import last_mark
from tests.gate.conftest import OPERATOR, As


def test_a_whole_stop_tells_its_own_time_and_not_that_of_an_older_part(state: Path, gate: Gate) -> None:
    assert last_mark(gate) is None
    for name, made in (("STOP.minato-x", 100), ("STOP", 300), ("gate/STOP", 200)):
        (state / name).touch()
        os.utime(state / name, (made, made))
    assert last_mark(gate) == (200, "")
    assert gate.look().why == "停止の印があります（すべて）"


def test_a_part_alone_tells_its_time(state: Path, gate: Gate) -> None:
    (state / "STOP.x").touch()
    os.utime(state / "STOP.x", (100, 100))
    assert last_mark(gate) == (100, "")


def test_who_stopped_stands_in_the_mark(gate: Gate) -> None:
    gate.shut(by="sato")
    assert (mark := last_mark(gate)) is not None
    assert mark.by == "sato"


@pytest.mark.parametrize("said", ["", "daemon", "\n", "a", "a b", "2026-11-21 10:00:00+0900 daemon\n"])
def test_a_mark_without_a_name_bears_nobodys(state: Path, gate: Gate, said: str) -> None:
    (state / "STOP").write_text(said)
    assert (mark := last_mark(gate)) is not None
    assert mark.by == ""


@pytest.mark.parametrize(
    "make", [os.mkdir, os.mkfifo, lambda path: os.symlink("/etc/passwd", path)], ids=["folder", "fifo", "link"]
)
def test_an_odd_mark_bears_nobodys_name_and_holds_nobody_up(state: Path, gate: Gate, make: object) -> None:
    assert callable(make)
    make(state / "STOP")
    assert (mark := last_mark(gate)) is not None
    assert mark.by == ""


def test_whose_file_it_is_counts_before_what_it_says(shared_state: Path, as_operator: As, as_daemon: As) -> None:
    as_operator("(state / 'gate' / 'STOP').write_text('2026-11-21 10:00:00+0900 azabu')")
    said = as_daemon("from daemon.standing import last_mark; print(last_mark(Gate(state)).by)")
    assert said == str(OPERATOR)
