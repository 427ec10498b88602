"""A simulated platform for a test: a process of its own, that can be killed and told how to behave."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from daemon.release.simulated import arrivals, asked
from daemon.release.simulator import Behave


class Platform:
    """A simulated platform in a process of its own."""

    def __init__(self, folder: Path, at: str) -> None:
        self.at, self._posts = at, folder / "posts.jsonl"
        self.start()

    def start(self) -> None:
        ours, its = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "daemon.release.simulator", "--at", self.at, "--posts", str(self._posts)]
            + ["--ready-fd", str(its)],
            pass_fds=(its,),
        )
        os.close(its)
        with os.fdopen(ours, "rb") as pipe:
            assert pipe.readline() == b"ready\n"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def behaves(self, **how: Any) -> None:
        assert asked(self.at, Behave(**how)).status == 200

    def texts(self, account: str) -> list[str]:
        """What has arrived for an account, oldest first."""
        return [post.text for post in arrivals(self.at, account)]
