"""The client's address as the sshd's own socket has it. Only root may look at what another process has open."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from daemon.service.terminals.process import Process

_SSHD = ("sshd", "sshd-session")
_ESTABLISHED = "01"


def door(proc: Path, chain: Iterable[Process]) -> Process | None:
    """The nearest sshd above a process that runs as root, from a file that only root can have put there; None where the daemon may not
    look, or there is none."""
    for each in chain:
        if each.uids[0] == 0 and _is_sshd(proc / str(each.pid) / "exe"):
            return each
    return None


def address(proc: Path, sshd: Process) -> str:
    """The address on the other end of this sshd's connection; "" where it cannot be told."""
    try:
        links = [str(each.readlink()) for each in (proc / str(sshd.pid) / "fd").iterdir()]
    except OSError:
        return ""
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    found = {remote for table in ("tcp", "tcp6") for remote in _remotes(proc / str(sshd.pid) / "net" / table, inodes)}
    return found.pop() if len(found) == 1 else ""


def _is_sshd(exe: Path) -> bool:
    try:
        seen, name = exe.stat(), exe.readlink().name
    except OSError:
        return False
    return name in _SSHD and seen.st_uid == 0 and not seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _remotes(table: Path, inodes: set[str]) -> Iterable[str]:
    """The far ends of those of the established connections of a table that have one of these inodes."""
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split()
        if fields[3] == _ESTABLISHED and fields[9] in inodes:
            yield _plain(fields[2].partition(":")[0])


def _plain(written: str) -> str:
    """An address as the kernel writes it: groups of four bytes, each in the machine's order."""
    raw = b"".join(int(written[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(written), 8))
    if len(raw) == 4:
        return str(IPv4Address(raw))
    six = IPv6Address(raw)
    return str(six.ipv4_mapped or six)
