"""A program on a real pseudo-terminal, and what a terminal emulator (pyte) makes of its output."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

DEADLINE = 30.0


class Terminal:
    """One program on one pty. `report` answers the question where the cursor stands, as terminals do."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], size: tuple[int, int] = (80, 24)) -> None:
        self.screen = pyte.Screen(*size)
        self.raw = self._last = b""
        self._stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), dict(env))
        self._tell_size(size)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass  # it has ended by itself
        os.close(self.fd)

    def send(self, keys: str) -> None:
        """Send what a keyboard would."""
        os.write(self.fd, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Give the program another window, as somebody does who pulls at its corner."""
        self.screen.resize(lines, columns)
        self.screen.reset()
        self._tell_size((columns, lines))

    def _tell_size(self, size: tuple[int, int]) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def take_no_output(self) -> None:
        """Let every write of the program block from now on, as a terminal does that was stopped or hangs."""
        self._flow(termios.TCOOFF)

    def take_output(self) -> None:
        """Let what was held back come."""
        self._flow(termios.TCOON)

    def _flow(self, action: int) -> None:
        far_end = os.open(f"/proc/{self.pid}/fd/1", os.O_RDWR | os.O_NOCTTY)
        try:
            termios.tcflow(far_end, action)
        finally:
            os.close(far_end)

    def read(self, seconds: float = 0.05) -> bool:
        """Take in output for a moment. False when the program has closed the terminal."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.raw += data
        for _ in range((self._last + data).count(b"\x1b[5n")):  # what real ones answer: all of it has been taken in
            os.write(self.fd, b"\x1b[0n")
        self._last = data[-3:]
        if b"\x1b[6n" in data:
            self._stream.feed(data.split(b"\x1b[6n")[0])
            os.write(self.fd, f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R".encode())
        self._stream.feed(_plain(data))
        return bool(data)

    def until(self, true: Callable[[], object]) -> None:
        """Take in output until something is so."""
        end = time.monotonic() + DEADLINE
        while not true():
            assert time.monotonic() < end, "\n".join(self.lines())
            self.read()

    def shows(self, text: str) -> None:
        """Wait until the screen shows a text."""
        self.until(lambda: any(text in line for line in self.lines()))

    def lines(self) -> list[str]:
        """What stands on the screen. (pyte's own `display` fails on half a wide character.)"""
        return ["".join(self.screen.buffer[y][x].data for x in range(self.screen.columns)) for y in range(self.screen.lines)]

    def ended(self) -> int:
        """Wait for the program's end; its exit code."""
        while self.read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _plain(data: bytes) -> bytes:
    """Without the private questions that pyte does not know and would print."""
    for question in (b"\x1b[?2026$p", b"\x1b[?2048$p", b"\x1b[6n", b"\x1b[5n"):
        data = data.replace(question, b"")
    return data


def console_words(office: Path) -> list[str]:
    """The console of an office, without what the command line does before it."""
    code = "import sys; from pathlib import Path; from console.tui.main import run; sys.exit(run(Path(sys.argv[1])))"
    return [sys.executable, "-c", code, str(office)]


def surroundings(size: tuple[int, int]) -> dict[str, str]:
    """What a console finds around it in a terminal of this size that has every colour."""
    base = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": "ja", "COLUMNS": str(size[0]), "LINES": str(size[1])}
    base.pop("NO_COLOR", None)
    return base


def console(office: Path, env: Mapping[str, str] | None = None, size: tuple[int, int] = (80, 24)) -> Terminal:
    """The console of an office on a pty."""
    return Terminal(console_words(office), {**surroundings(size), **(env or {})}, size)


def environment() -> dict[str, str]:
    """The environment of somebody who sits at such a terminal."""
    here = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": "ja", "LC_ALL": "C.UTF-8"}
    for name in ("NO_COLOR", "COLUMNS", "LINES", "TMUX"):
        here.pop(name, None)
    return here
