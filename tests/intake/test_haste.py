"""What is named in haste: alone it is looked at at once, and what follows soon after a batch goes together."""

from __future__ import annotations

import pytest
from listening_desk import Desk


def test_what_comes_alone_arrives_at_once_and_what_follows_it_soon_waits_for_its_turn_together(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = desk.start(scan_every=3600.0)
    (desk.folder / "first.txt").write_text("見張りが付くまで")
    desk.arrival("first.txt")  # by an event, or by the scan that follows the arming: from here on none comes unasked
    desk.until(lambda: intake.doing == "idle")
    monkeypatch.setattr("daemon.intake.intake.TOGETHER", 3600.0)
    (desk.folder / "a.txt").write_text("一つ目")
    desk.arrival("a.txt")
    desk.until(lambda: intake._settling.looks.next_due() is None)  # nothing else wakes it
    for name in ("b.txt", "c.txt"):
        (desk.folder / name).write_text("あとから")
        desk.until(lambda name=name: ("koho", name.encode()) in intake._hasty)  # type: ignore[misc]
    assert intake.doing == "work"  # nobody takes it for idle
    assert desk.batches == [1, 1]
    intake._not_before = 0.0  # the time is over
    intake.nudge()
    desk.arrival("b.txt")
    desk.arrival("c.txt")
    assert desk.batches == [1, 1, 2]


def test_a_scan_waits_for_no_such_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.intake.intake.TOGETHER", 3600.0)
    intake = desk.start(scan_every=3600.0)
    for name in ("a.txt", "b.txt", "c.txt"):
        (desk.folder / name).write_text("下書き")
        intake.poke()
        desk.arrival(name)
