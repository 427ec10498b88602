"""代決: who stands in for whom, for how long and for what; and what it never allows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from daemon.desk import reviews
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Deputy
from daemon.wire import Done
from daemon.wire.deputising import ReviewSeen
from tests.desk.conftest import TUESDAY_10, TUESDAY_20, Desk, refused

NOTICE = "公園の清掃に参加しませんか。"
TAISHO = {"author": "okajima", "topic": "地域活動・地域活動支援情報"}
ALERT = "木津川に氾濫危険情報が発表されました。川から離れてください。"
EMERGENCY = {"emergency": True, "source": "大阪府 11/24 9:40", **TAISHO}


def entry(**more: object) -> Deputy:
    """湯浅 stands in for 地域協働課長 清水 all through November."""
    usual = {"id": "nov", "login": "yuasa", "person": "shimizu", "basis": "大正区役所事務代決規程 第4条"}
    days = {"from_": date(2026, 11, 1), "until": date(2026, 11, 30)}
    return Deputy(**{**usual, **days, **more})  # type: ignore[arg-type]


def with_deputies(desk: Desk, *entries: Deputy) -> Desk:
    desk.book = replace(desk.book, deputies=entries)
    return desk


async def open_reviews(desk: Desk, who: str = "kansa") -> tuple[ReviewSeen, ...]:
    return await reviews.listed(desk.store, desk.setting, desk.who(who))


async def records(desk: Desk, draft: int, act: str) -> list[str]:
    rows = await desk.store.fetch("SELECT record FROM audit WHERE draft = ? AND act = ? ORDER BY seq", (draft, act))
    return [row["record"].decode() for row in rows]


async def test_a_deputy_approves_for_the_title_and_the_record_says_for_whom_and_by_what(desk: Desk) -> None:
    landed = await desk.drop("taisho-chiiki", NOTICE, **TAISHO)
    assert refused(await desk.approve(landed.draft, "yuasa"), "not_approver")
    with_deputies(desk, entry())
    done = await desk.approve(landed.draft, "yuasa")
    assert isinstance(done, Done), done
    assert done.state == "approved"
    assert "地域協働課長 清水 直美 の代決" in done.message
    (record,) = await records(desk, landed.draft, "approve")
    for words in ('"deputy":"nov"', "地域協働課長 清水 直美", "大正区役所事務代決規程 第4条", "taisho/3.責任者.情報発信"):
        assert words in record


async def test_who_waits_for_a_manager_is_shown_the_deputy_too(desk: Desk) -> None:
    with_deputies(desk, entry())
    landed = await desk.drop("taisho-chiiki", NOTICE, **TAISHO)
    (line,) = [line for line in (await desk.case(landed.draft)).judged(desk.setting).missing if line.act == "approve"]
    assert "清水 直美、代決 湯浅 美穂" in line.who
    assert "yuasa" in line.logins


@pytest.mark.parametrize(
    "limits",
    [
        {"until": date(2026, 11, 23)},
        {"from_": date(2026, 11, 25)},
        {"accounts": ("taisho-fukushi",)},
        {"kinds": ("poll",)},
        {"topics": ("保健福祉情報",)},
        {"emergencies": "only"},
    ],
    ids=["ended", "not yet", "another account", "polls only", "another topic", "emergencies only"],
)
async def test_beyond_its_days_and_limits_a_deputy_decides_nothing(desk: Desk, limits: dict[str, object]) -> None:
    with_deputies(desk, entry(**limits))
    landed = await desk.drop("taisho-chiiki", NOTICE, **TAISHO)
    assert refused(await desk.approve(landed.draft, "yuasa"), "not_approver")


async def test_the_days_are_days_in_japan_both_ends_included(desk: Desk) -> None:
    with_deputies(desk, entry(until=date(2026, 11, 24)))
    desk.now = datetime(2026, 11, 24, 23, 59, tzinfo=TOKYO)
    first = await desk.drop("taisho-chiiki", NOTICE, **TAISHO)
    assert isinstance(await desk.approve(first.draft, "yuasa"), Done)
    desk.now = datetime(2026, 11, 24, 15, 0, 1, tzinfo=UTC)  # one second into the 25th in Japan, whatever the host's zone
    second = await desk.drop("taisho-chiiki", "もう一つのお知らせです。", name="b.txt", **TAISHO)
    assert refused(await desk.approve(second.draft, "yuasa"), "not_approver")


async def test_nobody_approves_their_own_draft_as_a_deputy_nor_the_draft_of_whom_they_stand_for(desk: Desk) -> None:
    with_deputies(desk, entry(login="okajima"))
    own = await desk.drop("taisho-chiiki", NOTICE, **TAISHO)
    assert refused(await desk.approve(own.draft, "okajima"), "own_draft")
    chiefs = await desk.drop("taisho-chiiki", "清水の原稿です。", name="b.txt", **{**TAISHO, "author": "shimizu"})
    assert refused(await desk.approve(chiefs.draft, "okajima"), "own_draft")


@pytest.mark.clause("minato/7-1")
async def test_alone_is_for_the_chief_not_for_a_deputy(desk: Desk) -> None:
    with_deputies(desk, entry(login="akasaka", person="shibata"))
    own = await desk.drop("minato-x", "区立図書館の本を増やしました。", author="akasaka", topic="区政情報")
    assert refused(await desk.approve(own.draft, "akasaka"), "own_draft")
    chiefs = await desk.drop("minato-x", "区民まつりを開きます。", name="b.txt", author="shibata", topic="区政情報")
    assert isinstance(await desk.approve(chiefs.draft, "akasaka"), Done), "what the chief wrote, the chief may approve alone"


async def test_a_chief_and_their_deputy_are_one_person_not_two(desk: Desk) -> None:
    with_deputies(desk, entry())
    landed = await desk.drop("taisho-chiiki", ALERT, **EMERGENCY)
    await desk.approve(landed.draft, "shimizu")
    done = await desk.approve(landed.draft, "yuasa")
    assert isinstance(done, Done)
    assert done.state == "waiting", "a second person is another one, not the same post twice"
    last = await desk.approve(landed.draft, "tsuruta")
    assert isinstance(last, Done)
    assert last.state == "approved"


async def test_who_could_act_in_two_ways_acts_in_the_one_that_helps_more_and_counts_once(desk: Desk) -> None:
    with_deputies(desk, entry(login="tsuruta"))  # a 発信確認者 in their own right
    landed = await desk.drop("taisho-chiiki", ALERT, **EMERGENCY)
    done = await desk.approve(landed.draft, "tsuruta")
    assert isinstance(done, Done)
    assert done.state == "waiting"
    assert "代決" in done.message
    assert [line for line in await desk.missing(landed.draft) if line[0] == "approve"] == [("approve", "office/second-person")]


async def test_an_approval_counts_no_more_once_its_entry_or_its_people_are_gone(desk: Desk) -> None:
    book = desk.book
    with_deputies(desk, entry())
    landed = await desk.drop("taisho-chiiki", NOTICE, **TAISHO)
    await desk.approve(landed.draft, "yuasa")
    assert not [line for line in await desk.missing(landed.draft) if line[0] == "approve"]
    desk.book = book
    assert ("approve", "taisho/3.責任者.情報発信") in await desk.missing(landed.draft)
    with_deputies(desk, entry(until=date(2026, 11, 24)))
    desk.pass_time(days=2)
    assert not [line for line in await desk.missing(landed.draft) if line[0] == "approve"], "it was in force when it was given"
    desk.book = replace(desk.book, operators={k: v for k, v in book.operators.items() if k != "shimizu"})
    assert ("approve", "taisho/3.責任者.情報発信") in await desk.missing(landed.draft), (
        "a manager who left is stood in for by nobody"
    )


async def test_a_deputy_of_a_post_stands_in_where_the_post_is_vacant(desk: Desk) -> None:
    with_deputies(desk, entry(person="", title="地域協働課長"))
    desk.book = replace(desk.book, operators={k: v for k, v in desk.book.operators.items() if k != "shimizu"})
    landed = await desk.drop("taisho-chiiki", NOTICE, **TAISHO)
    done = await desk.approve(landed.draft, "yuasa")
    assert isinstance(done, Done)
    assert done.state == "approved"


async def test_what_somebody_holds_as_a_deputy_is_not_lent_on(desk: Desk) -> None:
    with_deputies(desk, entry(), entry(id="on", login="okajima", person="yuasa"))  # lint refuses it, and it would lend nothing
    landed = await desk.drop("taisho-chiiki", NOTICE, **{**TAISHO, "author": "tsuruta"})
    assert refused(await desk.approve(landed.draft, "okajima"), "not_approver")


async def test_a_deputy_returns_and_makes_exceptions_but_a_viewer_never_stands_in(desk: Desk) -> None:
    with_deputies(desk, entry(), entry(id="viewer", login="kansa"))
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", NOTICE, **TAISHO)
    assert refused(await desk.approve(landed.draft, "kansa"), "role")
    lifted = await desk.lift(landed.draft, "yuasa", "hours", reason="断水の周知のため")
    assert isinstance(lifted, Done), lifted
    assert "代決" in lifted.message
    done = await desk.give_back(landed.draft, "yuasa", "日付を確かめてください")
    assert isinstance(done, Done), done
    assert {one.act for one in await open_reviews(desk)} == {"except", "return"}
    assert refused(await desk.give_back(landed.draft, "tsuruta", "だめ"), "role")


@pytest.mark.clause("saitama/4.ただし書")
async def test_where_the_clause_names_the_manager_alone_no_deputy_lifts_the_hours(desk: Desk) -> None:
    with_deputies(desk, entry(login="yonono", person="urano"))
    desk.now = TUESDAY_20
    landed = await desk.drop("saitama-cvc", "市民活動の相談窓口を開いています。", author="omiya", topic="施策・事業")
    answer = await desk.lift(landed.draft, "yonono", "hours")
    assert refused(answer, "not_approver")
    assert "浦野 和男" in answer.message
    assert "与野" not in answer.message.partition("できるのは")[2]
    assert isinstance(await desk.approve(landed.draft, "yonono"), Done), "everything else they do decide"


async def test_a_deputys_decision_is_endorsed_by_whom_they_stood_for_by_the_next_days_close(desk: Desk) -> None:
    with_deputies(desk, entry())
    landed = await desk.drop("taisho-chiiki", NOTICE, **TAISHO)
    await desk.approve(landed.draft, "yuasa")
    (review,) = await open_reviews(desk, "shimizu")
    assert (review.cause, review.act, review.by, review.on_behalf) == ("deputy", "approve", "yuasa", "地域協働課長 清水 直美")
    assert review.due == datetime(2026, 11, 25, 17, 30, tzinfo=TOKYO)
    assert review.can == ("endorse",)
    assert review.logins == ("shimizu",)
    assert review.due > TUESDAY_10
