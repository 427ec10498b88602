"""A stop is a stop: whichever step succeeds, whoever hangs, and it says only what it has proved."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.release.permit import Keeper, put

As = Callable[[str], str]


@pytest.mark.clause("saitama/11", "shinagawa/欠.緊急停止")
def test_a_stop_takes_the_permit_and_leaves_its_mark_in_both_places(gate: Gate, state: Path, run: Path) -> None:
    shut = gate.shut(by="sato")
    assert shut.stopped
    assert shut.latched_ms is not None
    assert shut.silent_ms is not None
    assert shut.silent_ms >= shut.latched_ms
    assert shut.why == shut.why_en == ""
    assert not run.exists()
    assert "sato" in (state / "gate" / "STOP").read_text()
    assert "sato" in (state / "STOP").read_text()
    assert gate.look().scopes == ("all",)


def test_a_stop_can_be_made_again_and_again(gate: Gate) -> None:
    first, second = gate.shut(), gate.shut()
    assert first.stopped
    assert second.stopped
    assert second.silent_ms is not None


@pytest.mark.parametrize("scope", ["minato-x", "line", "actions"])
def test_a_narrower_stop_leaves_the_permit(gate: Gate, state: Path, scope: str, run: Path) -> None:
    shut = gate.shut(scope)
    assert shut.stopped
    assert shut.silent_ms is not None
    assert run.exists()
    assert gate.look().open
    assert gate.look().scopes == (scope,)
    assert not gate.look(scope, scope, action=True).open
    assert (state / f"STOP.{scope}").exists()


@pytest.mark.parametrize("scope", ["", "../RUN", "Minato", "a b", "txt", "a/b", "-x", "あ", "x\n"])
def test_what_can_be_no_scope_is_refused(gate: Gate, scope: str) -> None:
    with pytest.raises(ValueError, match="scope|account"):
        gate.shut(scope)
    assert gate.look().open


@pytest.mark.clause("saitama/11")
def test_a_hand_that_hangs_before_its_write_is_killed_and_silence_is_proved(
    gate: Gate, state: Path, stuck_hand: subprocess.Popen[str]
) -> None:
    shut = gate.shut()
    assert shut.stopped
    assert shut.silent_ms is not None, shut.why_en
    assert stuck_hand.wait(60) == -signal.SIGKILL
    assert not (state / "sent").exists()


def test_a_narrower_stop_also_ends_a_hand_that_hangs(gate: Gate, stuck_hand: subprocess.Popen[str]) -> None:
    assert gate.shut("minato-x").silent_ms is not None
    assert stuck_hand.wait(60) == -signal.SIGKILL


def test_a_hand_that_hangs_and_is_not_named_leaves_silence_unproved(
    gate: Gate, state: Path, stuck_hand: subprocess.Popen[str]
) -> None:
    (state / "hand.pid").unlink()
    shut = gate.shut()
    assert shut.stopped
    assert shut.silent_ms is None
    assert "hand.pid" in shut.why
    assert stuck_hand.poll() is None


def test_a_process_that_only_has_the_hands_old_number_is_not_killed(
    gate: Gate, state: Path, stuck_hand: subprocess.Popen[str]
) -> None:
    pid, started, boot = (state / "hand.pid").read_text().split()
    for written in (f"{pid} {int(started) - 1} {boot}", f"{pid} {started} another-boot"):
        (state / "hand.pid").write_text(written)
        shut = gate.shut()
        assert shut.stopped
        assert shut.silent_ms is None
        assert shut.why
        assert stuck_hand.poll() is None


@pytest.mark.parametrize("written", ["", "garbage", "1", "x y z", "-1 2 3", "99999999999999999999 1 1"])
def test_a_hand_that_is_named_in_garbage_is_no_reason_to_fail(
    gate: Gate, state: Path, stuck_hand: subprocess.Popen[str], written: str
) -> None:
    (state / "hand.pid").write_text(written)
    shut = gate.shut()
    assert shut.stopped
    assert shut.silent_ms is None


def test_a_dead_hand_holds_nobody_up(gate: Gate, keeper: Keeper) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as hand:
        keeper.note_hand(hand.pid)
        hand.kill()
    assert gate.shut().silent_ms is not None


def test_a_hand_in_the_middle_of_a_write_may_end_it(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.gate.PATIENCE", 30.0)  # however late this hand comes to its turn
    begun, write = threading.Event(), threading.Event()

    def hand() -> None:
        with gate.sending():
            begun.set()
            write.wait(60)

    sender = threading.Thread(target=hand)
    sender.start()
    begun.wait(60)
    threading.Timer(0.02, write.set).start()
    shut = gate.shut()
    sender.join()
    assert shut.silent_ms is not None


def test_nothing_begins_between_the_proof_of_silence_and_the_next_look(gate: Gate, state: Path) -> None:
    """A hand that looks and writes as fast as it can, against stops: what is written after the proof would be a leak."""
    sent, over = state / "sent", threading.Event()

    def hand() -> None:
        while not over.is_set():
            with gate.sending():
                if gate.look().open:
                    with sent.open("a") as out:
                        out.write("x")
            over.wait(0.0005)

    sender = threading.Thread(target=hand)
    sender.start()
    for epoch in range(8, 23):
        shut = gate.shut()
        at_proof = sent.stat().st_size if sent.exists() else 0
        assert shut.stopped
        if shut.silent_ms is not None:
            over.wait(0.003)
            assert (sent.stat().st_size if sent.exists() else 0) == at_proof
        Keeper(state).grant(epoch)
        over.wait(0.003)
    over.set()
    sender.join()
    assert sent.stat().st_size > 0


def test_a_lost_gate_folder_is_a_stop_that_says_what_it_knows(gate: Gate, state: Path) -> None:
    shutil.rmtree(state / "gate")
    shut = gate.shut()
    assert shut.stopped
    assert shut.silent_ms is not None
    assert (state / "STOP").exists()


def test_a_state_that_is_not_there_is_not_called_stopped(tmp_path: Path) -> None:
    shut = Gate(tmp_path / "nowhere").shut()
    assert not shut.stopped
    assert shut.latched_ms is None
    assert "nowhere" in shut.why_en


def test_without_the_lock_silence_is_not_claimed(gate: Gate, state: Path) -> None:
    (state / "send.lock").unlink()
    shut = gate.shut()
    assert shut.stopped
    assert shut.silent_ms is None


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Path:
    """A file system of 64 kB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=40", "tmpfs", disk], check=False).returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    return disk


@pytest.fixture
def on_tiny_disk(tiny_disk: Path) -> Iterator[Path]:
    state = tiny_disk / "state"
    (state / "gate").mkdir(parents=True)
    assert Keeper(state).grant(7).open
    yield state
    subprocess.run(["umount", "-l", tiny_disk], check=True)


@pytest.mark.clause("saitama/11")
def test_a_full_disk_does_not_keep_a_stop_from_stopping(on_tiny_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"), (on_tiny_disk / "ballast").open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()
    with pytest.raises(OSError, match="No space"):
        for number in range(100):
            (on_tiny_disk / f"inode{number}").touch()
    shut = Gate(on_tiny_disk).shut()
    assert shut.stopped
    assert shut.silent_ms is not None
    assert not Gate(on_tiny_disk).look().open
    assert not (on_tiny_disk / "STOP").exists()  # not even a mark could be made: removing the permit is what stopped


def test_a_disk_that_only_reads_is_not_called_stopped_when_nothing_could_be_done(on_tiny_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", on_tiny_disk.parent], check=True)
    shut = Gate(on_tiny_disk).shut()
    assert not shut.stopped
    assert shut.silent_ms is None
    assert "Read-only" in shut.why_en


def test_a_gate_on_its_own_tmpfs_stops_while_the_disk_only_reads(on_tiny_disk: Path, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    shutil.rmtree(on_tiny_disk / "gate")
    (on_tiny_disk / "gate").symlink_to(memory)
    assert Keeper(on_tiny_disk).grant(8).open
    subprocess.run(["mount", "-o", "remount,ro", on_tiny_disk.parent], check=True)
    shut = Gate(on_tiny_disk).shut()
    assert shut.stopped
    assert shut.silent_ms is not None
    assert (memory / "STOP").exists()


@pytest.mark.clause("saitama/11")
def test_an_operator_can_stop_and_cannot_resume(shared_state: Path, as_operator: As, as_daemon: As) -> None:
    shut = as_operator("print(Gate(state).shut(by='op'))")
    assert "stopped=True" in shut
    assert "silent_ms=None" not in shut
    with pytest.raises(AssertionError, match="PermissionError"):
        as_operator("Keeper(state).grant(8)")
    as_operator("(state / 'gate' / 'STOP').unlink(); (state / 'gate' / 'RUN').write_bytes(permit(7))")
    assert as_daemon("print(Gate(state).look().open)") == "False"
    assert as_daemon("print(Keeper(state).grant(8).open)") == "True"


def test_an_operator_who_moves_the_permit_away_cannot_move_it_back(shared_state: Path, as_operator: As, as_daemon: As) -> None:
    as_operator("run = state / 'gate' / 'RUN'; run.rename(run.with_name('kept')); run.with_name('kept').rename(run)")
    assert as_daemon("print(Gate(state).look().open)") == "False"


def test_an_operator_who_may_not_kill_the_hand_is_told_that_silence_is_not_proved(
    shared_state: Path, as_operator: As, as_daemon: As
) -> None:
    started = """
nothing = subprocess.DEVNULL
hand = subprocess.Popen(["sleep", "60"], stdout=nothing, stderr=nothing)
Keeper(state).note_hand(hand.pid)
lock = os.open(state / "send.lock", os.O_RDONLY)
fcntl.flock(lock, fcntl.LOCK_SH)
holder = subprocess.Popen(["sleep", "60"], pass_fds=[lock], stdout=nothing, stderr=nothing)
print(hand.pid, holder.pid)
"""
    hands = as_daemon(started).split()
    try:
        shut = as_operator("print(Gate(state).shut())")
    finally:
        for pid in hands:
            os.kill(int(pid), signal.SIGKILL)
    assert "stopped=True" in shut
    assert "silent_ms=None" in shut
    assert "not permitted" in shut


def test_a_state_that_an_operator_may_not_even_enter_is_not_called_stopped(shared_state: Path, as_operator: As) -> None:
    shared_state.chmod(0o700)
    shut = as_operator("print(Gate(state).shut()); print(Gate(state).look())")
    assert "stopped=False" in shut
    assert "Permission denied" in shut
    assert "Look(open=False" in shut


@pytest.mark.clause("saitama/11")
def test_on_a_full_disk_the_command_stops_and_lists_what_had_begun(on_tiny_disk: Path) -> None:
    flying = {"schema": 1, "in_flight": [{"draft": 5, "holder": "sato", "title": "給水", "since": "2026-11-21T10:00:00+09:00"}]}
    put(on_tiny_disk / "flight", json.dumps(flying).encode())
    with pytest.raises(OSError, match="No space"), (on_tiny_disk / "ballast").open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()
    command = [sys.executable, "-c", "import sys; from console.launch import main; sys.exit(main())"]
    done = subprocess.run(
        [*command, "stop", "--office", on_tiny_disk.parent, "--json"], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert said["silent_ms"] is not None
    assert [(one["draft"], one["holder"], one["title"]) for one in said["in_flight"]] == [(5, "sato", "給水")]
    assert not Gate(on_tiny_disk).look().open
