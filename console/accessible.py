"""Whether the console is to be one for a screen reader: asked for by `kohoban --accessible`, or in a login's profile."""

from __future__ import annotations

import os

WANTED = "KOHOBAN_ACCESSIBLE"
"""The variable of the environment that asks for it, too."""


def wanted() -> bool:
    """Whether the operator asked for it."""
    return os.environ.get(WANTED, "") not in ("", "0")


def ask_for_it() -> None:
    """From here on the console is one for a screen reader."""
    os.environ[WANTED] = "1"
