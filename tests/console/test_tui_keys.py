"""Commands, typed times, the stop key and what is believed of the office: the parts of the console that need no screen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from scripted_peer import Peer

from console.tui.commands import COMMANDS, HINTS, by_key, by_name, is_kana
from console.tui.office import OfficeSeen
from console.tui.stopkey import StopKey
from console.tui.when import when
from daemon.gate import Gate
from daemon.release.permit import Keeper

MORNING = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)  # 9:30 in Japan


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("承認", "approve"),
        ("shounin", "approve"),
        ("ＳＨＯＮＩＮ", "approve"),
        ("queue", "queue"),
        ("条文", "clauses"),
        ("stop!", "stop"),
        ("停止", "stop"),
        ("再開", "resume"),
        ("as", "as"),
    ],
)
def test_the_command_line_knows_japanese_and_romaji_in_any_width(word: str, command: str) -> None:
    found = by_name(word)
    assert found is not None
    assert found.name == command


def test_no_key_means_two_things_in_one_place() -> None:
    for place in HINTS:
        keys = [key for command in COMMANDS if not command.places or place in command.places for key in command.keys]
        assert len(keys) == len(set(keys)), place


def test_no_name_means_two_commands() -> None:
    names = [alias for command in COMMANDS for alias in {*command.aliases, command.name}]
    doubled = {name for name in names if names.count(name) > 1}
    assert not doubled


def test_a_full_width_letter_moves_but_never_decides() -> None:
    down, approve = by_key("ｊ", "queue"), by_key("ａ", "queue")
    assert down is not None
    assert down.name == "down"
    assert approve is None
    assert is_kana("あ")
    assert is_kana("ｱ")
    assert not is_kana("a")


@pytest.mark.parametrize(("key", "name"), [("：", "command"), ("／", "filter"), ("？", "help")])
def test_an_input_method_that_is_on_keeps_nobody_from_the_lines_that_want_japanese(key: str, name: str) -> None:
    command = by_key(key, "queue")
    assert command is not None
    assert command.name == name


def test_no_key_is_one_that_terminals_and_input_methods_keep_for_themselves() -> None:
    taken = {f"ctrl+{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"} | {f"f{n}" for n in range(6, 11)}
    taken -= {"ctrl+l"}  # every full-screen program paints anew by it
    assert not {key for command in COMMANDS for key in command.keys} & taken


def test_no_key_that_decides_is_the_key_that_confirms() -> None:
    for command in COMMANDS:
        if command.sort in ("verb", "release"):
            assert not {"y", "enter", "Y"} & set(command.keys)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", None),
        ("15:30", "2026-11-20T15:30:00+09:00"),
        ("１５：３０", "2026-11-20T15:30:00+09:00"),
        ("15時", "2026-11-20T15:00:00+09:00"),
        ("明日 9:00", "2026-11-21T09:00:00+09:00"),
        ("11/24 9:00", "2026-11-24T09:00:00+09:00"),
        ("11月24日 9時5分", "2026-11-24T09:05:00+09:00"),
        ("1/5 9:00", "2027-01-05T09:00:00+09:00"),
        ("2026-11-24T09:00", "2026-11-24T09:00:00+09:00"),
    ],
)
def test_a_typed_time_is_japanese_time(typed: str, expected: str | None) -> None:
    moment = when(typed, MORNING)
    assert (moment.isoformat() if moment else None) == expected


@pytest.mark.parametrize("typed", ["いつか", "25:00", "13/40 9:00", "9:61", "--"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        when(typed, MORNING)


def test_the_stop_key_shuts_the_gate_at_the_second_press_and_not_at_the_first(office: Path) -> None:
    gate = Gate(office / "state")
    key = StopKey(gate, by="sato")
    assert key.press() == "armed"
    assert gate.look().open
    assert key.armed
    assert key.press() == "stopped"
    assert not gate.look().open
    assert key.last is not None
    assert key.last.stopped
    assert not key.armed


def test_presses_far_apart_only_arm(office: Path) -> None:
    presses = iter([100.0, 103.5, 104.0])
    key = StopKey(Gate(office / "state"), clock=lambda: next(presses))
    assert [key.press(), key.press(), key.press()] == ["armed", "armed", "stopped"]


def test_a_scope_that_can_be_none_is_refused_before_anything_happens(office: Path) -> None:
    with pytest.raises(ValueError, match="scope|account|platform"):
        StopKey(Gate(office / "state")).stop("../x")
    assert Gate(office / "state").look().open


def test_unknown_is_never_taken_for_running(office: Path) -> None:
    peer = Peer(office / "state")
    seen = OfficeSeen()
    assert seen.condition == "unknown"
    seen.look = Gate(office / "state").look()
    seen.status = peer.status()
    for state in ("connecting", "silent", "down", "refused"):
        seen.link = state  # type: ignore[assignment]
        assert seen.condition == "unknown", state
    seen.link = "up"
    assert seen.condition == "running"
    peer.stopped = None
    seen.status = peer.status()
    assert seen.condition == "unknown"


def test_a_gate_that_is_shut_is_a_stop_whatever_the_daemon_says(office: Path) -> None:
    seen = OfficeSeen()
    seen.link, seen.status = "up", Peer(office / "state").status()
    (office / "state" / "gate" / "RUN").unlink()
    seen.look = Gate(office / "state").look()
    assert seen.condition == "stopped"
    assert seen.why


def test_a_part_that_the_office_does_not_have_is_refused_as_on_the_command_line(office: Path) -> None:
    Keeper(office / "state").know(("minato-x", "x"))
    key = StopKey(Gate(office / "state"))
    with pytest.raises(ValueError, match="minto-x"):
        key.stop("minto-x")
    assert Gate(office / "state").look().open
    assert key.stop("minato-x").stopped
    assert Gate(office / "state").look().scopes == ("minato-x",)
