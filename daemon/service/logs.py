"""The daemon's log: one JSON object a line, on stderr or in `state/log/kohoban.log`. Never the text of a draft."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import structlog


def configure(state: Path | None) -> None:
    """Send the log to `state/log/kohoban.log` (appended, 0640), or to stderr where no folder is given."""
    stream: TextIO = sys.stderr
    if state is not None:
        folder = state / "log"
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        stream = (folder / "kohoban.log").open("a", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=True,
    )
