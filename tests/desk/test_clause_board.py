"""The clause board: when a clause last spoke, looked for from the newest draft back and for a moment only; and why a verb cannot be used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from daemon.desk import clause_board
from daemon.desk.clause_board import clauses, last_fired
from daemon.desk.possible import possible
from daemon.desk.why_not import EVERY, why_not
from daemon.refused import Refused
from tests.desk.conftest import Desk

PHONE = "問い合わせは 090-1234-5678 へ。"
PLAIN = "図書館の児童書コーナーを2階に移しました。"
ACCOUNT = {"author": "akasaka", "topic": "区政情報"}


async def spoke(desk: Desk, draft: int) -> set[str]:
    """The clauses that speak to a draft."""
    found = {finding.clause for finding in (await desk.case(draft)).screened}
    assert found
    return found


async def test_the_newest_draft_in_which_a_clause_spoke_is_named(desk: Desk) -> None:
    first = await desk.drop("minato-x", PHONE, "a.txt", **ACCOUNT)
    await desk.drop("minato-x", PLAIN, "b.txt", **ACCOUNT)
    clause = min(await spoke(desk, first.draft))
    board = {one.id: one for one in await clauses(desk.store, "minato", desk.setting, {clause: ("tests/x.py::test_it",)})}
    assert board[clause].last_draft == first.draft and board[clause].last_fired is not None
    assert board[clause].tests == ("tests/x.py::test_it",)
    never = [one for one in board.values() if one.last_draft is None]
    assert never and all(one.last_fired is None and one.looked_back is None and one.tests == () for one in never)
    second = await desk.drop("minato-x", PHONE + "午後5時まで。", "c.txt", **ACCOUNT)
    board = {one.id: one for one in await clauses(desk.store, "minato", desk.setting, None)}
    assert board[clause].last_draft == second.draft and board[clause].tests is None


async def test_a_draft_of_another_policys_account_says_nothing_of_this_one(desk: Desk) -> None:
    await desk.drop("saitama-cvc", PHONE, "a.txt")
    assert all(one.last_draft is None for one in await clauses(desk.store, "minato", desk.setting, None))


async def test_where_the_look_back_takes_too_long_it_is_said_how_far_it_came(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clause_board, "SLICE", 1)
    for n in range(3):
        await desk.drop("minato-x", PHONE + f"{n}日まで。", f"{n}.txt", **ACCOUNT)
    clock: Iterator[float] = iter((0.0, 1.0))
    found = await desk.store.read(lambda db: last_fired(db, ("minato-x",), frozenset({"minato/0"}), lambda: next(clock)))
    assert found.back_to is not None
    found = await desk.store.read(lambda db: last_fired(db, ("minato-x",), frozenset({"minato/0"}), lambda: 0.0))
    assert found.back_to is None


async def test_the_look_back_ends_with_the_clauses_of_the_board_not_with_as_many_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clause_board, "SLICE", 1)
    older = await desk.drop("minato-x", PHONE, "a.txt", **ACCOUNT)
    newer = await desk.drop("minato-x", "お前ら全員死ね。", "b.txt", **ACCOUNT)
    only_there = min(await spoke(desk, older.draft) - await spoke(desk, newer.draft))
    found = await desk.store.read(lambda db: last_fired(db, ("minato-x",), frozenset({only_there}), lambda: 0.0))
    assert found.by_clause[only_there][0] == older.draft


async def test_there_is_no_board_of_a_policy_that_there_is_not(desk: Desk) -> None:
    with pytest.raises(Refused):
        await clauses(desk.store, "nowhere", desk.setting, None)


# -- why not ------------------------------------------------------------------------------------------------------------------


async def reasons(desk: Desk, draft: int, login: str) -> dict[str, str]:
    case = await desk.case(draft)
    judgement = case.judged(desk.setting)
    found = {one.act: one.why for one in why_not(case, judgement, desk.who(login), desk.setting)}
    can = possible(case, judgement, desk.who(login), desk.setting)
    assert set(found) <= set(EVERY)
    assert not set(found) & set(can), "what can be done has no reason why not"
    assert set(found) | set(can) >= {"approve", "return", "withdraw", "take", "settle", "schedule", "except", "declare"}
    return found


async def test_every_verb_that_is_not_possible_has_its_reason(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", PLAIN, **ACCOUNT)).draft
    found = await reasons(desk, draft, "shibata")
    assert "approve" not in found
    assert "状態が「承認待ち」です" in found["settle"] and "発信中" in found["settle"]
    assert "承認済" in found["schedule"]
    assert "保留（要判断）の指摘がありません" in found["except"]
    assert "緊急（emergency）の下書きではありません" in found["declare"]


async def test_whoever_may_not_decide_hears_who_may(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", PLAIN, **ACCOUNT)).draft
    author = await reasons(desk, draft, "akasaka")
    assert author["approve"] and "状態" not in author["approve"]
    assert "管理者" in author["return"]
    stranger = await reasons(desk, draft, "kitamura")
    assert all("担当ではありません" in why for why in stranger.values())


async def test_what_more_has_to_be_typed_for_says_beforehand_that_it_leads_nowhere(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", PLAIN, **ACCOUNT)).draft
    found = await reasons(desk, draft, "shibata")
    assert "発信済" in found["correct"] and "発信済" in found["delete_post"]
    assert "副署を待っている紙の決裁はありません" in found["countersign"]
    assert "approve_set" not in found, "whether it is of a set nobody has said here"
    desk.sets = {}
    assert "組の下書きではありません" in (await reasons(desk, draft, "shibata"))["approve_set"]


async def test_once_it_is_approved_the_second_approval_says_so(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", PLAIN, **ACCOUNT)).draft
    await desk.approve(draft, "shibata")
    found = await reasons(desk, draft, "shibata")
    assert "状態が「承認済」です" in found["approve"]
