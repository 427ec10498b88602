"""The record that the PAM hook (`console/installation/session-record.sh`) writes at a login, and takes away at its end: root's word, by audit session."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from msgspec import Struct

HOOK = Path("/run/kohoban-sessions")
"""Where the hook keeps its records: root's own folder, emptied by every boot."""

_LARGEST = 4096


class Record(Struct, frozen=True):
    """What PAM knew at the login: the process that let the person in, from where, and with which key (`SHA256:…`, "" for none)."""

    user: str
    service: str
    address: str
    tty: str
    key: str
    leader: int
    started: int


def record(folder: Path, audit: int) -> Record | None:
    """The record of an audit session; None where there is none, or where anybody but root could have written it."""
    if not kept(folder):
        return None
    try:
        descriptor = os.open(folder / str(audit), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        seen = os.fstat(descriptor)
        if not stat.S_ISREG(seen.st_mode) or not _roots(seen):
            return None
        said = dict(line.partition("=")[::2] for line in file.read(_LARGEST).decode("utf-8", "replace").splitlines())
    try:
        return Record(
            user=said["user"],
            service=said["service"],
            address=said["address"],
            tty=said["tty"],
            key=said["key"],
            leader=int(said["leader"]),
            started=int(said["started"]),
        )
    except (KeyError, ValueError):
        return None


def kept(folder: Path) -> bool:
    """Whether the hook has a folder that can be believed."""
    try:
        seen = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(seen.st_mode) and _roots(seen)


def _roots(seen: os.stat_result) -> bool:
    """Root's, and nobody else may write it."""
    return seen.st_uid == 0 and not seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
