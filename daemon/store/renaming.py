"""Names exchanged, or given where none stands, in one step of the kernel: nobody ever finds neither the old nor the new."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

_AT_FDCWD = -100
_NOREPLACE, _EXCHANGE = 1, 2
_UNKNOWN = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}
"""What a kernel or a file system answers that has no such rename."""


def exchange(one: Path, other: Path) -> None:
    """Let two paths of one file system change places. Raises OSError; then both are as they were.

    A file system that cannot do it in one step gets three renames, between which `one` is missing for a moment.
    """
    try:
        _renameat2(one, other, _EXCHANGE)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
        aside = other.with_name(f"{other.name}.exchanged")
        one.rename(aside)
        other.rename(one)
        aside.rename(other)


def name_new(old: Path, new: Path) -> None:
    """Give `old` the name `new`, which nothing may have. Raises FileExistsError, OSError."""
    try:
        _renameat2(old, new, _NOREPLACE)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
        os.close(
            os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        )  # the name is ours before it is replaced
        old.rename(new)


def _renameat2(old: Path, new: Path, flags: int) -> None:
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(old), None, str(new))
    if call(_AT_FDCWD, os.fsencode(old), _AT_FDCWD, os.fsencode(new), flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(old), None, str(new))
