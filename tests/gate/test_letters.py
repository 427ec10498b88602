"""A stop of which no daemon could be told: who made it, when and why waits beside the gate."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.letters import LONGEST, MOST, NAME, Letter, away, leave, letters
from daemon.standing import login, made
from daemon.wire import limits
from tests.gate.conftest import OPERATOR, As


def lying(state: Path) -> list[str]:
    return [path.name for folder in (state, state / "gate") for path in folder.glob(f"{NAME}*")]


def test_a_letter_says_what_was_stopped_when_by_whom_and_why(gate: Gate) -> None:
    assert leave(gate, "minato-x", "sato", "見慣れない投稿")
    (letter,) = letters(gate)
    assert letter[1:] == ("minato-x", os.stat(letter.path).st_mtime, "sato", "見慣れない投稿")


def test_a_letter_is_no_stop_and_keeps_no_gate_shut(gate: Gate) -> None:
    leave(gate, "all", "sato")
    assert gate.look().open
    assert gate.stops() == []


def test_letters_are_heard_in_the_order_of_their_moments_and_then_away(gate: Gate, state: Path) -> None:
    for name in ("b", "a", "c"):
        leave(gate, "all", name)
        newest = max(state.glob(f"{NAME}*"), key=lambda path: path.name)
        os.utime(newest, (ord(name), ord(name)))
    assert [letter.by for letter in letters(gate)] == ["a", "b", "c"]
    for letter in letters(gate):
        away(letter.path)
    assert lying(state) == []


def test_a_letter_lies_in_the_state_where_that_takes_none_beside_the_permit_and_else_nowhere(
    shared_state: Path, as_operator: As, as_daemon: As
) -> None:
    as_operator("from daemon.letters import leave; assert leave(Gate(state), 'all', 'sato')")
    as_daemon("state.chmod(0o750)")
    as_operator("from daemon.letters import leave; assert leave(Gate(state), 'all', 'sato')")
    assert [path.parent.name for path in (*shared_state.glob(f"{NAME}*"), *shared_state.glob(f"gate/{NAME}*"))] == [
        "state",
        "gate",
    ]
    as_operator("from daemon.letters import leave; assert not leave(Gate(state / 'nowhere'), 'all', 'sato')")


def folder(path: Path) -> None:
    path.mkdir()
    (path / "full").touch()


ODD: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.touch(),
    "no JSON": lambda path: path.write_bytes(b"\xff\xfe" * 40),
    "a list": lambda path: path.write_text("[]"),
    "no scope": lambda path: path.write_text(json.dumps({"scope": "../x", "by": "a", "reason": ""})),
    "endless": lambda path: path.write_text("[" * 100_000),
    "nested": lambda path: path.write_text("[" * 8000),
    "a link": lambda path: path.symlink_to("/etc/passwd"),
    "a fifo": lambda path: os.mkfifo(path),
    "a folder": folder,
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_what_only_looks_like_a_letter_is_none_and_holds_nobody_up(
    gate: Gate, state: Path, make: Callable[[Path], object]
) -> None:
    make(state / "gate" / f"{NAME}0")
    leave(gate, "all", "sato")
    assert [letter.by for letter in letters(gate)] == ["sato"]
    assert len(lying(state)) == 1 + (make is folder), "it is taken away, but for what cannot be"


def test_no_letter_says_more_than_a_reason_and_no_more_are_read_at_once_than_anybody_writes(gate: Gate) -> None:
    for _ in range(MOST + 5):
        leave(gate, "all", "x" * 1000, "理由\U0001f6d1" * 1000)
    heard = letters(gate)
    assert len(heard) == MOST
    assert {(len(letter.by), len(letter.reason)) for letter in heard} == {(100, LONGEST)}


def test_whose_letter_it_is_says_the_kernel(shared_state: Path, as_operator: As, as_daemon: As) -> None:
    as_operator("from daemon.letters import leave; assert leave(Gate(state), 'all', 'the mayor', 'why')")
    said = as_daemon("from daemon.letters import letters; print([(each.by, each.reason) for each in letters(Gate(state))])")
    assert said == str([(str(OPERATOR), "why")])


def test_who_has_not_said_who_they_are_is_the_login_whose_file_it_is(gate: Gate) -> None:
    leave(gate, "all", "")
    assert letters(gate) == [Letter(letters(gate)[0].path, "all", letters(gate)[0].at, login(os.getuid()), "")]


def test_what_is_written_into_a_mark_by_hand_is_the_reason_and_what_the_gate_writes_is_none(gate: Gate, state: Path) -> None:
    gate.shut("minato-x", by="sato")
    (state / "STOP").write_text("なりすましの疑い\n")
    marks = made(gate)
    assert (marks["all"].said, marks["minato-x"].said, marks["minato-x"].by) == ("なりすましの疑い", "", "sato")


def test_a_reason_is_as_long_in_a_letter_as_in_an_act() -> None:
    assert LONGEST == limits.LONGEST
