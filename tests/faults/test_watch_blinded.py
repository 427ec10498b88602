"""The watch is blinded, in every way that has been seen: the scan finds all, and nothing that only went out of sight is withdrawn."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.service.live_office import MINATO, Office, draft, until

EVENTS = Path("/proc/sys/fs/inotify/max_queued_events")


@contextmanager
def short_queue(events: int) -> Iterator[None]:
    """Watches set meanwhile forget all but so many events."""
    if os.geteuid() != 0:
        pytest.skip("the length of the kernel's queue is root's to set")
    before = EVENTS.read_text()
    EVENTS.write_text(str(events))
    try:
        yield
    finally:
        EVENTS.write_text(before)


@contextmanager
def mounted(place: Path) -> Iterator[None]:
    """A file system of its own over `place`."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "kohoban-test", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def put(folder: Path, name: str | bytes) -> None:
    """One small draft, written the way a file server does it: aside, then renamed."""
    aside = folder / ".aside"
    aside.write_bytes(draft(f"{os.fsencode(name).hex()}のお知らせです。", **MINATO))
    aside.rename(folder / os.fsdecode(name))


def known(office: Office) -> int:
    """How many drafts are in hand."""
    return int(office.database("SELECT count(*) FROM drafts WHERE live = 1 AND state NOT IN ('withdrawn', 'expired')")[0][0])


def withdrawn(office: Office) -> int:
    return int(office.database("SELECT count(*) FROM drafts WHERE state = 'withdrawn'")[0][0])


@pytest.fixture
def folder(found: Callable[..., Office]) -> Iterator[tuple[Office, Path]]:
    office = found(plain=False)
    folder = office.folder / "drafts" / "minato-x"
    folder.mkdir(parents=True)
    yield office, folder
    office.stop()


@pytest.mark.timeout(600)
def test_drafts_that_came_while_the_daemon_was_halted_and_the_kernels_queue_ran_over_are_all_found(
    folder: tuple[Office, Path], trials: Callable[[int], int]
) -> None:
    office, place = folder
    with short_queue(500):
        office.start()
        put(place, "first.txt")
        office.row("first.txt")
    assert office.process is not None
    office.process.send_signal(signal.SIGSTOP)
    many = trials(40_000)
    for n in range(many):
        put(place, f"{n}.txt")
    office.process.send_signal(signal.SIGCONT)
    patience(lambda: known(office) == many + 1)
    office.record_is_whole()


@pytest.mark.timeout(600)
def test_a_hundred_thousand_at_once_are_all_found(folder: tuple[Office, Path], trials: Callable[[int], int]) -> None:
    office, place = folder
    office.start()
    aside = office.folder / "aside"
    aside.mkdir()
    many = trials(100_000)
    for n in range(many):
        (aside / f"{n}.txt").write_bytes(draft(f"{n}番のお知らせです。", **MINATO))
    for path in aside.iterdir():
        path.rename(place / path.name)
    patience(lambda: known(office) == many)
    assert withdrawn(office) == 0
    office.record_is_whole()


def patience(look: Callable[[], bool]) -> None:
    """Wait as long as it goes on; the test's own time limit ends it."""
    while not look():
        os.sched_yield()
        signal.sigtimedwait([], 0.2)


def test_a_folder_that_is_mounted_over_and_comes_back_loses_nothing_and_withdraws_nothing(folder: tuple[Office, Path]) -> None:
    office, place = folder
    office.start()
    put(place, "below.txt")
    below = office.row("below.txt", "waiting")
    with mounted(place):
        until(lambda: any("別の装置" in alarm for alarm in office.status().alarms), "the alarm")
        put(place, "above.txt")
        office.row("above.txt", "waiting")
        assert office.row("below.txt").state == "waiting"
    put(place, "again.txt")
    office.row("again.txt", "waiting")
    assert office.row("below.txt").id == below.id
    assert withdrawn(office) == 0


def put_in_its_place(new: Path, place: Path, aside: Path) -> bool:
    """One folder in the place of another. False where the daemon was quicker, and has made the missing one with its notice in it."""
    place.rename(aside / f"away-{time.monotonic_ns()}")
    try:
        new.rename(place)
    except OSError:
        return False
    return True


def removed(place: Path) -> bool:
    """A folder is gone, with all that is in it. False where the daemon was quicker, and has put its notice into it once more."""
    try:
        shutil.rmtree(place)
    except OSError:
        return False
    return True


def test_a_folder_that_is_replaced_or_made_anew_is_watched_again(folder: tuple[Office, Path]) -> None:
    office, place = folder
    office.start()
    put(place, "old.txt")
    office.row("old.txt", "waiting")
    new = place.with_name("new-folder")
    new.mkdir()
    put(new, "new.txt")
    put(new, "old.txt")
    until(lambda: put_in_its_place(new, place, office.folder), "the new folder")
    office.row("new.txt", "waiting")
    until(lambda: removed(place), "no folder")
    place.mkdir(exist_ok=True)
    until(lambda: place.is_dir(), "the folder")
    put(place, "third.txt")
    office.row("third.txt", "waiting")


def test_a_name_that_is_no_text_kills_no_watch_that_does_not_come_back(folder: tuple[Office, Path]) -> None:
    office, place = folder
    office.start()
    for n in range(5):
        put(place, f"お知らせ{n}.txt".encode("cp932"))
        put(place, f"after{n}.txt")
        office.row(f"after{n}.txt", "waiting")
    until(lambda: known(office) == 10, "both kinds of names")
