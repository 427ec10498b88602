"""Is there a daemon of this office, and may it be started from here? Free of click: the console's start waits for this."""

from __future__ import annotations

import os
import time
from pathlib import Path

from console.cli.link import Link, NoDaemon
from console.cli.outcome import WRONG, Failure
from console.words import say

OTHERS_START = 10.0
"""Seconds that a daemon which has the office gets to answer; what holds it so long without a word is none."""


def runs(office: Path, operator: str = "") -> bool:
    """True when a daemon of this office answers. Raises Failure where it answers with a refusal, and for whoever may not look into the
    office at all: neither the screen nor its stop key could do anything there."""
    try:
        with Link(office, operator):
            return True
    except NoDaemon as absent:
        if absent.forbidden and not os.access(office / "state", os.R_OK | os.X_OK):
            raise
        return False


def start(office: Path, *, ends_with_me: bool = False) -> int | None:
    """Start the office's daemon beside the caller and wait until it answers; its pid, or None where one runs already, be it one that
    somebody else has started at the same moment. With `ends_with_me` it ends with this process, however that ends.

    Raises Failure with the daemon's own sentence when it cannot run.
    """
    from daemon.service.spawn import AnotherRuns, NotStarted, start_detached

    if runs(office):
        return None
    try:
        return start_detached(office.absolute(), ends_with_me=ends_with_me)
    except NotStarted as error:
        until = time.monotonic() + OTHERS_START
        while isinstance(error, AnotherRuns) and time.monotonic() < until:
            if runs(office):
                return None
            time.sleep(0.05)
        raise Failure(WRONG, say("cli", "daemon.not_started", why=error)) from None


def is_mine(office: Path) -> bool:
    """True when the office's `state/` belongs to the caller (or is not there yet): then its daemon may be started from here."""
    state = office / "state"
    try:
        return state.stat().st_uid == os.geteuid()
    except FileNotFoundError:
        return os.access(office, os.W_OK)
    except OSError:
        return False
