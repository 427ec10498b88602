"""One installer at a time in a folder: whoever comes second is told who is at work, and changes nothing.

The folder itself is locked, by the kernel: the lock ends with its process, however that ends. Who it is stands in a small file beside, which counts
for nothing else.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from console.installation.outcome import REFUSED, Problem, text

WHO = ".at-work.json"


@contextmanager
def alone(prefix: Path, command: str) -> Iterator[None]:
    """Work in this folder while nobody else does; it is made for an installation, and gone again where nothing came of that. Raises Problem
    where somebody is at work there, OSError."""
    if command == "install":
        prefix.mkdir(mode=0o755, parents=True, exist_ok=True)
    try:
        folder = os.open(prefix, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield  # nothing is installed there, which the command itself says
        return
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(text("problem.at_work", prefix=prefix, **_who(prefix)), REFUSED) from None
        _sign(prefix, command)
        yield
    finally:
        with suppress(OSError):
            if _mine(prefix):
                (prefix / WHO).unlink()
                prefix.rmdir()  # only where nothing lies in it
        os.close(folder)


def _sign(prefix: Path, command: str) -> None:
    """Write down who is at work: on a full disk nobody does, and works all the same."""
    said = {
        "pid": os.getpid(),
        "by": os.environ.get("SUDO_USER") or _login(),
        "command": command,
        "since": time.strftime("%F %T"),
    }
    with suppress(OSError):
        (prefix / WHO).write_text(json.dumps(said) + "\n", encoding="utf-8")


def _who(prefix: Path) -> dict[str, object]:
    said: object = None
    with suppress(OSError, ValueError):
        said = json.loads((prefix / WHO).read_text(encoding="utf-8"))
    known = said if isinstance(said, dict) else {}
    return {key: known.get(key, "?") for key in ("pid", "by", "command", "since")}


def _mine(prefix: Path) -> bool:
    return _who(prefix)["pid"] == os.getpid()


def _login() -> str:
    with suppress(KeyError):
        return pwd.getpwuid(os.getuid()).pw_name
    return str(os.getuid())
