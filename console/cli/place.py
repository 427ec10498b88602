"""Where and when: the office that a command works on, and the times that people type."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from console.cli.outcome import WRONG, Failure
from console.words import say

TOKYO = ZoneInfo("Asia/Tokyo")
RULES = "rules.toml"


def office_dir(option: str | None) -> Path:
    """The office's folder: `--office`, else KOHOBAN_OFFICE, else the current folder. It need not be there."""
    return Path(option or os.environ.get("KOHOBAN_OFFICE") or ".")


def office_here(option: str | None, otherwise: str = "error.no_office") -> Path:
    """The same, for what needs an office: raises Failure where there is no `rules.toml` in it, nor a daemon that holds the last one;
    `otherwise` is what to say then."""
    from daemon.wire.place import SOCKET  # with it come the types of every act and query, which `check` does without

    folder = office_dir(option)
    if not os.path.isfile(folder / RULES) and not os.path.exists(folder / "state" / SOCKET):  # noqa: PTH113, PTH110 - no error where it is closed to us
        raise Failure(WRONG, say("cli", otherwise, folder=folder.absolute()))
    return folder


def moment(text: str) -> datetime:
    """A time that a person typed (ISO 8601; without an offset it is Japan's). Raises Failure for anything else."""
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Failure(WRONG, say("cli", "usage.time", value=text)) from None
    return typed.replace(tzinfo=TOKYO) if typed.tzinfo is None else typed.astimezone(TOKYO)


def now() -> datetime:
    """This moment in Japan, whatever the host's zone."""
    return datetime.now(TOKYO)
