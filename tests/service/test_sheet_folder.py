"""The 決裁フォルダ of a chief who uses no terminal: a moved sheet is their decision, and whatever does not prove that is refused."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from console.record import detail_words
from daemon.wire import AuditShow, Listing, SheetFolderList, SheetFolders, SheetFolderSeen
from tests.service.live_office import FACEBOOK, MINATO, NOTICE, PATIENCE, Caller, Office, until

CHIEF = "shibata"
"""区長室 の課長: approves what minato-x says. In a training office the daemon's login plays them."""


class Folder:
    """The 決裁フォルダ of one chief, and an office that looks after it."""

    def __init__(self, office: Office, share: Path) -> None:
        self.office, self.path = office, share / CHIEF
        for inner in ("承認", "差戻し"):
            (self.path / inner).mkdir(parents=True)
        for each in (share, self.path, self.path / "承認", self.path / "差戻し"):
            each.chmod(0o755)
        rules = office.folder / "rules.toml"
        text = rules.read_text(encoding="utf-8").replace(
            'id = "minato-x"\n', 'id = "minato-x"\ndecide = ["console", "mode", "folder"]\n'
        )
        rules.write_text(f'{text}\n[[sheets]]\nlogin = "{CHIEF}"\nfolder = "{self.path}"\n', encoding="utf-8")

    def sheets(self) -> list[Path]:
        return sorted(self.path.glob("*.html"))

    def sheet(self, words: str = "") -> Path:
        """The one sheet that lies there, once it does (and says these words)."""

        def look() -> Path | None:
            for each in self.sheets():
                with suppress(FileNotFoundError):  # another one has just come in its place
                    if words in each.read_text("utf-8"):
                        return each
            return None

        return until(look, f"a sheet: {words}")

    def refusal(self, inner: str) -> str:
        """What is said beside the thing that was refused, once it is."""
        found = until(lambda: next(iter((self.path / inner).glob("*受け付けません.txt")), None), "a refusal")
        return until(lambda: found.read_text("utf-8-sig"), "its words")

    def seen(self) -> SheetFolderSeen:
        with Caller(self.office.state) as caller:
            caller.hello()
            (one,) = caller.ask(SheetFolders(), SheetFolderList).folders
            return one

    def approvals(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(f"file:{self.office.state}/store/kohoban.db?mode=ro", uri=True, timeout=PATIENCE)) as db:
            return db.execute("SELECT login, how FROM approvals").fetchall()


@pytest.fixture
def folder(found: Callable[..., Office], tmp_path: Path) -> Folder:
    office = found()
    share = tmp_path / "share"
    folder = Folder(office, share)
    office.start()
    return folder


def drop(folder: Folder, text: str = NOTICE) -> None:
    folder.office.drop("minato-x", "a.txt", text, **MINATO)


def test_a_sheet_says_all_that_a_decision_needs_and_runs_nothing(folder: Folder) -> None:
    drop(folder, f"{NOTICE}\n<script>alert(1)</script>")
    html = folder.sheet().read_text("utf-8")
    row = folder.office.row("a.txt")
    for words in (
        "港区",
        "X（旧Twitter）",
        "@minato_kunren",
        NOTICE,
        row.hash[:12],
        "赤坂 里奈",
        "承認するとき",
        "第1版",
    ):
        assert words in html, words
    assert "<script" not in html
    assert "http" not in html.replace("http-equiv", "")


def test_it_is_listed_what_lies_where(folder: Folder) -> None:
    drop(folder)
    sheet = folder.sheet()
    row = folder.office.row("a.txt", "waiting")
    until(lambda: [(one.draft, one.file, one.place) for one in folder.seen().lying] == [(row.id, sheet.name, "")], "it is listed")
    (folder.path / "承認" / "写し.html").write_bytes(sheet.read_bytes() + b" ")
    folder.refusal("承認")
    found = until(lambda: [one for one in folder.seen().lying if one.place], "what was refused is listed, too")
    assert [(one.draft, one.file, one.place) for one in found] == [(None, "写し.html", "承認")]
    assert (folder.seen().waiting, folder.seen().refused) == (1, 1)


def test_a_sheet_that_is_moved_into_承認_approves_once_and_goes(folder: Folder) -> None:
    drop(folder)
    sheet = folder.sheet()
    sheet.rename(folder.path / "承認" / sheet.name)
    row = folder.office.row("a.txt", "approved", "scheduled")
    assert folder.approvals() == [(CHIEF, "folder")]
    until(lambda: not list(folder.path.rglob("*.html")), "the sheet is gone")
    assert '"how":"folder"' in "".join(line.detail for line in folder.office.show(row.id).history if line.act == "approve")
    assert folder.office.acts(row.id).count("approve") == 1
    until(lambda: sheet.name in (folder.path / "_広報番.txt").read_text("utf-8-sig"), "it is told in the folder's notice")


@pytest.mark.parametrize("how", ["renamed", "beside", "none"])
def test_a_sheet_that_is_moved_into_差戻し_returns_with_the_reason(folder: Folder, how: str) -> None:
    drop(folder)
    sheet = folder.sheet()
    reason = "日付を確かめること"
    if how == "beside":
        (folder.path / "差戻し" / f"{sheet.name}.理由.txt").write_bytes(reason.encode("cp932"))
    name = f"{sheet.stem}＿{reason}.html" if how == "renamed" else sheet.name
    sheet.rename(folder.path / "差戻し" / name)
    row = folder.office.row("a.txt", "returned")
    told = folder.office.show(row.id).row.waiting[0].what
    assert ("理由の記載はありません" if how == "none" else reason) in told
    until(lambda: not list((folder.path / "差戻し").iterdir()), "nothing is left there")


def test_after_a_return_the_next_sheet_shows_what_has_changed(folder: Folder) -> None:
    drop(folder, "市民まつりは11月30日です。\nどなたでも参加できます。")
    sheet = folder.sheet()
    sheet.rename(folder.path / "差戻し" / f"{sheet.stem}_会場を書くこと.html")
    folder.office.row("a.txt", "returned")
    drop(folder, "市民まつりは11月30日です。会場は区役所です。\nどなたでも参加できます。")
    html = folder.sheet("第2版").read_text("utf-8")
    assert "<del>市民まつりは11月30日です。</del>" in html
    assert "<ins>市民まつりは11月30日です。会場は区役所です。</ins>" in html
    assert "芝田 恵 さんが差し戻しました。理由: 会場を書くこと" in html


def test_an_account_that_does_not_allow_folders_puts_no_sheet_there(folder: Folder) -> None:
    folder.office.drop("minato-facebook", "b.txt", **FACEBOOK)
    folder.office.row("b.txt", "waiting")
    drop(folder)
    folder.sheet()
    assert len(folder.sheets()) == 1


def test_a_sheet_goes_when_the_draft_is_decided_elsewhere(folder: Folder) -> None:
    drop(folder)
    folder.sheet()
    folder.office.approve("a.txt", CHIEF)
    until(lambda: not folder.sheets(), "the sheet is gone")


def test_a_sheet_that_was_edited_before_moving_is_refused_and_comes_back_whole(folder: Folder) -> None:
    drop(folder)
    sheet = folder.sheet()
    whole = sheet.read_bytes()
    sheet.write_bytes(whole.replace("児童書".encode(), "文庫本".encode()))
    sheet.rename(folder.path / "承認" / sheet.name)
    assert "一字一句同じではありません" in folder.refusal("承認")
    assert folder.approvals() == []
    until(lambda: sheet.exists() and sheet.read_bytes() == whole, "the sheet lies there again")
    assert folder.office.row("a.txt").state == "waiting"


def test_a_sheet_of_a_replaced_revision_is_refused_and_a_new_one_lies_there(folder: Folder) -> None:
    drop(folder)
    old = folder.sheet()
    kept = folder.path.parent / "kept.html"
    shutil.copy(old, kept)
    drop(folder, f"{NOTICE}ぜひお越しください。")
    folder.sheet("第2版")
    shutil.copy(kept, folder.path / "承認" / old.name)
    assert "古くなっています" in folder.refusal("承認")
    assert folder.approvals() == []
    assert len(folder.sheets()) == 1


def test_a_used_sheet_that_is_copied_back_decides_nothing_even_where_the_same_text_has_come_back(folder: Folder) -> None:
    drop(folder)
    sheet = folder.sheet()
    kept = folder.path.parent / "kept.html"
    shutil.copy(sheet, kept)
    sheet.rename(folder.path / "承認" / sheet.name)
    folder.office.row("a.txt", "approved", "scheduled")
    drop(folder, "違う文です。")
    folder.office.row("a.txt", "waiting", revision=2)
    drop(folder)  # the bytes that were approved, once more
    folder.office.row("a.txt", "waiting", revision=3)
    folder.sheet("第3版")
    shutil.copy(kept, folder.path / "承認" / sheet.name)
    assert "もう使われています" in folder.refusal("承認")
    assert folder.approvals() == []


ODD = {
    "a link to the sheet": lambda sheet, to: to.symlink_to(sheet),
    "a hard link to it": lambda sheet, to: os.link(sheet, to),
    "a pipe": lambda sheet, to: os.mkfifo(to),
    "a folder": lambda sheet, to: to.mkdir(),
    "something endless": lambda sheet, to: to.write_bytes(sheet.read_bytes() + b" " * (1 << 20)),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_what_is_no_plain_sheet_is_refused(folder: Folder, make: Callable[[Path, Path], None]) -> None:
    drop(folder)
    sheet = folder.sheet()
    make(sheet, folder.path / "承認" / "x.html")
    assert folder.refusal("承認")
    assert folder.approvals() == []
    until(lambda: folder.seen().refused == 1, "it is counted")


def test_what_was_refused_is_said_once_and_forgotten_when_it_is_gone(folder: Folder) -> None:
    drop(folder)
    folder.sheet()
    strange = folder.path / "承認" / "メモ.html"
    strange.write_text("何か")
    folder.refusal("承認")

    def told() -> list[tuple[object, ...]]:
        return folder.office.database("SELECT seq FROM audit WHERE act LIKE 'sheet%'")

    before = told()
    assert before
    for _ in range(3):
        folder.seen()
    assert told() == before
    strange.unlink()
    until(lambda: not list((folder.path / "承認").iterdir()), "its refusal goes with it")


OPENINGS = {
    "the folder for its group": (lambda path: path.chmod(0o775), "書ける人がいます"),
    "承認 for everybody": (lambda path: (path / "承認").chmod(0o777), "書ける人がいます"),
    "the share above it": (lambda path: path.parent.chmod(0o777), "書ける人がいます"),
    "a link in the place of 承認": (
        lambda path: ((path / "承認").rename(path.parent / "x"), (path / "承認").symlink_to(path.parent / "x")),
        "リンクは使えません",
    ),
}


@pytest.mark.parametrize(("make", "words"), OPENINGS.values(), ids=OPENINGS)
def test_a_folder_that_somebody_else_could_write_in_is_refused_as_a_whole(
    folder: Folder, make: Callable[[Path], object], words: str
) -> None:
    drop(folder)
    sheet = folder.sheet()
    make(folder.path)
    told = [words, "受け付けていません"]
    until(
        lambda: any(all(each in alarm for each in told) for alarm in folder.office.status().alarms),
        "the folder is refused, and why",
    )
    until(lambda: not folder.seen().usable, "and where the folders are listed")
    sheet.rename(folder.path / "承認" / sheet.name)
    assert folder.office.row("a.txt").state == "waiting"
    assert folder.approvals() == []


def test_what_was_moved_while_others_could_write_does_not_count_when_the_folder_is_closed_again(folder: Folder) -> None:
    drop(folder)
    sheet = folder.sheet()
    (folder.path / "承認").chmod(0o777)
    until(lambda: any("受け付けていません" in alarm for alarm in folder.office.status().alarms), "the folder is refused")
    sheet.rename(folder.path / "承認" / sheet.name)
    (folder.path / "承認").chmod(0o755)

    def distrusted() -> list[str]:
        entries = folder.office.asked(AuditShow(limit=20), Listing, CHIEF).history
        return [detail_words(each) for each in entries if each.act == "sheets_distrusted"]

    assert "書ける人がいます" in until(distrusted, "why, on record")[0]  # the alarm comes before it
    assert "古くなっています" in folder.refusal("承認")
    new = folder.sheet()
    assert folder.approvals() == []
    (folder.path / "承認" / sheet.name).unlink()
    new.rename(folder.path / "承認" / new.name)
    folder.office.row("a.txt", "approved", "scheduled")
    assert folder.approvals() == [(CHIEF, "folder")]


def test_a_share_that_vanishes_is_an_alarm_and_nothing_is_lost(folder: Folder) -> None:
    drop(folder)
    folder.sheet()
    away = folder.path.parent / "away"
    folder.path.rename(away)
    until(lambda: any("共有が外れていないか" in alarm for alarm in folder.office.status().alarms), "it is said")
    away.rename(folder.path)
    until(lambda: folder.seen().usable, "it is well again")
    sheet = folder.sheet()
    sheet.rename(folder.path / "承認" / sheet.name)
    folder.office.row("a.txt", "approved", "scheduled")


def test_a_sheet_whose_decision_was_durable_when_the_daemon_died_is_taken_once(folder: Folder) -> None:
    drop(folder)
    sheet = folder.sheet()
    moved = folder.path / "承認" / sheet.name
    folder.path.joinpath("承認").chmod(0o755)
    sheet.rename(moved)
    row = folder.office.row("a.txt", "approved", "scheduled")
    until(lambda: not moved.exists(), "it is taken away")
    folder.office.kill()
    moved.write_bytes(b"left")  # what a crash right after the decision would have left: the very file that was moved
    with closing(sqlite3.connect(folder.office.state / "store" / "kohoban.db")) as db, db:
        facts = moved.stat()
        same = (hashlib.sha256(b"left").hexdigest(), facts.st_dev, facts.st_ino, facts.st_ctime_ns)
        db.execute("UPDATE sheets SET digest = ?, dev = ?, ino = ?, ctime_ns = ?", same)
    folder.office.start()
    until(lambda: not moved.exists(), "it is taken away")
    assert folder.office.acts(row.id).count("approve") == 1
    assert not list((folder.path / "承認").iterdir())


def test_a_sheet_moved_while_no_daemon_ran_is_taken_at_the_next_start(folder: Folder) -> None:
    drop(folder)
    sheet = folder.sheet()
    folder.office.kill()
    sheet.rename(folder.path / "承認" / sheet.name)
    folder.office.start()
    folder.office.row("a.txt", "approved", "scheduled")
    assert folder.approvals() == [(CHIEF, "folder")]


def test_where_a_policy_asks_for_designated_terminals_nobody_decides_by_a_sheet(folder: Folder) -> None:
    drop(folder)
    sheet = folder.sheet()
    rules = folder.office.folder / "rules.toml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("training = true", "training = true\npractise_terminals = true"),
        encoding="utf-8",
    )
    until(lambda: not sheet.exists(), "the sheet goes")
    assert folder.approvals() == []


def test_outside_their_appointment_nobody_decides_by_a_sheet(folder: Folder) -> None:
    drop(folder)
    sheet = folder.sheet()
    rules = folder.office.folder / "rules.toml"
    head, _, tail = rules.read_text(encoding="utf-8").partition(f'login = "{CHIEF}"')
    rules.write_text(
        f'{head}login = "{CHIEF}"{tail.replace("appointed = 2026-04-01", "appointed = 2099-04-01", 1)}', encoding="utf-8"
    )
    until(lambda: not sheet.exists(), "the sheet goes")
