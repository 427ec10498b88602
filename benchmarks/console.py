"""The console on a real pseudo-terminal against a real daemon: command to first rows, and each key to what it paints.

    python -m benchmarks.console [--drafts 100000] [--keys 400] [--folder DIR]

The office is filled through its folder. A key is timed from its write to the pty until the first and until the last byte of what
it paints (the last one before 30 ms of silence); the console's own clocks keep running meanwhile. Terminal 140x40.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

from benchmarks.machine import about, kill, spread
from benchmarks.office import burst, office
from daemon.service.spawn import start_detached

COLUMNS, ROWS = 140, 40
SILENCE = 0.03
PAUSE = 0.05
KOHOBAN = Path(sys.executable).with_name("kohoban")


class Terminal:
    """The command `kohoban` on a pty, which answers the one question that it asks before it paints."""

    def __init__(self, folder: Path) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            env = {
                **os.environ,
                "PYTHONDONTWRITEBYTECODE": "",
                "TERM": "xterm-256color",
                "KOHOBAN_LANG": "ja",
                "LINES": str(ROWS),
                "COLUMNS": str(COLUMNS),
            }
            os.execve(KOHOBAN, [str(KOHOBAN), "--office", str(folder)], env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def read(self, seconds: float) -> bytes:
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        data = os.read(self.fd, 65536)
        if b"\x1b[6n" in data:
            os.write(self.fd, b"\x1b[1;2R")
        return data

    def until(self, mark: bytes) -> float:
        """Seconds from the start of the process until this has been sent to the terminal."""
        seen = b""
        while mark not in seen:
            seen += self.read(30)
        return time.perf_counter() - self.started

    def quiet(self, seconds: float) -> None:
        while self.read(seconds):
            pass

    def key(self, keys: bytes) -> tuple[float, float, int]:
        """Seconds to the first byte and to the last one that a key brings about, and how many bytes."""
        pressed = time.perf_counter()
        os.write(self.fd, keys)
        size = len(self.read(5))
        first = last = time.perf_counter() - pressed
        while data := self.read(SILENCE):
            last = time.perf_counter() - pressed
            size += len(data)
        return first, last, size

    def end(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def start(folder: Path) -> float:
    terminal = Terminal(folder)
    took = terminal.until("お知らせ".encode())
    terminal.quiet(0.3)
    terminal.end()
    return took


def keys(terminal: Terminal, name: str, sequence: list[bytes]) -> None:
    firsts, lasts, sizes = [], [], []
    for key in sequence:
        first, last, size = terminal.key(key)
        firsts.append(first)
        lasts.append(last)
        sizes.append(size)
        time.sleep(PAUSE)
    print(spread(f"{name}: key -> first byte", firsts))
    print(spread(f"{name}: key -> last byte", lasts) + f"   {statistics.median(sizes):.0f} bytes")


def measure(folder: Path, options: argparse.Namespace) -> None:
    pid = start_detached(folder)
    try:
        burst(folder, options.drafts)
        start(folder)  # once, so that every byte-code file is there
        print(spread("command -> first rows", [start(folder) for _ in range(20)]))
        terminal = Terminal(folder)
        terminal.until("お知らせ".encode())
        terminal.quiet(1.0)
        n = options.keys
        keys(terminal, "row down", [b"\x1b[B"] * n)
        keys(terminal, "row up", [b"\x1b[A"] * n)
        keys(terminal, "page down", [b"\x1b[6~"] * (n // 4))
        keys(terminal, "end, home", [b"G", b"g"] * (n // 8))
        print(f"{'resident':<52} {resident(terminal.pid):.0f} MB")
        keys(terminal, "the stop key, second press", [b"\x1b[24~\x1b[24~"])
        terminal.end()
    finally:
        kill(pid)


def resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--drafts", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=400)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="kohoban-bench-", dir=options.folder))
    print(about(base))
    try:
        measure(office(base / "office"), options)
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
