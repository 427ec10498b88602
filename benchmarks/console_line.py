"""The console over a real sshd and a line of 128 kbit/s on which an answer takes 200 ms: what is left to paint when a held key is let go, and how
soon a stop is seen. Beside it the least that Textual could do, and the tables that people take, over the same line.

    python -m benchmarks.console_line [FOLDER] [--times 3] [--held 4] [--rows 1000] [--fastdatatable PYTHON] [--compressed] [--ahead]

↓ is held for four seconds, thirty times a second. *Settled* is the last change of the screen below its first row (where clocks are), as a terminal
emulator (pyte) makes it of the bytes that came, after the key was let go. The stop is F12 twice, 0.1 s apart, while the key is held; *seen* when
「緊急停止中」 stands in the first row, *unlinked* when the permit is gone. `--compressed`: ssh -C, as the handbook advises.
"""

from __future__ import annotations

import argparse
import os
import shlex
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pyte

from benchmarks.console import PEERS, ROW, TABLES, go_ahead
from benchmarks.console_stop import back, resume, watched
from benchmarks.machine import about, kill
from benchmarks.terminal import COLUMNS, DOWN, F12, KOHOBAN, ROWS, Piece, Terminal
from benchmarks.years import office_of_years
from daemon.service.spawn import start_detached
from tests.terminal.line import Line
from tests.terminal.sshd import ssh, sshd

DELAY, RATE = 0.1, 16_000
"""Seconds one way, bytes a second."""
EVERY = 1 / 30
STOPPED = "緊急停止中"


class Screen:
    """What an emulator makes of the output, piece by piece."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)

    def feed(self, pieces: Sequence[Piece]) -> None:
        """Take it in."""
        for piece in pieces:
            self._stream.feed(piece.data.replace(b"\x1b[5n", b"").replace(b"\x1b[6n", b"").replace(b"\x1b[?2026$p", b""))

    def lines(self) -> list[str]:
        """The rows; one whose ink has changed is another."""
        return [
            "".join(f"{cell.data}{cell.bg if cell.bg != 'default' else ''}" for _, cell in sorted(self.screen.buffer[y].items()))
            for y in range(ROWS)
        ]

    def plain(self) -> list[str]:
        """The rows as text."""
        return ["".join(self.screen.buffer[y][x].data for x in range(COLUMNS)).rstrip() for y in range(ROWS)]

    def last_change(self, pieces: Sequence[Piece]) -> float:
        """When, as these came, anything below the first row looked otherwise for the last time; 0.0 where nothing did."""
        last, before = 0.0, self.lines()[1:]
        for piece in pieces:
            self.feed([piece])
            if (now := self.lines()[1:]) != before:
                last, before = piece.at, now
        return last

    def shows(self, text: str, pieces: Sequence[Piece]) -> float:
        """When this stood in the first row."""
        for piece in pieces:
            self.feed([piece])
            if text in "".join(cell.data for _, cell in sorted(self.screen.buffer[0].items())):
                return piece.at
        raise TimeoutError(text)


def hold(terminal: Terminal, seconds: float) -> list[Piece]:
    """Hold ↓; what came meanwhile."""
    pieces: list[Piece] = []
    begun = time.perf_counter()
    for n in range(round(seconds / EVERY)):
        pieces += terminal.listen(begun + n * EVERY - time.perf_counter())
        terminal.send(DOWN)
    return pieces


def let_go(terminal: Terminal, held: float) -> tuple[float, int]:
    """Hold, let go: seconds until it has settled, and the bytes that came after."""
    screen = Screen()
    screen.feed(terminal.settle(1.5))
    terminal.send(b"\x1b[H")
    screen.feed(terminal.settle(1.5))
    screen.feed(hold(terminal, held))
    released = time.perf_counter()
    after = terminal.settle(1.5)
    return max(0.0, screen.last_change(after) - released), sum(len(piece.data) for piece in after)


def stopped(terminal: Terminal, office: Path, held: float) -> tuple[float, float]:
    """Hold, and stop meanwhile: seconds until the stop is seen, and until the permit is gone."""
    screen = Screen()
    screen.feed(terminal.settle(1.5))
    with watched(office) as gone:
        screen.feed(hold(terminal, held))
        terminal.send(F12)
        screen.feed(hold(terminal, 0.1))
        pressed = terminal.send(F12)
        pieces = hold(terminal, 0.5) + terminal.listen(3.0)
        return screen.shows(STOPPED, pieces) - pressed, gone() - pressed


def told(name: str, values: Sequence[float], unit: str = "s") -> str:
    """All of them: there are few."""
    return f"{name:<44} {' '.join(f'{value:.2f}' for value in values)} {unit} (median {statistics.median(values):.2f})"


def measure(base: Path, options: argparse.Namespace, office: Path, daemon: int) -> None:
    """Each in turn, several times."""
    env = "KOHOBAN_LANG=ja LC_ALL=C.UTF-8 KOHOBAN_OPERATOR=akasaka"
    commands: dict[str, tuple[str, tuple[int, ...]]] = {
        f"console, {options.rows:,}": (f"{env} {shlex.join([str(KOHOBAN), '--office', str(office)])}", (daemon,))
    }
    for kind, count, python in (
        ("bare", options.rows, sys.executable),
        ("datatable", TABLES, sys.executable),
        ("fastdatatable", TABLES, options.fastdatatable),
    ):
        if python:
            commands[f"{kind}, {count:,}"] = (f"LC_ALL=C.UTF-8 {shlex.join([str(python), str(PEERS), kind, str(count)])}", ())
    settled: dict[str, list[float]] = {name: [] for name in commands}
    bytes_after: dict[str, list[float]] = {name: [] for name in commands}
    seen, unlinked = [], []
    with ExitStack() as here:
        line = here.enter_context(Line(here.enter_context(sshd(base / "ssh")), DELAY, RATE))
        for _ in range(options.times):
            for name, (command, others) in commands.items():
                way = ssh(base / "ssh", line.port, command)
                with Terminal(
                    [Path("/usr/bin/env"), *way[:1], *(["-C"] if options.compressed else []), *way[1:]], others
                ) as terminal:
                    terminal.until(ROW)
                    seconds, size = let_go(terminal, options.held)
                    settled[name].append(seconds)
                    print(f"  {name}: {seconds:.2f} s, {size} bytes", flush=True)
                    bytes_after[name].append(size / 1000)
                    if name.startswith("console"):
                        for _ in range(3):
                            one, other = stopped(terminal, office, 3.0)
                            seen.append(one)
                            unlinked.append(other)
                            back(terminal, office)
    for name in commands:
        print(told(f"{name}: let go -> settled", settled[name]))
        print(told(f"{name}: bytes after that", bytes_after[name], "kB"))
    print(told("console: second F12 -> seen", seen))
    print(told("console: second F12 -> permit unlinked", unlinked))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--held", type=float, default=4.0)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--fastdatatable", type=Path)
    parser.add_argument("--compressed", action="store_true")
    parser.add_argument("--ahead", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kohoban-bench-") as scratch:
        office = office_of_years((options.folder or Path(scratch)) / f"office-{options.rows}", options.rows, 1000)
        print(about(Path(scratch)))
        if options.ahead:
            go_ahead()
        pid = start_detached(office)
        try:
            resume(office)
            measure(Path(scratch), options, office, pid)
        finally:
            kill(pid)
        print(f"load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
