"""The daemon's side of the gate: giving the permit, and keeping it across a restart and a boot. Whoever stops needs none of this."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from daemon.gate import PLAIN, Gate, Look, boot_id, permit, started_at


class Keeper(Gate):
    """The gate in the daemon's hands. The daemon must be the owner of `state`: what anybody else makes opens nothing."""

    def grant(self, epoch: int) -> Look:
        """Resume: a permit of a new epoch, and no STOP for all; narrower stops stand until `lift`. Returns what stands afterwards.

        Raises ValueError for an epoch that is not newer than the last one, OSError where the permit cannot be made and recorded
        durably: then the gate is closed.
        """
        last = self.look().epoch
        if epoch <= last:
            raise ValueError(f"epoch {epoch} is not newer than the last one, {last}")
        lock = os.open(self.state / "send.lock", os.O_RDONLY | os.O_CREAT | PLAIN, 0o644)
        os.fchmod(lock, 0o644)  # whoever stops must be able to lock it, whatever the daemon's umask
        os.close(lock)
        return self._give(epoch)

    def lift(self, scope: str) -> None:
        """End a narrower stop. Raises ValueError for `all`, which only `grant` ends, OSError where the STOP cannot be removed."""
        if scope == "all":
            raise ValueError("a stop of everything ends with a new epoch (grant)")
        with self.sending(alone=True):
            self._remove(scope)

    def note_hand(self, pid: int) -> None:
        """Name the hand, so that a stop may kill it. Raises OSError where this cannot be written, or there is no such process."""
        put(self.state / "hand.pid", f"{pid} {started_at(pid)} {boot_id()}".encode())

    def note_clean_shutdown(self) -> None:
        """Note that the permit stood when the daemon went down in order. Looks again afterwards: a stop may have come meanwhile."""
        if self.look().open:
            put(self.state / "clean", str(self.look().epoch).encode())
        if not self.look().open:
            (self.state / "clean").unlink(missing_ok=True)

    def after_boot(self) -> Look:
        """At the daemon's start: a restart leaves all as found; after a boot, a permit that a clean shutdown found comes back.

        Never raises: what cannot be read or made leaves the gate closed. Makes the folder of the gate where there is none.
        """
        with suppress(OSError, ValueError):
            self.run.parent.mkdir(exist_ok=True)
            clean, _ = self._own(self.state / "clean")
            (self.state / "clean").unlink()
            text, _, granted = self._record()
            stopped = "all" in {scope for _, scope in self._stops()}
            if clean == str(granted).encode() and text != permit(granted) and not stopped and not self._taken_before_boot():
                return self._give(granted)
        return self.look()

    def _taken_before_boot(self) -> bool:
        """Whether a person removed the permit while the daemon was down: RUN is gone from a folder that is older than this boot.
        (A folder on tmpfs is younger, and has lost its RUN to the boot itself.)"""
        booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        return not self.run.exists() and self.run.parent.stat().st_mtime < booted

    def _give(self, epoch: int) -> Look:
        """The permit is valid from the moment `epoch` names its file: a crash at any point before leaves the gate closed."""
        with self.sending(alone=True):
            self._revoke()
            self._remove("all")
            put(self.run, permit(epoch))
            _, identity = self._own(self.run)
            put(self.state / "epoch", permit(epoch) + b"file " + identity.encode())
        return self.look()

    def _remove(self, scope: str) -> None:
        for path in [path for path, stopped in self._stops() if stopped == scope]:
            path.unlink(missing_ok=True)


def put(path: Path, data: bytes) -> None:
    """Replace a small file whole and durably, readable to all who may enter its folder. Raises OSError; then the old one stands."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN, 0o644)
    try:
        os.fchmod(fd, 0o644)
        os.write(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)
    new.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
