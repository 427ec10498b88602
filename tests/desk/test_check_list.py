"""After a stop: who made it and which manager confirmed it, and what has to be done on the platforms, tick by tick."""

from __future__ import annotations

import pytest

from daemon.desk import follow_ups, stops
from daemon.rulebook.follow_ups import KINDS
from daemon.wire import (
    AgreeFollowUp,
    ConfirmStop,
    Done,
    DoneFollowUp,
    FollowUpList,
    FollowUpSeen,
    Refusal,
    SkipFollowUps,
    UndoFollowUp,
)
from tests.desk.conftest import Desk, refused

HANDLE = "SaitamaCvcCoop"


async def stop(desk: Desk, scope: str, login: str, reason: str = "") -> None:
    await desk.store.write(stops.reported(scope, desk.who(login), reason, desk.setting))


async def listed(desk: Desk, login: str = "urano") -> FollowUpList:
    return await follow_ups.listed(desk.store, desk.setting, desk.who(login), settled=True)


async def line(desk: Desk, kind: str, login: str = "urano") -> FollowUpSeen:
    return next(each for each in (await listed(desk, login)).follow_ups if each.kind == kind)


async def tick(
    desk: Desk, kind: str, login: str, proof: str = "https://x.com/SaitamaCvcCoop", handle: str = ""
) -> Done | Refusal:
    act = DoneFollowUp(follow_up=(await line(desk, kind)).id, proof=proof, handle=handle)
    return await desk.do(follow_ups.done, act, login)


async def agree(desk: Desk, login: str, handle: str = HANDLE) -> Done | Refusal:
    return await desk.do(follow_ups.agree, AgreeFollowUp(follow_up=(await line(desk, "account")).id, handle=handle), login)


async def recorded(desk: Desk, act: str) -> list[str]:
    rows = await desk.store.fetch("SELECT actor FROM audit WHERE act = ? ORDER BY seq", (act,))
    return [row["actor"] for row in rows]


@pytest.mark.clause("saitama/11")
async def test_a_stop_opens_the_check_list_of_every_account_that_it_covers(desk: Desk) -> None:
    await stop(desk, "saitama-cvc", "omiya")
    found = await listed(desk)
    assert [each.kind for each in found.follow_ups] == list(KINDS)
    assert found.open == 5
    assert {(each.clause, each.cite, each.by) for each in found.follow_ups} == {("saitama/11", "11 緊急対応", "person")}
    await stop(desk, "all", "omiya")
    found = await listed(desk)
    assert len(found.follow_ups) == 5 * len(desk.book.accounts)  # nothing is asked twice
    cites = {each.account: each.cite for each in found.follow_ups}
    assert cites["minato-x"] == "office/follow_up（根拠 第9条）"
    assert cites["taisho-somu"] == "office/follow_up（根拠規定なし）"


async def test_a_stop_of_a_platform_covers_its_accounts_and_one_of_actions_none(desk: Desk) -> None:
    await stop(desk, "actions", "omiya")
    assert (await listed(desk)).open == 0
    await stop(desk, "line", "omiya")
    assert {each.account for each in (await listed(desk)).follow_ups} == {"minato-line"}


@pytest.mark.clause("saitama/11")
async def test_a_tick_needs_proof_and_says_who_and_when(desk: Desk) -> None:
    await stop(desk, "saitama-cvc", "omiya")
    assert refused(await tick(desk, "profile", "omiya", proof=" "), "reason")
    assert isinstance(await tick(desk, "profile", "omiya"), Done)
    done = await line(desk, "profile")
    assert (done.state, done.settled_by, done.proof) == ("done", "omiya", "https://x.com/SaitamaCvcCoop")
    assert done.settled_at is not None
    assert await recorded(desk, "follow_up_done") == ["omiya"]
    assert refused(await tick(desk, "profile", "omiya"), "state")


async def test_only_those_who_serve_the_account_tick_anything_and_a_viewer_nothing(desk: Desk) -> None:
    await stop(desk, "saitama-cvc", "kansa")
    assert refused(await tick(desk, "profile", "akasaka"), "role")
    assert refused(await tick(desk, "profile", "kansa"), "role")
    assert {each.can for each in (await listed(desk, "kansa")).follow_ups} == {()}
    assert (await line(desk, "profile", "omiya")).can == ("done",)
    assert (await line(desk, "profile", "urano")).can == ("done", "skip")
    assert (await line(desk, "account", "omiya")).can == ("agree",)


@pytest.mark.clause("saitama/11")
async def test_an_account_is_deleted_by_two_people_who_both_type_its_handle(desk: Desk) -> None:
    await stop(desk, "saitama-cvc", "omiya")
    assert refused(await tick(desk, "account", "urano", handle=HANDLE), "state")  # nobody else has agreed
    assert refused(await agree(desk, "urano", handle="somebody"), "handle")
    assert isinstance(await agree(desk, "urano", handle="@saitamacvccoop"), Done)
    assert refused(await agree(desk, "omiya"), "state")
    assert refused(await tick(desk, "account", "urano", handle=HANDLE), "state")  # the same person
    assert refused(await tick(desk, "account", "omiya", handle=""), "handle")
    assert isinstance(await tick(desk, "account", "omiya", handle=HANDLE), Done)
    done = await line(desk, "account")
    assert (done.agreed_by, done.settled_by) == ("urano", "omiya")
    assert await recorded(desk, "follow_up_agree") == ["urano"]


@pytest.mark.clause("saitama/11")
async def test_one_of_the_two_who_delete_an_account_is_a_manager(desk: Desk) -> None:
    await stop(desk, "saitama-cvc", "omiya")
    assert isinstance(await agree(desk, "omiya"), Done)
    assert refused(await tick(desk, "account", "yonono", handle=HANDLE), "role")
    assert isinstance(await tick(desk, "account", "urano", handle=HANDLE), Done)


async def test_nothing_but_an_account_needs_a_consent(desk: Desk) -> None:
    await stop(desk, "saitama-cvc", "omiya")
    act = AgreeFollowUp(follow_up=(await line(desk, "name")).id, handle=HANDLE)
    assert refused(await desk.do(follow_ups.agree, act, "urano"), "state")


async def test_what_is_not_needed_is_the_managers_decision_with_a_reason_all_or_none(desk: Desk) -> None:
    await stop(desk, "saitama-cvc", "omiya")
    numbers = tuple(each.id for each in (await listed(desk)).follow_ups)
    skip = SkipFollowUps(follow_ups=numbers, reason="誤作動による停止で、投稿は出ていないため")
    assert refused(await desk.do(follow_ups.skip, skip, "omiya"), "role")
    assert refused(await desk.do(follow_ups.skip, SkipFollowUps(follow_ups=numbers, reason=" "), "urano"), "reason")
    assert refused(await desk.do(follow_ups.skip, SkipFollowUps(follow_ups=(*numbers, 999), reason="x"), "urano"), "no_such")
    assert (await listed(desk)).open == 5
    assert isinstance(await desk.do(follow_ups.skip, skip, "urano"), Done)
    assert (await listed(desk)).open == 0
    assert await recorded(desk, "follow_up_skip") == ["urano"] * 5


async def test_a_wrong_tick_is_taken_back_by_whoever_made_it_or_a_manager_and_stays_in_the_record(desk: Desk) -> None:
    await stop(desk, "saitama-cvc", "omiya")
    await tick(desk, "notice", "omiya")
    undo = UndoFollowUp(follow_up=(await line(desk, "notice")).id, reason="別のアカウントに貼っていた")
    assert refused(await desk.do(follow_ups.undo, undo, "yonono"), "role")
    assert refused(await desk.do(follow_ups.undo, UndoFollowUp(follow_up=undo.follow_up, reason=""), "omiya"), "reason")
    assert isinstance(await desk.do(follow_ups.undo, undo, "omiya"), Done)
    assert (await line(desk, "notice")).state == "open"
    assert refused(await desk.do(follow_ups.undo, undo, "omiya"), "state")
    assert (await recorded(desk, "follow_up_done"), await recorded(desk, "follow_up_undo")) == (["omiya"], ["omiya"])


async def test_an_agreement_that_is_taken_back_has_to_be_given_again(desk: Desk) -> None:
    await stop(desk, "saitama-cvc", "omiya")
    await agree(desk, "urano")
    undo = UndoFollowUp(follow_up=(await line(desk, "account")).id, reason="削除しないことにした")
    assert isinstance(await desk.do(follow_ups.undo, undo, "urano"), Done)
    assert refused(await tick(desk, "account", "omiya", handle=HANDLE), "state")


async def test_what_is_open_stays_open_after_the_resume_and_is_not_asked_twice_by_the_next_stop(desk: Desk) -> None:
    await stop(desk, "saitama-cvc", "omiya")
    await tick(desk, "profile", "omiya")
    await desk.store.write(stops.ended("saitama-cvc", "urano"))
    assert await follow_ups.count_open(desk.store, desk.book) == 4
    await stop(desk, "saitama-cvc", "omiya")
    found = await listed(desk)
    assert found.open == 5
    assert [each.kind for each in found.follow_ups if each.state == "open"].count("profile") == 1


# -- who confirmed it ---------------------------------------------------------------------------------------------------


@pytest.mark.clause("saitama/11", "saitama/12")
async def test_anothers_stop_is_provisional_until_a_manager_confirms_it(desk: Desk) -> None:
    await stop(desk, "all", "kansa", "見慣れない投稿")
    (standing,) = await stops.standing(desk.store)
    assert (standing.by, standing.reason, standing.confirmed_by) == ("kansa", "見慣れない投稿", "")
    done = await desk.store.write(stops.confirm(ConfirmStop(note="確認した"), desk.who("urano")))
    assert done.message
    assert (await stops.standing(desk.store))[0].confirmed_by == "urano"
    assert await recorded(desk, "confirm_stop") == ["urano"]


@pytest.mark.clause("saitama/11")
async def test_a_managers_own_stop_is_confirmed_by_that_and_so_is_one_that_a_manager_makes_again(desk: Desk) -> None:
    await stop(desk, "all", "urano")
    assert (await stops.standing(desk.store))[0].confirmed_by == "urano"
    await stop(desk, "minato-x", "akasaka")
    await stop(desk, "minato-x", "shibata")
    narrower = (await stops.standing(desk.store))[1]
    assert (narrower.by, narrower.confirmed_by) == ("akasaka", "shibata")


async def test_a_stop_that_was_told_twice_is_one_and_one_by_hand_bears_nobodys_name(desk: Desk) -> None:
    await stop(desk, "all", "omiya")
    await stop(desk, "all", "omiya", "誤投稿")
    (standing,) = await stops.standing(desk.store)
    assert (standing.by, standing.reason) == ("omiya", "誤投稿")
    await desk.store.write(stops.ended("all", "urano"))
    assert await stops.standing(desk.store) == ()
    await desk.store.write(stops.seen({"all": stops.Found()}, frozenset(), desk.setting))
    assert (await stops.standing(desk.store))[0].by == ""


async def test_a_narrower_stop_that_was_taken_away_by_hand_is_over(desk: Desk) -> None:
    await stop(desk, "minato-x", "akasaka")
    await desk.store.write(stops.seen(frozenset(), frozenset({"minato-x"}), desk.setting))
    assert await stops.standing(desk.store) == ()
