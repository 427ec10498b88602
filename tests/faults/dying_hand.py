"""The releaser's hand, with a death drawn from the office's `fates`, and little patience with a platform that does not answer."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from daemon.release import simulated
from daemon.release.hand import Hand, serve
from tests.faults.dying import draw

PATIENCE = 0.15


def main() -> None:
    state = Path(sys.argv[1])
    simulated.Sending.__init__.__defaults__ = (PATIENCE,)
    with suppress(BrokenPipeError):
        serve(Hand(state, draw(state.parent, "hand")), sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
