"""The daemon, for tests that do not wait: its rounds follow each other quickly; the file `clock` in the office's folder says how many
seconds have passed for it beyond those that have, and `jump` by how many somebody has set the machine's clock. While a file `blocked`
lies there, its loop stands still at the next round. What nothing shows outside (how far a release is on its way to the hand, when a look for
one begins and ends) is written line by line into the file `steps`."""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import hashlib
import math
import os
import signal
import time
from datetime import datetime, timedelta
from pathlib import Path

from daemon.release.hands import Releaser
from daemon.release.jobs import Look, Report
from daemon.service import comment_watch, judges, logs, metrics, rounds
from daemon.service.clock import Clock, since_boot, tokyo_now
from daemon.service.guarding import Guarding
from daemon.service.machine import Machine
from daemon.service.main import run
from daemon.service.outgoing import Outgoing
from tests.patience import with_patience
from tests.service.hand_at import known_to_the_hand

LATER = 3.0
"""Seconds before the canaries are judged: most of these daemons have done what they were asked by then."""


def guard_later() -> None:
    begun, look = time.monotonic(), Guarding.look

    async def looks(guarding: Guarding) -> None:
        await asyncio.sleep(max(0, begun + LATER - time.monotonic()))
        await look(guarding)

    Guarding.look = looks  # type: ignore[method-assign]


def told_step_by_step(steps: Path) -> None:
    look = Releaser.look

    def step(name: str) -> None:
        with steps.open("a") as file:
            file.write(f"{name}\n")

    async def looks(releaser: Releaser, asked: Look) -> Report:
        step("looks")
        try:
            return await look(releaser, asked)
        finally:
            step("looked")

    Releaser.look = looks  # type: ignore[method-assign]
    Outgoing.at = staticmethod(step)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--office", type=Path)
    parser.add_argument("--ready-fd", type=int)
    options = parser.parse_args()

    ahead, jumped, blocked = (str(options.office / name) for name in ("clock", "jump", "blocked"))

    def said(place: str) -> timedelta:  # asked hundreds of times a second: by system calls alone
        fd = os.open(place, os.O_RDONLY)
        try:
            return timedelta(seconds=float(os.read(fd, 64)))
        finally:
            os.close(fd)

    def wall() -> datetime:
        return tokyo_now() + said(ahead) + said(jumped)

    def steady() -> timedelta:
        while os.access(blocked, os.F_OK):
            time.sleep(0.001)
        return since_boot() + said(ahead)

    faulthandler.register(signal.SIGUSR2)  # where every thread stands, for a test whose patience is at its end
    rounds.EVERY = 0.1
    comment_watch.AGAIN = comment_watch.SETTLED = 0.5
    metrics.EVERY = 0.5
    guard_later()
    with_patience()
    judges.QUIET = math.inf  # they are started when there is a burst, and not for every office that lives for three seconds
    known_to_the_hand()
    told_step_by_step(options.office / "steps")
    logs.configure(None)
    machine = options.office / "machine"
    name = machine.read_text() if machine.exists() else ""
    here = Machine(hashlib.sha256(name.encode()).hexdigest()[:16], name) if name else None
    asyncio.run(run(options.office, options.ready_fd, clock=Clock(wall, steady), here=here))


if __name__ == "__main__":
    main()
