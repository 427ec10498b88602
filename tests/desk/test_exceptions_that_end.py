"""例外: for every 原則 and ただし書 somebody named, under that clause, for this one item, and no longer than until then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.desk import acts, exceptions
from daemon.wire import Done, Except, Refusal, Return
from tests.desk.conftest import TUESDAY_10, TUESDAY_20, Desk, refused

TARGET = {"target": "https://x.com/a/status/1", "purpose": "周知のため"}
CHIIKI = {"author": "okajima", "topic": "地域活動・地域活動支援情報"}
MINATO = {"author": "akasaka", "topic": "区政情報"}
PLAIN = "公園の清掃に参加しませんか。"

ROWS = {
    "taisho hours": ("taisho-chiiki", PLAIN, CHIIKI, True, "hours", "shimizu", "izumi", "taisho/3.対応時間ただし書"),
    "taisho reply": ("taisho-chiiki", PLAIN, {**CHIIKI, **TARGET, "kind": "reply"}, False, "reply-follow", "kitamura", "shimizu", "taisho/3.留意(1)"),
    "taisho follow": ("taisho-chiiki", "", {**CHIIKI, **TARGET, "kind": "follow"}, False, "reply-follow", "kitamura", "shimizu", "taisho/3.留意(1)"),
    "taisho mention": ("taisho-chiiki", "@osaka " + PLAIN, CHIIKI, False, "mention", "kitamura", "shimizu", "taisho/3.留意(1)"),
    "saitama hours": ("saitama-cvc", PLAIN, {"author": "omiya", "topic": "施策・事業"}, True, "hours", "urano", "omiya", "saitama/4.ただし書"),
    "minato unit": ("minato-x", PLAIN, {**MINATO, "author": "mita"}, False, "unit", "shibata", "takanawa", "minato/4(2)"),
    "minato reply": ("minato-x", PLAIN, {**MINATO, **TARGET, "kind": "reply"}, False, "reply", "shibata", "azabu", "minato/7-2(1)"),
    "minato elsewhere": ("minato-x", PLAIN, {**MINATO, **TARGET, "kind": "repost"}, False, "repost-follow", "shibata", "azabu", "minato/7-2(2)"),
    "minato mention": ("minato-x", "@tokyo " + PLAIN, MINATO, False, "mention", "shibata", "azabu", "minato/7-2(2)"),
    "shinagawa unit": ("shinagawa-koho", PLAIN, {"author": "togoshi"}, False, "author", "oi", "osaki", "shinagawa/5-1"),
    "shinagawa repost": ("shinagawa-koho", PLAIN, {"author": "osaki", **TARGET, "kind": "repost"}, False, "reply-repost-follow", "oi", "osaki", "shinagawa/5-3.ただし書"),
    "shinagawa mention": ("shinagawa-koho", "@tokyo " + PLAIN, {"author": "osaki"}, False, "mention", "oi", "osaki", "shinagawa/5-3.ただし書"),
}  # fmt: skip
"""Every 原則 and ただし書 that speaks of a draft: account, text, front matter, after hours?, rule, who may, who may not, granted by."""


@pytest.mark.clause(
    "taisho/3.対応時間ただし書", "taisho/3.留意(1)", "saitama/4.ただし書", "minato/4(2)", "minato/7-2(1)", "minato/7-2(2)", "shinagawa/5-1",
    "shinagawa/5-3", "shinagawa/5-3.ただし書",
)  # fmt: skip
@pytest.mark.parametrize(
    ("account", "text", "front", "evening", "rule", "may", "may_not", "under"), list(ROWS.values()), ids=list(ROWS)
)
async def test_each_principle_knows_an_exception_by_somebody_named_under_its_clause_and_until_then(
    desk: Desk, account: str, text: str, front: dict[str, object], evening: bool, rule: str, may: str, may_not: str, under: str
) -> None:
    desk.now = TUESDAY_20 if evening else TUESDAY_10
    landed = await desk.drop(account, text, **front)
    assert ("except", rule) in await desk.missing(landed.draft)
    assert refused(await desk.lift(landed.draft, may_not, rule), "not_approver")
    assert refused(await desk.lift(landed.draft, may, rule, reason=" "), "reason")
    done = await desk.lift(landed.draft, may, rule)
    assert isinstance(done, Done), done
    assert ("except", rule) not in await desk.missing(landed.draft)
    (seen,) = await exceptions.listed(desk.store, desk.setting)
    assert (seen.under, seen.by, seen.ended) == (under, may, False)
    (row,) = await desk.store.fetch("SELECT record FROM audit WHERE act = 'except'", ())
    assert f'"under":"{under}"' in row["record"].decode()
    other = await desk.drop(account, text + " 二つ目です。", name="b.txt", **front)
    assert ("except", rule) in await desk.missing(other.draft), "for this one item"
    assert seen.until is not None
    desk.now = seen.until
    if not evening:  # by then the hours lie elsewhere
        assert ("except", rule) in await desk.missing(landed.draft), "after its end it stands again"


async def until(desk: Desk, draft: int, who: str, rule: str, at: object) -> Done | Refusal:
    act = Except(draft=draft, hash=(await desk.case(draft)).hash, rule=rule, reason="断水の周知のため", until=at)  # type: ignore[arg-type]
    return await desk.do(exceptions.lift, act, who)


async def test_when_its_end_comes_what_stood_on_it_waits_again_and_nothing_goes_out(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", PLAIN, **CHIIKI)
    await desk.approve(landed.draft, "shimizu")
    done = await until(desk, landed.draft, "shimizu", "hours", TUESDAY_20 + timedelta(minutes=30))
    assert isinstance(done, Done)
    assert done.state == "approved"
    desk.pass_time(minutes=30)
    answer = await desk.begin(landed.draft, "okajima")
    assert refused(answer, "missing")
    assert "期限" in answer.message
    assert await exceptions.any_ended(desk.store, desk.now)
    (moved,) = await desk.store.write(exceptions.ended(desk.setting))
    assert moved.state == "scheduled", "the hours stand again: it waits for the morning"
    assert not await exceptions.any_ended(desk.store, desk.now)
    again = await until(desk, landed.draft, "hirao", "hours", None)
    assert isinstance(again, Done)
    assert again.state == "approved", "an exception that has ended can be made anew"
    acts = [row["act"] for row in await desk.store.fetch("SELECT act FROM audit WHERE draft = ? ORDER BY seq", (landed.draft,))]
    assert acts == ["receive", "approve", "except", "except_ended", "except"]


async def test_an_end_that_has_passed_is_refused_and_one_that_is_near_is_shown(desk: Desk) -> None:
    landed = await desk.drop("shinagawa-koho", PLAIN, author="togoshi")
    assert refused(await until(desk, landed.draft, "oi", "author", TUESDAY_10 - timedelta(minutes=1)), "time")
    assert isinstance(await until(desk, landed.draft, "oi", "author", TUESDAY_10 + timedelta(hours=1)), Done)
    desk.pass_time(hours=1)
    (seen,) = await exceptions.listed(desk.store, desk.setting, landed.draft)
    assert seen.ended
    (line,) = [line for line in (await desk.case(landed.draft)).judged(desk.setting).missing if line.rule == "author"]
    assert "例外の期限（11/24 11:00）は過ぎました" in line.what


@pytest.mark.clause("saitama/6-1")
async def test_where_the_text_knows_no_exception_there_is_none(desk: Desk) -> None:
    landed = await desk.drop(
        "saitama-cvc", PLAIN, kind="reply", target="https://x.com/a/status/1", author="omiya", topic="施策・事業"
    )
    assert refused(await desk.lift(landed.draft, "urano", "reply"), "no_such")


@pytest.mark.clause("minato/6(4)")
async def test_what_only_the_mayor_admits_waits_for_the_number_of_that_decision(desk: Desk) -> None:
    front = {"author": "akasaka", "topic": "区長が認めるもの"}
    landed = await desk.drop("minato-x", PLAIN, **front)
    assert landed.state == "to_fix"
    assert refused(await desk.lift(landed.draft, "shibata", "mayor.reference"), "no_such"), (
        "no section chief stands in for the mayor"
    )
    mended = await desk.drop("minato-x", PLAIN, **front, reference="8港区第123号")
    assert mended.state == "waiting"
    assert (await desk.case(mended.draft)).item.reference == "8港区第123号"


async def give_back(desk: Desk, draft: int, who: str, clause: str) -> Done | Refusal:
    act = Return(draft=draft, hash=(await desk.case(draft)).hash, reason="区民の議論をわざと乱すため", clause=clause)
    return await desk.do(acts.give_back, act, who)


@pytest.mark.clause("minato/7-2(8)カ", "minato/7-2(8)キ")
@pytest.mark.parametrize("clause", ["minato/7-2(8)カ", "minato/7-2(8)キ"])
async def test_a_catch_all_is_named_by_a_manager_who_returns_a_draft_and_by_no_machine(desk: Desk, clause: str) -> None:
    landed = await desk.drop("minato-x", PLAIN, **MINATO)
    assert clause not in {f.clause for f in (await desk.case(landed.draft)).judged(desk.setting).findings}
    assert refused(await give_back(desk, landed.draft, "akasaka", clause), "role")
    assert refused(await give_back(desk, landed.draft, "shibata", "minato/7-2(9)"), "no_such")
    done = await give_back(desk, landed.draft, "shibata", clause)
    assert isinstance(done, Done), done
    words = desk.book.policies["minato"].clauses[clause]
    assert words.cite in (await desk.case(landed.draft)).returned
    (row,) = await desk.store.fetch("SELECT record FROM audit WHERE act = 'return'", ())
    assert words.text in row["record"].decode()


@pytest.mark.clause("saitama/6-1")
async def test_where_the_policy_knows_no_exception_that_is_said_and_not_that_there_is_no_such_hold(desk: Desk) -> None:
    draft = (
        await desk.drop("saitama-cvc", "@sato ご意見ありがとうございます。", author="omiya", topic="施策・事業", kind="reply")
    ).draft
    answer = await desk.lift(draft, "urano", "reply", "返事が必要なため")
    assert refused(answer, "no_such") and isinstance(answer, Refusal)
    assert "例外の定めはなく、だれも解けません" in answer.message
