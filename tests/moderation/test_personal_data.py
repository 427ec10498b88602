"""No citizen is profiled, and what is kept of one goes: the whole schema is read, and every file of the store."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import pytest

from daemon.desk import erasing as desk_erasing
from daemon.moderation import blocks, comment, erasing, keeping, privacy
from daemon.wire.acts import Erase
from daemon.wire.answers import Done
from daemon.wire.moderation import EraseComment, RemoveBlock
from tests.moderation.conftest import ABUSE, MINATO, SAITAMA, SHINAGAWA, Bench, refused

OF_MODERATION = (
    "comment_files",
    "comments",
    "comment_evidence",
    "comment_claims",
    "comment_says",
    "measures",
    "block_list",
    "reactions",
)
PROFILING = {
    *("like", "likes", "liked", "follower", "followers", "following", "friends", "score", "scores", "points", "rank", "rating"),
    *("strike", "strikes", "warnings", "karma", "reputation", "trust", "history", "profile", "engagement", "activity", "repeats"),
    *("hits", "times", "offences", "offenses", "count", "counts", "total", "visits", "views", "reads", "impressions"),
}
MARK = "終わりの見えない山の向こうの秘密"
NAME = "himitsu_no_hito"


async def columns(desk: Bench) -> dict[str, list[str]]:
    """Every column of every table of the office."""
    tables = [row["name"] for row in await desk.rows("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")]
    return {table: [row["name"] for row in await desk.rows(f"SELECT name FROM pragma_table_info('{table}')")] for table in tables}


def held(state: Path, *texts: str) -> list[str]:
    """The files of the store that hold one of these texts, in any of the forms in which it could lie there."""
    forms = [form for t in texts for form in (t.encode(), json.dumps(t)[1:-1].encode(), t.encode("utf-16-le"))]
    return [path.name for path in state.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)]


@pytest.mark.clause("saitama/8(2)")
async def test_there_is_no_place_for_likes_followers_counts_scores_strikes_or_histories(desk: Bench) -> None:
    found = await columns(desk)
    assert set(OF_MODERATION) <= found.keys()
    named = {(table, column) for table, every in found.items() for column in every}
    words = {(table, column): set(re.split(r"[_\d]+", f"{table}_{column}")) for table, column in named}
    # Counters of the queue's own pages, by state and account, are no citizen's.
    suspect = {place for place, parts in words.items() if parts & PROFILING and place[0] in OF_MODERATION}
    assert suspect == set()
    assert {table for table in found if set(table.split("_")) & (PROFILING - {"history"})} == set()


async def test_no_index_gathers_what_one_citizen_wrote(desk: Bench) -> None:
    rows = await desk.rows("SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
    gathering = {row["name"] for row in rows if re.search(r"\((?=[^)]*\b(author|handle)\b)", row["sql"])}
    # Who wrote a draft is the office's own staff.
    assert gathering == {"block_list_standing", "block_list_author", "drafts_author"}


async def test_every_column_about_comments_is_listed_as_personal_or_named_as_none(desk: Bench) -> None:
    listed = {column for each in privacy.HELD for column in each.columns}
    found = await columns(desk)
    for table in OF_MODERATION:
        ours = {column.split(".")[1] for column in listed if column.startswith(f"{table}.")}
        assert ours.isdisjoint(privacy.NOT_PERSONAL[table]), table
        assert ours | privacy.NOT_PERSONAL[table] == set(found[table]), table
    assert {column for column in listed if "." in column and column.split(".")[1] not in found[column.split(".")[0]]} == set()


async def test_the_list_of_personal_data_counts_what_there_is_and_says_when_it_goes(desk: Bench) -> None:
    await desk.judge(await desk.comment(SAITAMA), "urano", "7(2)", "delete", "block")
    found = (await desk.store.read(lambda db: privacy.listed(db, desk.setting, Path()))).data
    assert len(found) == len(privacy.HELD)
    words, author, measure, block, *_ = found
    assert [each.count for each in (words, author, measure, block)] == [1, 1, 2, 1]
    assert words.erase_on == date(2027, 2, 22)
    assert "saitama/7.柱書" in words.clause


# Erasure


async def work_of_a_day(desk: Bench) -> int:
    """A comment with a mark in every field, judged, hidden, its author blocked; the number."""
    number = await desk.comment(
        SHINAGAWA,
        f"{ABUSE}{MARK}",
        author=NAME,
        author_id=f"id-{NAME}",
        url=f"https://x.com/{NAME}/status/5",
        at="2026-11-20T10:00:00+09:00",
    )
    assert isinstance(await desk.judge(number, "oi", "6(2)", "delete", "block", reason="必要なため"), Done)
    for measure in (await desk.see(number)).measures:
        await desk.take(measure.id, "osaki")
        await desk.done(measure.id, "osaki", proof=f"{NAME} が消えた" if measure.asked == "delete" else "一覧にある")
    return number


async def forget_texts_of_the_record(desk: Bench) -> None:
    """What people typed themselves is the record's, and is erased as such."""
    for row in await desk.rows("SELECT seq, field FROM audit_private WHERE instr(text, ?) > 0", NAME.encode()):
        act = Erase(entry=row["seq"], field=row["field"], reason="個人情報のため")
        assert isinstance(await desk.do(_erase, act, "oi"), Done)


def _erase(act, who, setting):  # type: ignore[no-untyped-def]
    return desk_erasing.erase(act, who)


async def test_after_the_term_the_words_and_their_author_are_in_no_file_of_the_office(desk: Bench, tmp_path: Path) -> None:
    number = await work_of_a_day(desk)
    (entry,) = await desk.blocked(SHINAGAWA)
    await desk.do(blocks.remove, RemoveBlock(entry=entry.id, reason="半年がたったため"), "oi")
    (unblock,) = await desk.rows("SELECT id FROM measures WHERE asked = 'unblock'")
    await desk.take(unblock["id"], "osaki")
    await desk.done(unblock["id"], "osaki")
    assert held(tmp_path / "state", MARK, NAME)

    desk.pass_time(days=89)
    assert await desk.erase_what_is_due() == 0
    desk.pass_time(days=2)
    assert await desk.erase_what_is_due() > 0
    await forget_texts_of_the_record(desk)
    for _ in range(2):
        await desk.store.write(lambda tx: None)
    assert held(tmp_path / "state", MARK, NAME) == []
    seen = await desk.see(number)
    assert (seen.text, seen.row.state, seen.row.posted_at) == (None, "judged", None)
    assert [each.clause for each in seen.said] == ["shinagawa/6(2)"]
    assert (await desk.store.verify()).ok


@pytest.mark.parametrize("state", ["open", "left"])
async def test_what_nobody_acted_on_goes_sooner_or_with_its_decision(desk: Bench, tmp_path: Path, state: str) -> None:
    number = await desk.comment(SAITAMA, f"{ABUSE}{MARK}", author=NAME)
    if state == "left":
        await desk.judge(number, "urano")
    desk.pass_time(days=31 if state == "open" else 91)
    await desk.erase_what_is_due()
    assert held(tmp_path / "state", MARK, NAME) == []
    assert await desk.state(number) == ("gone" if state == "open" else "left")


async def test_what_its_author_or_the_platform_took_away_is_erased_at_once(desk: Bench, tmp_path: Path) -> None:
    number = await desk.comment(SAITAMA, f"{ABUSE}{MARK}", author=NAME)
    assert isinstance(await desk.gone(number, "omiya"), Done)
    await desk.erase_what_is_due()
    assert held(tmp_path / "state", MARK, NAME) == []
    assert refused(await desk.gone(number, "omiya"), "state")


async def test_what_somebody_has_in_hand_keeps_its_name_until_it_is_over(desk: Bench, tmp_path: Path) -> None:
    number = await desk.comment(SAITAMA, f"{ABUSE}{MARK}", author=NAME)
    await desk.judge(number, "urano", "7(2)", "delete")
    (measure,) = (await desk.see(number)).measures
    await desk.take(measure.id, "omiya")
    await desk.gone(number, "yonono")
    await desk.erase_what_is_due()
    assert held(tmp_path / "state", MARK) == []
    assert held(tmp_path / "state", NAME) != []
    await desk.done(measure.id, "omiya", done=False, proof="もう無い")
    await desk.erase_what_is_due()
    assert held(tmp_path / "state", NAME) == []


async def test_what_has_left_the_office_does_not_come_back_with_the_next_export(desk: Bench) -> None:
    line = {"id": "77", "text": ABUSE, "author": NAME, "author_id": "u77", "at": "2026-11-20T10:00:00+09:00"}
    await desk.export(SAITAMA, line)
    (number,) = await desk.listed(accounts=(SAITAMA,))
    await desk.gone(number, "omiya")
    await desk.export(SAITAMA, line, {**line, "id": "78", "text": "ありがとう"})
    assert await desk.listed(accounts=(SAITAMA,)) == []
    assert await desk.rows("SELECT 1 FROM comment_evidence") == []


async def test_an_erasure_by_hand_needs_a_manager_and_a_reason(desk: Bench) -> None:
    number = await desk.comment(SAITAMA)
    assert refused(await desk.do(erasing.erase, EraseComment(comment=number, reason="申出"), "omiya"), "role")
    assert refused(await desk.do(erasing.erase, EraseComment(comment=number, reason=""), "urano"), "reason")
    assert isinstance(await desk.do(erasing.erase, EraseComment(comment=number, reason="本人の申出"), "urano"), Done)
    assert (await desk.see(number)).text is None


async def test_a_reason_that_is_erased_from_the_record_is_erased_from_the_bench_too(desk: Bench, tmp_path: Path) -> None:
    number = await desk.comment(SAITAMA)
    await desk.judge(number, "urano", "7(15)", "delete", reason=f"{NAME} の隣人から電話があったため")
    await forget_texts_of_the_record(desk)
    for _ in range(2):
        await desk.store.write(lambda tx: None)
    assert held(tmp_path / "state", NAME) == []
    assert [each.reason for each in (await desk.see(number)).said] == [""]


async def test_a_block_keeps_name_and_id_as_long_as_it_stands_and_no_longer_than_its_term(desk: Bench, tmp_path: Path) -> None:
    await work_of_a_day(desk)
    desk.pass_time(days=200)
    await desk.erase_what_is_due()
    (entry,) = await desk.blocked(SHINAGAWA)
    assert (entry.handle, entry.author, entry.late) == (NAME, f"id-{NAME}", True)
    assert held(tmp_path / "state", MARK) == []


async def test_a_comment_that_a_backup_has_brought_back_is_erased_again_by_its_hash(desk: Bench) -> None:
    first, second = await desk.comment(SAITAMA, f"{ABUSE}{MARK}"), await desk.comment(SAITAMA)
    digest = (await desk.see(first)).hash
    await desk.store.write(lambda tx: comment.forget_again(tx, [digest, "0" * 64]))
    assert ((await desk.see(first)).text, (await desk.see(second)).text) == (None, ABUSE)
    assert await desk.state(first) == "gone"


async def test_damaged_evidence_is_said_and_not_shown(desk: Bench) -> None:
    number = await desk.comment(SAITAMA)
    await desk.store.write(
        lambda tx: (
            tx.db.execute("UPDATE comment_evidence SET body = CAST(replace(CAST(body AS TEXT), '市民', '町民') AS BLOB)").rowcount
        )
    )
    with pytest.raises(Exception, match="ハッシュが合いません"):
        await desk.see(number)


async def test_the_evidence_is_kept_whole_before_anything_is_done(desk: Bench) -> None:
    number = await desk.comment(SAITAMA, ABUSE, url="https://x.com/a/status/1")
    (row,) = await desk.rows("SELECT body FROM comment_evidence")
    assert hashlib.sha256(row["body"]).hexdigest() == (await desk.see(number)).hash
    assert json.loads(row["body"])["text"] == ABUSE


async def test_in_minato_what_was_marked_goes_like_everywhere(desk: Bench, tmp_path: Path) -> None:
    await desk.marked(MINATO, f"{ABUSE}{MARK}")
    desk.pass_time(days=31)
    await desk.erase_what_is_due()
    assert held(tmp_path / "state", MARK) == []


async def test_terms_are_looked_up_and_no_table_is_read_for_them(desk: Bench) -> None:
    """Every round asks whether anything is to be erased, every status whether a backup is past its term."""
    asked: list[str] = []

    def look(db) -> None:  # type: ignore[no-untyped-def]
        db.set_trace_callback(asked.append)
        erasing.due(db, desk.setting)
        privacy.backups(db, desk.setting, Path())
        db.set_trace_callback(None)

    await desk.store.read(look)
    assert asked
    for sql in asked:
        plan = [row["detail"] for row in await desk.rows(f"EXPLAIN QUERY PLAN {sql}")]
        assert [line for line in plan if re.match(r"SCAN (comments|measures|audit|a)\b(?! USING)", line)] == [], (sql, plan)


def test_what_is_kept_of_a_comment_is_no_more_than_its_words_and_its_place() -> None:
    assert keeping.Kept.__struct_fields__ == ("evidence", "verdict", "findings", "guidance")
    assert comment.Evidence.__struct_fields__ == (
        *("account", "text", "handle", "author", "source", "conversation", "url", "posted_at"),
    )
