"""The operator's own editor (`$VISUAL`, `$EDITOR`), where the office allows one: the console gives it the terminal and waits."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.tui.app import Console


def command() -> list[str]:
    """The editor with its arguments; empty where none is named, or there is no such program."""
    try:
        words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    except ValueError:
        return []
    return words if words and shutil.which(words[0]) else []


def run(console: Console, editor: list[str], path: Path) -> None:
    """Let the editor have the terminal until it ends. Nothing of the console runs meanwhile, the stop key included, which is said before.
    Raises OSError where it cannot be started, or ends with an error."""
    with console.suspend():
        ended = subprocess.run([*editor, str(path)], check=False)
    if ended.returncode:
        raise OSError(f"{editor[0]}: {ended.returncode}")
