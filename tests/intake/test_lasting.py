"""Which files are synced when they are taken in: each once, many by one sync of their disk, and what has gone by then is nobody's loss."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.intake.arrival import Arrival
from daemon.intake.lasting import FEW, Lasting
from daemon.intake.reader import read_settled
from daemon.intake.scan import open_folder


def arrivals(drafts: Path, count: int) -> list[Arrival]:
    """So many drafts of one account, read as intake reads them."""
    place = drafts / "minato-x"
    place.mkdir(exist_ok=True)
    folder = open_folder(drafts, "minato-x")
    read = []
    for n in range(count):
        (place / f"{n}.txt").write_text("お知らせ")
        read.append(read_settled(folder, "minato-x", f"{n}.txt".encode()))
    os.close(folder)
    assert all(isinstance(each, Arrival) for each in read)
    return read  # type: ignore[return-value]


@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 50])
def test_files_that_came_are_synced_and_those_that_have_gone_meanwhile_are_passed_over(tmp_path: Path, count: int) -> None:
    came = arrivals(tmp_path, count)
    (tmp_path / "minato-x" / "0.txt").unlink()
    Lasting(tmp_path).make(came)


def test_a_folder_that_has_gone_is_told(tmp_path: Path) -> None:
    came = arrivals(tmp_path, 1)
    shutil.rmtree(tmp_path / "minato-x")
    with pytest.raises(FileNotFoundError):
        Lasting(tmp_path).make(came)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace counts the syncs")
def test_a_burst_costs_one_sync_of_the_disk_and_a_later_change_another(tmp_path: Path, root: Path) -> None:
    program = """
import sys, time
from pathlib import Path
from daemon.intake.lasting import FEW, Lasting
from tests.intake.test_lasting import arrivals
drafts = Path(sys.argv[1])
came = arrivals(drafts, 300)
time.sleep(0.05)
lasting = Lasting(drafts)
for start in range(0, 300, 100):
    lasting.make(came[start : start + 100])
lasting.make(arrivals(drafts, FEW + 1))
"""
    log = tmp_path / "calls"
    traced = ["strace", "-f", "-e", "trace=syncfs,fsync", "-o", str(log), sys.executable, "-c", program, str(tmp_path)]
    subprocess.run(traced, check=True, cwd=root, env={"PYTHONPATH": str(root), "PATH": os.environ["PATH"]})
    assert log.read_text().count("syncfs(") == 2
    assert "fsync(" not in log.read_text().replace("syncfs(", "")
