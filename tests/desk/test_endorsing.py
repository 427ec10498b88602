"""後閲: by whom, by when, what an objection does, and what everybody is told when it is late."""

from __future__ import annotations

from dataclasses import replace as replace_
from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from daemon.desk import correcting, declaring, reviews
from daemon.desk.marks import marks_of
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.days import Closure, SpecialDays
from daemon.rulebook.next_day import close_of_next_day
from daemon.wire import Declare, Done, Refusal
from daemon.wire.deputising import CloseObjection, Endorse, ReviewSeen
from tests.desk.conftest import TUESDAY_10, TUESDAY_20, Desk, refused

ALERT = "木津川に氾濫危険情報が発表されました。川から離れてください。"
TAISHO = {"author": "okajima", "topic": "地域活動・地域活動支援情報", "emergency": True, "source": "大阪府 11/24 20:10"}


async def declared(desk: Desk, **front: object) -> int:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", ALERT, **{**TAISHO, **front})
    act = Declare(draft=landed.draft, hash=landed.hash, reason="急を要するため")
    assert isinstance(await desk.do(declaring.declare, act, "shimizu"), Done)
    return landed.draft


async def the_one(desk: Desk, who: str = "kitamura", *, done: bool = False) -> ReviewSeen:
    (one,) = await reviews.listed(desk.store, desk.setting, desk.who(who), done=done)
    return one


async def endorse(desk: Desk, who: str, note: str = "", *, objects: bool = False) -> Done | Refusal:
    rows = await desk.store.fetch("SELECT max(id) AS id FROM reviews", ())
    return await desk.do(reviews.endorse, Endorse(review=rows[0]["id"], note=note, objects=objects), who)


async def test_neither_who_declared_it_nor_the_author_nor_anybody_endorses_and_nobody_twice(desk: Desk) -> None:
    await declared(desk, author="hirao")
    answer = await endorse(desk, "shimizu")
    assert refused(answer, "not_approver")
    assert "自分が決めたこと" in answer.message
    assert refused(await endorse(desk, "hirao"), "own_draft")
    answer = await endorse(desk, "yuasa")
    assert refused(answer, "not_approver")
    assert "北村 春子" in answer.message
    assert refused(await endorse(desk, "oi"), "role")
    assert isinstance(await endorse(desk, "kitamura", "確認した"), Done)
    again = await endorse(desk, "tsuruta")
    assert refused(again, "state")
    assert "北村 春子" in again.message


async def test_it_never_changes_what_went_out(desk: Desk) -> None:
    draft = await declared(desk)
    for who in ("hirao", "tsuruta"):
        await desk.approve(draft, who)
    ticket = await desk.begin(draft, "okajima")
    await desk.end(ticket, "released", "https://x.com/taisho_kunren_3/status/1")  # type: ignore[arg-type]
    done = await endorse(desk, "kitamura", "出典が違う", objects=True)
    assert isinstance(done, Done)
    assert (await desk.case(draft)).state == "released"
    one = await the_one(desk, "shimizu")
    assert (one.state, one.note, one.can) == ("objected", "出典が違う", ("close_objection",))
    assert any("不可" in ja for ja, _ in reviews.alarms((one,)))
    act = CloseObjection(review=one.id, note="訂正 #12 を発信")
    assert refused(await desk.do(reviews.close_objection, act, "okajima"), "role")
    assert isinstance(await desk.do(reviews.close_objection, act, "shimizu"), Done)
    assert refused(await desk.do(reviews.close_objection, act, "shimizu"), "state")
    assert await reviews.listed(desk.store, desk.setting, None) == ()


async def out(desk: Desk, draft: int, *by: str, url: str) -> None:
    for who in by:
        await desk.approve(draft, who)
    ticket = await desk.begin(draft, "okajima")
    await desk.end(ticket, "released", url)  # type: ignore[arg-type]


async def marks(desk: Desk, draft: int) -> str:
    links = await correcting.links(desk.store, await correcting.objected(desk.store))
    return " ".join(ja for ja, _ in marks_of(await desk.case(draft), replace_(desk.setting, links=links)))


async def test_what_is_out_and_objected_to_is_marked_until_it_is_corrected_or_dealt_with(desk: Desk) -> None:
    draft = await declared(desk)
    await out(desk, draft, "hirao", "tsuruta", url="https://x.com/taisho_kunren_3/status/1")
    assert await marks(desk, draft) == ""
    await endorse(desk, "kitamura", "川の名が違う", objects=True)
    one = await the_one(desk, "shimizu")
    assert await marks(desk, draft) == f"訂正待ち（後閲で不可 R{one.id}）"
    front = {"author": "okajima", "topic": TAISHO["topic"], "kind": "correction", "target": str(draft), "source": "大阪府"}
    text = "【訂正】先ほどの投稿に誤りがありました。正しくは尻無川です。おわびして訂正します。"
    desk.now = TUESDAY_10 + timedelta(days=1)
    paper = await desk.drop("taisho-chiiki", text, "訂正.txt", **front)
    await desk.store.write(correcting.link(await correcting.unlinked(desk.store, 0)))
    assert f"後閲で不可 R{one.id}" in await marks(desk, draft), "a correction that waits corrects nothing yet"
    await out(desk, paper.draft, "hirao", "shimizu", "tsuruta", url="https://x.com/taisho_kunren_3/status/2")
    assert (await desk.case(paper.draft)).state == "released"
    assert await marks(desk, draft) == f"訂正あり #{paper.draft}"


async def test_an_objection_that_is_dealt_with_marks_nothing_any_more(desk: Desk) -> None:
    draft = await declared(desk)
    await out(desk, draft, "hirao", "tsuruta", url="https://x.com/taisho_kunren_3/status/1")
    await endorse(desk, "kitamura", "川の名が違う", objects=True)
    one = await the_one(desk, "shimizu")
    assert "訂正待ち" in await marks(desk, draft)
    await desk.do(reviews.close_objection, CloseObjection(review=one.id, note="電話で確かめ、誤りではなかった"), "shimizu")
    assert await marks(desk, draft) == ""


async def test_an_objection_needs_its_reason_and_holds_what_has_not_gone_out_yet(desk: Desk) -> None:
    draft = await declared(desk)
    for who in ("hirao", "tsuruta"):
        await desk.approve(draft, who)
    assert (await desk.case(draft)).state == "approved"
    assert refused(await endorse(desk, "kitamura", " ", objects=True), "reason")
    assert isinstance(await endorse(desk, "kitamura", "まだ確かでない", objects=True), Done)
    assert (await desk.case(draft)).state == "held"


async def test_late_by_a_minute_it_is_an_alarm_and_recorded_once_as_missed(desk: Desk) -> None:
    await declared(desk)
    one = await the_one(desk)
    assert one.due == datetime(2026, 11, 25, 17, 30, tzinfo=TOKYO)
    desk.now = one.due + timedelta(seconds=59)  # the last minute counts in full
    assert reviews.alarms((await the_one(desk),)) == []
    assert await desk.store.write(reviews.note_missed(desk.setting)) == 0
    desk.now = one.due + timedelta(minutes=1)
    late = await the_one(desk)
    assert late.late
    (alarm,) = reviews.alarms((late,))
    assert "期限を過ぎた" in alarm[0]
    assert await reviews.any_to_note(desk.store, desk.now)
    assert await desk.store.write(reviews.note_missed(desk.setting)) == 1
    assert await desk.store.write(reviews.note_missed(desk.setting)) == 0
    assert not await reviews.any_to_note(desk.store, desk.now)
    rows = await desk.store.fetch("SELECT actor FROM audit WHERE act = 'review_missed'", ())
    assert [row["actor"] for row in rows] == ["daemon"]
    assert isinstance(await endorse(desk, "kitamura"), Done), "late is better than never"
    (reported,) = await reviews.missed_between(
        desk.store, TUESDAY_10 - timedelta(days=9), desk.now + timedelta(days=400), desk.setting
    )
    assert (reported.state, reported.late) == ("endorsed", True)
    assert reviews.alarms((reported,)) == []


async def test_the_manager_who_left_endorses_no_more_and_the_line_says_who_can(desk: Desk) -> None:
    await declared(desk)
    gone = {login: who for login, who in desk.book.operators.items() if login != "kitamura"}
    desk.book = replace(desk.book, operators=gone)
    assert "kitamura" not in (await the_one(desk, "hirao")).logins


@pytest.mark.parametrize(
    ("policy", "at", "due"),
    [
        ("taisho", "2026-11-24T10:00", "2026-11-25T17:30"),
        ("taisho", "2026-11-24T03:00", "2026-11-24T17:30"),  # it has not opened yet today
        ("taisho", "2026-11-20T20:30", "2026-11-24T17:30"),  # over the week-end and 勤労感謝の日
        ("saitama", "2026-12-28T18:00", "2027-01-04T17:15"),  # over 年末年始
        ("minato", "2026-11-21T12:00", "2026-11-24T17:15"),  # 規定なし: the next weekday that is no holiday
        ("shinagawa", "2026-11-24T23:59", "2026-11-25T17:15"),
        ("saitama", "2027-12-31T12:00", "2028-01-01T17:15"),  # no table of holidays: rather too early
    ],
)
def test_the_close_of_the_next_opening_day(desk: Desk, policy: str, at: str, due: str) -> None:
    moment = datetime.fromisoformat(f"{at}:00+09:00")
    assert close_of_next_day(desk.book.policies[policy], moment) == datetime.fromisoformat(f"{due}:00+09:00")


def test_a_closure_of_the_office_puts_it_off(desk: Desk) -> None:
    closed = SpecialDays(closures=(Closure(reason="庁舎の停電", from_=date(2026, 11, 25)),))
    account = desk.book.accounts["saitama-cvc"]
    due = close_of_next_day(desk.book.policies["saitama"], TUESDAY_20, days=closed, account=account)
    assert due == datetime(2026, 11, 26, 17, 15, tzinfo=TOKYO)
