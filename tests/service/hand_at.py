"""The hand of a daemon that is tested with a failing disk, or with a clause switched off: it gets, besides what a hand gets, what such tests
put into the environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from daemon.release import alone, hands
from tests.switches import OFF

TESTS = ("LD_PRELOAD", "KOHOBAN_FAULT", "PYTHONPATH", OFF)


def known_to_the_hand() -> None:
    """For the daemon: its hands get these, too, where there are any."""
    if {"LD_PRELOAD", OFF} & os.environ.keys():
        alone.ENVIRONMENT = (*alone.ENVIRONMENT, *TESTS)
        hands.COMMAND = (sys.executable, str(Path(__file__)))


if __name__ == "__main__":
    from daemon.release.hand import main

    alone.ENVIRONMENT = (*alone.ENVIRONMENT, *TESTS)
    sys.exit(main())
