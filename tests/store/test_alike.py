"""A file with the very same bytes as another: from an earlier copy, of which nothing is believed, or from nothing."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from daemon.store.alike import make_alike

MIB = 1 << 20


def told(done: int, of: int) -> None:
    assert 0 <= done <= of


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "original"
    path.write_bytes(random.Random(7).randbytes(9 * MIB + 17))
    return path


def test_without_an_earlier_copy_it_is_copied(original: Path, tmp_path: Path) -> None:
    make_alike(original, tmp_path / "new", None, told)
    assert (tmp_path / "new").read_bytes() == original.read_bytes()
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("change", ["nothing", "a byte at the end", "a byte in each part", "shorter", "longer", "all", "empty"])
def test_whatever_an_earlier_copy_holds_the_bytes_are_the_same_afterwards(original: Path, tmp_path: Path, change: str) -> None:
    data = bytearray(original.read_bytes())
    if change == "a byte at the end":
        data[-1] ^= 1
    elif change == "a byte in each part":
        for at in range(0, len(data), MIB):
            data[at] ^= 1
    elif change == "shorter":
        del data[5 * MIB :]
    elif change == "longer":
        data += bytes(3 * MIB)
    elif change == "all":
        data = bytearray(len(data))
    elif change == "empty":
        data = bytearray()
    begun = tmp_path / "begun"
    begun.write_bytes(data)
    make_alike(original, tmp_path / "new", begun, told)
    assert (tmp_path / "new").read_bytes() == original.read_bytes()
    assert not begun.exists(), "it has become the new one"


def test_only_what_differs_is_written(original: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    begun.write_bytes(original.read_bytes())
    kept = begun.stat().st_ino
    make_alike(original, tmp_path / "new", begun, told)
    assert (tmp_path / "new").stat().st_ino == kept


@pytest.mark.parametrize("odd", ["absent", "a link", "two names"])
def test_what_is_no_plain_copy_of_ours_alone_is_not_written_to(original: Path, tmp_path: Path, odd: str) -> None:
    begun, other = tmp_path / "begun", tmp_path / "other"
    if odd != "absent":
        other.write_bytes(b"somebody's")
        begun.symlink_to(other) if odd == "a link" else os.link(other, begun)
    make_alike(original, tmp_path / "new", begun, told)
    assert (tmp_path / "new").read_bytes() == original.read_bytes()
    assert odd == "absent" or other.read_bytes() == b"somebody's"


def test_a_target_that_is_there_is_never_overwritten(original: Path, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"kept")
    begun = tmp_path / "begun"
    begun.write_bytes(b"x")
    with pytest.raises(FileExistsError):
        make_alike(original, tmp_path / "new", begun, told)
    assert (tmp_path / "new").read_bytes() == b"kept"


def test_a_disk_that_takes_only_a_part_of_a_write_gets_the_rest_too(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: pwrite(fd, data[: MIB // 3], at))
    begun = tmp_path / "begun"
    begun.write_bytes(bytes(5 * MIB))
    make_alike(original, tmp_path / "new", begun, told)
    assert (tmp_path / "new").read_bytes() == original.read_bytes()
