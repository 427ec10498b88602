"""The daemon's side of the gate: giving the permit, and keeping it across a restart and a boot. Whoever stops needs none of this."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from daemon.gate import PLAIN, Gate, Look, boot_id, is_scope, permit, process

SOON = 15 * 60.0
"""Seconds after an orderly end within which a boot has to come for the permit to come back, where the gate's folder is lost with it:
a permit that a person removes from there meanwhile leaves no trace."""
SKEW = 60.0
"""Seconds by which a machine's clock may be wrong when it comes up."""


class Prepared(NamedTuple):
    """A resume made ready: its permit lies beside its place, from where every stop takes it away; `marks` are the STOPs (path, inode,
    change time) that it was decided to end. A stop that has come since is none of them, and wins."""

    epoch: int
    marks: frozenset[tuple[str, int, int]]


class Keeper(Gate):
    """The gate in the daemon's hands. The daemon must be the owner of `state`: what anybody else makes opens nothing."""

    def __init__(self, state: Path | str) -> None:
        super().__init__(state)
        self.state = Path(state)
        self.run = self.state / "gate" / "RUN"

    def know(self, scopes: Iterable[str]) -> None:
        """Write down which accounts and platforms there are: a STOP that names none of them stops everything. What is stopped at present
        stays known, so that an account that leaves the office while it is stopped does not stop the others. Raises OSError."""
        standing = {scope for _, scope in self.stops()} if self.run.parent.is_dir() else set()
        known = {scope for scope in scopes if is_scope(scope)} | (self.known() & standing)
        if known | {"actions"} != self.known() or not (self.state / "scopes").exists():
            put(self.state / "scopes", "".join(f"{scope}\n" for scope in sorted(known)).encode())

    def prepare(self, epoch: int) -> Prepared:
        """Make a resume ready, before anything is written down of it: between this and `grant` a stop may come.

        Raises ValueError for an epoch that is not newer than the last one, OSError where the permit cannot be made."""
        last = self.look().epoch
        if epoch <= last:
            raise ValueError(f"epoch {epoch} is not newer than the last one, {last}")
        self._make_folder()
        lock = os.open(self.state / "send.lock", os.O_RDONLY | os.O_CREAT | PLAIN, 0o644)
        os.fchmod(lock, 0o644)  # whoever stops must be able to lock it, whatever the daemon's umask
        os.close(lock)
        prepared = Prepared(epoch, frozenset(self._marks("all")))
        lay(self.run, permit(epoch))
        return prepared

    def grant(self, epoch: int, prepared: Prepared | None = None) -> Look:
        """Resume: a permit of a new epoch, and no STOP for all; narrower stops stand until `lift`. Returns what stands afterwards: a
        stop that came after `prepared` was made has won, and leaves no permit behind.

        Raises ValueError for an epoch that is not newer than the last one, OSError where the permit cannot be made and recorded
        durably: then the gate is closed.
        """
        return self._give(prepared or self.prepare(epoch))

    def lift(self, scope: str) -> None:
        """End a narrower stop. Raises ValueError for `all`, which only `grant` ends, OSError where the STOP cannot be removed."""
        if scope == "all":
            raise ValueError("a stop of everything ends with a new epoch (grant)")
        with self.sending(alone=True):
            self._remove(scope)

    def note_hand(self, pid: int) -> None:
        """Name the hand, so that a stop may kill it. Raises OSError where this cannot be written, or there is no such process."""
        put(self.state / "hand.pid", f"{pid} {process(pid)[1]} {boot_id()}".encode())

    def note_clean_shutdown(self) -> None:
        """Note that the permit stood when the daemon went down in order. Looks again afterwards: a stop may have come meanwhile."""
        if self.look().open:
            put(self.state / "clean", self.end_note())
        if not self.look().open:
            (self.state / "clean").unlink(missing_ok=True)

    def after_boot(self) -> Look:
        """At the daemon's start: a restart leaves all as found; after a boot, a permit that a clean shutdown found comes back.

        Never raises: what cannot be read or made leaves the gate closed. Makes the folder of the gate where there is none.
        """
        with suppress(OSError, ValueError):
            self._make_folder()
            ended = (self.state / "clean").stat().st_mtime
            clean, _ = self.own(str(self.state / "clean"))
            (self.state / "clean").unlink()
            text, _, granted = self.record()
            stopped = "all" in {scope for _, scope in self.stops()}
            if (
                clean == self.end_note()
                and _of_another_boot(text, granted)
                and not stopped
                and not self._taken_before_boot(ended)
            ):
                lay(self.run, permit(granted))
                return self._give(Prepared(granted, frozenset()))
        return self.look()

    def end_note(self) -> bytes:
        """What an orderly end writes: which resume it was, by the identity of its record. A copy of an office has another."""
        seen = (self.state / "epoch").stat()
        return f"{self.record()[2]} {seen.st_ino} {seen.st_ctime_ns}".encode()

    def _taken_before_boot(self, ended: float) -> bool:
        """Whether a person removed the permit while the daemon was down (or may have: on a tmpfs, younger than this boot, RUN is lost
        to the boot itself, and only that the boot came soon after the end speaks for the permit)."""
        booted = booted_at()
        if self.run.parent.stat().st_mtime < booted:
            return not self.run.exists()
        return not -SKEW <= booted - ended <= SOON

    def _make_folder(self) -> None:
        """The gate's folder, where it is not there (a trial, or one that was removed): open to the same group as `state`."""
        if not os.path.lexists(self.run.parent):
            self.run.parent.mkdir(exist_ok=True)
            if self.state.stat().st_mode & stat.S_IWGRP:
                self.run.parent.chmod(0o2770)

    def _give(self, prepared: Prepared) -> Look:
        """The permit is valid from the moment `epoch` names its file: a crash at any point before leaves the gate closed."""
        with self.sending(alone=True):
            with suppress(OSError):
                (self.state / "clean").unlink()
            try:
                self.run.with_name("RUN.new").rename(self.run)
            except FileNotFoundError:  # a stop has taken it away
                return self.look()
            sync_folder(self.run.parent)
            for mark in self._marks("all"):
                if mark in prepared.marks:
                    Path(mark[0]).unlink()
            _, identity = self.own(str(self.run))
            put(self.state / "epoch", permit(prepared.epoch) + b"file " + identity.encode())
        if not self.look().open:  # by a mark alone, perhaps: whoever takes that away must not have resumed
            self.revoke()
        return self.look()

    def _marks(self, scope: str) -> Iterator[tuple[str, int, int]]:
        """Every STOP of this scope, so that one that is made, or touched, later is another. Raises OSError."""
        for path, stopped in self.stops():
            if stopped == scope:
                seen = os.lstat(path)
                yield path, seen.st_ino, seen.st_ctime_ns

    def _remove(self, scope: str) -> None:
        for path in [Path(path) for path, stopped in self.stops() if stopped == scope]:
            path.unlink(missing_ok=True)


def booted_at() -> float:
    """When this machine came up, seconds since 1970, by the clock as it goes now."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


def _of_another_boot(text: bytes, epoch: int) -> bool:
    """Whether a permit is one of this program's own, of a boot before this one. What a newer program wrote is left as it is found."""
    head = permit(epoch).rpartition(b"boot ")[0]
    return text.startswith(head + b"boot ") and text != permit(epoch)


def put(path: Path, data: bytes) -> None:
    """Replace a small file whole and durably, readable to all who may enter its folder. Raises OSError; then the old one stands."""
    lay(path, data).rename(path)
    sync_folder(path.parent)


def lay(path: Path, data: bytes) -> Path:
    """Make what is to replace a small file, beside it and durably; returns its place. Raises OSError."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN, 0o644)
    try:
        os.fchmod(fd, 0o644)
        os.write(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)
    return new


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
