"""Other bytes into a person's file: over exactly what was read, with owner and mode, whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from console.rewriting import NotRewritten, rewrite


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "draft.txt"
    path.write_bytes(b"old")
    path.chmod(0o664)
    return path


def test_the_new_bytes_stand_in_a_file_of_the_same_mode_and_nothing_is_left_beside_it(file: Path) -> None:
    rewrite(file, b"old", b"newer")
    assert file.read_bytes() == b"newer"
    assert file.stat().st_mode & 0o777 == 0o664
    assert [path.name for path in file.parent.iterdir()] == ["draft.txt"]


@pytest.mark.parametrize("now", [b"older", b"ol", b""])
def test_a_file_that_was_edited_meanwhile_stays_as_it_is(file: Path, now: bytes) -> None:
    file.write_bytes(now)
    with pytest.raises(NotRewritten, match="changed"):
        rewrite(file, b"old", b"new")
    assert file.read_bytes() == now


def test_links_fifos_and_what_is_gone_are_refused(file: Path) -> None:
    link, fifo = file.with_name("link"), file.with_name("fifo")
    link.symlink_to(file)
    os.mkfifo(fifo)
    for path, why in ((link, "link"), (fifo, "not_a_file"), (file.with_name("gone"), "changed")):
        with pytest.raises(NotRewritten, match=why):
            rewrite(path, b"old", b"new")
    assert file.read_bytes() == b"old"


def test_another_name_of_the_same_file_sees_the_new_bytes_too(file: Path) -> None:
    other = file.with_name("other.txt")
    other.hardlink_to(file)
    rewrite(file, b"old", b"new")
    assert other.read_bytes() == b"new"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_the_owner_stays_the_owner(file: Path) -> None:
    os.chown(file, 1234, 2345)
    rewrite(file, b"old", b"new")
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 2345)


def test_a_reader_sees_the_old_bytes_or_the_new_and_never_half(file: Path) -> None:
    old, new = b"a" * 200_000, b"b" * 300_000
    file.write_bytes(old)
    seen: set[bytes] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(file.read_bytes())

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(20):
        rewrite(file, old, new)
        rewrite(file, new, old)
    done.set()
    reader.join()
    assert seen <= {old, new}
