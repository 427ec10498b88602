"""Is a folder on a file system that shows no events of other hosts?"""

from __future__ import annotations

import os
from pathlib import Path

_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "afs", "ceph", "glusterfs", "vboxsf", "prl_fs", "davfs"}
_LOCAL_FUSE = {"fuseblk"}


_TABLE = Path("/proc/self/mountinfo")


def is_remote(folder: Path, table: Path = _TABLE) -> bool:
    """Does `folder` lie on a network or FUSE file system? False where there is no mount table to tell (not Linux)."""
    kind = file_system(folder, table)
    return kind in _REMOTE or (kind.startswith("fuse") and kind not in _LOCAL_FUSE)


def file_system(folder: Path, table: Path = _TABLE) -> str:
    """The kind of file system that `folder` lies on; empty where there is no mount table to tell (not Linux)."""
    try:
        lines = table.read_bytes().splitlines()
    except OSError:
        return ""
    real = os.fsencode(folder.resolve())
    best, kind = -1, ""
    for line in lines:
        fields, _, rest = line.partition(b" - ")
        point = _unescaped(fields.split()[4])
        inside = real == point or real.startswith(point.rstrip(b"/") + b"/")
        if inside and len(point) >= best:  # the later of two mounts on one point is the one that is seen
            best, kind = len(point), rest.split()[0].decode("ascii", "replace")
    return kind


def _unescaped(point: bytes) -> bytes:
    """A mount point as it is: the table writes blank, tab, newline and backslash as octal."""
    for code, byte in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        point = point.replace(code, byte)
    return point
