"""F12 F12 in a console on a real pseudo-terminal, beside a running daemon: until the permit is unlinked, and until the stop is painted.

    python -m benchmarks.console_stop [--times 40] [--rows 1000] [--ahead]

The second F12 counts from its write to the pty. *Unlinked* is told by inotify on the gate's folder, *painted* when the last byte of 「緊急停止中」 has come.
*Stalled*: the terminal has taken no byte for a second in which the console had hundreds of pages to paint. Between two stops a manager resumes.
First with the gate on a tmpfs, as an installation has it, then in a plain folder of the disk.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import select
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.console import ROW, go_ahead
from benchmarks.machine import about, kill
from benchmarks.terminal import F12, HEAD, KOHOBAN, PAGE_DOWN, PAGE_UP, Key, Scheduled, Terminal, told
from benchmarks.years import office_of_years
from daemon.gate import Gate
from daemon.service.spawn import start_detached
from daemon.wire import Done, Resume, ResumeCode, StopState
from tests.service.live_office import Caller

STOPPED = "緊急停止中"
MANAGER = "shibata"
MEMORY = Path("/dev/shm")
APART = 0.15
"""Seconds between the two presses."""
_IN_DELETE, _IN_MOVED_FROM = 0x200, 0x40


@contextmanager
def watched(office: Path) -> Iterator[Callable[[], float]]:
    """What is given waits for the moment (`time.perf_counter`) at which the permit has gone since. A thread waits for the kernel's word."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init1(os.O_CLOEXEC)
    libc.inotify_add_watch(fd, os.fsencode(os.path.realpath(office / "state" / "gate")), _IN_DELETE | _IN_MOVED_FROM)
    moments: list[float] = []
    over, ends = os.pipe()

    def listen() -> None:
        while True:
            ready = select.select([fd, over], [], [])[0]
            at = time.perf_counter()
            if fd not in ready:
                return
            data = os.read(fd, 4096)
            while data:
                size = struct.unpack("iIII", data[:16])[3]
                if data[16 : 16 + size].rstrip(b"\0") == b"RUN" and not moments:
                    moments.append(at)
                data = data[16 + size :]

    thread = threading.Thread(target=listen)
    thread.start()

    def gone() -> float:
        end = time.perf_counter() + 30
        while not moments:
            if time.perf_counter() > end:
                raise TimeoutError("the permit is still there")
            time.sleep(0.001)
        return moments[0]

    try:
        yield gone
    finally:
        os.write(ends, b".")
        thread.join()
        for each in (fd, over, ends):
            os.close(each)


def resume(office: Path) -> None:
    """Have a manager resume, and wait for the permit."""
    while not Gate(office / "state").look().open:
        with Caller(office / "state") as caller:
            caller.hello(MANAGER)
            code = caller.ask(ResumeCode(), StopState).code
            caller.ask(Resume(code=code, reason="点検を終えたため", scope="all"), Done)
        time.sleep(0.05)


def back(terminal: Terminal, office: Path) -> None:
    """Leave what is offered after a stop, have it resumed, and go to the list."""
    for keys in (b"\x1b", b"1"):
        terminal.listen(0.5)
        terminal.send(keys)
    resume(office)
    terminal.listen(1.5)


def stop(terminal: Terminal, office: Path) -> tuple[Key, Key]:
    """Stop as a person does: until the permit is gone, until it is painted."""
    with watched(office) as gone:
        terminal.send(F12)
        terminal.listen(APART)
        clock = Scheduled(terminal.pid, terminal.others)
        pressed = terminal.send(F12)
        painted = terminal.until(STOPPED, since=pressed)
        ran, waited = clock.since()
        unlinked = gone() - pressed
        return Key(unlinked, unlinked, 0, ran, waited), Key(painted, painted, 0, ran, waited)


def stop_stalled(terminal: Terminal, office: Path) -> Key:
    """Have more painted than fits, take nothing of it, and stop."""
    with watched(office) as gone:
        for _ in range(100):
            terminal.send(PAGE_DOWN * 5 + PAGE_UP * 5)
            time.sleep(0.01)
        terminal.send(F12)
        time.sleep(APART)
        clock = Scheduled(terminal.pid, terminal.others)
        pressed = terminal.send(F12)
        unlinked = gone() - pressed
        return Key(unlinked, unlinked, 0, *clock.since())


def measure(where: str, office: Path, pid: int, times: int) -> None:
    """Stops and resumes."""
    unlinked, painted, stalled = [], [], []
    with Terminal((KOHOBAN, "--office", office), (pid,), KOHOBAN_OPERATOR="akasaka") as terminal:
        terminal.until(ROW)
        for _ in range(times):
            back(terminal, office)
            one, other = stop(terminal, office)
            unlinked.append(one)
            painted.append(other)
        for _ in range(times // 2):
            back(terminal, office)
            stalled.append(stop_stalled(terminal, office))
    print(told(f"{where}: second F12 -> unlinked", unlinked))
    print(told(f"{where}: second F12 -> painted", painted))
    print(told(f"{where}: second F12 -> unlinked, stalled", stalled))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--ahead", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kohoban-bench-") as scratch, tempfile.TemporaryDirectory(dir=MEMORY) as memory:
        print(about(Path(scratch)))
        if options.ahead:
            go_ahead()
        print(HEAD)
        for where in ("tmpfs", "disk"):
            office = office_of_years(Path(scratch) / where, options.rows, 1000)
            if where == "tmpfs":
                (office / "state" / "gate").symlink_to(memory)
            pid = start_detached(office)
            try:
                measure(where, office, pid, options.times)
            finally:
                kill(pid)
        print(f"load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
