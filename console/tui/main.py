"""The console's door: what must be right before Textual is imported, and what is said when there is no terminal for it."""

from __future__ import annotations

import curses
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from console.tui.before import Before
from console.words import say

TURN = 0.0005
"""Seconds after which the thread that paints lets the one go on that reads the keyboard: the stop key does not wait for a page (5 ms by default)."""


def run(office_dir: Path, operator: str = "", *, deciding: bool = False, day: bool = False) -> int:
    """Open the console on an office. `operator` is whom to act as (a training office only); `deciding` opens it in 決裁モード, and
    nowhere else; `day` plays the training day in it.

    Returns the exit code: 0 after the operator has left, 2 where the terminal cannot show it or it ended by an error.
    """
    if not sys.stdin.isatty() or not sys.stdout.isatty() or os.environ.get("TERM", "dumb") in ("dumb", ""):
        sys.stderr.write(say("tui", "start.no_terminal") + "\n")
        return 2
    _prepare_environment()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # started by a wrapper that ignores it, a console without terminal would spin
    sys.setswitchinterval(TURN)
    from console.tui import memory, width
    from console.tui.glance import glance

    memory.hold()
    before = Before(sys.stdin.fileno(), sys.stdout.fileno())
    before.take()
    try:
        before.typed = width.adapt(sys.stdin.fileno(), sys.stdout.fileno())
        if not deciding and not day:
            before.glance = glance(office_dir, operator, sys.stdout.fileno())
        from console.tui.app import Console

        console = Console(office_dir, operator, "decide" if deciding else "queue", day=day)
        console.before = before
        code = console.run(mouse=False)
    finally:
        before.give_back()
    if console.incident is not None:
        incident, where = console.incident
        sys.stderr.write(say("tui", "start.incident", incident=incident, where=where) + "\n")
        return 2
    return code or 0


def _prepare_environment() -> None:
    """Nothing of the operator's environment may steer Textual; what we want of it must stand before it is imported.

    The kitty keyboard protocol turns what a Japanese input method sends into key strokes, some of which are commands.
    """
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        del os.environ[name]
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    many = os.environ.get("COLORTERM") or os.environ["TERM"].rpartition("-")[2] in ("256color", "kitty")
    os.environ["TEXTUAL_COLOR_SYSTEM"] = "256" if many else "standard"
    if os.environ.get("NO_COLOR") or _without_colours():
        os.environ["NO_COLOR"] = "1"
        os.environ["TEXTUAL_THEME"] = "ansi-dark"
    else:
        os.environ.pop("NO_COLOR", None)


def _without_colours() -> bool:
    """Whether the terminal's description knows no colours (vt100, xterm-mono): what is sent for them would be shown as nothing, or as text."""
    with suppress(curses.error):
        curses.setupterm(os.environ["TERM"], sys.stdout.fileno())
        return curses.tigetnum("colors") < 8
    return False
