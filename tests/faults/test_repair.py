"""A database that a disk has damaged: noticed, said, set aside, and made anew from revisions and record, with an exact list of the rest."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.gate import Gate
from daemon.wire import Approve, AuditHead, AuditVerify, Done, OpenView, Released, Return, Show, ViewOpened
from daemon.wire.bench import (
    CommentDetail,
    ShowComment,
)
from daemon.wire.blocks import BlockList, Blocks
from daemon.wire.moderation import Judge, MarkComment
from tests.service.live_office import FACEBOOK, MINATO, NOTICE, Office, in_foreground, until
from tests.service.test_backup import keeping, said, stands

OTHER = "公園のトイレの改修工事が終わり、来週の月曜日から使えます。ご不便をおかけしました。"


@pytest.fixture
def office(fresh: Office) -> Office:
    """An office at rest with drafts in many states: a waiting, b approved, c in a person's hands, d released, e returned, f withdrawn,
    g in its second revision, h renamed."""
    for name in "abcdefg":
        fresh.drop("minato-x", f"{name}.txt", f"{name} {OTHER if name == 'd' else NOTICE}", **MINATO)
    fresh.drop("minato-facebook", "h0.txt", **FACEBOOK)
    fresh.all_of([f"{name}.txt" for name in "abcdefg"] + ["h0.txt"], "waiting")
    for name in "bcd":
        fresh.approve(f"{name}.txt", "shibata")
    for name in "cd":
        fresh.take(fresh.row(f"{name}.txt", "approved"))
    fresh.caller("akasaka").ask(Released(draft=number(fresh, "d.txt"), url="https://x.com/minato_kunren/status/1"), Done)
    row = fresh.row("e.txt")
    fresh.caller("shibata").ask(Return(draft=row.id, hash=row.hash, reason="日付を確かめてください"), Done)
    fresh.path("minato-x", "f.txt").unlink()
    fresh.row("f.txt", "withdrawn")
    fresh.drop("minato-x", "g.txt", f"g2 {NOTICE}", **MINATO)
    fresh.row("g.txt", "waiting", revision=2)
    fresh.path("minato-facebook", "h0.txt").rename(fresh.path("minato-facebook", "h.txt"))
    fresh.row("h.txt", "waiting")
    fresh.stop()
    return fresh


def number(office: Office, name: str) -> int:
    return office.row(name).id


AFTER = {
    "a.txt": "waiting", "b.txt": "held", "c.txt": "unknown", "e.txt": "returned", "g.txt": "waiting", "h.txt": "waiting",
}  # fmt: skip


def database(office: Office) -> Path:
    return office.state / "store" / "kohoban.db"


def checkpointed(office: Office) -> bytes:
    """The database's bytes, all in the one file."""
    with closing(sqlite3.connect(database(office))) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database(office).read_bytes()


def as_before(office: Office, *, names: bool = True) -> None:
    """What a repaired office has to be: every draft in the state from which nothing goes out by itself, the record whole."""
    office.start()
    assert office.status().gate.stopped
    rows = {row.path.rpartition("/")[2]: row for row in office.rows()}
    if names:
        assert {name: rows[name].state for name in AFTER} == AFTER
    states = sorted(row.state for row in office.rows())
    assert states == sorted([*AFTER.values(), "released", "withdrawn"])
    office.record_is_whole()
    for row in office.rows():
        detail = office.show(row.id)
        assert NOTICE in detail.text or OTHER in detail.text
        assert detail.row.title != "〔損傷〕 damaged"
    found = until(lambda: _found(office, "児童書ｺｰﾅｰ"), "the index of texts has caught up")
    assert found == sum(NOTICE in office.show(row.id).text for row in office.rows())
    office.stop()


def _found(office: Office, word: str) -> int | None:
    """How many drafts have this word; None while the index is still being made."""
    opened = office.caller().ask(OpenView(text=word), ViewOpened)
    return None if opened.unread else opened.count


def test_with_its_database_gone_an_office_comes_back_from_revisions_and_record(office: Office) -> None:
    database(office).unlink()
    for rest in office.state.glob("store/kohoban.db-*"):
        rest.unlink()
    dry = said("repair", "--dry-run", "--office", office.folder)
    assert dry["dry"] and dry["drafts"] == 8 and not database(office).exists()
    answer = said("repair", "--office", office.folder)
    assert answer["drafts"] == 8 and answer["entries"] == dry["entries"]
    report = Path(answer["report"]).read_text()
    assert all(line["ja"] in report for line in answer["lost"])
    # The names of files and the reasons were in the database alone: the folder gives the names back, nobody the reason.
    assert any("reason" in line["en"] for line in answer["lost"])
    as_before(office)


def test_what_a_damaged_database_still_holds_is_taken_over(office: Office) -> None:
    whole = checkpointed(office)
    database(office).write_bytes(whole)
    answer = said("repair", "--office", office.folder)
    assert answer["lost"] == []
    assert len(answer["held"]) == 1 and len(answer["unknown"]) == 1
    assert Path(answer["aside"], "store", "kohoban.db").read_bytes()[:100] == whole[:100]
    as_before(office)
    office.start()
    assert "日付を確かめてください" in str(office.show(number(office, "e.txt")).row.waiting)
    assert office.acts(number(office, "b.txt"))[-1] == "approve"
    last = office.show(number(office, "d.txt"))
    assert last.url == "https://x.com/minato_kunren/status/1"


@pytest.mark.timeout(300)
def test_a_corrupt_page_wherever_it_is_ends_in_a_whole_office(office: Office, trials: Callable[[int], int]) -> None:
    whole = checkpointed(office)
    chance = random.Random(20261121)
    kept = office.folder.with_name("kept")
    copied = partial(shutil.copytree, symlinks=True, ignore=shutil.ignore_patterns("socket"))
    copied(office.folder, kept)
    for _ in range(trials(30)):
        shutil.rmtree(office.folder)
        copied(kept, office.folder)
        page = chance.randrange(len(whole) // 4096)
        database(office).write_bytes(whole[: page * 4096] + chance.randbytes(4096) + whole[(page + 1) * 4096 :])
        answer = said("repair", "--office", office.folder)
        assert answer["drafts"] == 8, (page, answer)
        as_before(office)


def test_a_truncated_log_of_writes_is_no_damage(office: Office) -> None:
    office.start()
    office.drop("minato-x", "z.txt", f"z {NOTICE}", **MINATO)
    office.row("z.txt", "waiting")
    office.kill()
    log = database(office).with_name("kohoban.db-wal")
    data = log.read_bytes()
    assert data
    log.write_bytes(data[: len(data) // 2 + 7])
    # A log cut short loses what was acknowledged: the segments still have it, and so the record is not what its copies say.
    answer = said("repair", "--office", office.folder)
    assert answer["drafts"] == 9
    office.start()
    assert office.row("z.txt").state == "waiting"
    office.record_is_whole()


def test_a_torn_revision_is_skipped_and_named_and_its_file_comes_in_again(office: Office) -> None:
    segment = office.state / "store" / "revisions" / "000001.seg"
    data = bytearray(segment.read_bytes())
    at = data.index(f"a {NOTICE}".encode()) + 10
    data[at] ^= 1
    segment.write_bytes(data)
    answer = said("repair", "--office", office.folder)
    assert any("000001.seg" in line["en"] for line in answer["lost"])
    assert any("bytes of draft" in line["en"] for line in answer["lost"])
    office.start()
    assert office.row("a.txt", "waiting").revision == 1  # from the file, which lies in the folder as ever
    assert office.row("b.txt").state == "held"
    office.record_is_whole()


def entry(office: Office, act: str, name: str) -> int:
    """The number of the entry by which this was done with the draft of this file."""
    sql = "SELECT a.seq FROM audit a JOIN drafts d ON d.id = a.draft WHERE a.act = '{}' AND d.name = CAST('{}' AS BLOB)"
    (found,) = office.database(sql.format(act, name))
    return int(found[0])


def torn(office: Office, seq: int) -> None:
    """The copy of an entry in the segments, with a byte of it changed."""
    segment = office.state / "store" / "revisions" / "000001.seg"
    data = bytearray(segment.read_bytes())
    data[data.index(b"kohoban-entry %d " % seq) + 150] ^= 1
    segment.write_bytes(data)


def struck(office: Office, seq: int) -> None:
    """The entry gone from the database, too."""
    with closing(sqlite3.connect(database(office))) as db:
        db.executescript(f"DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq = {seq};")


def test_a_record_with_a_hole_goes_on_and_says_which_entries_are_missing(office: Office) -> None:
    hole = entry(office, "approve", "d.txt")
    torn(office, hole)
    database(office).unlink()
    for rest in office.state.glob("store/kohoban.db-*"):
        rest.unlink()
    answer = said("repair", "--office", office.folder)
    assert any(line["en"] == f"entry {hole} of the record" for line in answer["lost"])
    office.start()
    assert office.record_is_whole() > hole
    with office.caller() as caller:
        assert caller.ask(AuditVerify(), AuditHead).ok
    assert "carried" in office.acts(number(office, "e.txt"))
    assert office.row("c.txt").state == "unknown"
    office.stop()
    again = said("repair", "--office", office.folder)
    assert not any(line["en"].startswith("entry ") for line in again["lost"])


def test_texts_behind_a_hole_of_the_record_are_carried_with_their_entries(office: Office) -> None:
    returned = office.database("SELECT seq FROM audit WHERE act = 'return'")[0][0]
    hole = entry(office, "approve", "d.txt")
    struck(office, hole)
    torn(office, hole)
    answer = said("repair", "--office", office.folder)
    assert any(line["en"] == f"entry {hole} of the record" for line in answer["lost"])
    assert not any("reason" in line["en"] for line in answer["lost"])
    office.start()
    office.record_is_whole()
    history = office.show(number(office, "e.txt")).history
    carried = [line.detail for line in history if line.act == "carried"]
    assert any(f'"entry":{returned}' in detail and "日付を確かめてください" in detail for detail in carried)
    office.stop()
    as_before(office)


def test_a_draft_whose_arrival_the_record_has_lost_comes_back_from_the_row_that_its_bytes_prove(office: Office) -> None:
    hole = entry(office, "receive", "b.txt")
    struck(office, hole)
    torn(office, hole)
    assert said("repair", "--office", office.folder)["drafts"] == 8
    as_before(office)


def test_a_damaged_database_is_said_with_the_command_that_mends_it(office: Office) -> None:
    whole = checkpointed(office)
    database(office).write_bytes(b"not a database at all" + whole[21:])
    said_at_start = in_foreground(office.folder)
    assert said_at_start.returncode == 2 and "kohoban repair" in said_at_start.stderr
    database(office).write_bytes(whole[:8192] + bytes(4096) * (len(whole) // 4096 - 2))
    said_at_start = in_foreground(office.folder)
    assert said_at_start.returncode == 2 and "kohoban repair" in said_at_start.stderr


def changed_behind_its_back(office: Office, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(database(office))) as db:
        db.execute(sql, values)
        db.commit()


def test_a_text_that_is_not_that_of_its_bytes_is_neither_shown_nor_approved(office: Office) -> None:
    changed_behind_its_back(office, "UPDATE drafts SET body = replace(body, '2階', '3階') WHERE name = CAST('a.txt' AS BLOB)")
    office.start()
    row = office.row("a.txt")
    detail = office.show(row.id)
    assert "3階" not in detail.text and "一致しません" in detail.text and detail.can == ()
    assert any(f"下書き {row.id}" in alarm and "kohoban repair" in alarm for alarm in office.status().alarms)
    office.caller("shibata").refused(Approve(draft=row.id, hash=row.hash), "internal")
    office.stop()
    assert said("repair", "--office", office.folder)["drafts"] == 8
    office.start()
    assert "2階" in office.show(row.id).text


def test_bytes_that_the_disk_has_changed_are_never_shown_as_if_they_were_fine(office: Office) -> None:
    segment = office.state / "store" / "revisions" / "000001.seg"
    data = bytearray(segment.read_bytes())
    data[data.index(f"a {NOTICE}".encode()) + 10] ^= 1
    segment.write_bytes(data)
    office.start()
    row = office.row("a.txt")
    detail = office.show(row.id)
    assert "損傷" in detail.text and NOTICE not in detail.text
    assert any(f"下書き {row.id}" in alarm for alarm in office.status().alarms)


def test_a_repair_is_refused_while_a_daemon_runs_and_leaves_nothing(office: Office) -> None:
    office.start()
    refused = keeping("repair", "--office", office.folder)
    assert refused.returncode == 4 and "使用中" in refused.stderr
    assert not (office.state / "aside").exists()
    office.stop()
    before = stands(office)
    said("repair", "--dry-run", "--office", office.folder)
    assert stands(office) == before
    assert Gate(office.state).look().open


def test_a_repair_under_broken_rules_is_refused(office: Office) -> None:
    (office.folder / "rules.toml").write_text("[office\n")
    refused = keeping("repair", "--office", office.folder)
    assert refused.returncode == 2 and "規則" in refused.stderr
    assert not (office.state / "aside").exists()


def pages_of(office: Office, table: str) -> list[int]:
    """The pages of a table or index, numbered from 0."""
    with closing(sqlite3.connect(database(office))) as db:
        root: int = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    return [root - 1]


def overwritten(office: Office, pages: list[int]) -> None:
    data = bytearray(checkpointed(office))
    for page in pages:
        data[page * 4096 : (page + 1) * 4096] = b"\x00" * 4096
    database(office).write_bytes(data)


def test_a_damaged_page_that_a_question_meets_is_said_on_every_screen(office: Office) -> None:
    overwritten(office, pages_of(office, "draft_revisions"))
    office.start()
    with office.caller() as caller:
        row = office.row("a.txt")
        assert "kohoban repair" in caller.refused(Show(draft=row.id), "internal").message
    assert any("kohoban repair" in alarm for alarm in office.status().alarms)
    office.stop()
    assert said("repair", "--office", office.folder)["drafts"] == 8
    as_before(office)


def test_damage_that_nobody_has_met_is_found_by_the_look_behind_the_start(office: Office) -> None:
    overwritten(office, pages_of(office, "lifts"))
    office.program = Path(__file__).with_name("looking_daemon.py")
    office.start()
    until(lambda: any("kohoban repair" in alarm for alarm in office.status().alarms), "an alarm")
    office.stop()
    assert said("repair", "--office", office.folder)["lost"] == []


def test_comments_judgements_and_the_block_list_are_taken_over_with_the_rest(fresh: Office) -> None:
    fresh.caller("omiya").ask(
        MarkComment(account="saitama-cvc", text="お前ら全員死ね。", handle="dareka", source="1", author="u1"), Done
    )
    fresh.caller("urano").ask(Judge(comment=1, clause="7(2)", actions=("delete", "block"), reason="名指しのため"), Done)
    before = fresh.caller("urano").ask(ShowComment(comment=1), CommentDetail)
    listed = fresh.caller("urano").ask(Blocks(account="saitama-cvc"), BlockList)
    fresh.stop()
    database(fresh).write_bytes(checkpointed(fresh))
    assert said("repair", "--office", fresh.folder)["lost"] == []
    fresh.start()
    after = fresh.caller("urano").ask(ShowComment(comment=1), CommentDetail)
    assert (after.text, after.said, after.row, after.grounds) == (before.text, before.said, before.row, before.grounds)
    # Stopped as every repaired office is, so that nobody takes them yet.
    assert [replace(each, can=()) for each in after.measures] == [replace(each, can=()) for each in before.measures]
    assert fresh.caller("urano").ask(Blocks(account="saitama-cvc"), BlockList) == listed


def test_without_its_database_the_record_still_says_who_judged_what_and_the_rest_is_named_as_lost(fresh: Office) -> None:
    fresh.caller("omiya").ask(MarkComment(account="saitama-cvc", text="お前ら全員死ね。", handle="dareka", source="1"), Done)
    fresh.caller("urano").ask(Judge(comment=1, clause="7(2)", actions=("delete",), reason="名指しのため"), Done)
    fresh.stop()
    database(fresh).unlink()
    for rest in fresh.state.glob("store/kohoban.db-*"):
        rest.unlink()
    answer = said("repair", "--office", fresh.folder)
    assert any("コメント" in line["ja"] for line in answer["lost"]), answer["lost"]
    assert ("judge_comment", "urano") in fresh.database("SELECT act, actor FROM audit")
