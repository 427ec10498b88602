"""Only the daemon gives the permit; a restart leaves the gate as found, and a boot gives back only what a clean shutdown found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

import daemon.gate
import daemon.release.permit
from daemon.gate import Gate, Look, boot_id, permit
from daemon.release.permit import Keeper


class Machine:
    """The facts of the machine that a boot changes: its boot's name, when it came up, and what lay on a tmpfs."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.boot, self.up = boot_id(), time.time() - 86_400

    def boots(self, *, tmpfs: bool, after: float = 60.0) -> None:
        """Go down and come up `after` seconds later; a gate on tmpfs is new and empty then."""
        self.boot, self.up = str(uuid.uuid4()), time.time() + after
        if tmpfs:
            shutil.rmtree(self.state / "gate")
            (self.state / "gate").mkdir()
            os.utime(self.state / "gate", (self.up + 1, self.up + 1))


@pytest.fixture
def machine(state: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(state)
    monkeypatch.setattr(daemon.gate, "boot_id", lambda: machine.boot)
    monkeypatch.setattr(daemon.release.permit, "booted_at", lambda: machine.up)
    return machine


ON_TMPFS, PLAIN_FOLDER = "gate on tmpfs", "gate a plain folder"
both = pytest.mark.parametrize("tmpfs", [True, False], ids=[ON_TMPFS, PLAIN_FOLDER])


@pytest.mark.clause("saitama/11")
def test_a_resume_gives_a_permit_of_a_new_epoch_and_removes_the_stop(keeper: Keeper) -> None:
    keeper.shut()
    assert keeper.grant(8) == Look(True, "", "", 8, ())
    assert Gate(keeper.state).look(epoch=8).open


@pytest.mark.parametrize("epoch", [0, 6, 7])
def test_an_epoch_that_is_not_new_is_refused(keeper: Keeper, epoch: int) -> None:
    keeper.shut()
    with pytest.raises(ValueError, match="not newer"):
        keeper.grant(epoch)
    assert not keeper.look().open


def test_a_resume_of_everything_leaves_a_narrower_stop_standing(keeper: Keeper) -> None:
    keeper.shut("minato-x")
    keeper.shut()
    look = keeper.grant(8)
    assert look.open
    assert look.scopes == ("minato-x",)
    assert not keeper.look("minato-x", "x").open


def test_a_narrower_stop_is_lifted_in_both_places(keeper: Keeper, state: Path) -> None:
    keeper.shut("minato-x")
    keeper.lift("minato-x")
    assert keeper.look("minato-x", "x").open
    assert not list(state.rglob("STOP*"))


def test_a_stop_of_everything_is_not_lifted(keeper: Keeper) -> None:
    keeper.shut()
    with pytest.raises(ValueError, match="epoch"):
        keeper.lift("all")
    assert not keeper.look().open


def test_a_stop_that_cannot_be_removed_keeps_the_gate_closed(keeper: Keeper, state: Path) -> None:
    (state / "gate" / "STOP").mkdir()
    with pytest.raises(OSError, match="STOP"):
        keeper.grant(8)
    assert not keeper.look().open


def test_a_resume_without_a_gate_folder_fails_and_stays_closed(keeper: Keeper, state: Path) -> None:
    shutil.rmtree(state / "gate")
    (state / "gate").symlink_to("/nowhere/at/all")
    with pytest.raises(OSError, match="nowhere|gate"):
        keeper.grant(8)
    assert not keeper.look().open


def test_a_permit_whose_epoch_was_never_recorded_opens_nothing(keeper: Keeper, state: Path) -> None:
    """The state that a power cut in the middle of a resume leaves behind."""
    record = (state / "epoch").read_bytes()
    keeper.grant(8)
    (state / "epoch").write_bytes(record)
    assert not keeper.look().open


def test_a_stop_during_a_resume_wins(keeper: Keeper, state: Path) -> None:
    """A stop that finds a resume half done removes what that resume was about to make the permit."""
    (state / "gate" / "RUN.new").write_bytes(permit(8))
    keeper.shut()
    assert not (state / "gate" / "RUN.new").exists()


def test_something_planted_where_the_permit_is_made_does_not_become_the_permit(keeper: Keeper, state: Path) -> None:
    (state / "victim").write_text("precious")
    (state / "gate" / "RUN.new").symlink_to(state / "victim")
    assert keeper.grant(8).open
    assert (state / "victim").read_text() == "precious"
    assert not (state / "gate" / "RUN").is_symlink()


def test_the_files_of_the_gate_are_readable_whatever_the_daemons_umask(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    before = os.umask(0o077)
    try:
        keeper = Keeper(tmp_path)
        keeper.grant(1)
        keeper.note_hand(os.getpid())
    finally:
        os.umask(before)
    for name in ("gate/RUN", "epoch", "send.lock", "hand.pid"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o644, name


def test_a_restart_leaves_an_open_gate_open(keeper: Keeper) -> None:
    keeper.note_clean_shutdown()
    assert keeper.after_boot().open
    assert keeper.look().epoch == 7


def test_a_crash_leaves_an_open_gate_open(keeper: Keeper) -> None:
    assert keeper.after_boot().open


def test_a_restart_leaves_a_stop_a_stop(keeper: Keeper) -> None:
    keeper.shut()
    keeper.note_clean_shutdown()
    assert not keeper.after_boot().open


@both
def test_after_a_clean_shutdown_and_a_boot_the_permit_comes_back(keeper: Keeper, machine: Machine, tmpfs: bool) -> None:
    keeper.note_clean_shutdown()
    machine.boots(tmpfs=tmpfs)
    assert not keeper.look().open
    look = keeper.after_boot()
    assert look.open, look.why_en
    assert look.epoch == 7


@both
def test_after_a_crash_of_the_machine_a_person_resumes(keeper: Keeper, machine: Machine, tmpfs: bool) -> None:
    machine.boots(tmpfs=tmpfs)
    assert not keeper.after_boot().open
    assert keeper.grant(8).open


@pytest.mark.parametrize(("minutes", "opens"), [(1, True), (14, True), (16, False), (600, False), (-30, False)])
def test_on_a_tmpfs_only_a_boot_soon_after_the_end_brings_the_permit_back(
    keeper: Keeper, machine: Machine, minutes: int, opens: bool
) -> None:
    """A RUN that was removed by hand meanwhile has left no trace there."""
    keeper.note_clean_shutdown()
    keeper.run.unlink()
    machine.boots(tmpfs=True, after=minutes * 60)
    assert keeper.after_boot().open is opens


def test_in_a_plain_folder_the_boot_may_come_whenever_it_comes(keeper: Keeper, machine: Machine) -> None:
    keeper.note_clean_shutdown()
    machine.boots(tmpfs=False, after=10 * 86_400)
    assert keeper.after_boot().open


def test_a_clean_shutdown_counts_for_the_next_boot_only(keeper: Keeper, machine: Machine) -> None:
    keeper.note_clean_shutdown()
    keeper.after_boot()
    machine.boots(tmpfs=True)
    assert not keeper.after_boot().open


def test_a_stop_made_while_the_daemon_is_down_outlives_the_boot(keeper: Keeper, state: Path, machine: Machine) -> None:
    keeper.note_clean_shutdown()
    Gate(state).shut()
    machine.boots(tmpfs=True)
    (state / "STOP").unlink()
    assert not keeper.after_boot().open


@both
def test_a_mark_in_the_state_outlives_every_boot(keeper: Keeper, state: Path, machine: Machine, tmpfs: bool) -> None:
    keeper.note_clean_shutdown()
    (state / "STOP").touch()
    for _ in range(3):
        machine.boots(tmpfs=tmpfs)
        assert not keeper.after_boot().open
        keeper.note_clean_shutdown()
    assert keeper.look().scopes == ("all",)


def test_a_permit_removed_by_hand_while_the_daemon_is_down_does_not_come_back(keeper: Keeper, machine: Machine) -> None:
    keeper.note_clean_shutdown()
    keeper.run.unlink()
    machine.boots(tmpfs=False)
    assert not keeper.after_boot().open


@pytest.mark.parametrize("note", ["6", "7", "", "7 1 1", "x"])
def test_a_note_of_another_resume_gives_nothing_back(keeper: Keeper, state: Path, machine: Machine, note: str) -> None:
    keeper.note_clean_shutdown()
    (state / "clean").write_text(note)
    machine.boots(tmpfs=True)
    assert not keeper.after_boot().open


def copied(state: Path, where: Path) -> Path:
    subprocess.run(["cp", "-a", state.parent, where], check=True)
    return where / "state"


def test_a_copy_of_the_whole_office_starts_stopped(keeper: Keeper, state: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    copy = copied(state, tmp_path_factory.mktemp("copies") / "copy")
    assert not Gate(copy).look().open
    assert not Keeper(copy).after_boot().open
    assert keeper.look().open
    assert Keeper(copy).grant(8).open
    assert keeper.look(epoch=7).open


def test_a_copy_that_leads_to_the_same_tmpfs_starts_stopped(
    state: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The link is copied as a link: both offices look at the very same RUN."""
    memory = tmp_path_factory.mktemp("memory")
    shutil.rmtree(state / "gate")
    (state / "gate").symlink_to(memory)
    assert Keeper(state).grant(8).open
    copy = copied(state, tmp_path_factory.mktemp("copies") / "copy")
    assert (copy / "gate" / "RUN").samefile(state / "gate" / "RUN")
    assert not Gate(copy).look().open
    assert not Keeper(copy).after_boot().open
    assert Gate(state).look().open


@both
def test_a_copy_of_an_office_that_went_down_in_order_does_not_open_after_a_boot(
    keeper: Keeper, state: Path, machine: Machine, tmp_path_factory: pytest.TempPathFactory, tmpfs: bool
) -> None:
    keeper.note_clean_shutdown()
    copy = copied(state, tmp_path_factory.mktemp("copies") / "copy")
    machine.state = copy
    machine.boots(tmpfs=tmpfs)
    assert not Keeper(copy).after_boot().open
    assert keeper.after_boot().open


def test_what_a_newer_program_wrote_is_left_as_it_is_found(keeper: Keeper, state: Path) -> None:
    keeper.note_clean_shutdown()
    run, epoch = state / "gate" / "RUN", state / "epoch"
    newer = epoch.read_bytes().replace(b"kohoban permit 1", b"kohoban permit 2")
    epoch.write_bytes(newer)
    (state / "clean").write_bytes(keeper.end_note())
    run.unlink()  # and then it was stopped
    assert not keeper.after_boot().open
    assert not run.exists()
    assert epoch.read_bytes() == newer


def test_an_upgrade_leaves_an_open_gate_open_and_a_closed_one_closed(keeper: Keeper, state: Path) -> None:
    """Another process, started later, with nothing but the files."""
    code = "import sys; from daemon.release.permit import Keeper; print(Keeper(sys.argv[1]).after_boot().open)"
    for expected in ("True", "False"):
        done = subprocess.run([sys.executable, "-c", code, str(state)], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected
        keeper.shut()


def test_a_new_office_has_a_gate_and_no_permit(tmp_path: Path) -> None:
    look = Keeper(tmp_path).after_boot()
    assert not look.open
    assert look.epoch == 0
    assert (tmp_path / "gate").is_dir()


def test_a_new_office_shows_the_stop_that_somebody_has_put_there(tmp_path: Path) -> None:
    (tmp_path / "STOP").touch()
    assert Keeper(tmp_path).after_boot().scopes == ("all",)


def test_a_hand_that_is_gone_cannot_be_named(keeper: Keeper) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    with pytest.raises(OSError, match=str(gone.pid)):
        keeper.note_hand(gone.pid)
