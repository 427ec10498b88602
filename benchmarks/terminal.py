"""A program on a pseudo-terminal: what a key brings about, when, in how many bytes, and whether the machine let it.

Single milliseconds say little on a machine where others work. So beside each time stands for how long those who took part (the program, its
daemon, and whoever measures) waited in the kernel's queue for a processor (`/proc/PID/task/*/schedstat`). A time is *quiet* where that was less
than 1.5 ms or a twentieth of it; figures are told of the quiet ones, beside those of all, and the program's own processor time with them.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

COLUMNS, ROWS = 140, 40
SILENCE = 0.03
"""Seconds without output after which a program has said what it had to say."""
LEAST, SHARE = 0.0015, 0.05
"""Seconds, and the part of a time, that may have been spent in the queue for a processor."""

WHERE, ALIVE = b"\x1b[6n", b"\x1b[5n"
"""What a console asks its terminal: where the cursor stands, and behind each frame whether it has arrived."""
_TO_ROW = re.compile(rb"\x1b\[(\d+);\d+H")

DOWN, UP, PAGE_DOWN, PAGE_UP, F12 = b"\x1b[B", b"\x1b[A", b"\x1b[6~", b"\x1b[5~", b"\x1b[24~"
KOHOBAN = Path(sys.executable).with_name("kohoban")


class Piece(NamedTuple):
    """Output that came in one piece, and when (seconds, `time.perf_counter`)."""

    at: float
    data: bytes


class Key(NamedTuple):
    """What one key brought about: seconds to the first and to the last byte that matters, bytes, seconds of the program's processor time, and
    seconds that somebody waited for a processor."""

    first: float
    last: float
    size: int
    cpu: float
    waited: float

    @property
    def quiet(self) -> bool:
        """Whether the machine let it."""
        return self.waited < max(LEAST, SHARE * self.last)


class Scheduled:
    """The processor time and the waiting of processes since it was made."""

    def __init__(self, program: int, others: Sequence[int] = ()) -> None:
        self._pids = (program, *others, os.getpid())
        self._before = [scheduled(pid) for pid in self._pids]

    def since(self) -> tuple[float, float]:
        """Seconds that the program ran; seconds that anyone of them waited."""
        now = [scheduled(pid) for pid in self._pids]
        ran = now[0][0] - self._before[0][0]
        return ran / 1e9, sum(after[1] - before[1] for after, before in zip(now, self._before, strict=True)) / 1e9


def scheduled(pid: int) -> tuple[int, int]:
    """Nanoseconds that the threads of a process have run, and waited to run; of threads that have ended, nothing."""
    ran = waited = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            fields = Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # a thread that has just ended
        ran += int(fields[0])
        waited += int(fields[1])
    return ran, waited


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    return scheduled(pid)[0] / 1e9


def resident(pid: int) -> float:
    """Megabytes in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def environment(**more: str) -> dict[str, str]:
    """The environment of somebody who sits at such a terminal."""
    here = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "TERM": "xterm-256color", "KOHOBAN_LANG": "ja", "LC_ALL": "C.UTF-8"}
    for name in ("NO_COLOR", "COLORTERM", "TMUX"):
        here.pop(name, None)
    return {**here, "LINES": str(ROWS), "COLUMNS": str(COLUMNS), **more}


class Terminal:
    """One program. It answers at once what programs ask their terminals. `others`: who works for the program (its daemon)."""

    def __init__(self, command: Sequence[str | Path], others: Sequence[int] = (), **env: str) -> None:
        self.started = time.perf_counter()
        self.others = others
        self.framed = False
        """Whether the program marks its frames: then those that touch the first row alone, its clocks, do not count for a key."""
        self._tail = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(command[0], [str(word) for word in command], environment(**env))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()

    def send(self, keys: bytes) -> float:
        """Type; returns when."""
        at = time.perf_counter()
        os.write(self.fd, keys)
        return at

    def read(self, seconds: float) -> Piece | None:
        """The next piece of output, if any comes within so many seconds. Raises OSError where the program has ended."""
        if not select.select([self.fd], [], [], max(0.0, seconds))[0]:
            return None
        at, data = time.perf_counter(), os.read(self.fd, 65536)
        both = self._tail + data
        if WHERE in both:
            os.write(self.fd, b"\x1b[1;2R")
        if alive := both.count(ALIVE):
            self.framed = True
            os.write(self.fd, b"\x1b[0n" * alive)
        self._tail = data[-3:]
        return Piece(at, data)

    def until(self, *marks: str, since: float | None = None) -> float:
        """Seconds from the start of the program (or a moment) until one of these has come. Raises TimeoutError after a minute."""
        seen, wanted, end = b"", [mark.encode() for mark in marks], time.perf_counter() + 60
        while not any(mark in seen for mark in wanted):
            if (piece := self.read(1)) is not None:
                seen += piece.data
            if time.perf_counter() > end:
                raise TimeoutError(f"{marks}: {seen[-2000:]!r}")
        return time.perf_counter() - (self.started if since is None else since)

    def settle(self, seconds: float) -> list[Piece]:
        """Take in output until nothing that matters has come for so long; at most for a minute."""
        pieces: list[Piece] = []
        now = time.perf_counter()
        quiet, end = now + seconds, now + 60
        while (now := time.perf_counter()) < min(quiet, end):
            if (piece := self.read(min(quiet, end) - now)) is not None:
                pieces.append(piece)
                if any(frame.matters for frame in self.frames([piece])):
                    quiet = piece.at + seconds
        return pieces

    def listen(self, seconds: float) -> list[Piece]:
        """Take in output for so long."""
        pieces, end = [], time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if (piece := self.read(left)) is not None:
                pieces.append(piece)
        return pieces

    def key(self, keys: bytes, silence: float = SILENCE, after: float = 0.0) -> Key:
        """Type, and take in what that brings about, until nothing has come for `silence` seconds. What comes before `after` seconds does not count."""
        clock = Scheduled(self.pid, self.others)
        pressed = self.send(keys)
        pieces: list[Piece] = []
        while True:
            matter = [frame for frame in self.frames(pieces) if frame.matters and frame.begun - pressed >= after]
            wait = silence if matter else 10.0 - (time.perf_counter() - pressed)
            if (piece := self.read(wait)) is not None:
                pieces.append(piece)
            elif matter:
                return Key(
                    matter[0].begun - pressed, matter[-1].ended - pressed, sum(frame.size for frame in matter), *clock.since()
                )
            else:
                raise TimeoutError(f"nothing came of {keys!r}: {b''.join(piece.data for piece in pieces)!r}")

    def frames(self, pieces: Sequence[Piece]) -> list[Frame]:
        """Output as frames; every piece is one where the program does not mark them."""
        if not self.framed:
            return [Frame(piece.at, piece.at, len(piece.data), True) for piece in pieces]
        found: list[Frame] = []
        begun, data = 0.0, b""
        for at, more in pieces:
            begun, data = begun if data else at, data + more
            while ALIVE in data:
                frame, _, data = data.partition(ALIVE)
                found.append(Frame(begun, at, len(frame) + len(ALIVE), _matters(frame)))
                begun = at
        return [*found, Frame(begun, pieces[-1].at, len(data), _matters(data))] if data else found

    def end(self) -> None:
        """Kill the program."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


class Frame(NamedTuple):
    """What was painted in one go: when its first and its last byte came, its bytes, and whether it is more than a clock's tick."""

    begun: float
    ended: float
    size: int
    matters: bool


def _matters(frame: bytes) -> bool:
    rows = _TO_ROW.findall(frame)[:-1]  # the last one puts the cursor back
    return any(row != b"1" for row in rows)


def p(values: Sequence[float], part: float) -> float:
    """The value that so large a part of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def both(values: Sequence[float]) -> str:
    """Median and 99th percentile of seconds, in milliseconds."""
    return f"{statistics.median(values) * 1e3:6.1f} /{p(values, 0.99) * 1e3:6.1f}" if values else "     - /     -"


HEAD = f"{'ms, p50 / p99':<44} {'quiet':>11}  {'last byte':>15}  {'first byte':>15}  {'all: last byte':>15}  {'processor':>15}  bytes"


def told(name: str, keys: Sequence[Key]) -> str:
    """One line of figures under `HEAD`."""
    quiet = [key for key in keys if key.quiet]
    return (
        f"{name:<44} {len(quiet):>4} of {len(keys):>4}  {both([key.last for key in quiet])}  {both([key.first for key in quiet])}  "
        f"{both([key.last for key in keys])}  {both([key.cpu for key in keys])}  {statistics.median(key.size for key in keys):,.0f}"
    )


def middle(keys: Sequence[Key]) -> float:
    """The median of the quiet last bytes; of all where fewer than three were quiet."""
    quiet = [key.last for key in keys if key.quiet]
    return statistics.median(quiet if len(quiet) > 2 else [key.last for key in keys])
