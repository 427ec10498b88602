"""Other bytes into a file that a person has open to others: at once, in its own name, and only over the bytes that were read.

A draft's owner is its author: where the same owner, mode and attributes cannot be given to a new file, the bytes are written into the old one.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path
from typing import Literal


class NotRewritten(Exception):
    """Nothing was written: it is a link or no plain file, or it is not what was read any more."""

    def __init__(self, why: Literal["link", "not_a_file", "changed"]) -> None:
        self.why = why
        super().__init__(why)


LARGEST = 8 << 20
"""Bytes of a file that is read to be mended."""


def read_plain(path: Path) -> bytes:
    """The bytes of a plain file. Raises NotRewritten where the last part of the path is a link or no plain file, or is too large to have
    been read; OSError where it cannot be read."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotRewritten("link") from None
        raise
    with os.fdopen(file, "rb") as opened:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise NotRewritten("not_a_file")
        data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise NotRewritten("not_a_file")
    return data


def rewrite(path: Path, old: bytes, new: bytes) -> None:
    """Put `new` where `old` stands. A watcher sees the one or the other, never half of it, where the file is the caller's own.

    Raises NotRewritten where the last part of the path is a link or no plain file, or where the file has changed since `old` was read;
    OSError where the caller may not write it.
    """
    try:
        before = os.lstat(path)
    except FileNotFoundError:
        raise NotRewritten("changed") from None
    if stat.S_ISLNK(before.st_mode):
        raise NotRewritten("link")
    if not stat.S_ISREG(before.st_mode):
        raise NotRewritten("not_a_file")
    file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if os.pread(file, len(old) + 1, 0) != old:
            raise NotRewritten("changed")
        if not _replaced(path, file, new):
            _written_over(file, new)
    finally:
        os.close(file)


def _replaced(path: Path, file: int, new: bytes) -> bool:
    """Put a new file in the old one's place. False where it could not be made alike (another owner, attributes), or no file can be made
    beside it."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        made = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    try:
        try:
            _liken(file, made)
            _write(made, new)
        except OSError:
            return False
        finally:
            os.close(made)
        _same(path, file)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def _liken(file: int, made: int) -> None:
    """Give the new file the old one's owner, mode and attributes."""
    facts = os.fstat(file)
    if facts.st_nlink > 1:
        raise OSError("other names lead to the same file, and would keep the old bytes")
    os.fchown(made, facts.st_uid, facts.st_gid)
    for name in os.listxattr(file):
        os.setxattr(made, name, os.getxattr(file, name))
    os.fchmod(made, stat.S_IMODE(facts.st_mode))


def _same(path: Path, file: int) -> None:
    """Raise NotRewritten where another file has taken the name meanwhile."""
    now, opened = os.lstat(path), os.fstat(file)
    if (now.st_dev, now.st_ino) != (opened.st_dev, opened.st_ino):
        raise NotRewritten("changed")


def _written_over(file: int, new: bytes) -> None:
    os.lseek(file, 0, os.SEEK_SET)
    _write(file, new)
    os.ftruncate(file, len(new))
    os.fsync(file)


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)
