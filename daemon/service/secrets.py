"""What must be readable by one login alone (さいたま 6 第3項: 認証情報を厳重に管理): looked at when the daemon starts.

In a trial that is the daemon's own login; in an installation the credentials are the releaser's, and the daemon must not get at them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

KEPT = ("store/seal.key", "releaser/secrets")
"""Below `state/`: the key of the record's seal, and the releaser's folder for whatever lets in at a platform."""
RELEASERS = "releaser"
"""In it each channel has a folder for what it is given there (renewed tokens): closed as a whole."""


def exposed(state: Path) -> Iterator[Path]:
    """The secrets that somebody else could read or change: files that are not 0600, folders that are not 0700. What is not there, or is
    closed to us altogether, is none."""
    for name in KEPT:
        yield from _exposed(state / name)
    with suppress(OSError):
        for folder in sorted((state / RELEASERS).iterdir()):
            seen = folder.lstat()
            if not folder.name.isdigit() and str(folder.relative_to(state)) not in KEPT and _is_open(folder, seen):
                yield folder


def alarm(state: Path) -> tuple[str, str] | None:
    """What is to be said of them, in both languages; None where all are closed."""
    found = [str(path) for path in exposed(state)]
    if not found:
        return None
    listed = " ".join(found)
    return (
        f"認証情報をほかの人が読めます: {listed}（chmod go-rwx で閉じ、中身を取り替えてください）",
        f"Credentials can be read by others: {listed} (close them with chmod go-rwx, and replace what is in them).",
    )


def _exposed(path: Path) -> Iterator[Path]:
    try:
        seen = path.lstat()
        inside = sorted(path.iterdir()) if stat.S_ISDIR(seen.st_mode) else []
    except OSError:
        return
    if _is_open(path, seen):
        yield path
    for each in inside:
        yield from _exposed(each)


def _is_open(path: Path, seen: os.stat_result) -> bool:
    """Whether anybody but its owner may do anything with it, or it is another login's, and we could read it all the same."""
    reached = seen.st_uid != os.geteuid() and os.geteuid() != 0 and os.access(path, os.R_OK)
    return stat.S_ISLNK(seen.st_mode) or bool(seen.st_mode & 0o077) or reached
