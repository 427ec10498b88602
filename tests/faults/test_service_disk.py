"""The daemon on a disk that is full or only reads: a sentence, nothing lost, and on it goes when the disk is mended."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.wire import Approve, Done, Status, StatusAnswer
from daemon.wire.moderation import MarkComment
from tests.faults.disks import small_disk
from tests.service.live_office import MINATO, NOTICE, Office, draft, in_foreground, until

PLAIN = True


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 30 MiB: too small for the reserve, and emptied it has the 24 that a daemon which has seen it full takes for
    room again."""
    with small_disk(tmp_path / "disk", 30) as place:
        yield place


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def test_on_a_disk_that_only_reads_it_says_so_and_with_the_disk_mended_it_starts(
    disk: Path, found: Callable[..., Office]
) -> None:
    office = found(disk / "office")
    remount(disk, "ro")
    ended = in_foreground(office.folder)
    assert ended.returncode == 2
    assert str(office.state) in ended.stderr and "起動してください" in ended.stderr
    remount(disk, "rw")
    assert office.start().status().training
    office.stop()


def test_on_a_full_disk_it_says_so_keeps_serving_and_takes_everything_in_when_there_is_room(
    disk: Path, found: Callable[..., Office]
) -> None:
    office = found(disk / "office")
    office.start()
    office.drop("minato-x", "before.txt", **MINATO)
    row = office.row("before.txt", "waiting")
    full = disk / "ballast"
    with full.open("wb") as ballast, pytest.raises(OSError, match="No space"):
        while True:
            os.write(ballast.fileno(), bytes(4096))

    # What cannot be kept is refused with what to do, and looking goes on. The draft's file comes from another disk.
    clerk = office.caller("omiya")
    written: list[Done] = []

    def disk_is_full() -> bool:
        n = len(written)
        text = f"{n} " + "お前ら全員死ね。" * 60
        answer = clerk.answer(clerk.put(MarkComment(account="saitama-cvc", text=text, handle="dareka", source=str(n))))
        if isinstance(answer, Done):
            written.append(answer)
            return False
        assert "空きを作って" in answer.message, answer
        assert not answer.incident
        return True

    until(disk_is_full, "a refusal")
    assert clerk.ask(Status(), StatusAnswer).queue.keys() <= {"waiting", "approved"}

    full.unlink()
    for n in range(20):
        office.drop("minato-x", f"after{n}.txt", f"{n}番目のお知らせです。{NOTICE}", **MINATO)
    office.all_of([f"after{n}.txt" for n in range(20)], "waiting")
    assert office.database("SELECT count(*) FROM comments") == [(len(written),)]
    office.caller("shibata").ask(Approve(draft=row.id, hash=row.hash), Done)
    office.record_is_whole()
    office.stop()


def test_a_draft_that_came_while_the_disk_was_full_is_an_alarm_and_is_kept_when_there_is_room(
    disk: Path, found: Callable[..., Office], tmp_path: Path
) -> None:
    office = found(tmp_path / "office")
    (disk / "state").mkdir()
    office.state.symlink_to(disk / "state")  # the drafts lie on a disk with room, what the daemon keeps on the full one
    office.start()
    full = disk / "ballast"
    with full.open("wb") as ballast, pytest.raises(OSError, match="No space"):
        while True:
            os.write(ballast.fileno(), bytes(4096))
    names = [f"{n}.txt" for n in range(30)]
    for n, name in enumerate(names):
        office.path("minato-x", name).parent.mkdir(parents=True, exist_ok=True)
        office.path("minato-x", name).write_bytes(draft(f"{n}番目です。" + "お知らせします。" * 3000, **MINATO))
    until(lambda: any("空きを作って" in alarm for alarm in office.status().alarms), "an alarm")
    full.unlink()
    remount(disk, "size=64m")
    for name in names:
        office.row(name)
    until(lambda: not office.status().alarms, "no alarm any more")
    office.record_is_whole()
    office.stop()
