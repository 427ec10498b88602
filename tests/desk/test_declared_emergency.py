"""緊急の宣言: who may, what it lifts and what never, and that somebody else reads it afterwards."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from msgspec.structs import replace

from daemon.desk import declaring, reviews
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Deputy
from daemon.wire import Declare, Done, Refusal
from daemon.wire.deputising import ReviewSeen
from tests.desk.conftest import TUESDAY_20, Desk, refused

ALERT = "木津川に氾濫危険情報が発表されました。川から離れてください。"
TAISHO = {"author": "okajima", "topic": "地域活動・地域活動支援情報", "emergency": True, "source": "大阪府 11/24 20:10"}
SAITAMA = {"author": "omiya", "topic": "施策・事業", "emergency": True, "source": "さいたま市 11/24 20:10"}
SHELTER = "市民活動サポートセンターを臨時に閉館しました。"


async def declare(desk: Desk, draft: int, who: str, reason: str = "氾濫危険情報が出たため") -> Done | Refusal:
    act = Declare(draft=draft, hash=(await desk.case(draft)).hash, reason=reason)
    return await desk.do(declaring.declare, act, who)


async def listed(desk: Desk, who: str) -> tuple[ReviewSeen, ...]:
    return await reviews.listed(desk.store, desk.setting, desk.who(who))


@pytest.mark.clause("taisho/3.対応時間ただし書", "taisho/3.対応時間")
async def test_the_front_matter_alone_lifts_no_hours_the_declaration_does(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", ALERT, **TAISHO)
    await desk.approve(landed.draft, "shimizu")
    await desk.approve(landed.draft, "tsuruta")
    assert (await desk.case(landed.draft)).state == "scheduled", "approved by two, it still waits for the morning"
    assert ("declare", "taisho/3.対応時間ただし書") in await desk.missing(landed.draft)
    done = await declare(desk, landed.draft, "hirao")
    assert isinstance(done, Done), done
    assert done.state == "approved"
    assert [act for act, _ in await desk.missing(landed.draft)] == ["take"]


async def test_it_lifts_the_hours_only_two_people_still_approve_and_blanks_still_block(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", ALERT, **TAISHO)
    done = await declare(desk, landed.draft, "shimizu")
    assert isinstance(done, Done)
    assert done.state == "waiting"
    assert {clause for act, clause in await desk.missing(landed.draft) if act == "approve"} == {
        "taisho/3.責任者.情報発信",
        "office/second-person",
    }
    desk.stops = frozenset({"all"})
    assert "resume" in {act for act, _ in await desk.missing(landed.draft)}, "nor the stop"
    blanks = await desk.drop("taisho-chiiki", "○時○分、避難指示が出ました。", name="b.txt", **TAISHO)
    assert refused(await declare(desk, blanks.draft, "shimizu"), "state")


async def test_a_new_revision_has_to_be_declared_anew(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", ALERT, **TAISHO)
    await declare(desk, landed.draft, "shimizu")
    newer = await desk.drop("taisho-chiiki", ALERT + "高いところへ。", **TAISHO)
    assert newer.draft == landed.draft
    assert "declare" in {act for act, _ in await desk.missing(landed.draft)}
    stale = Declare(draft=landed.draft, hash=landed.hash, reason="急ぎ")
    assert refused(await desk.do(declaring.declare, stale, "shimizu"), "stale")
    assert await listed(desk, "kitamura") == (), "of what never went out nobody reads anything afterwards"


@pytest.mark.parametrize(
    ("who", "reason", "code"),
    [
        ("okajima", "急ぎ", "not_approver"),
        ("izumi", "急ぎ", "not_approver"),
        ("urano", "急ぎ", "role"),
        ("kansa", "急ぎ", "role"),
        ("shimizu", " ", "reason"),
    ],
    ids=["a clerk", "the manager of another field", "of another city", "a viewer", "without a reason"],
)
async def test_who_is_not_allowed_declares_nothing(desk: Desk, who: str, reason: str, code: str) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", ALERT, **TAISHO)
    answer = await declare(desk, landed.draft, who, reason)
    assert refused(answer, code)
    if code == "not_approver":
        assert "清水 直美" in answer.message
    assert "declare" in {act for act, _ in await desk.missing(landed.draft)}


async def test_what_does_not_call_itself_one_is_not_declared_and_nothing_is_declared_twice(desk: Desk) -> None:
    desk.now = TUESDAY_20
    calm = await desk.drop("taisho-chiiki", "公園の清掃に参加しませんか。", **{**TAISHO, "emergency": False})
    answer = await declare(desk, calm.draft, "shimizu")
    assert refused(answer, "state")
    assert "emergency = true" in answer.message
    landed = await desk.drop("taisho-chiiki", ALERT, name="b.txt", **TAISHO)
    await declare(desk, landed.draft, "shimizu")
    assert refused(await declare(desk, landed.draft, "hirao"), "state")


@pytest.mark.clause("saitama/4.ただし書")
async def test_in_saitama_only_the_manager_declares_no_deputy_elsewhere_a_deputy_may(desk: Desk) -> None:
    desk.now = TUESDAY_20
    days = {"from_": date(2026, 11, 1), "until": date(2026, 11, 30), "basis": "代決規程"}
    desk.book = replace(
        desk.book,
        deputies=(
            Deputy(id="s", login="yonono", person="urano", **days),  # type: ignore[arg-type]
            Deputy(id="t", login="yuasa", person="shimizu", **days),  # type: ignore[arg-type]
            Deputy(id="n", login="tsuruta", person="hirao", emergencies="never", **days),  # type: ignore[arg-type]
        ),
    )
    saitama = await desk.drop("saitama-cvc", SHELTER, **SAITAMA)
    (line,) = [line for line in (await desk.case(saitama.draft)).judged(desk.setting).missing if line.act == "declare"]
    assert line.logins == ("urano",)
    assert refused(await declare(desk, saitama.draft, "yonono"), "not_approver")
    assert isinstance(await declare(desk, saitama.draft, "urano"), Done)
    taisho = await desk.drop("taisho-chiiki", ALERT, **TAISHO)
    assert refused(await declare(desk, taisho.draft, "tsuruta"), "not_approver")
    done = await declare(desk, taisho.draft, "yuasa")
    assert isinstance(done, Done)
    assert "代決" in done.message


async def test_a_deputy_for_emergencies_only_approves_once_it_has_been_declared(desk: Desk) -> None:
    entry = Deputy(id="e", login="yuasa", person="shimizu", from_=date(2026, 11, 1), until=date(2026, 11, 30), emergencies="only")
    desk.book = replace(desk.book, deputies=(entry,))
    landed = await desk.drop("taisho-chiiki", ALERT, **TAISHO)
    assert refused(await desk.approve(landed.draft, "yuasa"), "not_approver")
    await declare(desk, landed.draft, "hirao")
    assert isinstance(await desk.approve(landed.draft, "yuasa"), Done)


async def test_where_no_policy_has_hours_nothing_waits_for_a_declaration(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop(
        "minato-x", "港区に避難指示が出ました。", author="akasaka", topic="区政情報", emergency=True, source="港区"
    )
    assert "declare" not in {act for act, _ in await desk.missing(landed.draft)}


async def test_it_is_read_by_a_different_person_by_the_close_of_the_next_opening_day(desk: Desk) -> None:
    desk.now = datetime(2026, 11, 20, 20, 30, tzinfo=TOKYO)  # a Friday; Monday is a holiday
    landed = await desk.drop("taisho-chiiki", ALERT, **TAISHO)
    await declare(desk, landed.draft, "shimizu")
    (review,) = await listed(desk, "shimizu")
    assert (review.cause, review.by, review.can) == ("emergency", "shimizu", ())
    assert review.due == datetime(2026, 11, 24, 17, 30, tzinfo=TOKYO)
    assert "shimizu" not in review.logins
    (seen,) = await listed(desk, "kitamura")
    assert seen.can == ("endorse",)


async def test_the_record_holds_the_clause_the_reason_and_the_policy(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", ALERT, **TAISHO)
    await declare(desk, landed.draft, "shimizu")
    (row,) = await desk.store.fetch("SELECT record FROM audit WHERE act = 'declare'", ())
    record = row["record"].decode()
    for words in (
        "taisho/3.対応時間ただし書",
        "上記時間帯以外にも投稿する場合があります",
        desk.book.policies["taisho"].hash,
        landed.hash,
    ):
        assert words in record
    assert (await desk.store.verify()).ok
