"""Disks of a test's own that really fail: an ext4 file system in a file, mounted through a loop device.

A power cut is ext4's own shutdown without a flush of its journal (what the kernel's file system tests call a shutdown): from that
instant nothing more reaches the device, and what only the page cache knew is gone. The next mount replays the journal.
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.service.live_office import until

_EXT4_IOC_SHUTDOWN = 0x8004587D
_NO_LOG_FLUSH = 2


class LoopDisk:
    """One small disk: `place` is where it is mounted while it is."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.place = folder / "disk"
        self._image = folder / "disk.img"
        self.place.mkdir()
        with self._image.open("wb") as image:
            image.truncate(megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(self._image)], check=True)

    def plug(self) -> None:
        """Mount it; after a cut the journal is replayed."""
        subprocess.run(
            ["mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.place)], check=True, capture_output=True
        )

    def unplug(self) -> None:
        """Unmount it, as soon as nobody uses it any more; nothing where it is not mounted."""
        if os.path.ismount(self.place):
            until(lambda: subprocess.run(["umount", str(self.place)], capture_output=True).returncode == 0, "the disk unmounted")
            # The kernel lets go of the image a moment later; what mends or mounts it meanwhile meets the old one.
            until(self._let_go, "the image let go")

    def _let_go(self) -> bool:
        """Whether nobody has the image any more. Another test that has made itself a mount namespace meanwhile has a copy of this mount."""
        for process in _elsewhere(self.place):
            subprocess.run(
                ["nsenter", f"--mount=/proc/{process}/ns/mnt", "umount", "--lazy", str(self.place)], capture_output=True
            )
        return not subprocess.run(["losetup", "-j", str(self._image)], capture_output=True).stdout

    def take_away(self) -> None:
        """Unmount it whoever still uses it."""
        subprocess.run(["umount", "--lazy", str(self.place)], capture_output=True)

    def sync(self) -> None:
        """What has been written so far survives a cut."""
        subprocess.run(["sync", "-f", str(self.place)], check=True)

    def cut(self) -> None:
        """The power goes, at this instant: nothing more reaches the disk, and whoever tries is told of an I/O error."""
        here = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(here, _EXT4_IOC_SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(here)

    def turn_read_only(self) -> None:
        """The kernel finds an error in the file system and makes it read-only, as it does under errors=remount-ro."""
        device = subprocess.run(
            ["findmnt", "-no", "SOURCE", str(self.place)], check=True, capture_output=True, text=True
        ).stdout.strip()
        Path(f"/sys/fs/ext4/{Path(device).name}/trigger_fs_error").write_text("a test\n")

    def check(self) -> None:
        """Mend what the kernel marked as in error. Only while it is unplugged."""
        mended = subprocess.run(["e2fsck", "-f", "-y", str(self._image)], capture_output=True, text=True)
        assert mended.returncode in (0, 1), mended.stdout


def _elsewhere(place: Path) -> list[str]:
    """A process of each other mount namespace in which something is mounted there."""
    found = {os.readlink("/proc/self/ns/mnt"): ""}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            space = os.readlink(process / "ns" / "mnt")
            if space not in found:
                found[space] = process.name if f" {place} " in (process / "mountinfo").read_text() else ""
        except OSError:  # it has ended
            continue
    return [process for process in found.values() if process]


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A file system of so many MiB at `place`, in memory. Skips, saying why, where this machine may mount none."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "kohoban-test", str(place)], check=True)
    try:
        yield place
    finally:
        # A daemon that has ended may have children that end only now.
        until(lambda: subprocess.run(["umount", str(place)], capture_output=True).returncode == 0, "the small disk unmounted")


@contextmanager
def loop_disk(folder: Path, megabytes: int = 64) -> Iterator[LoopDisk]:
    """A plugged disk under `folder`. Skips, saying why, where this machine cannot mount one."""
    if os.geteuid() != 0:
        pytest.skip("a disk of its own needs root (mount)")
    disk = LoopDisk(folder, megabytes)
    try:
        disk.plug()
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no loop device can be mounted here: {error.stderr.decode().strip()}")
    try:
        yield disk
    finally:
        disk.take_away()
