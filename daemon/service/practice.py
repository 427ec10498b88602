"""The simulated platform of a training office: started with the daemon where an account uses it, and ended with it."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import structlog

from daemon.program import program
from daemon.rulebook.model import Rulebook

log = structlog.get_logger()


class Practice:
    """The simulated platform of one office, in `state/platform/`, or at the place that `rules.toml` names."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "platform"
        self._process: subprocess.Popen[bytes] | None = None
        self._life: int | None = None
        self._own = self.at = str(self._folder / "socket")

    async def runs(self, book: Rulebook) -> None:
        """See that it runs where the rules need one: they may have changed, and it may have died. Raises OSError where it cannot be
        started."""
        self.at = book.office.simulated or self._own
        needed = not book.office.simulated and any(account.channel == "simulated" for account in book.accounts.values())
        if needed and (self._process is None or self._process.poll() is not None):
            await asyncio.to_thread(self._start)

    async def run(self) -> None:
        """Start it, whatever the rules say (a drill). Raises OSError."""
        await asyncio.to_thread(self._start)

    async def close(self) -> None:
        """End it, if it was started here."""
        if self._process is not None:
            await asyncio.to_thread(self._end, self._process)

    def _start(self) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._life is not None:
            os.close(self._life)
        listens, ready = os.pipe()
        life, self._life = os.pipe()  # its other end closes with this process, however that ends
        try:
            self._process = subprocess.Popen(
                [*program("daemon.release.simulator"), "--at", self._own]
                + ["--posts", str(self._folder / "posts.jsonl"), "--ready-fd", str(ready), "--with-parent", str(life)],
                pass_fds=(ready, life),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        finally:
            os.close(ready)
            os.close(life)
        with os.fdopen(listens, "rb") as pipe:
            if not pipe.readline():
                log.error("the simulated platform did not start", at=self.at)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()  # halted by a drill, it would hear nothing else; every post it has taken is in its file
        process.wait()
        if self._life is not None:
            os.close(self._life)
