"""The releaser's hand, with a death drawn from the office's `fates`, and little patience with X: what takes minutes there takes a second here."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from daemon.release.hand import Hand, serve
from daemon.release.x import access, problems
from tests.faults.dying import draw

PATIENCE = 1.0
PAUSE = 0.2


def main() -> None:
    state = Path(sys.argv[1])
    access.ANSWER_WITHIN = PATIENCE
    access.SOON = access.TRY_AGAIN_AFTER = problems.LEAST_PAUSE = PAUSE
    with suppress(BrokenPipeError):
        serve(Hand(state, draw(state.parent, "hand")), sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
