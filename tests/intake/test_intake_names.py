"""Which names are drafts, and how a name is shown."""

from __future__ import annotations

import pytest

from daemon.intake.names import display_name, is_draft, is_picture, notice_name, passes


@pytest.mark.parametrize(
    "name",
    ["a.txt", "A.TXT", "お知らせ.md", "#お知らせ.txt", "4月号.txt", "~続き.txt", "a b.txt", "x.tmp.txt", "-.txt"]
    + ["案.docx", "一覧.XLSX", "一覧.csv"],
)
def test_texts_documents_and_sheets_are_drafts(name: str) -> None:
    assert is_draft(name.encode())


@pytest.mark.parametrize(
    "name",
    [".a.txt", ".a.txt.swp", "a.txt~", "#a.txt#", ".#a.txt", "4913", "~$a.txt", "a.txt.tmp", "a.txt.part", "a.txt.filepart"]
    + [
        "a.txt.crdownload",
        "a.txt.swp",
        "a.txt.swx",
        "#123456",
        "a.判定.txt",
        "a.md.判定.txt",
        "_広報番.txt",
        "done",
        ".a.txt.Xy12Zq",
    ]
    + ["Thumbs.db", "desktop.ini", ".DS_Store", "写真.JPG", ".kohoban-1234"],
)
def test_what_editors_transfers_and_we_ourselves_write_passes_in_silence(name: str) -> None:
    assert not is_draft(name.encode())
    assert passes(name.encode())


@pytest.mark.parametrize("name", ["案.doc", "一覧.xls", "案.pdf", "メモ", "a.txt.zip"])
def test_what_looks_like_a_draft_in_another_form_does_not_pass_in_silence(name: str) -> None:
    assert not is_draft(name.encode())
    assert not passes(name.encode())


@pytest.mark.parametrize(
    ("name", "picture"), [("写真.HEIC", True), ("a.mp4", True), ("._a.jpg", False), ("~$a.png", False), ("jpg", False)]
)
def test_images_and_videos_are_told_from_what_a_computer_writes_beside_them(name: str, picture: bool) -> None:
    assert is_picture(name.encode()) is picture


def test_a_name_that_is_not_utf_8_is_a_draft_too() -> None:
    assert is_draft("お知らせ.txt".encode("cp932"))


def test_two_drafts_never_share_a_verdict_file() -> None:
    names = [b"a.txt", b"a.md", b"a.TXT", b"a.md.txt.txt", b"a.docx", b"a.csv", b"a.csv/1", b"a.csv/2", b"a 1.txt"]
    assert len({notice_name(name) for name in names}) == len(names)
    assert notice_name(b"a.txt").decode() == "a.判定.txt"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"\xff.txt", "\\xff.txt"),
        (b"a\x1b[31m\n.txt", "a\\x1b[31m\\n.txt"),
        ("a\u202etxt.exe".encode(), "a\\u202etxt.exe"),
        ("全角　空白.txt".encode(), "全角　空白.txt"),
        ("開庁.txt".encode("cp932"), "\\x8aJ\\x92\\xa1.txt"),
    ],
)
def test_a_name_is_shown_without_anything_that_steers_a_terminal(name: bytes, shown: str) -> None:
    assert display_name(name) == shown
    assert display_name(name).isprintable() or "\u3000" in shown


def test_no_two_drafts_share_a_verdict_file() -> None:
    drafts = [b"x.txt", b"x.md", b"x.TXT", b"x.md.txt", b"x.TXT.txt", b"x.txt.txt", b"x.txt.md", b"x.md.txt.txt"]
    assert len({notice_name(name) for name in drafts}) == len(drafts)
