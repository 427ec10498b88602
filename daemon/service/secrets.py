"""What must be readable by the daemon's login alone (さいたま 6 第3項: 認証情報を厳重に管理): looked at when the daemon starts."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

KEPT = ("store/seal.key", "secrets")
"""Below `state/`: the key of the record's seal, and the folder for whatever lets in at a platform."""


def exposed(state: Path) -> Iterator[Path]:
    """The secrets that somebody else could read or change: files that are not 0600, folders that are not 0700. What is not there, or is
    closed to us altogether, is none."""
    for name in KEPT:
        yield from _exposed(state / name)


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
    if stat.S_ISLNK(seen.st_mode) or seen.st_mode & 0o077:
        yield path
    for each in inside:
        yield from _exposed(each)
