"""The folders of comments: what is whole, what somebody still writes, and what nobody can tell."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from daemon.intake.comment_folders import CommentFolders

LONG_AGO = time.time() - 3600


def whole(root: Path, *, remote: bool = False) -> list[bool | None]:
    """What is known of each export of the one account."""
    return [each.whole for each in CommentFolders(root, remote=remote).lying("minato-x")]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "minato-x" / "a.jsonl"
    path.parent.mkdir()
    path.write_bytes(b"{}\n")
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def test_one_that_was_closed_a_while_ago_is_whole(tmp_path: Path, export: Path) -> None:
    assert whole(tmp_path) == [True]


def test_one_that_somebody_has_open_for_writing_is_not_however_long_nothing_comes(tmp_path: Path, export: Path) -> None:
    with export.open("ab"):
        assert whole(tmp_path) == [False]
    assert whole(tmp_path) == [True]


def test_one_that_somebody_only_reads_is_whole(tmp_path: Path, export: Path) -> None:
    with export.open("rb"):
        assert whole(tmp_path) == [True]


def test_of_a_share_of_other_machines_nobody_can_tell(tmp_path: Path, export: Path) -> None:
    with export.open("ab"):
        assert whole(tmp_path, remote=True) == [None]
    assert whole(tmp_path, remote=True) == [None]


def test_of_one_without_a_byte_or_of_this_moment_nobody_can_tell(tmp_path: Path, export: Path) -> None:
    os.utime(export, (soon := time.time() + 600, soon))  # so that this moment does not pass while we look
    assert whole(tmp_path) == [None]
    export.write_bytes(b"")
    os.utime(export, (LONG_AGO, LONG_AGO))
    assert whole(tmp_path) == [None]
