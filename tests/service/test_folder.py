"""What happens in the folder, as the office takes it: edits, names, removals, and things that are no draft, each with its answer."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.wire import Approve, Withdraw
from tests.service.live_office import MINATO, NOTICE, Office, draft, until


def verdict(office: Office, name: str, *words: str) -> str:
    """The verdict file beside a draft, once it has these words."""
    return notice(office.path("minato-x", name), *words)


def notice(path: Path, *words: str) -> str:
    """A folder's notice, once it has these words."""

    def look() -> str:
        text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
        return text if all(word in text for word in words) else ""

    return until(look, f"{path.name} with {words}")


def gone(office: Office, name: str) -> bool:
    return bool(until(lambda: not os.path.lexists(office.path("minato-x", name)), f"{name} is gone"))


def test_an_edit_is_a_new_revision_and_voids_the_approval(office: Office) -> None:
    office.drop("minato-x", "edit.txt", **MINATO)
    old = office.approve("edit.txt", "shibata")
    verdict(office, "edit.判定.txt", "承認済", "第1版")
    office.drop("minato-x", "edit.txt", NOTICE + "ベビーカーでもどうぞ。", **MINATO)
    new = office.row("edit.txt", "waiting", revision=2)
    assert new.id == old.id
    office.caller("shibata").refused(Approve(draft=old.id, hash=old.hash), "stale")
    verdict(office, "edit.判定.txt", "承認待ち", "第2版")
    assert [(r.n, r.hash) for r in office.show(new.id).revisions] == [(1, old.hash), (2, new.hash)]


def test_a_new_name_keeps_history_and_approval_and_takes_the_verdict_file_along(office: Office) -> None:
    office.drop("minato-x", "旧.txt", **MINATO)
    old = office.approve("旧.txt", "shibata")
    verdict(office, "旧.判定.txt")
    office.path("minato-x", "旧.txt").rename(office.path("minato-x", "新.md"))
    new = office.row("新.md", "approved")
    assert (new.id, new.hash) == (old.id, old.hash)
    assert office.acts(new.id) == ["receive", "approve", "rename"]
    verdict(office, "新.md.判定.txt", "新.md", "承認済")
    gone(office, "旧.判定.txt")


def test_two_drafts_that_change_places_are_not_taken_for_each_other(office: Office) -> None:
    texts = {"left.txt": "左のお知らせです。", "right.txt": "右のお知らせです。"}
    for name, text in texts.items():
        office.drop("minato-x", name, text, **MINATO)
    rows = {name: office.row(name, "waiting") for name in texts}
    left, right, aside = (office.path("minato-x", name) for name in ("left.txt", "right.txt", ".aside"))
    left.rename(aside)
    right.rename(left)
    aside.rename(right)

    def swapped() -> bool:
        now = {name: office.row(name) for name in texts}
        return now["left.txt"].hash == rows["right.txt"].hash and now["right.txt"].hash == rows["left.txt"].hash

    until(swapped, "both drafts under their new names")
    live = [row for row in office.rows() if row.path.endswith(("/left.txt", "/right.txt")) and row.state == "waiting"]
    assert len(live) == 2


def test_a_removal_withdraws_and_takes_the_verdict_file_along(office: Office) -> None:
    file = office.drop("minato-x", "away.txt", **MINATO)
    row = office.approve("away.txt", "shibata")
    verdict(office, "away.判定.txt")
    file.unlink()
    assert office.row("away.txt", "withdrawn").id == row.id
    gone(office, "away.判定.txt")


def test_what_was_removed_and_comes_again_is_a_new_draft_without_approval(office: Office) -> None:
    file = office.drop("minato-x", "again.txt", **MINATO)
    first = office.approve("again.txt", "shibata")
    file.unlink()
    office.row("again.txt", "withdrawn")
    office.drop("minato-x", "again.txt", **MINATO)
    second = office.row("again.txt", "waiting")
    assert second.id != first.id
    assert second.hash == first.hash


def test_a_withdrawn_draft_tells_its_author_where_the_file_still_lies(office: Office) -> None:
    office.drop("minato-x", "taken-back.txt", **MINATO)
    row = office.row("taken-back.txt", "waiting")
    office.caller("akasaka").ask(Withdraw(draft=row.id, reason="行事が中止になった"), object)
    verdict(office, "taken-back.判定.txt", "取下げ")


@pytest.mark.parametrize("encoding", ["cp932", "euc-jp", "iso2022_jp", "utf-16", "utf-8-sig"])
def test_a_draft_in_any_encoding_of_the_country_is_read(office: Office, encoding: str) -> None:
    path = office.path("minato-x", f"{encoding}.txt")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(draft(f"{encoding}で書いたお知らせです。", **MINATO).decode().encode(encoding))
    row = office.row(path.name, "waiting")
    assert office.show(row.id).text.strip() == f"{encoding}で書いたお知らせです。"


def test_bytes_that_nothing_decodes_are_a_draft_to_be_mended(office: Office) -> None:
    path = office.path("minato-x", "noise.txt")
    path.write_bytes(bytes(range(128, 256)) * 20)
    row = office.row("noise.txt", "to_fix")
    verdict(office, "noise.判定.txt", "要修正")
    assert office.show(row.id).findings


def test_front_matter_that_cannot_be_read_is_a_draft_to_be_mended(office: Office) -> None:
    path = office.path("minato-x", "front.txt")
    path.write_bytes(b"+++\nauthor = \n+++\n" + NOTICE.encode())
    row = office.row("front.txt", "to_fix")
    assert office.show(row.id).findings


def test_a_name_that_is_not_utf_8_is_a_draft_that_can_be_found_and_approved(office: Office) -> None:
    name = "お知らせ.txt".encode("cp932")
    office.drop("minato-x", name, "文字化けした名前のお知らせです。", **MINATO)
    shown = name.decode("utf-8", "backslashreplace")
    row = office.approve(shown, "shibata")
    assert office.row(shown, "approved").id == row.id
    path = office.path("minato-x", name.removesuffix(b".txt") + ".判定.txt".encode())
    until(path.exists, "a verdict file with the same bytes in its name")
    office.path("minato-x", name).unlink()
    office.row(shown, "withdrawn")


def test_things_that_are_no_draft_are_answered_beside_them_and_everything_else_goes_on(office: Office, tmp_path: Path) -> None:
    place = office.path("minato-x", "x").parent
    place.mkdir(parents=True, exist_ok=True)
    os.mkfifo(place / "pipe.txt")
    (tmp_path / "secret.txt").write_text("外のファイル")
    (place / "link.txt").symlink_to(tmp_path / "secret.txt")
    (place / "loop.txt").symlink_to("loop.txt")
    with (place / "huge.txt").open("wb") as huge:
        huge.truncate(2 << 30)
    (place / "folder.txt").mkdir()
    (place / "稟議.pdf").write_bytes(b"PK\x03\x04")
    with socket.socket(socket.AF_UNIX) as line:
        here = Path.cwd()
        os.chdir(place)
        try:
            line.bind("socket.txt")
        finally:
            os.chdir(here)
    office.drop("minato-x", "ordinary.txt", "ふつうのお知らせです。", **MINATO)

    office.row("ordinary.txt", "waiting")
    for name, words in {
        "pipe.判定.txt": "パイプ",
        "link.判定.txt": "リンク",
        "loop.判定.txt": "リンク",
        "huge.判定.txt": "大きすぎる",
        "folder.判定.txt": "フォルダー",
        "socket.判定.txt": "ふつうのファイルではない",
        "稟議.pdf.判定.txt": "保存してください",
    }.items():
        assert "どこにも出ません" in verdict(office, name, words)
    known = {row.path.rpartition("/")[2] for row in office.rows()}
    assert known.isdisjoint({"pipe.txt", "link.txt", "loop.txt", "huge.txt", "folder.txt", "socket.txt", "稟議.pdf"})

    (place / "huge.txt").unlink()
    gone(office, "huge.判定.txt")
    (place / "link.txt").unlink()
    office.drop("minato-x", "link.txt", "今度はファイルそのものです。", **MINATO)
    office.row("link.txt", "waiting")
    verdict(office, "link.判定.txt", "承認待ち")


def test_huge_and_binary_files_get_a_short_verdict_and_keep_nobody_waiting(found: Callable[..., Office]) -> None:
    office = found()
    office.drop("minato-x", "z.txt", "その間に届いたお知らせです。", **MINATO)
    noise = random.Random(1).randbytes(256 << 10)
    hostile = {
        "noise": noise,
        "zeros": bytes(256 << 10),
        "rings": "○".encode() * 80_000,
        "dates": "11月20日(木)".encode() * 13_000,
        "lines": b"a\n" * 120_000,
        "links": b"https://example.jp/a " * 12_000,
        "emoji": "👨\u200d👩\u200d👧".encode() * 14_000,
        "hidden": "\u200b".encode() * 80_000,
        "front": b"+++\nauthor = '" + b"a" * 200_000 + b"'\n+++\nx",
        "keys": b"+++\n" + b"".join(b"k%d = 1\n" % n for n in range(1_500)) + b"+++\nx",
        "megabyte": noise * 4,
    }
    for name, data in hostile.items():
        office.path("minato-x", f"hostile-{name}.txt").write_bytes(data)
    office.start()
    first = office.row("z.txt", "waiting")
    for name, data in hostile.items():
        said = verdict(office, f"hostile-{name}.判定.txt", "どこにも出ません" if len(data) > 256 << 10 else "要修正")
        assert len(said) < 40_000
        assert said.count("\n") < 250
    ids = [row.id for row in office.rows()]
    assert (len(ids), min(ids)) == (len(hostile), first.id)


def test_an_image_that_no_draft_names_is_a_line_in_the_folders_notice(office: Office) -> None:
    for name in ("名のある.jpg", "名のない.heic", ".DS_Store", "Thumbs.db", "~$x.docx", ".a.txt.swp", "a.tmp"):
        office.path("minato-x", name).write_bytes(b"x")
    text = f'+++\nauthor = "akasaka"\ntopic = "区政情報"\nimages = [{{ file = "名のある.jpg", alt = "庁舎" }}]\n+++\n{NOTICE}'
    office.path("minato-x", "pictured.txt").write_text(text)
    office.row("pictured.txt")
    verdict(office, "pictured.判定.txt")
    for _ in range(2):
        office.stop()
        office.start()
        said = notice(office.path("minato-x", "_広報番.txt"), "稼働", "名のない.heic を使う下書きがありません")
        for name in ("名のある.jpg", ".DS_Store", "Thumbs.db", "~$x.docx", ".swp", "a.tmp"):
            assert name not in said


def test_what_lies_where_nothing_is_read_is_told_in_that_place_as_long_as_it_lies_there(found: Callable[..., Office]) -> None:
    office = found()
    drafts = office.folder / "drafts"
    (drafts / "minato-y").mkdir(parents=True)
    (drafts / "minato-y" / "案.docx").write_bytes(b"PK")
    (drafts / "stray.txt").write_text(NOTICE)
    office.start()
    assert "・stray.txt" in notice(drafts / "_広報番.txt", "ここは読まれません", "minato-x")
    assert "・案.docx" in notice(drafts / "minato-y" / "_広報番.txt", "「minato-y」というアカウントはない", "minato-x")
    assert office.status().alarms
    office.stop()
    (drafts / "stray.txt").unlink()
    office.start()
    until(lambda: not (drafts / "_広報番.txt").exists(), "the notice in drafts/ is taken away")
    assert not [row for row in office.rows() if "_広報番" in row.path]


def test_every_folder_says_whether_anybody_is_at_work(office: Office) -> None:
    notice = office.path("minato-x", "_広報番.txt")
    until(lambda: notice.exists() and "稼働" in notice.read_bytes().decode("utf-8-sig"), "a notice that says 稼働")
    (office.state / "gate" / "RUN").unlink()
    until(lambda: "停止" in notice.read_bytes().decode("utf-8-sig"), "a notice that says 停止")
    office.resume()
    until(lambda: "稼働" in notice.read_bytes().decode("utf-8-sig"), "a notice that says 稼働 again")
    office.stop()
    assert "終了" in notice.read_bytes().decode("utf-8-sig")
    office.start()
    until(lambda: "稼働" in notice.read_bytes().decode("utf-8-sig"), "a notice that says 稼働 at last")


def test_a_folder_of_no_account_is_an_alarm_wherever_one_looks(office: Office) -> None:
    office.stop()
    stray = office.folder / "drafts" / "minato-y"
    stray.mkdir(parents=True)
    (stray / "a.txt").write_text(NOTICE)
    office.start()
    until(lambda: any("minato-y" in alarm for alarm in office.status().alarms), "an alarm")
    assert not any(row.account == "minato-y" for row in office.rows())


def test_a_verdict_file_that_somebody_edits_or_removes_changes_nothing_about_the_draft(office: Office) -> None:
    office.drop("minato-x", "mine.txt", "利用者登録の更新は郵送でもできます。", **MINATO)
    row = office.row("mine.txt", "waiting")
    verdict(office, "mine.判定.txt")
    office.path("minato-x", "mine.判定.txt").write_text("承認済")
    office.drop("minato-x", "other.txt", "証明書の発行機を増やしました。", **MINATO)
    office.row("other.txt", "waiting")
    assert office.row("mine.txt").state == "waiting"
    assert not [r for r in office.rows() if "判定" in r.path]
    office.approve("mine.txt", "shibata")
    verdict(office, "mine.判定.txt", "承認済", "第1版")
    assert office.acts(row.id) == ["receive", "approve"]


def test_a_verdict_file_that_cannot_be_written_is_an_alarm_whatever_is_written_beside_it(office: Office) -> None:
    in_the_way = office.path("minato-x", "in-the-way.判定.txt")
    in_the_way.mkdir()
    office.drop("minato-x", "in-the-way.txt", **MINATO)
    long = office.drop("minato-x", "長" * 83 + ".txt", "長い名前のお知らせです。", **MINATO)

    def alarm(*words: str) -> bool:
        return any(all(word in said for word in words) for said in office.status().alarms)

    until(lambda: alarm("in-the-way.判定.txt", "ほかに 1 件"), "the alarm")
    office.drop("minato-x", "beside.txt", "隣のお知らせです。", **MINATO)
    verdict(office, "beside.判定.txt", "承認待ち")
    assert alarm("in-the-way.判定.txt", "ほかに 1 件")
    office.path("minato-x", "in-the-way.txt").unlink()
    until(lambda: alarm("名前を短く"), "the alarm of the other alone")
    long.unlink()
    until(lambda: not alarm("判定.txt"), "no alarm")
    in_the_way.rmdir()
