"""A folder on a network file system is told from a local one."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.intake.mounts import is_remote


def table(tmp_path: Path, *mounts: tuple[str, str]) -> Path:
    lines = ["1 0 8:1 / / rw - ext4 /dev/root rw"]
    lines += [f"{n} 1 0:{n} / {point} rw,relatime shared:1 - {kind} server:/x rw" for n, (point, kind) in enumerate(mounts, 20)]
    path = tmp_path / "mountinfo"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "virtiofs"])
def test_a_share_is_remote(tmp_path: Path, kind: str) -> None:
    assert is_remote(Path("/srv/share/drafts"), table(tmp_path, ("/srv/share", kind)))


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuseblk"])
def test_a_disk_is_not(tmp_path: Path, kind: str) -> None:
    assert not is_remote(Path("/srv/share/drafts"), table(tmp_path, ("/srv/share", kind)))


def test_the_nearest_mount_decides_and_of_two_on_one_point_the_later(tmp_path: Path) -> None:
    mounts = table(tmp_path, ("/srv", "nfs4"), ("/srv/local", "ext4"), ("/srv/over", "ext4"), ("/srv/over", "cifs"))
    assert not is_remote(Path("/srv/local/drafts"), mounts)
    assert is_remote(Path("/srv/over/drafts"), mounts)
    assert not is_remote(Path("/srvx"), mounts)


def test_a_mount_point_with_a_blank_is_found(tmp_path: Path) -> None:
    assert is_remote(Path("/srv/共有 1/drafts"), table(tmp_path, ("/srv/共有\\0401", "cifs")))


def test_without_a_mount_table_nothing_is_remote(tmp_path: Path) -> None:
    assert not is_remote(tmp_path, tmp_path / "none")
