"""Only the daemon gives the permit; a restart leaves the gate as found, and a boot gives back only what a clean shutdown found."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from daemon.gate import Gate, boot_id, permit
from daemon.release.permit import Keeper

OTHER_BOOT = b"00000000-0000-0000-0000-000000000000"


def reboot(state: Path, *, tmpfs: bool) -> None:
    """What a boot leaves: permit and record name another boot; on tmpfs the gate's folder is new and empty."""
    run, epoch = state / "gate" / "RUN", state / "epoch"
    epoch.write_bytes(epoch.read_bytes().replace(boot_id().encode(), OTHER_BOOT))
    if run.exists():
        run.write_bytes(run.read_bytes().replace(boot_id().encode(), OTHER_BOOT))
    if tmpfs:
        shutil.rmtree(state / "gate")
        (state / "gate").mkdir()
    else:
        booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        os.utime(state / "gate", (booted - 60, booted - 60))


@pytest.mark.clause("saitama/11")
def test_a_resume_gives_a_permit_of_a_new_epoch_and_removes_the_stop(keeper: Keeper) -> None:
    keeper.shut()
    assert keeper.grant(8) == (True, "", "", 8, ())
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


@pytest.mark.parametrize("tmpfs", [True, False], ids=["gate on tmpfs", "gate a plain folder"])
def test_after_a_clean_shutdown_and_a_boot_the_permit_comes_back(keeper: Keeper, state: Path, tmpfs: bool) -> None:
    keeper.note_clean_shutdown()
    reboot(state, tmpfs=tmpfs)
    assert not keeper.look().open
    look = keeper.after_boot()
    assert look.open, look.why_en
    assert look.epoch == 7


@pytest.mark.parametrize("tmpfs", [True, False], ids=["gate on tmpfs", "gate a plain folder"])
def test_after_a_crash_of_the_machine_a_person_resumes(keeper: Keeper, state: Path, tmpfs: bool) -> None:
    reboot(state, tmpfs=tmpfs)
    assert not keeper.after_boot().open
    assert keeper.grant(8).open


def test_a_clean_shutdown_counts_for_the_next_boot_only(keeper: Keeper, state: Path) -> None:
    keeper.note_clean_shutdown()
    keeper.after_boot()
    reboot(state, tmpfs=True)
    assert not keeper.after_boot().open


def test_a_stop_made_while_the_daemon_is_down_outlives_the_boot(keeper: Keeper, state: Path) -> None:
    keeper.note_clean_shutdown()
    Gate(state).shut()
    reboot(state, tmpfs=True)
    (state / "STOP").unlink()
    assert not keeper.after_boot().open


def test_a_mark_in_the_state_outlives_the_boot(keeper: Keeper, state: Path) -> None:
    keeper.note_clean_shutdown()
    (state / "STOP").touch()
    reboot(state, tmpfs=True)
    assert not keeper.after_boot().open


def test_a_permit_removed_by_hand_while_the_daemon_is_down_does_not_come_back(keeper: Keeper, state: Path) -> None:
    keeper.note_clean_shutdown()
    keeper.run.unlink()
    reboot(state, tmpfs=False)
    assert not keeper.after_boot().open


def test_a_note_of_another_epoch_gives_nothing_back(keeper: Keeper, state: Path) -> None:
    keeper.note_clean_shutdown()
    (state / "clean").write_text("6")
    reboot(state, tmpfs=True)
    assert not keeper.after_boot().open


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
