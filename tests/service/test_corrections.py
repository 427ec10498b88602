"""訂正 and 削除: a draft that corrects or deletes what is out is tied to it, kept in by its blanks, and never posted by a machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.desk.correcting import plain
from daemon.wire import Done, Except, Prepare, QueueRow, Released
from tests.service.live_office import FACEBOOK, MINATO, NOTICE, Office, until

URL = "https://x.com/minato_kunren/status/1234567"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "office")
    office.start()
    yield office
    office.stop()


def released(office: Office) -> QueueRow:
    """A notice that is out."""
    office.drop("minato-x", "a.txt", NOTICE, **MINATO)
    office.approve("a.txt", "shibata")
    row = office.row("a.txt", "approved")
    office.take(row)
    with office.caller("akasaka") as caller:
        caller.ask(Released(draft=row.id, url=URL), Done)
    return office.row("a.txt", "released")


def marks(office: Office, row: QueueRow) -> str:
    return " ".join(office.show(row.id).row.marks)


@pytest.mark.clause("minato/7-2(7)")
def test_a_correction_is_prepared_with_blanks_that_keep_it_in_and_each_shows_the_other(office: Office) -> None:
    original = released(office)
    with office.caller("akasaka") as caller:
        said = caller.ask(Prepare(draft=original.id), Done)
    assert "訂正" in said.message
    paper = office.row("a-訂正.txt", "to_fix")  # the blanks
    until(lambda: f"訂正待ち #{paper.id}" in marks(office, original), "the original shows that a correction waits")
    assert f"訂正→#{original.id}" in marks(office, paper)
    assert office.show(original.id).text.strip() == NOTICE
    path = office.path("minato-x", "a-訂正.txt")
    path.write_text(path.read_text().replace("誤: ＿＿＿", "誤: 2階").replace("正: ＿＿＿", "正: 3階"))
    office.approve("a-訂正.txt", "shibata")
    row = office.row("a-訂正.txt", "approved")
    office.take(row)
    with office.caller("akasaka") as caller:
        caller.ask(Released(draft=row.id, url=URL + "8"), Done)
    until(lambda: f"訂正あり #{paper.id}" in marks(office, original), "the original shows that it was corrected")
    assert office.record_is_whole()


@pytest.mark.clause("minato/7-2(5)")
def test_deleting_is_an_act_of_its_own_by_a_person_and_says_everywhere_that_it_cannot_be_undone(office: Office) -> None:
    original = released(office)
    with office.caller("akasaka") as caller:
        said = caller.ask(Prepare(draft=original.id, what="delete"), Done)
    assert "完全には削除できません" in said.message
    path = office.path("minato-x", "a-削除.txt")
    path.write_text(path.read_text().replace("＿＿＿", "会場を誤って掲載したため"))
    office.approve("a-削除.txt", "shibata")
    row = office.row("a-削除.txt", "approved")
    assert any("完全には削除できません" in f.message for f in office.show(row.id).findings)
    taken = office.take(row)
    assert any("完全には削除できない" in line for line in taken.checklist)
    assert any(URL in line for line in taken.checklist)
    assert not any("貼り付ける" in line for line in taken.checklist)
    with office.caller("akasaka") as caller:
        assert caller.ask(Released(draft=row.id, url=URL), Done).message == "削除したことを記録しました。"
    until(lambda: "削除済（写しは残る）" in marks(office, original), "the original shows it")
    office.ahead(4 * 24 * 3600)  # after the hours of a mere repetition
    office.drop("minato-x", "again.txt", NOTICE, **MINATO)
    again = office.row("again.txt", "waiting")
    found = until(lambda: [f for f in office.show(again.id).findings if f.rule == "office.duplicate"], "the repost is found")
    assert "アカウントを止められる" in found[0].message


def test_what_a_machine_cannot_do_is_never_posted_as_text(office: Office) -> None:
    office.drop(
        "minato-facebook",
        "d.txt",
        "会場を誤って掲載したため削除する。",
        kind="delete",
        target="https://facebook.com/minato.kunren/posts/1",
        **FACEBOOK,
    )
    row = office.approve("d.txt", "azabu")
    with office.caller("azabu") as azabu:  # it was posted before there was a Kohoban
        azabu.ask(Except(draft=row.id, hash=row.hash, rule="office.unrecorded", reason="導入前の投稿のため"), Done)
    row = office.row("d.txt", "approved")
    for _ in range(3):
        office.status()
    assert not (office.folder / "outbox" / "minato-facebook").exists() or not list(
        (office.folder / "outbox" / "minato-facebook").iterdir()
    )
    assert office.take(row, "konan", "minato.kunren").checklist


def unrecorded(office: Office, row: QueueRow) -> list[str]:
    return [f.message for f in office.show(row.id).findings if f.rule == "office.unrecorded" and not f.lifted]


@pytest.mark.clause("minato/7-2(7)")
@pytest.mark.parametrize("kind", ["correction", "delete"])
def test_what_names_no_post_of_the_record_is_held_until_the_approver_answers_for_it(office: Office, kind: str) -> None:
    office.drop("minato-x", "a.txt", NOTICE, **MINATO)
    waits = office.row("a.txt", "waiting")
    text = "【訂正】先ほどの投稿に誤りがありました。正しくは3階です。おわびして訂正します。"
    for name, target in (("url.txt", URL), ("number.txt", f"#{waits.id}"), ("none.txt", "999")):
        office.drop("minato-x", name, text + name, kind=kind, target=target, **MINATO)
        row = office.approve(name, "shibata")
        until(lambda row=row: unrecorded(office, row), f"{name} names no post that is out")
        assert "記録にありません" in unrecorded(office, row)[0]
        assert office.row(name).state == "waiting"
    with office.caller("shibata") as shibata:
        for name in ("url.txt", "none.txt"):
            row = office.row(name)
            shibata.ask(Except(draft=row.id, hash=row.hash, rule="office.unrecorded", reason="導入前の投稿のため"), Done)
            office.row(name, "approved")
    released(office)  # and what one of them named has gone out meanwhile
    office.row("number.txt", "approved")
    assert not unrecorded(office, office.row("number.txt"))


def test_a_post_named_in_words_is_for_people_to_find(office: Office) -> None:
    text = "【訂正】先ほどの投稿に誤りがありました。正しくは3階です。おわびして訂正します。"
    office.drop("minato-x", "w.txt", text, kind="correction", target="港区の投稿（11月1日、断水）", **MINATO)
    office.approve("w.txt", "shibata")
    office.row("w.txt", "approved")


def test_what_a_correction_names_on_another_account_is_not_its_own(office: Office) -> None:
    original = released(office)
    office.drop(
        "minato-facebook", "w.txt", "訂正します。正しくは3階です。", kind="correction", target=str(original.id), **FACEBOOK
    )
    row = office.row("w.txt", "waiting")
    until(lambda: unrecorded(office, row), "the post is another account's")
    assert "訂正待ち" not in marks(office, original)


def test_a_correction_may_itself_be_corrected(office: Office) -> None:
    original = released(office)
    text = "【訂正】先ほどの投稿に誤りがありました。正しくは3階です。おわびして訂正します。"
    office.drop("minato-x", "b.txt", text, kind="correction", target=str(original.id), **MINATO)
    office.approve("b.txt", "shibata")
    row = office.row("b.txt", "approved")
    office.take(row)
    with office.caller("akasaka") as caller:
        caller.ask(Released(draft=row.id, url=URL + "8"), Done)
    with office.caller("akasaka") as caller:  # pressed twice: two files, and nobody's is lost
        names = [caller.ask(Prepare(draft=row.id), Done).message.split(" ")[0] for _ in range(2)]
    assert len(set(names)) == 2
    for name in names:
        again = office.row(name.rpartition("/")[2], "to_fix")
        until(lambda again=again: f"訂正→#{row.id}" in marks(office, again), "each is tied to what it corrects")
    assert f"訂正→#{original.id}" in marks(office, row)


def test_only_what_is_out_is_corrected(office: Office) -> None:
    office.drop("minato-x", "a.txt", NOTICE, **MINATO)
    row = office.row("a.txt", "waiting")
    with office.caller("akasaka") as caller:
        caller.refused(Prepare(draft=row.id), "state")
        caller.refused(Prepare(draft=999), "no_such")
    with office.caller("oi") as caller:
        caller.refused(Prepare(draft=row.id), "role")


def test_the_same_post_is_known_by_any_of_its_addresses() -> None:
    assert plain("https://twitter.com/a/status/1?s=20") == plain("https://www.x.com/a/status/1/") == "x.com/a/status/1"
    assert plain("https://x.com/a/status/12") != plain("https://x.com/a/status/1")
    assert plain("no address") == plain("https://x.com") == ""
