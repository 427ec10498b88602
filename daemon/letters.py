"""Letters: who stopped, when and why, kept beside the gate for a daemon that could not be told, until one is there to hear of it.

A letter is written after the stop, never before it, and the stop neither waits for it nor fails by it. It decides nothing: a letter about a stop
that does not stand is thrown away. Whose it is says the kernel, by whose file it is; standard library only, as the gate.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from daemon.gate import PLAIN, Gate, is_scope
from daemon.standing import login

NAME = "LETTER-"
"""What the files are called, up to a number: nothing that the gate takes for a stop."""
LONGEST = 500
"""Characters of a reason."""
MOST = 50
"""Letters that are read at once; more wait for the next round."""
_SIZE = 8192


class Letter(NamedTuple):
    """What somebody has left behind: of which stop, when (seconds since 1970), who it was (a login) and why (empty: nobody has said)."""

    path: str
    scope: str
    at: float
    by: str
    reason: str


def leave(gate: Gate, scope: str, by: str, reason: str = "") -> bool:
    """Write down that `by` has stopped this and why, for the next daemon; False where that could not be written. Never raises."""
    said = {"scope": scope, "by": by[:100], "reason": reason[:LONGEST]}
    content = json.dumps(said).encode()
    for folder in (gate.home, gate.folder):  # the disk outlives a boot; where it is full or only reads, the tmpfs takes it
        path = os.path.join(folder, f"{NAME}{time.time_ns()}-{os.getpid()}")
        with suppress(OSError):
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN, 0o644)
            try:
                os.fchmod(fd, 0o644)  # whatever the umask: the daemon is another login
                if os.write(fd, content) == len(content):
                    return True
            except OSError:
                os.unlink(path)
            finally:
                os.close(fd)
    return False


def letters(gate: Gate) -> list[Letter]:
    """The letters that lie there, the oldest first, and no more than `MOST`. What is none, and only looks like one, is taken away."""
    found = []
    for path in sorted(_lying(gate), key=os.path.basename)[:MOST]:
        try:
            found.append(_read(gate, path))
        except (OSError, ValueError, RecursionError):
            away(path)
    return sorted(found, key=lambda each: each.at)


def away(path: str) -> None:
    """A letter has been heard. Never raises: one that cannot be taken away is heard again, and says nothing new."""
    with suppress(OSError):
        os.unlink(path)


def _lying(gate: Gate) -> Iterator[str]:
    for folder in (gate.folder, gate.home):
        with suppress(OSError):
            yield from (os.path.join(folder, name) for name in os.listdir(folder) if name.startswith(NAME))


def _read(gate: Gate, path: str) -> Letter:
    """One letter. Raises OSError or ValueError for what is none."""
    fd = os.open(path, os.O_RDONLY | PLAIN)
    try:
        seen = os.fstat(fd)
        if not stat.S_ISREG(seen.st_mode) or seen.st_nlink != 1 or seen.st_size > _SIZE:
            raise ValueError("no letter")
        said: Any = json.loads(os.read(fd, _SIZE))
    finally:
        os.close(fd)
    if not isinstance(said, dict) or not is_scope(scope := str(said.get("scope", ""))):
        raise ValueError("no letter")
    by, reason = str(said.get("by", "")), str(said.get("reason", ""))
    owns = seen.st_uid == os.stat(gate.home).st_uid  # the office's own login may speak for others: there is no other in a trial
    return Letter(path, scope, seen.st_mtime, by if owns and by else login(seen.st_uid), reason[:LONGEST])
