"""What systemd-logind knows of a session: its files under /run/systemd, root's own, found by the control group of a process."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from daemon.rulebook.lazy import lazy_pattern

LOGIND = Path("/run/systemd")

_SESSION = lazy_pattern(r"/user\.slice/user-([0-9]+)\.slice/session-([0-9a-z]+)\.scope")
"""The whole path: a user may make groups of any name below their own manager, and none here."""
_MANAGER = lazy_pattern(r"(?:/[^/]+)*/user@[0-9]+\.service(?:/.*)?")


class LoginSession(Struct, frozen=True):
    """One session of logind: whose, in which state, who let them in, from where (`address`), at which terminal."""

    uid: int
    state: str
    kind: str
    address: str
    tty: str
    leader: int


def session(folder: Path, groups: Iterable[str], uid: int) -> LoginSession | None:
    """The session whose control group a process of this uid is in; None where there is none, or systemd does not run here."""
    for group in groups:
        found = _SESSION.fullmatch(group)
        if found and int(found[1]) == uid:
            return _read(folder / "sessions" / found[2], uid)
    return None


def by_the_manager(groups: Iterable[str]) -> bool:
    """Whether a process was started by a user's own systemd (`systemd-run --user`), which is no login."""
    return any(_MANAGER.fullmatch(group) for group in groups)


def _read(path: Path, uid: int) -> LoginSession | None:
    try:
        lines = path.read_text(errors="replace").splitlines()
        seen = path.stat()
    except OSError:
        return None
    said = dict(line.partition("=")[::2] for line in lines)
    try:
        found = LoginSession(
            uid=int(said["UID"]),
            state=said.get("STATE", ""),
            kind=said.get("CLASS", ""),
            address=said.get("REMOTE_HOST", "") if said.get("REMOTE") == "1" else "",
            tty=said.get("TTY", ""),
            leader=int(said["LEADER"]),
        )
    except (KeyError, ValueError):
        return None
    return found if found.uid == uid and seen.st_uid == 0 and not seen.st_mode & 0o022 else None
