"""How wide the terminal is, and how wide it paints the characters that East Asian terminals disagree about."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Iterator

from console.cli.terminal import room

AMBIGUOUS = "①→■…※"
_ANSWER = re.compile(rb"\033\[(\d+);(\d+)R")
_PATIENCE = 0.5
"""Seconds in which a terminal has to say where its cursor is."""


def ruler() -> Iterator[str]:
    """A scale of columns, and lines that should end at the same place; by eye where nothing can be measured."""
    columns = min(room() or 80, 80)
    yield "".join(f"{n:>10}" for n in range(10, columns + 1, 10))
    yield "----+----|" * (columns // 10)
    yield "広報番広報番広報番広報番広報番|30"
    yield "abcdefghijklmnopqrstuvwxyz1234|30"
    yield f"{AMBIGUOUS}|5 / 10"


def ambiguous_width() -> int | None:
    """How many columns one character of ambiguous width takes, asked of the terminal itself; None where it does not answer."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        return None
    import termios
    import tty

    sys.stdout.flush()
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    try:
        tty.setcbreak(keyboard)
        os.write(1, b"\r" + AMBIGUOUS.encode() + b"\033[6n")
        column = _column(keyboard)
        os.write(1, b"\r\033[K")
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
    return None if column is None else round((column - 1) / len(AMBIGUOUS))


def _column(keyboard: int) -> int | None:
    said, until = b"", time.monotonic() + _PATIENCE
    while (left := until - time.monotonic()) > 0 and select.select([keyboard], [], [], left)[0]:
        said += os.read(keyboard, 64)
        if found := _ANSWER.search(said):
            return int(found[2])
    return None
