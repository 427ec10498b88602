"""Whom to ring, as the office's rules file says it: for a console that no daemon has ever answered."""

from __future__ import annotations

import tomllib
from pathlib import Path

MOST = 1 << 20
"""Bytes of a rules file that are looked at."""


def phone_of(office: Path) -> str:
    """`[office] phone`; empty where the file, or the line, cannot be read: nothing else may depend on it now."""
    try:
        with (office / "rules.toml").open("rb") as file:
            said = tomllib.loads(file.read(MOST).decode("utf-8"))["office"]["phone"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return said if isinstance(said, str) else ""
