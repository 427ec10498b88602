"""A program on a real pseudo-terminal, and what a terminal emulator (pyte) makes of its output."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pyte

from daemon.gate import Gate

DEADLINE = 60.0
"""Seconds after which what should be on the screen does not come; generous, and never waited for where it comes."""
AT_REST = 3
"""Looks at which a program has to be found waiting, so that it is no pause between two steps of its work."""
F12 = "\x1b[24~"
_ASKED = re.compile(rb"\x1b\[(5n|6n|\?2026\$p|\?2048\$p)")
"""Questions of a program; pyte knows none of them, and would print the private ones."""
_BEGUN = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*)?\Z")


class Terminal:
    """One program on one pty. `report` answers the question where the cursor stands, as terminals do."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], size: tuple[int, int] = (80, 24)) -> None:
        self.screen = pyte.Screen(*size)
        self.raw = self._rest = b""
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
        whole = self._rest + data
        begun = _BEGUN.search(whole)  # a question may come in two pieces
        self._rest = whole[begun.start() :] if begun else b""
        whole = whole[: len(whole) - len(self._rest)]
        at = 0
        for asked in _ASKED.finditer(whole):
            self._stream.feed(whole[at : asked.start()])
            at = asked.end()
            if asked[1] == b"5n":  # what real ones answer: all of it has been taken in
                os.write(self.fd, b"\x1b[0n")
            elif asked[1] == b"6n":
                os.write(self.fd, f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R".encode())
        self._stream.feed(whole[at:])
        return bool(data)

    def until(self, true: Callable[[], object]) -> None:
        """Take in output until something is so. A screen comes in pieces: what is to be there with it belongs into the same condition."""
        end = time.monotonic() + DEADLINE
        while not true():
            assert time.monotonic() < end, self._seen()
            self.read()

    def settle(
        self,
        quiet: float = 0.4,
        also: Iterable[int] = (),
        most: float = DEADLINE,
        seen: Callable[[], object] | None = None,
    ) -> None:
        """Take in output until nothing more has come for so long, and the program has been seen to wait for something with every key read;
        so have `also` (the daemon behind it, by process). One that has no processor says nothing, either. `seen`: what may not change (an input's cursor blinks for ever). After `most` seconds whatever comes."""
        end = time.monotonic() + most
        still, rests, others = time.monotonic(), 0, tuple(also)
        seen = seen or (lambda: len(self.raw))
        last = seen()
        while (now := time.monotonic()) < end and (now - still < quiet or rests < AT_REST):
            open_ = self.read(min(0.05, quiet / 4))
            if (this := seen()) != last:
                still, rests, last = time.monotonic(), 0, this
            elif not open_:
                return
            elif not self._unread() and all(map(_waits, (self.pid, *others))):
                rests += 1

    def _unread(self) -> int:
        """Bytes that were sent and that the program has not read."""
        try:
            far_end = os.open(f"/proc/{self.pid}/fd/0", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            return 0
        try:
            return int(struct.unpack("i", fcntl.ioctl(far_end, termios.FIONREAD, b"\0" * 4))[0])
        finally:
            os.close(far_end)

    def _seen(self) -> str:
        return "\n".join([*self.lines(), f"(the last that came: {self.raw[-200:]!r})"])

    def shows(self, text: str) -> None:
        """Wait until the screen shows a text."""
        self.until(lambda: any(text in line for line in self.lines()))

    def lines(self) -> list[str]:
        """What stands on the screen. (pyte's own `display` fails on half a wide character.)"""
        return ["".join(self.screen.buffer[y][x].data for x in range(self.screen.columns)) for y in range(self.screen.lines)]

    def ended(self) -> int:
        """Wait for the program's end; its exit code."""
        end = time.monotonic() + DEADLINE
        while self.read():
            assert time.monotonic() < end, self._seen()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _waits(pid: int) -> bool:
    """Whether every thread of a process waits for something that is no processor and no disk."""
    try:
        states = [
            Path(f"/proc/{pid}/task/{thread}/stat").read_bytes().rpartition(b") ")[2][:1]
            for thread in os.listdir(f"/proc/{pid}/task")
        ]
    except OSError:  # it has ended, or one of its threads just now
        return not Path(f"/proc/{pid}").exists()
    return not {*states} & {b"R", b"D"}


def at_office(office: Path) -> list[int]:
    """The processes whose command lines name an office: its daemon, its hand, the consoles there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(office) in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def press_twice(terminal: Terminal, key: str, gate: Gate) -> None:
    """Press the stop key as a person does, and wait for the gate; what the program paints is not read meanwhile."""
    terminal.send(key)
    time.sleep(0.1)
    terminal.send(key)
    end = time.monotonic() + DEADLINE
    while gate.look().open:
        assert time.monotonic() < end, "the stop key stops nothing"
        time.sleep(0.01)


PATIENT = "from console.tui import graphics, stopkey, width; graphics.WITHIN = width.ANSWER_WITHIN = stopkey.WINDOW = 60.0; "
"""The console of a terminal that may have to wait for a processor before it answers or presses again."""


ANSWERED_AT_ONCE = (
    PATIENT
    + "from console.tui.office import OfficeSeen; OfficeSeen.answered_in = lambda seen, _: setattr(seen, 'latency', 0.001); "
)
"""The same with a daemon that always seems to be quick: how long its answer takes stands in the first row, in more or fewer columns."""


def console_words(office: Path, before: str = PATIENT) -> list[str]:
    """The console of an office, without what the command line does before it."""
    code = f"import sys; {before}from pathlib import Path; from console.tui.main import run; sys.exit(run(Path(sys.argv[1])))"
    return [sys.executable, "-c", code, str(office)]


def surroundings(size: tuple[int, int]) -> dict[str, str]:
    """What a console finds around it in a terminal of this size that has every colour."""
    base = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": "ja", "COLUMNS": str(size[0]), "LINES": str(size[1])}
    base.pop("NO_COLOR", None)
    return base


def console(
    office: Path, env: Mapping[str, str] | None = None, size: tuple[int, int] = (80, 24), before: str = PATIENT
) -> Terminal:
    """The console of an office on a pty."""
    return Terminal(console_words(office, before), {**surroundings(size), **(env or {})}, size)


def environment() -> dict[str, str]:
    """The environment of somebody who sits at such a terminal."""
    here = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": "ja", "LC_ALL": "C.UTF-8"}
    for name in ("NO_COLOR", "COLUMNS", "LINES", "TMUX"):
        here.pop(name, None)
    return here
