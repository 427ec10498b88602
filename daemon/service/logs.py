"""The daemon's log: one JSON object a line, on stderr or in `state/log/kohoban.log`. Never the text of a draft."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger()


class _Lines:
    """Where the lines go. On a full disk, or with nobody left at the other end of stderr, a line is lost and nothing else: what was
    about to be logged must not fail by being logged."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def msg(self, line: str) -> None:
        """Write one line, at once and in one piece. What is no text in a file's name is written as an escape."""
        with suppress(OSError):
            os.write(self._descriptor, f"{line}\n".encode(errors="backslashreplace"))

    debug = info = warning = error = critical = msg


def configure(state: Path | None) -> None:
    """Send the log to `state/log/kohoban.log` (appended, 0640), or to stderr where no folder is given. Raises OSError."""
    descriptor = sys.stderr.fileno()
    if state is not None:
        folder = state / "log"
        for place in (state, folder):
            place.mkdir(mode=0o750, exist_ok=True)
        descriptor = os.open(folder / "kohoban.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: _Lines(descriptor),
        cache_logger_on_first_use=True,
    )


def incident(what: str, error: BaseException, **about: str) -> str:
    """Log an error of the program's own with its trace; returns the number under which it stands, for people to name."""
    number = os.urandom(4).hex()
    log.error(what, incident=number, exc_info=error, **about)
    return number


def unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The event loop's own reports (a listener that failed, a task that nobody asked for): logged, and the loop goes on."""
    log.error("event loop", what=context.get("message"), exc_info=context.get("exception"))
