"""Approvals, returns, exceptions and schedules, on the four real policies."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from daemon.rulebook.calendar import TOKYO
from daemon.wire import Done
from tests.desk.conftest import TUESDAY_20, Desk, refused

NOTICE = "区立図書館の児童書コーナーを2階に移しました。館内の案内板をご覧ください。"
MINATO = {"author": "akasaka", "topic": "区政情報"}
TAISHO = {"author": "okajima", "topic": "地域活動・地域活動支援情報"}
SAITAMA = {"author": "omiya", "topic": "施策・事業"}


@pytest.mark.clause("minato/7-1")
async def test_a_clean_draft_waits_for_the_chief_of_its_own_unit_and_nobody_else(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    assert landed.state == "waiting"
    assert refused(await desk.approve(landed.draft, "takanawa"), "not_approver")  # the 課長 of another unit
    done = await desk.approve(landed.draft, "shibata")
    assert isinstance(done, Done)
    assert done.state == "approved"


@pytest.mark.clause("minato/7-1")
async def test_in_minato_the_chief_may_write_and_approve_alone(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **{**MINATO, "author": "shibata"})
    done = await desk.approve(landed.draft, "shibata")
    assert isinstance(done, Done)
    assert done.state == "approved"


@pytest.mark.clause("saitama/2", "saitama/5.柱書")
async def test_elsewhere_nobody_approves_their_own_draft(desk: Desk) -> None:
    landed = await desk.drop("saitama-cvc", "市民活動の相談窓口を開いています。", **{**SAITAMA, "author": "urano"})
    assert refused(await desk.approve(landed.draft, "urano"), "own_draft")


@pytest.mark.clause("taisho/3.責任者.情報発信")
async def test_any_one_manager_of_the_field_or_the_general_manager_suffices(desk: Desk) -> None:
    for n, login in enumerate(("shimizu", "hirao", "kitamura")):
        landed = await desk.drop("taisho-chiiki", f"{n}番公園の清掃に参加しませんか。", name=f"{n}.txt", **TAISHO)
        done = await desk.approve(landed.draft, login)
        assert isinstance(done, Done), done
        assert done.state == "approved"
    other = await desk.drop("taisho-chiiki", "もう一度、清掃のお知らせです。", name="x.txt", **TAISHO)
    assert refused(await desk.approve(other.draft, "izumi"), "not_approver")  # 窓口サービス課長: another field


async def test_an_approval_is_bound_to_the_bytes_that_were_seen(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    newer = await desk.drop("minato-x", NOTICE + "（訂正あり）", **MINATO)
    assert newer.draft == landed.draft
    assert refused(await desk.approve(landed.draft, "shibata", digest=landed.hash), "stale")


async def test_an_edit_voids_the_approval(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    await desk.approve(landed.draft, "shibata")
    newer = await desk.drop("minato-x", NOTICE + "。", **MINATO)
    assert newer.state == "waiting"
    assert ("approve", "minato/7-1") in await desk.missing(landed.draft)


async def test_the_first_text_put_back_is_asked_about_again(desk: Desk) -> None:
    """A return in between would otherwise be undone by undoing the edit."""
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    await desk.approve(landed.draft, "shibata")
    await desk.drop("minato-x", NOTICE + "。", **MINATO)
    back = await desk.drop("minato-x", NOTICE, **MINATO)
    assert back.state == "waiting"
    assert ("approve", "minato/7-1") in await desk.missing(landed.draft)


async def test_a_blocked_draft_cannot_be_approved_by_anybody(desk: Desk) -> None:
    landed = await desk.drop("minato-x", "○月○日○時から断水します。", **MINATO)
    assert landed.state == "to_fix"
    assert refused(await desk.approve(landed.draft, "shibata"), "state")


ALERT = "木津川に氾濫危険情報が発表されました。川から離れてください。"


async def test_who_approves_the_same_bytes_again_is_told_so_and_the_record_counts_one(desk: Desk) -> None:
    landed = await desk.drop("taisho-chiiki", ALERT, emergency=True, source="大阪府 11/24 9:40", **TAISHO)
    first = await desk.approve(landed.draft, "shimizu")
    assert isinstance(first, Done), first
    assert first.state == "waiting"  # an emergency asks for a second person
    again = await desk.approve(landed.draft, "shimizu")
    assert isinstance(again, Done), again
    assert re.search(r"あなたが \d\d/\d\d \d\d:\d\d に承認しています。あと ", again.message)
    assert "already" in again.message_en
    assert again.message != first.message
    rows = await desk.store.fetch("SELECT act FROM audit WHERE draft = ? AND act = 'approve'", (landed.draft,))
    assert len(rows) == 1


async def test_who_has_approved_is_no_longer_among_those_that_are_waited_for(desk: Desk) -> None:
    landed = await desk.drop("taisho-chiiki", ALERT, emergency=True, source="大阪府 11/24 9:40", **TAISHO)
    name = desk.setting.book.operators["shimizu"].name
    before = [line.who for line in (await desk.case(landed.draft)).judged(desk.setting).missing if line.act == "approve"]
    assert any(name in who for who in before)
    await desk.approve(landed.draft, "shimizu")
    after = [line.who for line in (await desk.case(landed.draft)).judged(desk.setting).missing if line.act == "approve"]
    assert after
    assert not any(name in who for who in after)


@pytest.mark.clause("saitama/6-1")
async def test_a_reply_in_saitama_has_no_exception(desk: Desk) -> None:
    landed = await desk.drop(
        "saitama-cvc", "ご意見ありがとうございます。", kind="reply", target="https://x.com/a/status/1", **SAITAMA
    )
    assert landed.state == "to_fix"
    rules = {f.rule for f in (await desk.case(landed.draft)).judged(desk.setting).findings if f.clause == "saitama/6-1"}
    assert rules
    for rule in rules:
        assert refused(await desk.lift(landed.draft, "urano", rule), "no_such")


@pytest.mark.clause("shinagawa/5-3", "shinagawa/5-3.ただし書")
async def test_a_repost_in_shinagawa_waits_for_the_manager_who_may_lift_it_with_a_reason(desk: Desk) -> None:
    landed = await desk.drop(
        "shinagawa-koho",
        "消防署の投稿です。",
        kind="repost",
        target="https://x.com/a/status/1",
        purpose="火災予防の周知",
        author="osaki",
    )
    rule = next(rule for act, rule in await desk.missing(landed.draft) if act == "except")
    assert refused(await desk.lift(landed.draft, "osaki", rule), "not_approver")
    assert refused(await desk.lift(landed.draft, "osaki", rule), "not_approver")
    assert refused(await desk.lift(landed.draft, "oi", rule, reason="  "), "reason")
    done = await desk.lift(landed.draft, "oi", rule)
    assert isinstance(done, Done), done
    assert ("except", rule) not in await desk.missing(landed.draft)


@pytest.mark.clause("taisho/3.対応時間")
async def test_approved_after_hours_it_is_scheduled_for_the_next_opening(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", "公園の清掃に参加しませんか。", **TAISHO)
    assert landed.state == "waiting"
    done = await desk.approve(landed.draft, "shimizu")
    assert isinstance(done, Done), done
    assert done.state == "scheduled"
    assert (await desk.case(landed.draft)).release_at == datetime(2026, 11, 25, 9, 0, tzinfo=TOKYO)


@pytest.mark.clause("taisho/3.対応時間ただし書")
async def test_the_manager_lifts_the_hours_of_one_draft_with_a_reason(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", "公園の清掃に参加しませんか。", **TAISHO)
    other = await desk.drop("taisho-chiiki", "ほかのお知らせです。", name="b.txt", **TAISHO)
    await desk.approve(landed.draft, "shimizu")
    await desk.approve(other.draft, "shimizu")
    done = await desk.lift(landed.draft, "shimizu", "hours")
    assert isinstance(done, Done), done
    assert done.state == "approved"
    assert (await desk.case(other.draft)).state == "scheduled"


@pytest.mark.clause("saitama/4", "saitama/4.ただし書")
async def test_in_saitama_only_the_manager_lifts_the_hours(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("saitama-cvc", "市民活動の相談窓口を開いています。", **SAITAMA)
    await desk.approve(landed.draft, "urano")
    assert (await desk.case(landed.draft)).release_at == datetime(2026, 11, 25, 8, 30, tzinfo=TOKYO)
    assert refused(await desk.lift(landed.draft, "omiya", "hours"), "not_approver")
    done = await desk.lift(landed.draft, "urano", "hours")
    assert isinstance(done, Done), done
    assert done.state == "approved"


@pytest.mark.clause("minato/欠.運用時間", "shinagawa/欠.運用時間")
async def test_where_no_policy_has_hours_none_are_invented(desk: Desk) -> None:
    desk.now = TUESDAY_20
    for account, login, front in (
        ("minato-x", "shibata", MINATO),
        ("shinagawa-koho", "oi", {"author": "osaki"}),
    ):
        landed = await desk.drop(account, NOTICE, **front)
        done = await desk.approve(landed.draft, login)
        assert isinstance(done, Done), done
        assert done.state == "approved"


async def test_a_time_outside_hours_cannot_be_scheduled_and_the_refusal_names_the_next_opening(desk: Desk) -> None:
    landed = await desk.drop("taisho-chiiki", "公園の清掃に参加しませんか。", **TAISHO)
    await desk.approve(landed.draft, "shimizu")
    answer = await desk.schedule(landed.draft, "okajima", datetime(2026, 11, 28, 9, 0, tzinfo=TOKYO))  # a Saturday
    assert refused(answer, "hours")
    assert "11/30" in answer.message
    assert answer.clause == "taisho/3.対応時間"
    assert refused(await desk.schedule(landed.draft, "okajima", datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO)), "time")
    done = await desk.schedule(landed.draft, "okajima", datetime(2026, 11, 25, 17, 30, tzinfo=TOKYO))
    assert isinstance(done, Done), done
    assert done.state == "scheduled"


async def test_a_return_needs_a_reason_and_the_next_revision_starts_again(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    assert refused(await desk.give_back(landed.draft, "shibata", ""), "reason")
    assert refused(await desk.give_back(landed.draft, "akasaka", "だめ"), "role")
    done = await desk.give_back(landed.draft, "shibata", "階数を確かめてください")
    assert isinstance(done, Done)
    assert (done.state, (await desk.case(landed.draft)).returned) == ("returned", "階数を確かめてください")
    newer = await desk.drop("minato-x", NOTICE + "改", **MINATO)
    assert newer.state == "waiting"
    assert (await desk.case(landed.draft)).returned == ""


async def test_a_viewer_and_an_operator_of_another_city_decide_nothing(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    assert refused(await desk.approve(landed.draft, "kansa"), "role")
    assert refused(await desk.approve(landed.draft, "oi"), "role")
    assert refused(await desk.withdraw(landed.draft, "oi"), "role")


async def test_a_removed_file_is_a_withdrawal_and_comes_back_as_a_new_draft(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    gone = await desk.remove("minato-x")
    assert gone is not None
    assert gone.state == "withdrawn"
    again = await desk.drop("minato-x", NOTICE, **MINATO)
    assert again.draft != landed.draft
    assert again.state == "waiting"


async def test_every_decision_stands_in_the_record_with_policy_and_clause(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", "公園の清掃に参加しませんか。", **TAISHO)
    await desk.approve(landed.draft, "shimizu")
    await desk.lift(landed.draft, "shimizu", "hours", reason="断水の周知")
    rows = await desk.store.fetch("SELECT act, record FROM audit WHERE draft = ? ORDER BY seq", (landed.draft,))
    assert [row["act"] for row in rows] == ["receive", "approve", "except"]
    record = rows[-1]["record"].decode()
    assert "taisho/3.対応時間" in record
    (kept,) = await desk.store.fetch(
        "SELECT text FROM audit_private WHERE seq = (SELECT max(seq) FROM audit) AND field = 'reason'"
    )
    assert kept["text"].decode() == "断水の周知"  # what a person wrote can be erased; in the entry stands its hash
    assert "断水の周知" not in record
    assert "平日9時00分" in record  # the clause's own words
    assert desk.book.policies["taisho"].hash in record
    assert (await desk.store.verify()).ok
