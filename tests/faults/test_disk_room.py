"""Room on the disk: a reserve is held, people are warned in time, and a disk that is full is a state that can still be written down."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.wire import Approve, Done, DraftDetail, Show, Stopped, StopState, Take
from tests.faults.disks import small_disk
from tests.service.live_office import MINATO, NOTICE, Office, until
from tests.service.test_backup import keeping


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 96 MiB."""
    with small_disk(tmp_path / "disk", 96) as place:
        yield place


@pytest.fixture
def office(disk: Path, tmp_path: Path, found: Callable[..., Office]) -> Office:
    """An office that runs: its drafts on a disk with room, what the daemon keeps on the small one."""
    office = found(tmp_path / "office")
    (disk / "state").mkdir()
    office.state.symlink_to(disk / "state")
    return office.start()


def filled(disk: Path, *, but: int = 0) -> Path:
    """A file that leaves so many bytes."""
    path = disk / "filler"
    with path.open("wb") as file:
        try:
            while os.statvfs(disk).f_bavail * 4096 > but:
                os.write(file.fileno(), bytes(min(1 << 16, max(4096, os.statvfs(disk).f_bavail * 4096 - but))))
        except OSError:
            pass
    return path


def acts(office: Office) -> list[str]:
    return [row[0] for row in office.database("SELECT act FROM audit ORDER BY seq")]


def ballast(office: Office) -> Path:
    return office.state / "store" / "ballast"


def test_a_reserve_is_really_held_and_doctor_shows_it(office: Office) -> None:
    until(ballast(office).exists, "the reserve")
    until(lambda: ballast(office).stat().st_blocks * 512 >= 8 << 20, "all of it")
    told = keeping("doctor", "--office", office.folder)
    assert "予備 あり（8 MiB）" in told.stdout


def test_when_little_is_left_people_are_warned_with_the_figure(office: Office, disk: Path) -> None:
    until(ballast(office).exists, "the reserve")
    filler = filled(disk, but=3 << 20)
    alarm = until(lambda: [a for a in office.status().alarms if "空きが少なく" in a], "a warning")
    assert "MiB" in alarm[0]
    filler.unlink()
    until(lambda: not office.status().alarms, "no warning any more")


def test_on_a_full_disk_a_stop_is_recorded_no_release_begins_and_drafts_wait_in_their_folder(office: Office, disk: Path) -> None:
    office.drop("minato-x", "a.txt", **MINATO)
    office.approve("a.txt", "shibata")
    approved = office.row("a.txt", "approved")
    until(ballast(office).exists, "the reserve")
    filler = filled(disk)

    def full() -> bool:
        office.drop("minato-x", "z.txt", f"{os.urandom(4).hex()} " + NOTICE * 300, **MINATO)
        return any("ディスクがいっぱいです" in alarm for alarm in office.status().alarms)

    until(full, "that it is full")
    assert not ballast(office).exists()
    until(lambda: "disk_full" in acts(office), "an entry")
    refusal = office.caller("akasaka").refused(Take(draft=approved.id, hash=approved.hash, handle="minato_kunren"), "busy")
    assert "いっぱい" in refusal.message
    for n in range(20):
        office.drop("minato-x", f"w{n}.txt", f"{n}番目のお知らせです。{NOTICE}", **MINATO)
    office.caller("akasaka").ask(Stopped(reason="念のため"), StopState)
    assert "stop" in acts(office)
    assert office.status().gate.stopped
    assert not any(row.path.endswith("/w0.txt") for row in office.rows())

    filler.unlink()
    office.all_of([f"w{n}.txt" for n in range(20)], "waiting")
    until(ballast(office).exists, "the reserve again")
    until(lambda: not any("いっぱい" in alarm for alarm in office.status().alarms), "no alarm any more")
    assert "disk_room" in acts(office)
    office.record_is_whole()


def test_a_stop_that_meets_the_full_disk_first_gives_the_reserve_up_itself(office: Office, disk: Path) -> None:
    until(ballast(office).exists, "the reserve")
    filled(disk)
    # Until there is no room left in the files that are there, either.
    caller = office.caller("akasaka")
    for n in range(400):
        caller.ask(Stopped(reason=f"{n}" + "念" * 8000), StopState)
        if not ballast(office).exists():
            break
    else:
        raise AssertionError("the disk was never full")
    assert acts(office).count("stop") == n + 1


def test_a_disk_too_small_for_the_reserve_is_used_without(found: Callable[..., Office], tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 16) as disk:
        office = found(disk / "office").start()
        try:
            office.drop("minato-x", "a.txt", **MINATO)
            row = office.row("a.txt", "waiting")
            assert not ballast(office).exists()
            with office.caller("shibata") as chief:
                chief.ask(Approve(draft=row.id, hash=row.hash), Done)
                assert chief.ask(Show(draft=row.id), DraftDetail).row.state in ("approved", "scheduled")
        finally:
            office.stop()
