"""The watch names files in haste, calls for a scan whenever it may have missed something, and goes on after it has died."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.intake.watch import Watcher


class Ear:
    """What the watch has said."""

    def __init__(self, drafts: Path) -> None:
        self.named: list[tuple[str, bytes]] = []
        self.blind = 0
        self.watcher = Watcher(drafts, ("koho", "bosai"), self.named.extend, self._count)

    def _count(self) -> None:
        self.blind += 1

    def until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + 60
        while not true():
            assert time.monotonic() < end, f"waited in vain; named: {self.named}, blind {self.blind} times"
            time.sleep(0.005)

    def hears(self, account: str, name: str) -> None:
        self.until(lambda: (account, name.encode()) in self.named)


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    for account in ("koho", "bosai"):
        (tmp_path / account).mkdir()
    ear = Ear(tmp_path)
    ear.watcher.start()
    ear.until(lambda: ear.blind == 1)
    yield ear
    ear.watcher.stop()


def test_it_calls_for_a_scan_once_armed_and_names_what_changes(tmp_path: Path, ear: Ear) -> None:
    (tmp_path / "koho/a.txt").write_text("本文")
    (tmp_path / "bosai/b.txt").write_text("本文")
    ear.hears("koho", "a.txt")
    ear.hears("bosai", "b.txt")
    (tmp_path / "koho/a.txt").unlink()
    ear.until(lambda: ear.named.count(("koho", b"a.txt")) > 1)
    assert ear.watcher.alarm is None


def test_what_passes_in_silence_is_not_named(tmp_path: Path, ear: Ear) -> None:
    for name in (".a.txt.swp", "4913", "a.txt~", "a.判定.txt", "_広報番.txt", "a.txt"):
        (tmp_path / "koho" / name).write_text("x")
    ear.hears("koho", "a.txt")
    assert set(ear.named) == {("koho", b"a.txt")}


def test_a_name_that_is_not_utf_8_kills_it_and_it_goes_on(tmp_path: Path, ear: Ear) -> None:
    for round_ in range(3):
        heard = ear.blind
        os.close(os.open(os.fsencode(tmp_path) + b"/koho/\xff%d.txt" % round_, os.O_CREAT | os.O_WRONLY))
        ear.until(lambda heard=heard: ear.blind >= heard + 2)  # once for the death, once when armed again
        (tmp_path / f"koho/after{round_}.txt").write_text("本文")
        ear.hears("koho", f"after{round_}.txt")
    assert ear.watcher.alarm is None


def test_told_to_watch_anew_it_hears_the_folder_that_is_there_now(tmp_path: Path, ear: Ear) -> None:
    before = ear.watcher.armed["koho"]
    (tmp_path / "koho").rename(tmp_path / "old")
    (tmp_path / "koho").mkdir()
    facts = (tmp_path / "koho").stat()
    ear.watcher.rearm()
    ear.until(lambda: ear.blind == 2)
    assert before != ear.watcher.armed["koho"] == (facts.st_dev, facts.st_ino)
    (tmp_path / "old/x.txt").write_text("本文")
    (tmp_path / "koho/a.txt").write_text("本文")
    ear.hears("koho", "a.txt")
    assert ("koho", b"x.txt") not in ear.named


def test_it_never_watches_through_a_link(tmp_path: Path, ear: Ear) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "koho").rmdir()
    (tmp_path / "koho").symlink_to(tmp_path / "private")
    (tmp_path / "bosai/deep").symlink_to("/")
    ear.watcher.rearm()
    ear.until(lambda: ear.blind == 2)
    assert list(ear.watcher.armed) == ["bosai"]
    (tmp_path / "private/secret.txt").write_text("秘密")
    (tmp_path / "bosai/b.txt").write_text("本文")
    ear.hears("bosai", "b.txt")
    assert ("koho", b"secret.txt") not in ear.named


def test_it_waits_for_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    ear = Ear(tmp_path)
    ear.watcher.start()
    try:
        (tmp_path / "koho").mkdir()
        ear.until(lambda: ear.blind == 1)
        (tmp_path / "koho/a.txt").write_text("本文")
        ear.hears("koho", "a.txt")
    finally:
        ear.watcher.stop()
