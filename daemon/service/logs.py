"""The daemon's log: one JSON object a line, on stderr (a service manager's journal bounds it) or in `state/log/kohoban.log`, which is turned
over when it is large: `kohoban.log.1` is the one before. Never the text of a draft, never a credential.

The library that writes the lines takes as long to import as an office needs to answer: it is asked for when there is something to log.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

LARGEST = 8 << 20
"""Bytes of the file from which on it is turned over."""
KEPT = 3
"""Files of before that are kept: `kohoban.log.1` to `.3`."""


class _Lines:
    """Where the lines go. On a full disk, or with nobody left at the other end of stderr, a line is lost and nothing else: what was
    about to be logged must not fail by being logged."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def msg(self, line: str) -> None:
        """Write one line, at once and in one piece. What is no text in a file's name is written as an escape."""
        with suppress(OSError):
            self._write(f"{line}\n".encode(errors="backslashreplace"))

    def _write(self, line: bytes) -> None:
        os.write(self._descriptor, line)

    debug = info = warning = error = critical = msg


class _File(_Lines):
    """Lines into a file of bounded size. Threads share it."""

    def __init__(self, path: Path) -> None:
        super().__init__(_open(path))
        self._path = path
        self._turn = threading.Lock()
        self._size = os.fstat(self._descriptor).st_size

    def _write(self, line: bytes) -> None:
        with self._turn:
            if self._size + len(line) > LARGEST:
                self._turn_over()
            self._size += os.write(self._descriptor, line)

    def _turn_over(self) -> None:
        """The present file becomes the one before; where that cannot be (a folder that only reads), it goes on as it is."""
        self._size = 0
        with suppress(OSError):
            for number in range(KEPT - 1, 0, -1):
                with suppress(FileNotFoundError):
                    _numbered(self._path, number).replace(_numbered(self._path, number + 1))
            self._path.replace(_numbered(self._path, 1))
            fresh, old = _open(self._path), self._descriptor
            self._descriptor = fresh
            os.close(old)


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


_lines: list[_Lines] = []
"""Where the log of this process goes, once that is known."""


def configure(state: Path | None) -> None:
    """Send the log to `state/log/kohoban.log` (appended, 0640), or to stderr where no folder is given. Raises OSError."""
    lines = _Lines(sys.stderr.fileno())
    if state is not None:
        folder = state / "log"
        for place in (state, folder):
            place.mkdir(mode=0o750, exist_ok=True)
        lines = _File(folder / "kohoban.log")
    _lines[:] = [lines]
    if "structlog" in sys.modules:
        begin()


def begin() -> None:
    """Have every logger of this process write there: before the first of them, made before or after, has written a line."""
    if not _lines:
        return
    import structlog

    (lines,) = _lines
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )


def incident(what: str, error: BaseException, **about: str) -> str:
    """Log an error of the program's own with its trace; returns the number under which it stands, for people to name."""
    number = os.urandom(4).hex()
    said(what, incident=number, exc_info=error, **about)
    return number


def said(event: str, /, **about: object) -> None:
    """Log an error, from a module that is there before the library is."""
    begin()
    import structlog

    structlog.get_logger().error(event, **about)


def unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The event loop's own reports (a listener that failed, a task that nobody asked for): logged, and the loop goes on."""
    said("event loop", what=context.get("message"), exc_info=context.get("exception"))
