"""The ballast: disk space that is the office's own, given up when the disk is full, so that a stop and the state itself can still be
written down; and taken back when there is room."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from daemon.store.database import sync_folder
from daemon.store.faults import told

BALLAST = "ballast"
BALLAST_BYTES = 8 << 20
_SHARE = 4
"""The ballast is not taken where it would be more than a quarter of what is free."""
WARN_BYTES = 1 << 30
WARN_SHARE = 0.05
"""Below 1 GiB, on a small disk below a twentieth of it, people are warned."""


class Ballast:
    """The file `ballast` in the store's folder. To be used by one thread at a time."""

    def __init__(self, store: Path) -> None:
        self._path = store / BALLAST

    @property
    def held(self) -> bool:
        """Whether the space is ours at present."""
        return self._path.exists()

    def take(self) -> bool:
        """Really allocate it, where there is room for it and more; returns whether it is held now. Raises StoreError for a fault of
        the disk other than being full."""
        if self.held:
            return True
        if self.free() < _SHARE * BALLAST_BYTES:
            return False
        with told(str(self._path), writing=True):
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(fd, 0, BALLAST_BYTES)
                os.fsync(fd)
            except OSError:
                self._path.unlink()
                raise
            finally:
                os.close(fd)
            sync_folder(self._path.parent)
        return True

    def give_up(self) -> bool:
        """Let go of the space; returns whether there was any. Unlinking needs no room. Raises StoreError."""
        with told(str(self._path), writing=True):
            try:
                self._path.unlink()
            except FileNotFoundError:
                return False
        return True

    def free(self) -> int:
        """Bytes that are free on the store's disk, the ballast not counted. Raises OSError."""
        return shutil.disk_usage(self._path.parent).free

    def scarce(self) -> bool:
        """Whether people are to be warned. Raises OSError."""
        usage = shutil.disk_usage(self._path.parent)
        return usage.free < min(WARN_BYTES, usage.total * WARN_SHARE)
