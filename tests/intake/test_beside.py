"""What we put beside drafts, and where released ones go."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from daemon.intake.names import notice_name, passes
from daemon.intake.notice import move_done, remove_notice, write_notice

NOTICE = notice_name(b"a.txt")


def notice(folder: Path) -> Path:
    return folder / os.fsdecode(NOTICE)


def everything(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_notice_is_utf_8_with_mark_and_windows_line_ends(tmp_path: Path) -> None:
    assert write_notice(tmp_path, NOTICE, "状態\n承認待ち\n") is None
    assert notice(tmp_path).read_bytes() == b"\xef\xbb\xbf" + "状態\r\n承認待ち\r\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.判定.txt"]


def test_a_notice_replaces_the_last_one_and_the_half_that_a_crash_left(tmp_path: Path) -> None:
    draft = b".kohoban-" + hashlib.sha256(NOTICE).hexdigest()[:16].encode()
    half = tmp_path / os.fsdecode(draft)
    half.write_bytes(b"half")
    assert passes(draft)
    for text in ("一\n", "二\n"):
        assert write_notice(tmp_path, NOTICE, text) is None
    assert notice(tmp_path).read_text("utf-8-sig") == "二\n"
    assert not half.exists()


def test_a_notice_never_writes_through_a_link_or_into_a_linked_file(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("大切")
    folder = tmp_path / "koho"
    folder.mkdir()
    notice(folder).symlink_to(precious)
    os.link(precious, folder / (".kohoban-" + hashlib.sha256(NOTICE).hexdigest()[:16]))
    assert write_notice(folder, NOTICE, "判定\n") is None
    assert precious.read_text() == "大切"
    assert not notice(folder).is_symlink()


def test_what_stands_in_the_way_is_a_sentence_and_no_crash(tmp_path: Path) -> None:
    notice(tmp_path).mkdir()
    for problem, advice in (
        (write_notice(tmp_path, NOTICE, "x"), "その名前のフォルダーをどけてください。"),
        (write_notice(tmp_path / "missing", NOTICE, "x"), "確かめてください。"),
        (write_notice(tmp_path, b"x" * 300, "x"), "下書きの名前を短くしてください。"),
    ):
        assert problem is not None
        assert problem[0].endswith(advice)
    assert [path.name for path in tmp_path.iterdir()] == ["a.判定.txt"]


def test_a_folder_that_is_a_link_gets_no_notice(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert write_notice(tmp_path / "link", NOTICE, "x") is not None
    assert not list((tmp_path / "real").iterdir())


def test_a_notice_that_is_not_there_is_as_good_as_removed(tmp_path: Path) -> None:
    assert remove_notice(tmp_path, NOTICE) is None
    assert remove_notice(tmp_path, b"x" * 300) is None
    notice(tmp_path).mkdir()
    assert remove_notice(tmp_path, NOTICE) is None
    assert notice(tmp_path).is_dir()


def test_a_released_draft_moves_to_done_and_its_verdict_file_goes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("本文")
    write_notice(tmp_path, NOTICE, "発信済\n")
    assert move_done(tmp_path, b"a.txt") is None
    assert everything(tmp_path) == {"done/a.txt": "本文"}


def test_nothing_in_done_is_overwritten(tmp_path: Path) -> None:
    for text in ("一", "二", "三"):
        (tmp_path / "a.txt").write_text(text)
        assert move_done(tmp_path, b"a.txt") is None
    assert everything(tmp_path) == {"done/a.txt": "一", "done/a (2).txt": "二", "done/a (3).txt": "三"}


def test_a_draft_edited_since_its_release_stays_and_keeps_its_verdict_file(tmp_path: Path) -> None:
    released = hashlib.sha256("本文".encode()).hexdigest()
    (tmp_path / "a.txt").write_text("本文、直した")
    write_notice(tmp_path, NOTICE, "x\n")
    assert move_done(tmp_path, b"a.txt", released) is None
    assert (tmp_path / "a.txt").exists()
    assert notice(tmp_path).exists()
    (tmp_path / "a.txt").write_text("本文")
    assert move_done(tmp_path, b"a.txt", released) is None
    assert everything(tmp_path) == {"done/a.txt": "本文"}


def test_a_draft_that_has_gone_already_is_no_problem_and_leaves_nothing_in_done(tmp_path: Path) -> None:
    write_notice(tmp_path, NOTICE, "x\n")
    assert move_done(tmp_path, b"a.txt") is None
    assert everything(tmp_path) == {}


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_done_that_is_no_folder_is_told_and_the_draft_stays(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "koho"
    folder.mkdir()
    (folder / "a.txt").write_text("本文")
    if kind == "link":
        (tmp_path / "away").mkdir()
        (folder / "done").symlink_to(tmp_path / "away")
    else:
        (folder / "done").write_text("")
    problem = move_done(folder, b"a.txt")
    assert problem is not None
    assert "koho/a.txt" in problem[0]
    assert (folder / "a.txt").read_text() == "本文"


def test_a_name_that_is_not_utf_8_moves_too(tmp_path: Path) -> None:
    name = "お知らせ.txt".encode("cp932")
    with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:
        file.write(b"x")
    assert move_done(tmp_path, name) is None
    assert os.listdir(os.fsencode(tmp_path) + b"/done") == [name]
