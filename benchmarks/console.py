"""The console on a real pseudo-terminal against a real daemon: command to first rows, and each key to what it paints.

    python -m benchmarks.console [--drafts 100000] [--keys 400] [--folder DIR]
    python -m benchmarks.console --comments 5000 [--drafts 1000] …      the bench of comments beside it (an export of which all are kept)

The office is filled through its folder. A key is timed from its write to the pty until the first and until the last byte of what
it paints (the last one before 30 ms of silence); the console's own clocks keep running meanwhile. Terminal 140x40.
"""

from __future__ import annotations

import argparse
import fcntl
import json
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

    def __init__(self, folder: Path, operator: str = "") -> None:
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
                **({"KOHOBAN_OPERATOR": operator} if operator else {}),
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


def keys(terminal: Terminal, name: str, sequence: list[bytes], pause: float = PAUSE) -> None:
    firsts, lasts, sizes, worked = [], [], [], cpu(terminal.pid)
    for key in sequence:
        first, last, size = terminal.key(key)
        firsts.append(first)
        lasts.append(last)
        sizes.append(size)
        time.sleep(pause)
    print(spread(f"{name}: key -> first byte", firsts))
    print(spread(f"{name}: key -> last byte", lasts) + f"   {statistics.median(sizes):.0f} bytes")
    each = 1000 * (cpu(terminal.pid) - worked) / len(sequence)
    if len(sequence) < 10:
        return  # the clock of processes ticks a hundred times a second
    said = f"{name}: processor time of the console a key"
    print(f"{said:<52} {each:.1f} ms")


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
        if options.comments:
            bench(folder, options)
    finally:
        kill(pid)


def bench(folder: Path, options: argparse.Namespace) -> None:
    """The same keys on the bench: a list beside a comment, which is read when the cursor has rested for 50 ms. The keys of the first figures
    come faster (after 30 ms of silence), as of a key that is held; the last one waits for the comment to be painted."""
    place = folder / "comments" / "saitama-cvc"
    place.mkdir(parents=True, exist_ok=True)
    new = folder / "export.jsonl"
    with new.open("w", encoding="utf-8") as file:
        for n in range(options.comments):
            line = {"id": str(n), "text": f"お前ら全員死ね。市民をなめるな。 {n}", "author": f"shimin_{n}", "author_id": str(n)}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    path = new.rename(place / "export.jsonl")
    begun = time.perf_counter()
    while path.exists():
        time.sleep(0.05)
    print(
        f"{'export of ' + str(options.comments) + ' read, screened, kept (with 2 s to settle)':<52} {time.perf_counter() - begun:.1f} s"
    )
    terminal = Terminal(folder, operator="urano")
    terminal.until("浦野".encode())
    terminal.quiet(1.0)
    begun = time.perf_counter()
    os.write(terminal.fd, b"K")
    heading = f"コメント 1/{options.comments}".encode()
    seen = b""
    while heading not in seen:
        seen += terminal.read(30)
    print(f"{'K -> the bench':<52} {1000 * (time.perf_counter() - begun):.0f} ms")
    terminal.quiet(1.0)
    n = options.keys
    keys(terminal, "bench: row down", [b"\x1b[B"] * n, pause=0)
    terminal.quiet(0.5)
    keys(terminal, "bench: row up", [b"\x1b[A"] * n, pause=0)
    terminal.quiet(0.5)
    keys(terminal, "bench: page down", [b"\x1b[6~"] * (n // 4), pause=0)
    terminal.quiet(0.5)
    beside = []
    for _ in range(n // 4):
        pressed = time.perf_counter()
        os.write(terminal.fd, b"\x1b[B")
        last = pressed
        while terminal.read(0.2):
            last = time.perf_counter()
        beside.append(last - pressed)
    print(spread("bench: row down -> the comment beside it, whole", beside))
    terminal.end()


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--drafts", type=int, default=100_000)
    parser.add_argument("--comments", type=int, default=0)
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
