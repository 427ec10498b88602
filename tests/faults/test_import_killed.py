"""kill -9 in the middle of an import, of the daemon or of the process that reads: nothing is lost, nothing comes twice, and of what is clean there
is no trace. And on a full disk the export waits."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.disks import small_disk
from tests.service.live_office import Office, until

ACCOUNT = "saitama-cvc"
ABUSE = "お前ら全員死ね。市民をなめるな。"
CLEAN = "気持ちのよい朝でしたと申し上げたい一市民の言葉"
MANY = 30_000


def export(folder: Path) -> tuple[Path, int]:
    """A large export in the account's folder; its path, and how many of its comments are to be kept."""
    place = folder / "comments" / ACCOUNT
    place.mkdir(parents=True, exist_ok=True)
    new = folder / "new.jsonl"
    with new.open("w", encoding="utf-8") as file:
        for n in range(MANY):
            text = ABUSE if n % 300 == 0 else f"{CLEAN}。{n}"
            file.write(json.dumps({"id": str(n), "text": text, "author": f"a{n}"}, ensure_ascii=False) + "\n")
    os.utime(new, (0, 0))
    return new.rename(place / "a.jsonl"), MANY // 300


def readers(office: Office) -> list[int]:
    """The processes that read an export for this office now."""
    assert office.process is not None
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{office.process.pid}/task").iterdir():
            for pid in (task / "children").read_text().split():
                with suppress(OSError):
                    if b"sifting" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        found.append(int(pid))
    return found


def killed_a_reader(office: Office) -> bool:
    """Kill one of them, unless it has just ended."""
    for pid in readers(office):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def traces(folder: Path) -> list[Path]:
    """The files in which a clean comment can be read, but for the exports themselves."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".jsonl"]
    return [
        path for path in files if CLEAN.encode() in path.read_bytes() or json.dumps(CLEAN)[1:-1].encode() in path.read_bytes()
    ]


def whole(office: Office, path: Path, keeps: int) -> None:
    until(lambda: not path.exists(), "the export read and gone")
    assert office.database("SELECT count(*), count(DISTINCT source) FROM comments") == [(keeps, keeps)]
    assert office.database("SELECT lines, kept, clean, known FROM comment_files") == [(MANY, keeps, MANY - keeps, 0)]
    office.record_is_whole()


def test_with_the_reading_process_killed_the_export_stays_and_is_read_again(fresh: Office) -> None:
    path, keeps = export(fresh.folder)
    until(lambda: killed_a_reader(fresh), "somebody killed who reads")
    whole(fresh, path, keeps)
    assert traces(fresh.folder) == []
    until(lambda: not any("a.jsonl" in each for each in fresh.status().alarms), "the alarm over")


@pytest.mark.parametrize("when", ["begun", "half", "written"])
def test_with_the_daemon_killed_the_next_one_reads_it_and_nothing_comes_twice(fresh: Office, when: str) -> None:
    path, keeps = export(fresh.folder)
    children = until(lambda: readers(fresh), "somebody reads")
    if when == "half":
        until(lambda: _read_some(children[0]), "some of it read")
    if when == "written":
        until(lambda: fresh.database("SELECT 1 FROM comment_files"), "what is kept of it")
    fresh.kill()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), "its children gone with it")
    assert traces(fresh.folder) == []
    # The import may be over by the time that the kill arrives: an export is gone only with what is kept of it.
    assert path.exists() or fresh.database("SELECT 1 FROM comment_files")
    fresh.start()
    whole(fresh, path, keeps)
    assert traces(fresh.folder) == []


def _read_some(pid: int) -> bool:
    try:
        said = Path(f"/proc/{pid}/io").read_text().split()
        return int(said[1]) > 2 << 20
    except OSError:
        return True


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 40 MiB."""
    with small_disk(tmp_path / "disk", 40) as place:
        yield place


def test_on_a_full_disk_the_export_waits_and_is_read_when_there_is_room(disk: Path, found: Callable[..., Office]) -> None:
    office = found(disk / "office").start()
    full = disk / "ballast"
    path, keeps = export(office.folder)  # it is being read while the disk fills
    with full.open("wb") as ballast, suppress(OSError):
        while True:
            os.write(ballast.fileno(), bytes(4096))
    assert traces(office.folder) == []
    full.unlink()
    whole(office, path, keeps)
