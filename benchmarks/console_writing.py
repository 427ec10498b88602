"""Live findings through a real pseudo-terminal: from the end of the pause in typing to the painted finding, beside a running daemon.

    python -m benchmarks.console_writing [FOLDER] [--times 60] [--rows 1000] [--ahead]

In the built-in editor stands a text, once of 120 characters and once of 2,000, at its end a telephone number without its last digit. The digit is typed,
and the finding comes; it is taken away, and the finding goes. Each counts from the key to the last byte of what is painted behind the pause, less the
pause itself (console/tui/compose.py, PAUSE): what the key's own way into the text takes is in it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from benchmarks.console import ROW, go_ahead
from benchmarks.console_line import Screen
from benchmarks.machine import about, kill
from benchmarks.terminal import HEAD, KOHOBAN, Key, Terminal, told
from benchmarks.years import office_of_years
from console.tui.compose import PAUSE
from daemon.service.spawn import start_detached

SIZES = (120, 2_000)
SENTENCE = "区役所からのお知らせです。健診を来月から受け付けます。会場は三か所あります。"
NUMBER = "090-1234-567"
DIGIT = b"8"
BACKSPACE = b"\x7f"


def measure(terminal: Terminal, size: int, times: int) -> list[Key]:
    """A digit more, a digit less, in a new draft of so many characters."""
    for keys in (b"+", b"minato-x\r", b"1\r"):
        terminal.send(keys)
        terminal.settle(0.5)
    text = (SENTENCE * (size // len(SENTENCE) + 1))[: size - len(NUMBER)] + NUMBER
    terminal.send(b"\x1b[200~" + text.encode() + b"\x1b[201~")
    terminal.settle(1.5)
    found = []
    for _ in range(times // 2):
        for key in (DIGIT, BACKSPACE):
            one = terminal.key(key, after=PAUSE - 0.02, silence=0.2)
            found.append(one._replace(first=one.first - PAUSE, last=one.last - PAUSE))
            time.sleep(0.05)
    terminal.send(b"\x1b")
    terminal.settle(0.5)
    terminal.send(b":" + "破棄".encode() + b"\r")
    terminal.settle(0.5)
    time.sleep(0.3)
    terminal.send(b"y")
    terminal.settle(0.5)
    return found


def it_is_the_finding(office: Path, pid: int) -> None:
    """What is timed is what it is called: with the digit there is one finding more on the screen than without."""
    screen = Screen()
    with Terminal((KOHOBAN, "--office", office), (pid,), KOHOBAN_OPERATOR="akasaka") as terminal:
        screen.feed(terminal.settle(1.5))  # from the first byte on: the first glance is sent once, and afterwards what differs
        for keys in (b"+", b"minato-x\r", b"1\r", NUMBER.encode()):
            terminal.send(keys)
            screen.feed(terminal.settle(0.7))
        without = _said(screen)
        terminal.send(DIGIT)
        screen.feed(terminal.settle(1))
        print(f"what is timed: {without} -> {_said(screen)}")
        assert _said(screen) != without, "the digit makes no finding"


def _said(screen: Screen) -> str:
    """How many findings the screen tells of."""
    return next((line.rpartition("|")[2].strip() for line in screen.plain() if "指摘" in line), "-")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--ahead", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kohoban-bench-") as scratch:
        office = office_of_years((options.folder or Path(scratch)) / f"office-{options.rows}", options.rows, 1000)
        os.environ["XDG_STATE_HOME"] = scratch
        print(about(Path(scratch)))
        if options.ahead:
            go_ahead()
        pid = start_detached(office)
        try:
            it_is_the_finding(office, pid)
            with Terminal((KOHOBAN, "--office", office), (pid,), KOHOBAN_OPERATOR="akasaka") as terminal:
                terminal.until(ROW)
                terminal.settle(1.5)
                print(HEAD)
                for size in SIZES:
                    print(
                        told(f"end of the pause -> finding painted, {size:,}", measure(terminal, size, options.times)), flush=True
                    )
        finally:
            kill(pid)
        print(f"load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
