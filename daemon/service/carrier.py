"""Carrying one notice out of the house: sendmail or the office's own command, run without a shell, with next to no environment, for a
limited time. Whatever it prints is not kept; it holds nobody up.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import time
from contextlib import suppress

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/"}
"""All that a command is told of where it runs: no token, no socket, no office."""

POSTMAN = "KOHOBAN_POSTMAN"
"""The variable of the daemon's that names the postman's socket, where the unit of the daemon has one."""

_SAID = 300
"""Bytes of its last words on stderr that are shown."""
_PIECE = 1 << 16
_LOOK = 0.05
_GRACE = 2.0
"""Seconds that a command is given when the daemon ends."""


class Carrier:
    """Runs one command at a time, in whichever thread calls; where a `postman` listens at that place, it has the postman run it."""

    def __init__(self, postman: str = "") -> None:
        self._postman = postman
        self._running: subprocess.Popen[bytes] | None = None
        self._ended = False

    def carry(self, command: tuple[str, ...], data: bytes, seconds: float) -> tuple[str, str] | None:
        """Run the command with `data` on its stdin; None where it ended well, else why not, in both languages."""
        if self._ended:
            return "終了するため送りませんでした", "not sent: the daemon ends"
        if self._postman:
            return over_the_line(self._postman, command, data, seconds)
        try:
            child = self._running = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            return f"{command[0]} を実行できません: {why}", f"{command[0]} cannot be run: {why}"
        try:
            return self._see(child, command[0], data, time.monotonic() + seconds, seconds)
        finally:
            self._running = None
            _end(child)

    def close(self) -> None:
        """The daemon ends: what it runs has a moment to end by itself, so that nothing is sent twice for want of it."""
        self._ended = True
        until = time.monotonic() + _GRACE
        while (child := self._running) is not None and time.monotonic() < until:
            time.sleep(_LOOK)
        if child is not None:
            _kill(child)

    def _see(
        self, child: subprocess.Popen[bytes], name: str, data: bytes, until: float, seconds: float
    ) -> tuple[str, str] | None:
        """Feed it and listen, neither of them longer than its time: a command that reads nothing or prints for ever is given up."""
        assert child.stdin is not None
        assert child.stderr is not None
        said = b""
        with selectors.DefaultSelector() as ears:
            for pipe, event in ((child.stdin, selectors.EVENT_WRITE), (child.stderr, selectors.EVENT_READ)):
                os.set_blocking(pipe.fileno(), False)
                ears.register(pipe, event)
            while child.poll() is None:
                if time.monotonic() > until:
                    _kill(child)
                    return f"{name} が {seconds:g} 秒で終わりませんでした", f"{name} did not end within {seconds:g} s"
                for key, _ in ears.select(_LOOK):
                    if key.fileobj is child.stderr:
                        said = _heard(child.stderr.fileno(), said)
                        if not said:
                            time.sleep(_LOOK / 10)
                    elif not (data := _fed(child.stdin.fileno(), data)):
                        ears.unregister(child.stdin)
                        with suppress(OSError):
                            child.stdin.close()
        said = _heard(child.stderr.fileno(), said)
        if child.returncode == 0:
            return None
        last = said.decode("utf-8", "replace").strip().replace("\n", " ")
        more = f": {last}" if last else ""
        return f"{name} が失敗しました（終了 {child.returncode}）{more}", f"{name} failed (exit {child.returncode}){more}"


def over_the_line(place: str, command: tuple[str, ...], data: bytes, seconds: float) -> tuple[str, str] | None:
    """Have the postman at `place` carry `data`; None where it ended well, else why not, in both languages. It runs the command that its
    own unit names: where that is not the one of the rules, nothing is sent."""
    head = json.dumps(list(command)).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(seconds + _GRACE)
            line.connect(place)
            line.sendall(head + data)
            line.shutdown(socket.SHUT_WR)
            said = b""
            while piece := line.recv(1 << 16):
                said += piece
        answer = json.loads(said)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return f"通知係（{place}）に渡せません: {why}", f"the postman ({place}) does not take it: {why}"
    return None if answer is None else (str(answer[0]), str(answer[1]))


def _fed(descriptor: int, data: bytes) -> bytes:
    """What is left to be read by a command; nothing where it has closed its ears."""
    try:
        return data[os.write(descriptor, data[:_PIECE]) :]
    except BlockingIOError:
        return data
    except OSError:
        return b""


def _heard(descriptor: int, said: bytes) -> bytes:
    """The last words, as far as they are shown."""
    try:
        return (said + os.read(descriptor, _PIECE))[-_SAID:]
    except OSError:
        return said


def _kill(child: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Leave no child and no pipe behind."""
    for pipe in (child.stdin, child.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    if child.poll() is None:
        _kill(child)
    child.wait()
