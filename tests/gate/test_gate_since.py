"""Since when the stop that stands: told by its marks, so that it is right after a stop by hand and with a dead daemon too."""

from __future__ import annotations

import os
from pathlib import Path

from daemon.gate import Gate


def test_a_whole_stop_tells_its_own_time_and_not_that_of_an_older_part(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    gate = Gate(tmp_path)
    assert gate.since() is None
    for name, made in (("STOP.minato-x", 100), ("STOP", 300), ("gate/STOP", 200)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (made, made))
    assert gate.since() == 200
    assert gate.look().why == "停止の印があります（すべて）"


def test_a_part_alone_tells_its_time(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    (tmp_path / "STOP.x").touch()
    os.utime(tmp_path / "STOP.x", (100, 100))
    assert Gate(tmp_path).since() == 100
