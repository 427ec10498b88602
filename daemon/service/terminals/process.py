"""One process as the kernel tells of it in /proc: what no process can say of itself."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from msgspec import Struct

UNSET = 0xFFFFFFFF
"""What the kernel's audit says of a process that no login has begun."""


class Unreadable(Exception):
    """The process is gone, or /proc hides it (hidepid, ProtectProc)."""


class Process(Struct, frozen=True):
    """One process at one moment. `uids` are the real, effective, saved and file-system uid; `started` tells it from another one that
    later gets its number; `tty` is its controlling terminal (0: none). `login_uid` and `audit` are those of the kernel's audit: set
    once at a login by PAM, inherited, and never changed again."""

    pid: int
    parent: int
    started: int
    tty: int
    name: str
    uids: tuple[int, ...]
    login_uid: int
    audit: int


def read(proc: Path, pid: int) -> Process:
    """The process of that number. Raises Unreadable."""
    folder = proc / str(pid)
    try:
        # The name stands in brackets and may hold anything, brackets too: it ends at the last one.
        before, _, after = (folder / "stat").read_text(errors="replace").rpartition(")")
        fields = after.split()
        status = (folder / "status").read_text(errors="replace")
        uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
        return Process(
            pid=pid,
            parent=int(fields[1]),
            started=int(fields[19]),
            tty=int(fields[4]),
            name=before.partition("(")[2],
            uids=tuple(int(uid) for uid in uids),
            login_uid=_number(folder / "loginuid"),
            audit=_number(folder / "sessionid"),
        )
    except (OSError, ValueError, IndexError, StopIteration):
        raise Unreadable from None


def cgroups(proc: Path, pid: int) -> tuple[str, ...]:
    """The control groups of a process; none where they cannot be read."""
    try:
        lines = (proc / str(pid) / "cgroup").read_text(errors="replace").splitlines()
    except OSError:
        return ()
    return tuple(line.split(":", 2)[2] for line in lines if line.count(":") >= 2)


def _number(path: Path) -> int:
    """A number of the kernel's audit; unset where the kernel has none."""
    with suppress(OSError, ValueError):
        return int(path.read_text())
    return UNSET
