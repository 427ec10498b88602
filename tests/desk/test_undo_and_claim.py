"""Around an approval: steps, claims, taking back, running out, counting down."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.desk import board, claims, expiring, holding, undoing
from daemon.desk.arrivals import receive
from daemon.desk.logins import login_of
from daemon.desk.opinion import Paper, judge_paper
from daemon.desk.people import with_people
from daemon.desk.releasing import Ticket
from daemon.desk.waiting_for import why_not_yet
from daemon.intake.frontmatter import read_item
from daemon.rulebook.model import Approvers, Rulebook
from daemon.wire import Claim, Done, Hold, Refusal, Reopen, Unclaim, Undo
from tests.desk.conftest import TUESDAY_10, Desk, clocked, refused

NOTICE = "区立図書館の児童書コーナーを2階に移しました。館内の案内板をご覧ください。"
X = {"author": "akasaka", "topic": "区政情報"}
FACEBOOK = {"author": "konan", "topic": "区政情報"}
LINE = {"author": "mita", "topic": "区政情報"}


@pytest.fixture
async def desk(tmp_path: Path, book: Rulebook) -> AsyncIterator[Desk]:
    """A desk whose store goes by the desk's own clock: what is counted here are seconds and days."""
    async with clocked(tmp_path, book) as desk:
        yield desk


async def undo(desk: Desk, draft: int, login: str) -> object:
    return await desk.do(undoing.undo, Undo(draft=draft), login)


async def state(desk: Desk, draft: int) -> str:
    return (await desk.case(draft)).state


# 取消


async def moments(desk: Desk, draft: int, login: str) -> tuple[datetime | None, datetime | None]:
    """Until when this person could take their decision back, and when the release begins at the earliest, as a row says it."""
    rows = await board.page(desk.store, (draft,), desk.setting, desk.who(login))
    (row,) = await with_people(desk.store, rows, desk.setting, desk.who(login), lambda draft, login: ())
    return row.undo_until, row.begins_at


async def test_a_row_says_until_when_a_decision_can_be_taken_back_to_its_maker_and_when_it_goes_out_to_everybody(
    desk: Desk,
) -> None:
    draft = (await desk.drop("minato-facebook", NOTICE, **FACEBOOK)).draft
    assert await moments(desk, draft, "azabu") == (None, None)
    await desk.approve(draft, "azabu")
    over = TUESDAY_10 + timedelta(seconds=30)
    assert await moments(desk, draft, "azabu") == (over, over)
    assert await moments(desk, draft, "konan") == (None, over)
    desk.stops = frozenset(("all",))
    assert await moments(desk, draft, "azabu") == (
        over,
        None,
    )  # nothing is on its way; the decision can be taken back all the same
    desk.stops = frozenset()
    desk.pass_time(seconds=31)
    assert await moments(desk, draft, "azabu") == (None, None)


async def test_what_a_person_posts_waits_for_nothing_and_still_can_be_taken_back(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **X)).draft
    await desk.approve(draft, "shibata")
    assert await moments(desk, draft, "shibata") == (TUESDAY_10 + timedelta(seconds=30), None)


@pytest.mark.parametrize("verb", ["approve", "return", "withdraw", "schedule"])
async def test_a_decision_is_taken_back_and_the_draft_stands_as_before(desk: Desk, verb: str) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **X)).draft
    if verb == "schedule":
        await desk.approve(draft, "shibata")
    before = await desk.case(draft)
    desk.pass_time(seconds=1)
    await {
        "approve": lambda: desk.approve(draft, "shibata"),
        "return": lambda: desk.give_back(draft, "shibata", "日付がない"),
        "withdraw": lambda: desk.withdraw(draft, "shibata"),
        "schedule": lambda: desk.schedule(draft, "shibata", TUESDAY_10 + timedelta(hours=2)),
    }[verb]()
    assert isinstance(await undo(desk, draft, "shibata"), Done)
    after = await desk.case(draft)
    assert (after.state, after.approvals, after.release_at, after.returned) == (
        before.state,
        before.approvals,
        before.release_at,
        before.returned,
    )
    rows = await desk.store.fetch("SELECT returned FROM draft_revisions", ())
    assert [row["returned"] for row in rows] == [""]


async def test_only_ones_own_last_decision_can_be_taken_back_and_only_for_thirty_seconds(desk: Desk) -> None:
    draft = (await desk.drop("minato-line", NOTICE, **LINE)).draft
    assert refused(await undo(desk, draft, "takanawa"), "no_such")
    await desk.approve(draft, "takanawa")
    assert refused(await undo(desk, draft, "akasaka"), "state")
    await desk.approve(draft, "akasaka")
    assert refused(await undo(desk, draft, "takanawa"), "state")
    desk.pass_time(seconds=31)
    assert refused(await undo(desk, draft, "akasaka"), "time")


async def test_what_has_begun_is_not_taken_back(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **X)).draft
    await desk.approve(draft, "shibata")
    await desk.begin(draft, "akasaka")
    assert refused(await undo(desk, draft, "shibata"), "state")


async def test_an_undo_is_in_the_record_and_so_is_what_was_undone(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **X)).draft
    await desk.approve(draft, "shibata")
    await undo(desk, draft, "shibata")
    rows = await desk.store.fetch("SELECT act FROM audit WHERE draft = ? ORDER BY seq", (draft,))
    assert [row["act"] for row in rows] == ["receive", "approve", "undo"]


# The machine waits, and counts down


async def test_a_machine_waits_until_the_decision_can_no_longer_be_taken_back_and_says_so(desk: Desk) -> None:
    draft = (await desk.drop("minato-facebook", NOTICE, **FACEBOOK)).draft
    await desk.approve(draft, "azabu")
    case = await desk.case(draft)
    (line,) = case.judged(desk.setting).missing
    assert line.act == "wait" and "取り消せます" in line.what
    assert refused(await desk.begin(draft, None), "countdown")
    desk.pass_time(seconds=31)
    assert isinstance(await desk.begin(draft, None), Ticket)


async def test_an_emergency_waits_for_no_undo(desk: Desk) -> None:
    front = {"author": "konan", "topic": "災害・緊急情報", "emergency": True, "source": "気象庁 9:50発表"}
    draft = (await desk.drop("minato-facebook", "大雨警報が発表されました。川に近づかないでください。", **front)).draft
    for login in ("azabu", "akasaka"):
        await desk.approve(draft, login)
    case = await desk.case(draft)
    assert case.begins_at(desk.setting) is None


@pytest.mark.clause("minato/7-2(5)")
async def test_what_cannot_be_unsent_needs_two_people_and_counts_down_and_anybody_halts_it(desk: Desk) -> None:
    draft = (await desk.drop("minato-line", NOTICE, **LINE)).draft
    await desk.approve(draft, "takanawa")
    assert await state(desk, draft) == "waiting"
    await desk.approve(draft, "akasaka")
    case = await desk.case(draft)
    assert case.state == "approved" and case.ready_at is not None
    desk.now = case.ready_at + timedelta(seconds=59)
    assert refused(await desk.begin(draft, None), "countdown")
    assert isinstance(await desk.do(holding.hold, Hold(draft=draft, reason="会場を確認中"), "konan"), Done)
    assert await state(desk, draft) == "held"
    held = await desk.case(draft)
    assert "人の判断（理由は経過にあります）" in why_not_yet(held, held.judged(desk.setting), desk.setting)[0].what


async def test_a_restart_begins_the_countdown_anew(desk: Desk) -> None:
    draft = (await desk.drop("minato-line", NOTICE, **LINE)).draft
    for login in ("takanawa", "akasaka"):
        await desk.approve(draft, login)
    case = await desk.case(draft)
    assert case.ready_at is not None
    desk.now = case.ready_at + timedelta(seconds=61)
    assert case.begins_at(desk.setting) is None
    desk.started = desk.now
    assert case.begins_at(desk.setting) == desk.now + timedelta(seconds=60)


# 着手


async def test_while_somebody_works_at_a_draft_nobody_else_decides_about_it_but_anybody_withdraws_it(desk: Desk) -> None:
    draft = (
        await desk.drop("taisho-chiiki", "清掃活動に参加しませんか。", author="okajima", topic="地域活動・地域活動支援情報")
    ).draft
    assert isinstance(await desk.do(claims.claim, Claim(draft=draft), "shimizu"), Done)
    assert refused(await desk.do(claims.claim, Claim(draft=draft), "hirao"), "claimed")
    assert refused(await desk.approve(draft, "hirao"), "claimed")
    assert isinstance(await desk.do(claims.claim, Claim(draft=draft, over=True), "hirao"), Done)
    assert refused(await desk.approve(draft, "shimizu"), "claimed")
    assert isinstance(await desk.withdraw(draft, "shimizu"), Done)


async def test_a_claim_ends_by_itself_with_a_decision_and_with_its_holder(desk: Desk, book: Rulebook) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **X)).draft
    await desk.do(claims.claim, Claim(draft=draft), "akasaka")
    desk.book = replace(book, operators={k: v for k, v in book.operators.items() if k != "akasaka"})
    assert isinstance(await desk.do(claims.claim, Claim(draft=draft), "shibata"), Done)  # the register no longer has the other
    desk.book = book
    await desk.do(claims.unclaim, Unclaim(draft=draft), "shibata")
    await desk.do(claims.claim, Claim(draft=draft), "akasaka")
    desk.pass_time(minutes=11)
    assert isinstance(await desk.approve(draft, "shibata"), Done)
    assert not await desk.store.fetch("SELECT 1 FROM claims WHERE login = 'shibata'", ())


# 期限切れ


async def test_what_nobody_approves_in_time_runs_out_and_a_person_opens_it_again_from_the_start(desk: Desk) -> None:
    draft = (await desk.drop("minato-line", NOTICE, **LINE)).draft
    await desk.approve(draft, "takanawa")
    desk.pass_time(days=59)
    assert not await expiring.any_run_out(desk.store, desk.setting)
    desk.pass_time(days=2)
    assert await expiring.any_run_out(desk.store, desk.setting)
    assert [case.state for case in await desk.store.write(expiring.run_out(desk.setting))] == ["expired"]
    assert refused(await desk.approve(draft, "takanawa"), "state")
    assert isinstance(await desk.do(expiring.reopen, Reopen(draft=draft), "mita"), Done)
    case = await desk.case(draft)
    assert (case.state, case.approvals) == ("waiting", ())


async def test_a_draft_whose_moment_passes_while_it_waits_runs_out_and_one_that_came_too_late_is_asked_about(desk: Desk) -> None:
    soon = (await desk.drop("minato-x", NOTICE, "soon.txt", release_at=desk.now + timedelta(hours=1), **X)).draft
    late = (await desk.drop("minato-x", NOTICE + "二度目。", "late.txt", release_at=desk.now - timedelta(hours=3), **X)).draft
    desk.pass_time(hours=3)
    await desk.store.write(expiring.run_out(desk.setting))
    assert (await state(desk, soon), await state(desk, late)) == ("expired", "waiting")


async def test_what_somebody_approves_after_its_moment_does_not_run_out_before_the_rest_is_decided(desk: Desk) -> None:
    draft = (await desk.drop("minato-line", NOTICE, release_at=desk.now + timedelta(hours=1), **LINE)).draft
    desk.pass_time(minutes=90)
    await desk.approve(draft, "takanawa", reason="時刻を過ぎたが出す")
    desk.pass_time(hours=2)
    await desk.store.write(expiring.run_out(desk.setting))
    assert await state(desk, draft) == "waiting"


async def test_an_edit_of_what_has_run_out_is_its_next_revision(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **X)).draft
    desk.now = TUESDAY_10 + timedelta(days=61)
    await desk.store.write(expiring.run_out(desk.setting))
    landed = await desk.drop("minato-x", NOTICE + "（更新）", **X)
    assert (landed.draft, landed.state) == (draft, "waiting")


async def test_an_approval_that_is_too_old_counts_no_more(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **X)).draft
    await desk.approve(draft, "shibata")
    assert await desk.missing(draft) == [("take", "")]
    desk.now = TUESDAY_10 + timedelta(days=61)
    assert ("approve", "minato/7-1") in await desk.missing(draft)


# Steps


def in_steps(book: Rulebook) -> Rulebook:
    """The book with a policy that asks the chief first, and then the 部長."""
    minato = book.policies["minato"]
    second = Approvers(
        id="approver.second", clause="minato/7-1", level="hold", titles=("部長",), step=2, message="部長の承認が必要です。"
    )
    head = replace(book.operators["shibata"], login="bucho", name="部長さん", unit="企画経営部", titles=("部長",))
    return replace(
        book,
        policies={**book.policies, "minato": replace(minato, rules=(*minato.rules, second), hash="steps")},
        operators={**book.operators, "bucho": head},
    )


async def test_a_later_step_is_asked_for_and_counts_only_when_the_earlier_ones_are_complete(desk: Desk, book: Rulebook) -> None:
    desk.book = in_steps(book)
    draft = (await desk.drop("minato-x", NOTICE, **X)).draft
    assert [line.who for line in (await desk.case(draft)).judged(desk.setting).missing] == ["区長室の課長（芝田 恵）"]
    assert refused(await desk.approve(draft, "bucho"), "missing")
    await desk.approve(draft, "shibata")
    (line,) = (await desk.case(draft)).judged(desk.setting).missing
    assert (line.who, line.what[:5]) == ("部長（部長さん）", "第2段階の")
    assert refused(await desk.approve(draft, "shibata"), "missing")
    await desk.approve(draft, "bucho")
    assert await state(desk, draft) == "approved"


async def test_whoever_has_left_or_lost_the_post_has_not_approved(desk: Desk, book: Rulebook) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **X)).draft
    await desk.approve(draft, "shibata")
    shibata = book.operators["shibata"]
    for person in (replace(shibata, unit="総務課"), replace(shibata, role="clerk"), None):
        others = {k: v for k, v in book.operators.items() if k != "shibata"}
        desk.book = replace(book, operators=others if person is None else {**others, "shibata": person})
        assert ("approve", "minato/7-1") in await desk.missing(draft)


@pytest.mark.clause("taisho/3.責任者.広聴", "taisho/3.責任者.情報発信")
async def test_the_tables_of_posts_and_of_surveys_may_diverge(desk: Desk, book: Rulebook) -> None:
    taisho = book.policies["taisho"]
    rules = tuple(
        replace(rule, titles=("総務課長",)) if isinstance(rule, Approvers) and rule.id == "approver.poll.community" else rule
        for rule in taisho.rules
    )
    desk.book = replace(book, policies={**book.policies, "taisho": replace(taisho, rules=rules, hash="diverged")})
    topic = "地域活動・地域活動支援情報"
    poll = (
        await desk.drop(
            "taisho-chiiki",
            "来年の清掃活動はいつがよいですか。",
            "a.txt",
            author="okajima",
            topic=topic,
            kind="poll",
            poll={"options": ["春", "秋"]},
        )
    ).draft
    post = (await desk.drop("taisho-chiiki", "清掃活動に参加しませんか。", "b.txt", author="okajima", topic=topic)).draft
    assert refused(await desk.approve(poll, "shimizu"), "not_approver")
    assert isinstance(await desk.approve(post, "shimizu"), Done)
    assert isinstance(await desk.approve(poll, "oda"), Done)


# Not one's own


async def test_naming_another_author_does_not_wash_ones_own_hands(desk: Desk) -> None:
    """On a share the front matter alone says who wrote it: whoever stood there in an earlier revision does not approve a later one."""
    front = {"topic": "地域活動・地域活動支援情報"}
    draft = (await desk.drop("taisho-chiiki", "清掃活動に参加しませんか。", author="shimizu", **front)).draft
    assert refused(await desk.approve(draft, "shimizu"), "own_draft")
    await desk.drop("taisho-chiiki", "清掃活動に参加しませんか。", author="okajima", **front)
    assert (await desk.case(draft)).hands == ("shimizu",)
    assert refused(await desk.approve(draft, "shimizu"), "own_draft")
    assert isinstance(await desk.approve(draft, "hirao"), Done)


async def test_the_owner_of_a_file_with_several_links_does_not_approve_it_whatever_its_front_matter_says(
    desk: Desk, book: Rulebook
) -> None:
    me = login_of(os.getuid())
    desk.book = replace(book, operators={**book.operators, me: replace(book.operators["shimizu"], login=me)})
    text = '+++\nauthor = "okajima"\ntopic = "地域活動・地域活動支援情報"\n+++\n清掃活動に参加しませんか。'.encode()
    digest = hashlib.sha256(text).hexdigest()
    paper = Paper("taisho-chiiki", b"a.txt", text, digest, read_item(text), -1, 1, 1, 0, 0, len(text), owner=os.getuid())
    draft = (await desk.store.write(receive(judge_paper(paper, desk.setting)))).draft
    assert refused(await desk.approve(draft, me), "own_draft")
    assert isinstance(await desk.approve(draft, "hirao"), Done)


@pytest.mark.clause("minato/7-1")
async def test_a_chief_may_approve_what_they_wrote_where_the_clause_allows_it_and_it_is_recorded_as_such(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", NOTICE, author="shibata", topic="区政情報")).draft
    assert isinstance(await desk.approve(draft, "shibata"), Done)
    (row,) = await desk.store.fetch("SELECT record FROM audit WHERE act = 'approve'", ())
    assert b'"alone":true' in row["record"]


@pytest.mark.clause("shinagawa/5-1")
async def test_a_draft_of_another_unit_waits_for_the_manager_of_the_unit_that_runs_the_account(desk: Desk) -> None:
    draft = (await desk.drop("shinagawa-koho", "防災訓練を行います。会場は区役所です。", author="togoshi")).draft
    assert ("except", "author") in await desk.missing(draft)
    await desk.approve(draft, "oi")
    assert (await desk.case(draft)).state == "waiting"
    assert isinstance(await desk.lift(draft, "oi", "author", "防災課の訓練のため"), Done)
    assert (await desk.case(draft)).state in ("approved", "scheduled")


async def test_what_was_meant_for_a_time_that_has_passed_is_approved_with_a_reason_alone(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **X, release_at=TUESDAY_10 + timedelta(minutes=20))
    desk.pass_time(minutes=30)
    case = await desk.case(landed.draft)
    assert any("理由を添えて承認" in line.what for line in why_not_yet(case, case.judged(desk.setting), desk.setting))
    assert refused(await desk.approve(landed.draft, "shibata"), "time")
    done = await desk.approve(landed.draft, "shibata", reason="会議が延びたが、催しは明日なので")
    assert isinstance(done, Done) and done.state == "approved"


async def brief(desk: Desk, draft: int, login: str) -> object:
    return await desk.do(claims.claim, Claim(draft=draft, brief=True), login)


async def test_a_dialog_keeps_others_away_for_two_minutes_and_leaves_a_claim_that_stands(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **X)
    assert isinstance(await brief(desk, landed.draft, "shibata"), Done)
    assert refused(await desk.approve(landed.draft, "takanawa"), "claimed")
    desk.pass_time(minutes=2)
    assert not refused_as(await desk.approve(landed.draft, "takanawa"), "claimed")
    assert isinstance(await desk.do(claims.claim, Claim(draft=landed.draft), "shibata"), Done)
    assert refused(await brief(desk, landed.draft, "shibata"), "state")
    desk.pass_time(minutes=9)
    assert refused(await brief(desk, landed.draft, "akasaka"), "claimed")


async def test_a_dialog_about_an_emergency_takes_nobodys_claim(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **X, emergency=True, source="港区防災課 11/24 9:50")
    assert isinstance(await desk.do(claims.claim, Claim(draft=landed.draft), "akasaka"), Done)
    assert refused(await brief(desk, landed.draft, "shibata"), "state")


def refused_as(answer: object, code: str) -> bool:
    return isinstance(answer, Refusal) and answer.code == code


async def test_whoever_approves_twice_is_told_that_they_have_and_how_it_stands(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **X)).draft
    assert isinstance(await desk.approve(draft, "shibata"), Done)
    again = await desk.approve(draft, "shibata")
    assert refused(again, "state") and isinstance(again, Refusal)
    assert "あなたが" in again.message and "今は「承認済」です。承認はもう要りません" in again.message
