"""Where the tests' daemons are forked: a process that has everything imported and the bundled policies compiled, so that a test waits for
its daemon and not for Python. What a daemon does when it starts as people start it is asked of those that are (`plain`)."""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.modules["rich"] = None  # type: ignore[assignment]  # as `daemon.service.main` does

from daemon.intake.frontmatter import read_item
from daemon.judge.canaries import canaries
from daemon.rulebook.load import load_rulebook
from daemon.service import house as _everything  # noqa: F401
from daemon.service.clock import tokyo_now

ROOT = Path(__file__).resolve().parents[2]


class Hatched:
    """A daemon that was forked, with what a test asks of a `subprocess.Popen`. `told` gets its pid, and its exit code once it has ended."""

    def __init__(self, told: int) -> None:
        self._told = told
        self.pid = self._heard()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, once it has ended; negative where a signal ended it."""
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self.returncode = self._heard()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired where it does not end within so many seconds."""
        if self.returncode is None:
            select.select([self._told], [], [], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(f"daemon {self.pid}", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """A signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended just now
                os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)

    def _heard(self) -> int:
        return int.from_bytes(os.read(self._told, 4), "little", signed=True)

    def __del__(self) -> None:
        os.close(self._told)


def hatch(program: Path, arguments: Sequence[str], said: Path, ready: int) -> Hatched:
    """Run this program in a fork; it is given `--ready-fd` of `ready` besides its arguments, and writes its stderr to `said`."""
    ours, its = os.pipe()
    with said.open("ab") as errors:
        order = json.dumps([str(program), arguments, dict(os.environ)]).encode()
        line = _nest()
        line.sendall(len(order).to_bytes(4, "little"))
        socket.send_fds(line, [order], [ready, errors.fileno(), its])
    os.close(its)
    return Hatched(ours)


_NESTS: list[subprocess.Popen[bytes]] = []
"""Kept, so that nothing says of it at the end that it still runs: it ends when its line does."""


@cache
def _nest() -> socket.socket:
    """The nest of this process; it ends with it."""
    ours, its = socket.socketpair()
    with its:
        command = [sys.executable, __file__, str(its.fileno())]
        _NESTS.append(subprocess.Popen(command, pass_fds=(its.fileno(),), stdin=subprocess.DEVNULL, cwd=ROOT))
    return ours


def _brood(line: socket.socket) -> None:
    """What every daemon would do first, once for all of them; then a fork for each order."""
    canaries(load_rulebook(ROOT), tokyo_now(), read_item)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while head := line.recv(4):
        size = int.from_bytes(head, "little")
        order, fds, _, _ = socket.recv_fds(line, size, 3)
        while len(order) < size:
            order += line.recv(size - len(order))
        if os.fork() == 0:
            line.close()
            _sit(*json.loads(order), *fds)
        for fd in fds:
            os.close(fd)


def _sit(program: str, arguments: list[str], environment: dict[str, str], ready: int, errors: int, told: int) -> None:
    """The parent of one daemon, which tells its pid and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(told)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(errors, 2)
        os.close(errors)
        os.environ.clear()
        os.environ.update(environment)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), str(ROOT))))
        sys.argv = [program, *arguments, "--ready-fd", str(ready)]
        runpy.run_path(program, run_name="__main__")
        sys.exit()
    for fd in (ready, errors):
        os.close(fd)
    os.write(told, pid.to_bytes(4, "little"))
    _, status = os.waitpid(pid, 0)
    os.write(told, os.waitstatus_to_exitcode(status).to_bytes(4, "little", signed=True))
    os._exit(0)


if __name__ == "__main__":
    _brood(socket.socket(fileno=int(sys.argv[1])))
