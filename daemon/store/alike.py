"""A file that is to have the very same bytes as another one that is at rest: copied, or where most of them are there already, compared and mended."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_COPIED = 64 << 20
_COMPARED = 4 << 20


def make_alike(source: Path, target: Path, begun: Path | None, tell: Callable[[int, int], None]) -> None:
    """Make the new file `target` (0600) with the bytes of `source`, durably. `begun` is an earlier copy, page by page, that nobody needs any
    more: where it lies on the same disk, it becomes the target, and only what differs is written. It is believed in nothing: every byte
    is compared. `tell` gets how many bytes of how many are done. Raises OSError, and leaves what it has made."""
    size = source.stat().st_size
    with source.open("rb") as original:
        if begun is not None and _moved(begun, target):
            with target.open("r+b") as file:
                _mend(original.fileno(), file.fileno(), size, tell)
            return
        made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _copy(original.fileno(), made, size, tell)
            os.fsync(made)
        finally:
            os.close(made)


def _moved(begun: Path, target: Path) -> bool:
    """Give an earlier copy the name of the target; False where it is not there, or on another disk, or no plain file of ours alone."""
    with suppress(OSError):
        seen = begun.lstat()
        if seen.st_nlink == 1 and seen.st_uid == os.geteuid() and begun.is_file() and not begun.is_symlink():
            os.link(begun, target)
            begun.unlink()
            target.chmod(0o600)
            return True
    return False


def _mend(source: int, target: int, size: int, tell: Callable[[int, int], None]) -> None:
    for at in range(0, size, _COMPARED):
        wanted = os.pread(source, min(_COMPARED, size - at), at)
        if os.pread(target, len(wanted), at) != wanted:
            _write(target, wanted, at)
        tell(at + len(wanted), size)
    os.ftruncate(target, size)
    os.fsync(target)


def _write(target: int, data: bytes, at: int) -> None:
    """Write all of it: a disk that is nearly full takes a part, and says so only of the next."""
    left = memoryview(data)
    while left:
        done = os.pwrite(target, left, at)
        left, at = left[done:], at + done


def _copy(source: int, target: int, size: int, tell: Callable[[int, int], None]) -> None:
    """Copy within the kernel, where the file system can by reference."""
    done = 0
    while done < size:
        moved = os.copy_file_range(source, target, min(_COPIED, size - done), done, done)
        if not moved:
            raise OSError(5, os.strerror(5))
        done += moved
        tell(done, size)
