"""The scan is the truth about what lies in the folders."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from daemon.intake.arrival import FORGOTTEN, Identity
from daemon.intake.scan import Alarm, Folder, Found, Missing, Pause, Seen, scan

Names = dict[bytes, Identity]


def pass_over(
    drafts: Path, known: Mapping[bytes, Identity] | None = None, aside: Mapping[bytes, Identity] | None = None
) -> list[Seen]:
    return list(scan(drafts, ("koho",), lambda _: known or {}, lambda _: aside or {}))


def found(seen: list[Seen]) -> set[bytes]:
    return {thing.name for thing in seen if isinstance(thing, Found)}


def missing(seen: list[Seen]) -> set[bytes]:
    return {thing.name for thing in seen if isinstance(thing, Missing)}


def alarms(seen: list[Seen]) -> dict[str, str]:
    return {thing.key: thing.ja for thing in seen if isinstance(thing, Alarm)}


def state_of(path: Path) -> Identity:
    return Identity.of(path.lstat(), path.parent.stat().st_dev)


@pytest.fixture
def drafts(tmp_path: Path) -> Path:
    (tmp_path / "koho").mkdir()
    return tmp_path


def test_new_names_are_found_and_what_passes_in_silence_is_not(drafts: Path) -> None:
    for name in ("a.txt", "b.MD", "案.docx", ".a.swp", "a.txt~", "a.判定.txt", "_広報番.txt", "a.jpg"):
        (drafts / "koho" / name).touch()
    (drafts / "koho/done").mkdir()
    assert found(pass_over(drafts)) == {b"a.txt", b"b.MD", "案.docx".encode()}


def test_a_state_already_reported_or_left_is_not_found_again_and_another_is(drafts: Path) -> None:
    file = drafts / "koho/a.txt"
    file.write_bytes(b"x")
    state = {b"a.txt": state_of(file)}
    assert found(pass_over(drafts, known=state)) == set()
    assert found(pass_over(drafts, aside=state)) == set()
    file.write_bytes(b"xy")
    assert found(pass_over(drafts, known=state)) == {b"a.txt"}


def test_a_known_name_that_is_not_there_is_missing(drafts: Path) -> None:
    file = drafts / "koho/a.txt"
    file.write_bytes(b"x")
    state = {b"a.txt": state_of(file), b"forgotten.txt": FORGOTTEN}
    file.unlink()
    assert missing(pass_over(drafts, known=state)) == {b"a.txt", b"forgotten.txt"}


def test_a_name_left_aside_that_is_not_there_is_missing_too(drafts: Path) -> None:
    os.mkfifo(drafts / "koho/a.txt")
    state = {b"a.txt": state_of(drafts / "koho/a.txt")}
    (drafts / "koho/a.txt").unlink()
    assert missing(pass_over(drafts, aside=state)) == {b"a.txt"}


def test_when_a_share_has_come_or_gone_nobody_has_withdrawn_anything(drafts: Path) -> None:
    elsewhere = Identity(dev=(drafts / "koho").stat().st_dev + 1, ino=1, ctime_ns=1, mtime_ns=1, size=1)
    seen = pass_over(drafts, known={b"a.txt": elsewhere})
    assert missing(seen) == set()
    assert "1 件" in alarms(seen)["device-koho"]


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    seen = pass_over(tmp_path / "drafts")
    assert (tmp_path / "drafts/koho").is_dir()
    assert alarms(seen) == {}


def test_a_folder_that_cannot_be_looked_into_is_told_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "koho").write_bytes(b"a file")
    seen = pass_over(tmp_path, known={b"a.txt": Identity(tmp_path.stat().st_dev, 1, 1, 1, 1)})
    assert (found(seen), missing(seen)) == (set(), set())
    assert list(alarms(seen)) == ["lost-koho"]


def test_an_accounts_folder_that_is_a_link_is_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/secret.txt").write_bytes(b"x")
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    (drafts / "koho").symlink_to(tmp_path / "other")
    seen = pass_over(drafts)
    assert found(seen) == set()
    assert "リンク" in alarms(seen)["lost-koho"]


def test_one_folder_that_is_lost_does_not_keep_the_others_from_being_seen(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/x.txt").touch()
    seen = list(scan(tmp_path, ("a", "b"), lambda _: {}, lambda _: {}))
    assert [thing for thing in seen if isinstance(thing, Found)] == [Found("b", b"x.txt")]


def test_folders_and_files_of_no_account_are_told_by_name(drafts: Path) -> None:
    (drafts / "kouho").mkdir()
    (drafts / "a.txt").touch()
    (drafts / "写真.jpg").touch()
    (drafts / ".trash").mkdir()
    (drafts / "_広報番.txt").touch()
    said = alarms(pass_over(drafts))
    assert set(said) == {"strange-folders", "strange-files"}
    assert "kouho" in said["strange-folders"]
    assert "「a.txt, 写真.jpg」" in said["strange-files"]


def test_each_folder_that_was_seen_whole_is_told_with_what_it_is(drafts: Path) -> None:
    facts = (drafts / "koho").stat()
    assert [thing for thing in pass_over(drafts) if isinstance(thing, Folder)] == [Folder("koho", (facts.st_dev, facts.st_ino))]


def test_names_of_any_bytes_are_found(drafts: Path) -> None:
    names = {"お知らせ.txt".encode("cp932"), b"a\nb\x1b[31m.txt", b"\xff\xfe.txt"}
    for name in names:
        os.close(os.open(os.fsencode(drafts) + b"/koho/" + name, os.O_CREAT | os.O_WRONLY, 0o644))
    assert found(pass_over(drafts)) == names


def test_a_long_scan_lets_its_caller_do_what_is_urgent_and_act_before_it_ends(drafts: Path) -> None:
    for number in range(2500):
        (drafts / f"koho/{number}.txt").touch()
    seen = pass_over(drafts)
    assert len(found(seen)) == 2500
    assert sum(isinstance(thing, Pause) for thing in seen) == 2
    first = next(thing for thing in scan(drafts, ("koho",), lambda _: {}, lambda _: {}) if isinstance(thing, Found))
    assert first.account == "koho"
