"""A hand that dies over a broadcast, as a real process: what never began is known not to be out, all else is asked, and sending again is safe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.release.hand import Hand
from daemon.release.jobs import Job, encode, look_for
from daemon.release.steps import STEPS
from tests.platforms.line import FakeLine
from tests.release.line_office import at, jobs_for_line

ROOT = Path(__file__).resolve().parents[2]
MORTAL = ROOT / "tests" / "faults" / "dying_hand.py"


@pytest.mark.parametrize("step", STEPS)
def test_a_hand_that_dies_at_any_step_leaves_what_can_be_settled(
    state: Path, job: Callable[..., Job], fake_line: FakeLine, step: str
) -> None:
    at(state, fake_line)
    broadcast = jobs_for_line(job)
    (state.parent / "fates").write_text(json.dumps({"hand": {"steps": [step], "latest": 1}}))
    dying = subprocess.run(
        [sys.executable, str(MORTAL), str(state)],
        input=encode(broadcast(1)),
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (dying.returncode, dying.stdout) == (-9, b"")
    looked = Hand(state).look(look_for(broadcast(1), time.time() - 1))
    if step in ("sealed", "ready"):
        assert looked.outcome == "failed", "without a note it never began"
        assert fake_line.texts() == []
    else:
        assert looked.outcome == "unknown" and "24時間" in looked.why
    assert Hand(state).carry_out(broadcast(1, id="2")).outcome == "released", "the same revision, sent again"
    assert fake_line.texts() == ["1番目のお知らせです。\n"]
