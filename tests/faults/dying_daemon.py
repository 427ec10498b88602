"""The daemon of `tests/service/daemon_at.py`, with a death drawn from the office's `fates`; so has every hand that it starts."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from daemon.release import hands
from daemon.service import logs, outgoing, rounds
from daemon.service.clock import Clock, since_boot, tokyo_now
from daemon.service.main import run
from tests.faults.dying import draw

HAND = Path(__file__).with_name("dying_hand.py")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--office", type=Path)
    parser.add_argument("--ready-fd", type=int)
    options = parser.parse_args()

    def ahead() -> timedelta:
        return timedelta(seconds=float((options.office / "clock").read_text()))

    rounds.EVERY = 0.05
    outgoing.LOOK_AGAIN = 0.3
    hands.COMMAND = (sys.executable, str(HAND))
    outgoing.Outgoing.at = staticmethod(draw(options.office, "daemon"))
    logs.configure(None)
    asyncio.run(run(options.office, options.ready_fd, clock=Clock(lambda: tokyo_now() + ahead(), lambda: since_boot() + ahead())))


if __name__ == "__main__":
    main()
