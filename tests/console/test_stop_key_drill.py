"""The stop key in a drill: its own gate, one stop, a minute at most."""

from __future__ import annotations

from pathlib import Path

from console.tui.stopkey import StopKey
from daemon.gate import Gate
from daemon.release.permit import Keeper


def granted(state: Path) -> Gate:
    (state / "gate").mkdir(parents=True)
    assert Keeper(state).grant(1).open
    return Gate(state)


def test_in_a_drill_the_key_shuts_the_drills_gate_once_and_then_the_real_one(tmp_path: Path) -> None:
    real, drill = granted(tmp_path / "state"), granted(tmp_path / "drill")
    key = StopKey(real, by="sato")
    key.practise(drill, 60)
    assert (key.press(), key.press()) == ("armed", "drilled")
    assert real.look().open
    assert not drill.look().open
    assert key.pressed_ns > 0
    assert (key.press(), key.press()) == ("armed", "stopped")
    assert not real.look().open


def test_when_the_minute_is_over_or_a_real_stop_has_come_the_key_is_the_real_one(tmp_path: Path) -> None:
    now = [0.0]
    real, drill = granted(tmp_path / "state"), granted(tmp_path / "drill")
    key = StopKey(real, clock=lambda: now[0])
    key.practise(drill, 60)
    assert key.practising
    now[0] = 60.5
    assert not key.practising
    assert (key.press(), key.press()) == ("armed", "stopped")
    assert not real.look().open
    key.practise(drill, 60)
    key.in_earnest()
    assert (key.press(), key.press()) == ("armed", "stopped")
    assert drill.look().open


def test_the_stop_by_command_is_always_the_real_one(tmp_path: Path) -> None:
    real, drill = granted(tmp_path / "state"), granted(tmp_path / "drill")
    key = StopKey(real)
    key.practise(drill, 60)
    assert key.stop().stopped
    assert not real.look().open
    assert drill.look().open
