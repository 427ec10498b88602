"""The gate is open for the permit of the last resume, and for nothing else."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.gate import Gate, boot_id, permit
from daemon.release.permit import Keeper


def rewrite(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def forged(run: Path) -> None:
    """The same words, put there by somebody else than the resume."""
    rewrite(run, run.read_bytes())


def moved_away_and_back(run: Path) -> None:
    run.rename(run.with_name("kept"))
    run.with_name("kept").rename(run)


def linked_and_unlinked(run: Path) -> None:
    run.with_name("kept").hardlink_to(run)
    run.with_name("kept").unlink()


def symlink_to_itself_elsewhere(run: Path) -> None:
    run.rename(run.with_name("kept"))
    run.symlink_to("kept")


def as_folder(run: Path) -> None:
    run.unlink()
    run.mkdir()


def as_fifo(run: Path) -> None:
    run.unlink()
    os.mkfifo(run)


def as_socket(run: Path) -> None:
    run.unlink()
    folder = os.open(run.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"/proc/self/fd/{folder}/RUN")
    os.close(folder)


ODD_PERMITS: dict[str, Callable[[Path], object]] = {
    "missing": lambda run: run.unlink(),
    "empty": lambda run: rewrite(run, b""),
    "garbage": lambda run: rewrite(run, b"\xff\xfe\x00RUN"),
    "huge": lambda run: rewrite(run, b"kohoban permit 1\n" * 10_000),
    "truncated in place": lambda run: os.truncate(run, 3),
    "another epoch": lambda run: rewrite(run, permit(8)),
    "forged with the same words": forged,
    "moved away and back": moved_away_and_back,
    "a second name": lambda run: run.with_name("kept").hardlink_to(run),
    "a second name for a while": linked_and_unlinked,
    "a symbolic link": symlink_to_itself_elsewhere,
    "a dangling link": lambda run: (run.unlink(), run.symlink_to("nowhere")),
    "a folder": as_folder,
    "a FIFO": as_fifo,
    "a socket": as_socket,
    "writable by the group": lambda run: run.chmod(0o664),
    "writable for a while": lambda run: (run.chmod(0o666), run.chmod(0o644)),
}

ODD_PLACES: dict[str, Callable[[Path], object]] = {
    "the gate's folder is gone": lambda state: shutil.rmtree(state / "gate"),
    "the gate is a link to a tmpfs that is lost": lambda state: (
        shutil.rmtree(state / "gate"),
        (state / "gate").symlink_to("/nowhere/at/all"),
    ),
    "the gate is a file": lambda state: (shutil.rmtree(state / "gate"), (state / "gate").write_text("")),
    "the whole state is gone": lambda state: shutil.rmtree(state),
    "no epoch": lambda state: (state / "epoch").unlink(),
    "an empty epoch": lambda state: rewrite(state / "epoch", b""),
    "an epoch of garbage": lambda state: rewrite(state / "epoch", b"kohoban permit 1\nepoch \xff\nboot x\nfile 1 2"),
    "an epoch in words": lambda state: rewrite(state / "epoch", b"kohoban permit 1\nepoch seven\nboot x\nfile 1 2"),
    "an epoch that is a link": lambda state: ((state / "epoch").rename(state / "kept"), (state / "epoch").symlink_to("kept")),
    "an epoch that is a FIFO": lambda state: ((state / "epoch").unlink(), os.mkfifo(state / "epoch")),
}


@pytest.mark.clause("saitama/11")
def test_the_permit_of_the_last_resume_opens_the_gate(gate: Gate) -> None:
    look = gate.look("saitama-cvc", "x", epoch=7)
    assert look.open, look.why_en
    assert (look.why, look.epoch, look.scopes) == ("", 7, ())


@pytest.mark.clause("saitama/11")
@pytest.mark.parametrize("damage", ODD_PERMITS.values(), ids=ODD_PERMITS)
def test_an_odd_permit_is_a_stop_with_a_reason(gate: Gate, damage: Callable[[Path], object], run: Path) -> None:
    damage(run)
    look = gate.look()
    assert not look.open
    assert look.why
    assert look.why_en
    assert look.epoch == 7


@pytest.mark.parametrize("damage", ODD_PLACES.values(), ids=ODD_PLACES)
def test_a_gate_that_cannot_be_read_is_a_stop_with_a_reason(gate: Gate, state: Path, damage: Callable[[Path], object]) -> None:
    damage(state)
    look = gate.look()
    assert not look.open
    assert look.why
    assert look.why_en


def test_a_permit_of_another_boot_opens_nothing(gate: Gate, state: Path, run: Path) -> None:
    here = f"in {state.stat().st_dev} {state.stat().st_ino}"
    other = permit(7).replace(boot_id().encode(), b"00000000-0000-0000-0000-000000000000")
    rewrite(run, other)
    seen = run.stat()
    rewrite(state / "epoch", other + f"file {seen.st_ino} {seen.st_ctime_ns} {here}".encode())
    assert not gate.look().open
    # The same two files, naming this boot, do open: it is the boot that made the difference.
    rewrite(run, permit(7))
    seen = run.stat()
    rewrite(state / "epoch", permit(7) + f"file {seen.st_ino} {seen.st_ctime_ns} {here}".encode())
    assert gate.look().open


def test_a_permit_kept_from_an_earlier_epoch_opens_nothing(gate: Gate, keeper: Keeper, run: Path) -> None:
    run.with_name("kept").write_bytes(run.read_bytes())
    assert keeper.grant(8).open
    run.unlink()
    run.with_name("kept").rename(run)
    assert not gate.look().open


def test_a_job_of_an_earlier_epoch_does_not_pass(gate: Gate, keeper: Keeper) -> None:
    keeper.grant(8)
    assert gate.look(epoch=8).open
    assert not gate.look(epoch=7).open
    assert not gate.look(epoch=9).open


@pytest.mark.clause("saitama/11")
@pytest.mark.parametrize("folder", ["gate", "."])
@pytest.mark.parametrize("name", ["STOP", "STOP.all", "stop", "STOP.txt", "STOP.", "STOP.Minato X", "Stop.md", "STOP~"])
def test_whatever_is_called_stop_and_names_no_scope_stops_everything(gate: Gate, state: Path, folder: str, name: str) -> None:
    (state / folder / name).touch()
    look = gate.look("minato-x", "x", 7)
    assert not look.open
    assert look.scopes == ("all",)
    (state / folder / name).unlink()
    assert gate.look("minato-x", "x", 7).open


@pytest.mark.parametrize(
    "make",
    [Path.mkdir, lambda path: path.symlink_to("/nowhere"), os.mkfifo, lambda path: path.write_bytes(b"\xff")],
    ids=["folder", "dangling link", "fifo", "file of garbage"],
)
def test_a_stop_may_be_any_kind_of_thing(gate: Gate, state: Path, make: Callable[[Path], object]) -> None:
    make(state / "gate" / "STOP")
    assert not gate.look().open


@pytest.mark.parametrize("folder", ["gate", "."])
def test_a_narrower_stop_stops_its_own_scope_only(gate: Gate, state: Path, folder: str) -> None:
    (state / folder / "STOP.minato-x").touch()
    assert not gate.look("minato-x", "x").open
    assert gate.look("minato-line", "line").open
    assert gate.look("minato-x2", "x").open
    assert gate.look().scopes == ("minato-x",)


def test_a_platform_is_stopped_for_all_its_accounts(gate: Gate, state: Path) -> None:
    (state / "STOP.line").touch()
    assert not gate.look("minato-line", "line").open
    assert gate.look("minato-x", "x").open


def test_stopped_actions_leave_publishing_alone(gate: Gate, state: Path) -> None:
    (state / "gate" / "STOP.actions").touch()
    assert gate.look("saitama-cvc", "x").open
    assert not gate.look("saitama-cvc", "x", action=True).open


def test_a_gate_on_another_file_system_is_a_gate_like_any_other(tmp_path: Path) -> None:
    elsewhere = tmp_path / "tmpfs"
    elsewhere.mkdir()
    state = tmp_path / "state"
    state.mkdir()
    (state / "gate").symlink_to(elsewhere)
    assert Keeper(state).grant(1).open
    (elsewhere / "RUN").unlink()
    assert not Gate(state).look().open


def test_a_permit_that_somebody_else_made_opens_nothing(gate: Gate, run: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("giving a file away needs root")
    os.chown(run, 65534, 65534)
    look = gate.look()
    assert not look.open
    assert "RUN" in look.why
