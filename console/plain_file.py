"""Small files that somebody else may have put in their place: read as far as they may be large, and never waited for."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_plain(path: Path, most: int, *, own: bool = False) -> str:
    """The text of a file of at most `most` bytes. `own`: the caller's own file, and no link to another. Raises OSError, also for what is no
    plain file, too large or somebody else's; UnicodeDecodeError."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | (os.O_NOFOLLOW if own else 0))
    with os.fdopen(file, "rb") as opened:
        seen = os.fstat(file)
        if not stat.S_ISREG(seen.st_mode) or (own and seen.st_uid != os.geteuid()):
            raise OSError(f"not a plain file of one's own: {path.name}" if own else f"not a plain file: {path.name}")
        data = opened.read(most + 1)
    if len(data) > most:
        raise OSError(f"larger than {most:,} bytes: {path.name}")
    return data.decode("utf-8")
