"""Every ground of the three policies that let the office do something about comments: its judge decides under it, and nobody else."""

from __future__ import annotations

import pytest

from daemon.rulebook.powers import grounds_of
from daemon.wire.answers import Done
from tests.moderation.conftest import ABUSE, CLERK, JUDGE, MINATO, SAITAMA, SHINAGAWA, TAISHO, Bench, refused
from tests.policies import citizens_say as said

SAYS_NOTHING = "きょうの投稿について、いろいろ書いてみました。"


@pytest.mark.parametrize(
    ("account", "clause"),
    [
        pytest.param(TAISHO, "taisho/3.削除等(1)", marks=pytest.mark.clause("taisho/3.削除等(1)")),
        pytest.param(TAISHO, "taisho/3.削除等(2)", marks=pytest.mark.clause("taisho/3.削除等(2)")),
        pytest.param(TAISHO, "taisho/3.削除等(3)", marks=pytest.mark.clause("taisho/3.削除等(3)")),
        pytest.param(TAISHO, "taisho/3.削除等(4)", marks=pytest.mark.clause("taisho/3.削除等(4)")),
        pytest.param(TAISHO, "taisho/3.削除等(5)", marks=pytest.mark.clause("taisho/3.削除等(5)")),
        pytest.param(TAISHO, "taisho/3.削除等(6)", marks=pytest.mark.clause("taisho/3.削除等(6)")),
        pytest.param(TAISHO, "taisho/3.削除等(7)", marks=pytest.mark.clause("taisho/3.削除等(7)")),
        pytest.param(SAITAMA, "saitama/7(1)", marks=pytest.mark.clause("saitama/7(1)")),
        pytest.param(SAITAMA, "saitama/7(2)", marks=pytest.mark.clause("saitama/7(2)")),
        pytest.param(SAITAMA, "saitama/7(3)", marks=pytest.mark.clause("saitama/7(3)")),
        pytest.param(SAITAMA, "saitama/7(4)", marks=pytest.mark.clause("saitama/7(4)")),
        pytest.param(SAITAMA, "saitama/7(5)", marks=pytest.mark.clause("saitama/7(5)")),
        pytest.param(SAITAMA, "saitama/7(6)", marks=pytest.mark.clause("saitama/7(6)")),
        pytest.param(SAITAMA, "saitama/7(7)", marks=pytest.mark.clause("saitama/7(7)")),
        pytest.param(SAITAMA, "saitama/7(8)", marks=pytest.mark.clause("saitama/7(8)")),
        pytest.param(SAITAMA, "saitama/7(9)", marks=pytest.mark.clause("saitama/7(9)")),
        pytest.param(SAITAMA, "saitama/7(10)", marks=pytest.mark.clause("saitama/7(10)")),
        pytest.param(SAITAMA, "saitama/7(11)", marks=pytest.mark.clause("saitama/7(11)")),
        pytest.param(SAITAMA, "saitama/7(12)", marks=pytest.mark.clause("saitama/7(12)")),
        pytest.param(SAITAMA, "saitama/7(13)", marks=pytest.mark.clause("saitama/7(13)")),
        pytest.param(SAITAMA, "saitama/7(14)", marks=pytest.mark.clause("saitama/7(14)")),
        pytest.param(SAITAMA, "saitama/7(15)", marks=pytest.mark.clause("saitama/7(15)")),
        pytest.param(SHINAGAWA, "shinagawa/6(1)", marks=pytest.mark.clause("shinagawa/6(1)")),
        pytest.param(SHINAGAWA, "shinagawa/6(2)", marks=pytest.mark.clause("shinagawa/6(2)")),
        pytest.param(SHINAGAWA, "shinagawa/6(3)", marks=pytest.mark.clause("shinagawa/6(3)")),
        pytest.param(SHINAGAWA, "shinagawa/6(4)", marks=pytest.mark.clause("shinagawa/6(4)")),
        pytest.param(SHINAGAWA, "shinagawa/6(5)", marks=pytest.mark.clause("shinagawa/6(5)")),
        pytest.param(SHINAGAWA, "shinagawa/6(6)", marks=pytest.mark.clause("shinagawa/6(6)")),
        pytest.param(SHINAGAWA, "shinagawa/6(7)", marks=pytest.mark.clause("shinagawa/6(7)")),
        pytest.param(SHINAGAWA, "shinagawa/6(8)", marks=pytest.mark.clause("shinagawa/6(8)")),
        pytest.param(SHINAGAWA, "shinagawa/6(9)", marks=pytest.mark.clause("shinagawa/6(9)")),
    ],
)
async def test_under_each_ground_a_clerk_proposes_its_judge_decides_and_the_record_has_both_words(
    desk: Bench, account: str, clause: str
) -> None:
    text = desk.book.policies[clause.split("/")[0]].clauses[clause].text
    number = await desk.marked(account, SAYS_NOTHING)
    reason = "開催に関わる事実と異なる画像が付いているため"
    assert isinstance(await desk.propose(number, CLERK[account], clause, "delete", reason=reason), Done)
    assert refused(await desk.judge(number, CLERK[account], clause, "delete", reason=reason), "not_approver")
    assert await desk.state(number) == "proposed"

    assert isinstance(await desk.judge(number, JUDGE[account], clause, "delete", reason=reason), Done)
    seen = await desk.see(number)
    assert [(each.kind, each.clause, each.words, each.by) for each in seen.said] == [
        ("proposal", clause, text, CLERK[account]),
        ("judgement", clause, text, JUDGE[account]),
    ]
    (measure,) = seen.measures
    assert (measure.clause, measure.asked, measure.state) == (clause, "delete", "impossible")  # no post of our own
    entry = await desk.record("judge_comment")
    assert (entry["actor"], entry["clause"], entry["words"], entry["actions"]) == (JUDGE[account], clause, text, ["delete"])
    assert entry["policy_hash"] == desk.book.policies[clause.split("/")[0]].hash


def test_an_account_has_its_own_list_of_grounds_and_no_other(desk: Bench) -> None:
    lists = {name: [each.id for each in grounds_of(desk.book.accounts[name], desk.book)] for name in JUDGE}
    assert [len(lists[name]) for name in (TAISHO, SAITAMA, SHINAGAWA, MINATO)] == [7, 15, 9, 0]
    assert all(each.startswith(desk.book.accounts[name].policy + "/") for name, grounds in lists.items() for each in grounds)


@pytest.mark.parametrize(
    ("account", "clause", "text"),
    [
        pytest.param(TAISHO, "taisho/3.削除等(1)", said.INDECENCY[3], marks=pytest.mark.clause("taisho/3.削除等(1)")),
        pytest.param(TAISHO, "taisho/3.削除等(3)", said.ABUSE[0], marks=pytest.mark.clause("taisho/3.削除等(3)")),
        pytest.param(TAISHO, "taisho/3.削除等(4)", said.DISCRIMINATION[0], marks=pytest.mark.clause("taisho/3.削除等(4)")),
        pytest.param(TAISHO, "taisho/3.削除等(5)", said.CAMPAIGNING[0], marks=pytest.mark.clause("taisho/3.削除等(5)")),
        pytest.param(TAISHO, "taisho/3.削除等(6)", said.THREATS[0], marks=pytest.mark.clause("taisho/3.削除等(6)")),
        pytest.param(SAITAMA, "saitama/7(1)", said.THREATS[0], marks=pytest.mark.clause("saitama/7(1)")),
        pytest.param(SAITAMA, "saitama/7(2)", said.ABUSE[0], marks=pytest.mark.clause("saitama/7(2)")),
        pytest.param(SAITAMA, "saitama/7(3)", said.CAMPAIGNING[0], marks=pytest.mark.clause("saitama/7(3)")),
        pytest.param(SAITAMA, "saitama/7(5)", said.SELLING[0], marks=pytest.mark.clause("saitama/7(5)")),
        pytest.param(SAITAMA, "saitama/7(6)", said.DISCRIMINATION[0], marks=pytest.mark.clause("saitama/7(6)")),
        pytest.param(SAITAMA, "saitama/7(7)", said.INDECENCY[0], marks=pytest.mark.clause("saitama/7(7)")),
        pytest.param(SAITAMA, "saitama/7(8)", said.RUMOURS[0], marks=pytest.mark.clause("saitama/7(8)")),
        pytest.param(SAITAMA, "saitama/7(9)", said.DOXXING[0], marks=pytest.mark.clause("saitama/7(9)")),
        pytest.param(SAITAMA, "saitama/7(10)", said.MALWARE[0], marks=pytest.mark.clause("saitama/7(10)")),
        pytest.param(SAITAMA, "saitama/7(11)", said.OBSCENITY[0], marks=pytest.mark.clause("saitama/7(11)")),
        pytest.param(SAITAMA, "saitama/7(12)", said.CRIME[0], marks=pytest.mark.clause("saitama/7(12)")),
        pytest.param(SHINAGAWA, "shinagawa/6(1)", said.THREATS[0], marks=pytest.mark.clause("shinagawa/6(1)")),
        pytest.param(SHINAGAWA, "shinagawa/6(2)", said.ABUSE[0], marks=pytest.mark.clause("shinagawa/6(2)")),
        pytest.param(SHINAGAWA, "shinagawa/6(3)", said.DOXXING[0], marks=pytest.mark.clause("shinagawa/6(3)")),
        pytest.param(SHINAGAWA, "shinagawa/6(4)", said.CAMPAIGNING[0], marks=pytest.mark.clause("shinagawa/6(4)")),
        pytest.param(SHINAGAWA, "shinagawa/6(5)", said.SELLING[0], marks=pytest.mark.clause("shinagawa/6(5)")),
        pytest.param(SHINAGAWA, "shinagawa/6(6)", said.DISCRIMINATION[0], marks=pytest.mark.clause("shinagawa/6(6)")),
        pytest.param(SHINAGAWA, "shinagawa/6(7)", said.OBSCENITY[2], marks=pytest.mark.clause("shinagawa/6(7)")),
        pytest.param(SHINAGAWA, "shinagawa/6(8)", said.RUMOURS[0], marks=pytest.mark.clause("shinagawa/6(8)")),
    ],
)
async def test_what_may_meet_a_ground_comes_to_the_bench_with_it_as_a_question(
    desk: Bench, account: str, clause: str, text: str
) -> None:
    number = await desk.comment(account, text)
    seen = await desk.see(number)
    assert clause in [each.id for each in seen.grounds if each.suggested]
    assert seen.row.state == "open"
    assert all("確認してください" in each.message or "判断してください" in each.message for each in seen.findings)


@pytest.mark.parametrize(
    "clause",
    [
        pytest.param("taisho/3.削除等(2)", marks=pytest.mark.clause("taisho/3.削除等(2)")),
        pytest.param("taisho/3.削除等(7)", marks=pytest.mark.clause("taisho/3.削除等(7)")),
        pytest.param("saitama/7(4)", marks=pytest.mark.clause("saitama/7(4)")),
        pytest.param("saitama/7(14)", marks=pytest.mark.clause("saitama/7(14)")),
        pytest.param("saitama/7(15)", marks=pytest.mark.clause("saitama/7(15)")),
        pytest.param("shinagawa/6(9)", marks=pytest.mark.clause("shinagawa/6(9)")),
    ],
)
async def test_what_only_a_person_can_tell_is_never_suggested_and_stands_on_the_list_all_the_same(
    desk: Bench, clause: str
) -> None:
    account = {"taisho": TAISHO, "saitama": SAITAMA, "shinagawa": SHINAGAWA}[clause.split("/")[0]]
    kinds = (said.ABUSE, said.THREATS, said.OBSCENITY, said.SELLING, said.RUMOURS, said.DOXXING, said.MALWARE, said.CRIME)
    texts = [text for kind in (*kinds, said.INDECENCY, said.INFRINGING, said.MISSION) for text in kind]
    await desk.export(account, *({"id": str(n), "text": text, "author": f"a{n}"} for n, text in enumerate(texts)))
    every = await desk.listed(accounts=(account,))
    assert len(every) > len(texts) / 2
    assert await desk.listed(accounts=(account,), clause=clause) == []
    assert clause in [each.id for each in (await desk.see(every[0])).grounds]


@pytest.mark.parametrize(
    ("account", "clause"),
    [
        pytest.param(TAISHO, "taisho/3.削除等(7)", marks=pytest.mark.clause("taisho/3.削除等(7)")),
        pytest.param(SAITAMA, "saitama/7(15)", marks=pytest.mark.clause("saitama/7(15)")),
        pytest.param(SHINAGAWA, "shinagawa/6(9)", marks=pytest.mark.clause("shinagawa/6(9)")),
    ],
)
async def test_a_catch_all_wants_the_reason_in_free_words(desk: Bench, account: str, clause: str) -> None:
    number = await desk.comment(account)
    assert refused(await desk.judge(number, JUDGE[account], clause, "delete", reason=" "), "reason")
    assert isinstance(await desk.judge(number, JUDGE[account], clause, "delete", reason="同じ画像が並んでいるため"), Done)


@pytest.mark.clause("saitama/7.柱書")
async def test_in_saitama_what_is_recognised_has_to_be_deleted_and_blocking_is_a_decision_of_its_own(desk: Bench) -> None:
    number = await desk.comment(SAITAMA)
    assert "削除します" in str(await desk.judge(number, "urano", "7(2)"))
    assert refused(await desk.judge(number, "urano", "7(2)", "block"), "missing")
    assert isinstance(await desk.judge(number, "urano", "7(2)", "delete"), Done)
    assert [each.asked for each in (await desk.see(number)).measures] == ["delete"]
    other = await desk.comment(SAITAMA)
    assert isinstance(await desk.judge(other, "urano", "7(2)", "delete", "block"), Done)
    assert [each.asked for each in (await desk.see(other)).measures] == ["delete", "block"]


@pytest.mark.clause("shinagawa/6.柱書")
async def test_in_shinagawa_deleting_may_be_left_and_a_block_wants_the_reason_why_it_is_necessary(desk: Bench) -> None:
    number = await desk.comment(SHINAGAWA)
    assert refused(await desk.judge(number, "oi", "6(2)", "block"), "reason")
    assert refused(await desk.judge(number, "oi", "6(2)", "delete", "block"), "reason")
    assert isinstance(await desk.judge(number, "oi", "6(2)", "block", reason="同じ書込みを繰り返すと予告しているため"), Done)
    other = await desk.comment(SHINAGAWA)
    done = await desk.judge(other, "oi", "6(2)")
    assert isinstance(done, Done), done
    assert (await desk.see(other)).measures == ()


async def test_in_taisho_each_field_has_its_own_judge(desk: Bench) -> None:
    number = await desk.comment(TAISHO)
    assert refused(await desk.judge(number, "izumi", "3.削除等(3)", "delete"), "not_approver")  # 窓口サービス課長
    done = await desk.judge(number, "hirao", "3.削除等(3)", "block")  # 防災防犯担当課長, either of the two
    assert isinstance(done, Done), done


async def test_no_measure_is_a_decision_with_a_name_and_a_record(desk: Bench) -> None:
    number = await desk.comment(SAITAMA)
    assert refused(await desk.judge(number, "omiya"), "not_approver")
    assert isinstance(await desk.judge(number, "urano", reason="強い言葉だが、施策への批判であるため"), Done)
    assert await desk.state(number) == "left"
    assert (await desk.record("leave_comment"))["actor"] == "urano"
    assert await desk.listed(accounts=(SAITAMA,)) == []
    assert refused(await desk.judge(number, "urano", "7(2)", "delete"), "state")


async def test_on_x_deleting_and_hiding_come_to_one_task_and_the_record_has_both_words(desk: Bench) -> None:
    number = await desk.comment(SHINAGAWA, ABUSE)
    assert isinstance(await desk.judge(number, "oi", "6(2)", "delete", "hide"), Done)
    (measure,) = (await desk.see(number)).measures
    assert (measure.asked, measure.really, measure.state) == ("delete", "hide", "due")
    await desk.take(measure.id, "osaki")
    assert isinstance(await desk.done(measure.id, "osaki"), Done)
    entry = await desk.record("measure_done")
    assert (entry["asked"], entry["really"]) == ("delete", "hide")
