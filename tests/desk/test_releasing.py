"""The journal of a release: begun before the hand, never twice, never silently never."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest

from daemon.desk import board, lately, releasing, resuming
from daemon.desk.passed import count_passed
from daemon.desk.possible import possible
from daemon.desk.ready import MOST, ready
from daemon.desk.releasing import Ticket
from daemon.desk.waited_out import held_if_late
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.wire import Done
from tests.desk.conftest import TUESDAY_20, Desk, refused
from tests.desk.test_decisions import MINATO, NOTICE, TAISHO
from tests.service.live_office import FACEBOOK


async def approved(desk: Desk) -> int:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    await desk.approve(landed.draft, "shibata")
    return landed.draft


async def test_nothing_begins_without_its_approval(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    assert refused(await desk.begin(landed.draft, "akasaka"), "state")


async def test_begun_is_in_the_journal_and_cannot_begin_again(desk: Desk) -> None:
    draft = await approved(desk)
    ticket = await desk.begin(draft, "akasaka")
    assert isinstance(ticket, Ticket)
    assert ticket.text == NOTICE
    assert (await desk.case(draft)).state == "releasing"
    assert refused(await desk.begin(draft, "akasaka"), "state")
    assert [flight.draft for flight in await releasing.in_flight(desk.store)] == [draft]


async def test_the_first_release_of_a_session_asks_for_the_handle(desk: Desk) -> None:
    draft = await approved(desk)
    answer = await desk.begin(draft, "akasaka", handle_known=False)
    assert refused(answer, "handle")
    assert "minato_kunren" in answer.message
    assert (await desk.case(draft)).state == "approved"


async def test_while_stopped_nothing_begins(desk: Desk) -> None:
    draft = await approved(desk)
    for stop in ("all", "minato-x", "x"):
        desk.stops = frozenset({stop})
        assert refused(await desk.begin(draft, "akasaka"), "stopped")
    desk.stops = frozenset({"facebook"})
    assert isinstance(await desk.begin(draft, "akasaka"), Ticket)


@pytest.mark.clause("taisho/3.対応時間")
async def test_what_was_approved_in_hours_does_not_go_out_after_them(desk: Desk) -> None:
    landed = await desk.drop("taisho-chiiki", "公園の清掃に参加しませんか。", **TAISHO)
    await desk.approve(landed.draft, "shimizu")
    desk.now = TUESDAY_20
    answer = await desk.begin(landed.draft, "okajima")
    assert refused(answer, "missing")
    assert answer.clause == "taisho/3.対応時間"


async def test_each_end_leads_to_its_state(desk: Desk) -> None:
    for outcome, state in (
        ("released", "released"),
        ("prevented", "approved"),
        ("unknown", "unknown"),
        ("failed", "held"),
        ("not_released", "held"),
    ):
        landed = await desk.drop("minato-x", f"{outcome}: {NOTICE}", name=f"{outcome}.txt", **MINATO)
        await desk.approve(landed.draft, "shibata")
        ticket = await desk.begin(landed.draft, "akasaka")
        assert isinstance(ticket, Ticket)
        assert (await desk.end(ticket, outcome)).state == state


async def test_a_lease_that_runs_out_is_unknown_until_a_person_has_looked(desk: Desk) -> None:
    draft = await approved(desk)
    ticket = await desk.begin(draft, "akasaka")
    assert isinstance(ticket, Ticket)
    await desk.store.write(releasing.lease(ticket))
    assert await releasing.expired(desk.store, desk.now) == []
    desk.pass_time(minutes=10, seconds=1)
    assert await releasing.expired(desk.store, desk.now) == [(ticket.release, ticket.account.id)]
    assert (await desk.end(ticket, "unknown")).state == "unknown"
    release, state, holder = await releasing.open_release(desk.store, draft)
    assert (release, state, holder) == (ticket.release, "unknown", "akasaka")
    assert (await desk.end(ticket, "released", "https://x.com/minato_kunren/status/1")).url.endswith("/1")


async def test_every_try_knows_when_the_first_of_its_revision_began(desk: Desk) -> None:
    draft = await approved(desk)
    first = await desk.begin(draft, "akasaka")
    assert isinstance(first, Ticket)
    assert first.since is not None
    await desk.end(first, "prevented")
    again = await desk.begin(draft, "akasaka")
    assert isinstance(again, Ticket)
    assert again.since == first.since
    await desk.end(again, "not_released")
    desk.pass_time(seconds=1)
    landed = await desk.drop("minato-x", f"{NOTICE}。", **MINATO)
    await desk.approve(landed.draft, "shibata")
    other = await desk.begin(landed.draft, "akasaka")
    assert isinstance(other, Ticket), other
    assert other.since is not None and other.since > first.since, "another revision is another text"


@pytest.mark.parametrize("by", ["number", "address", "words"])
async def test_a_deletion_goes_to_where_the_draft_that_it_names_went_out(desk: Desk, by: str) -> None:
    url = "https://x.com/minato_kunren/status/1234567"
    original = await desk.begin(await approved(desk), "akasaka")
    assert isinstance(original, Ticket)
    await desk.end(original, "released", url)
    target = {"number": f"#{original.draft}", "address": url, "words": "きのうの図書館の投稿"}[by]
    landed = await desk.drop("minato-x", "誤りがあったため削除します。", name="b.txt", kind="delete", target=target, **MINATO)
    await desk.approve(landed.draft, "shibata")
    ticket = await desk.begin(landed.draft, "akasaka")
    assert isinstance(ticket, Ticket), ticket
    assert ticket.deletes == (target if by == "words" else url)


async def test_what_is_in_flight_survives_the_removal_and_the_edit_of_its_file(desk: Desk) -> None:
    draft = await approved(desk)
    assert isinstance(await desk.begin(draft, "akasaka"), Ticket)
    assert await desk.remove("minato-x") is None
    edited = await desk.drop("minato-x", NOTICE + "改", **MINATO)
    assert (edited.changed, edited.later) == (True, True)
    assert (await desk.case(draft)).item.text == NOTICE


async def test_a_released_draft_does_not_stand_in_the_way_of_a_new_one_of_the_same_name(desk: Desk) -> None:
    draft = await approved(desk)
    ticket = await desk.begin(draft, "akasaka")
    assert isinstance(ticket, Ticket)
    await desk.end(ticket, "released")
    again = await desk.drop("minato-x", "まったく別のお知らせです。", **MINATO)
    assert again.draft != draft


async def test_a_scheduled_draft_becomes_takeable_at_its_time_and_not_before(desk: Desk) -> None:
    draft = await approved(desk)
    at = datetime(2026, 11, 24, 15, 0, tzinfo=TOKYO)
    assert isinstance(await desk.schedule(draft, "akasaka", at), Done)
    assert refused(await desk.begin(draft, "akasaka"), "time")
    assert not await releasing.any_due(desk.store, desk.setting)
    desk.now = at
    assert [case.state for case in await desk.store.write(releasing.due(desk.setting))] == ["approved"]
    assert isinstance(await desk.begin(draft, "akasaka"), Ticket)


@pytest.mark.parametrize(("minutes", "state"), [(5, "approved"), (60, "held")])
async def test_a_time_that_a_person_set_is_not_waited_past_because_the_platform_asks_to(
    desk: Desk, minutes: int, state: str
) -> None:
    draft = await approved(desk)
    at = desk.now + timedelta(hours=5)
    assert isinstance(await desk.schedule(draft, "akasaka", at), Done)
    desk.now = at
    await desk.store.write(releasing.due(desk.setting))
    ticket = await desk.begin(draft, "akasaka")
    assert isinstance(ticket, Ticket)
    ends = releasing.end(ticket.release, "prevented", desk.setting, by="test")
    case = await desk.store.write(lambda tx: held_if_late(tx, ends(tx), at + timedelta(minutes=minutes)))
    assert case.state == (await desk.case(draft)).state == state
    if state == "held":
        desk.now = at + timedelta(minutes=minutes)
        asked = await desk.approve(draft, "shibata")
        assert refused(asked, "time") and f"{at:%m/%d %H:%M} の予定は過ぎました" in asked.message


async def test_a_moment_long_past_is_asked_again_and_never_sent_late(desk: Desk) -> None:
    draft = await approved(desk)
    at = datetime(2026, 11, 24, 15, 0, tzinfo=TOKYO)
    await desk.schedule(draft, "akasaka", at)
    desk.now = at + timedelta(minutes=11)
    assert [case.state for case in await desk.store.write(releasing.due(desk.setting))] == ["held"]
    assert refused(await desk.begin(draft, "akasaka"), "state")
    asked = await desk.approve(draft, "shibata")
    assert refused(asked, "time")
    assert "11/24 15:00 の予定は過ぎました" in asked.message
    assert (await desk.case(draft)).state == "held"
    done = await desk.approve(draft, "shibata", reason="案内は今週いっぱい有効なため")
    assert isinstance(done, Done)
    assert done.state == "approved"
    assert (await desk.case(draft)).release_at is None


async def test_a_held_draft_whose_time_is_still_to_come_goes_back_to_that_time(desk: Desk) -> None:
    draft = await approved(desk)
    at = desk.now + timedelta(hours=3)
    await desk.schedule(draft, "akasaka", at)
    await desk.store.write(resuming.hold_all(desk.setting, 2, by="shibata", reason="原因を確認した"))
    done = await desk.approve(draft, "shibata")
    assert isinstance(done, Done)
    assert done.state == "scheduled"
    assert (await desk.case(draft)).release_at == at


async def test_a_held_draft_says_which_moment_has_passed_its_authors_one_too(desk: Desk) -> None:
    at = desk.now + timedelta(hours=1)
    landed = await desk.drop("minato-x", NOTICE, release_at=at, **MINATO)
    await desk.approve(landed.draft, "shibata")
    await desk.store.write(resuming.hold_all(desk.setting, 2, by="shibata", reason="原因を確認した"))
    desk.now = at + timedelta(minutes=1)
    (row,) = await board.page(desk.store, (landed.draft,), desk.setting)
    assert "11/24 11:00 の予定は過ぎました" in row.waiting[0].what
    assert "has passed" in row.waiting[0].what_en
    assert await count_passed(desk.store, desk.now, ("held",)) == 1
    assert refused(await desk.approve(landed.draft, "shibata", reason="  "), "time")


@pytest.mark.clause("saitama/11")
async def test_a_resume_brings_everything_back_held_and_each_is_confirmed(desk: Desk) -> None:
    draft = await approved(desk)
    held = await desk.store.write(resuming.hold_all(desk.setting, 2, by="shibata", reason="原因を確認した"))
    assert held == 1
    assert (await desk.case(draft)).state == "held"
    assert refused(await desk.begin(draft, "akasaka"), "state")
    done = await desk.approve(draft, "shibata")
    assert isinstance(done, Done)
    assert done.state == "approved"


async def test_the_same_text_again_is_held_as_a_repetition(desk: Desk) -> None:
    draft = await approved(desk)
    ticket = await desk.begin(draft, "akasaka")
    assert isinstance(ticket, Ticket)
    await desk.end(ticket, "released")
    desk.recent = await lately.recent(desk.store, "minato-x", desk.now)
    again = await desk.drop("minato-x", NOTICE + "！", name="b.txt", **MINATO)
    assert ("except", "office.duplicate") in await desk.missing(again.draft)


async def test_a_time_that_was_chosen_before_a_stop_still_stands_when_it_is_confirmed_after(desk: Desk) -> None:
    draft = await approved(desk)
    chosen = desk.now + timedelta(hours=5)
    await desk.schedule(draft, "akasaka", chosen)
    await desk.store.write(resuming.hold_all(desk.setting, 2, by="oi", reason="点検"))
    desk.pass_time(hours=1)
    done = await desk.approve(draft, "shibata")
    assert isinstance(done, Done), done
    assert (done.state, (await desk.case(draft)).release_at) == ("scheduled", chosen)


@pytest.mark.clause("taisho/3.対応時間")
async def test_a_time_of_the_author_outside_hours_becomes_the_opening_after_it(desk: Desk) -> None:
    evening = datetime(2026, 11, 24, 20, 0, tzinfo=TOKYO)
    landed = await desk.drop("taisho-chiiki", "公園の清掃に参加しませんか。", **{**TAISHO, "release_at": evening})
    done = await desk.approve(landed.draft, "shimizu")
    assert isinstance(done, Done), done
    assert (await desk.case(landed.draft)).release_at == datetime(2026, 11, 25, 9, 0, tzinfo=TOKYO)


@pytest.mark.clause("taisho/3.対応時間ただし書")
async def test_lifting_another_hold_does_not_let_a_scheduled_draft_out_early(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-chiiki", "公園の清掃に参加しませんか。", **TAISHO)
    await desk.approve(landed.draft, "shimizu")
    desk.pass_time(hours=14)  # open again: half past ten on Wednesday, nobody has made a round yet
    chosen = desk.now + timedelta(hours=3)
    await desk.schedule(landed.draft, "okajima", chosen)
    assert refused(await desk.lift(landed.draft, "shimizu", "hours"), "no_such")
    assert (await desk.case(landed.draft)).release_at == chosen


async def test_what_a_draft_itself_has_sent_out_is_no_repetition_of_it(desk: Desk) -> None:
    draft = await approved(desk)
    ticket = await desk.begin(draft, "akasaka")
    assert isinstance(ticket, Ticket)
    desk.recent = await lately.recent(desk.store, "minato-x", desk.now)
    assert [each.draft for each in desk.recent] == [draft]
    await desk.end(ticket, "released", url="https://x.com/minato_kunren/status/1")
    assert "office.duplicate" not in {finding.rule for finding in (await desk.case(draft)).judged(desk.setting).findings}


async def test_what_a_stop_prevented_before_the_resume_is_held_like_the_rest(desk: Desk) -> None:
    ticket = await desk.begin(await approved(desk), "akasaka")
    assert isinstance(ticket, Ticket)
    await desk.store.write(resuming.hold_all(desk.setting, ticket.epoch + 1, by="shibata", reason="点検を終えたため"))
    assert (await desk.end(ticket, "prevented")).state == "held"


async def test_a_file_removed_while_its_card_was_out_withdraws_once_it_is_known_not_to_have_gone_out(desk: Desk) -> None:
    for outcome in ("not_released", "failed", "prevented"):
        name = f"{outcome}.txt"
        landed = await desk.drop("minato-x", f"{outcome}: {NOTICE}", name=name, **MINATO)
        await desk.approve(landed.draft, "shibata")
        ticket = await desk.begin(landed.draft, "akasaka")
        assert isinstance(ticket, Ticket)
        assert await desk.remove("minato-x", name) is None
        assert (await desk.case(landed.draft)).state == "releasing"
        assert (await desk.end(ticket, outcome)).state == "withdrawn"


async def test_a_file_removed_while_its_card_was_out_changes_nothing_about_what_went_out(desk: Desk) -> None:
    draft = await approved(desk)
    ticket = await desk.begin(draft, "akasaka")
    assert isinstance(ticket, Ticket)
    await desk.remove("minato-x")
    assert (await desk.end(ticket, "unknown")).state == "unknown"
    assert (await desk.end(ticket, "released")).state == "released"


async def test_a_file_removed_and_put_back_otherwise_while_its_card_was_out_is_there(desk: Desk) -> None:
    draft = await approved(desk)
    ticket = await desk.begin(draft, "akasaka")
    assert isinstance(ticket, Ticket)
    await desk.remove("minato-x")
    assert (await desk.drop("minato-x", f"{NOTICE}直しました。", **MINATO)).later
    assert (await desk.end(ticket, "not_released")).state == "held"
    assert (await desk.drop("minato-x", f"{NOTICE}直しました。", **MINATO)).draft == draft


async def test_what_is_out_is_not_asked_to_take_a_card_first(desk: Desk) -> None:
    draft = await approved(desk)
    ticket = await desk.begin(draft, "akasaka")
    assert isinstance(ticket, Ticket)
    await desk.end(ticket, "released")
    with pytest.raises(Refused, match="もう発信済"):
        await releasing.open_release(desk.store, draft)


async def test_after_a_resume_the_machine_begins_one_release_at_a_time(desk: Desk) -> None:
    drafts = [(await desk.drop("minato-facebook", f"{n}番目: {NOTICE}", name=f"{n}.txt", **FACEBOOK)).draft for n in range(3)]
    await desk.store.write(resuming.hold_all(desk.setting, 2, by="shibata", reason="点検"))
    for draft in drafts:
        assert isinstance(await desk.approve(draft, "azabu"), Done)
    desk.pass_time(minutes=1)  # in which each could be taken back
    assert isinstance(await desk.begin(drafts[0], None), Ticket)
    assert refused(await desk.begin(drafts[1], None), "pace")
    desk.pass_time(seconds=desk.book.office.pace - 0.001)
    assert refused(await desk.begin(drafts[1], None), "pace")
    desk.pass_time(seconds=0.001)
    assert isinstance(await desk.begin(drafts[1], None), Ticket)
    desk.pass_time(minutes=10)
    assert isinstance(await desk.begin(drafts[2], None), Ticket)


async def test_the_pace_after_a_resume_is_not_for_people_with_a_card(desk: Desk) -> None:
    await desk.store.write(resuming.hold_all(desk.setting, 2, by="shibata", reason="点検"))
    for n in range(2):
        landed = await desk.drop("minato-x", f"{n}番目: {NOTICE}", name=f"{n}.txt", **MINATO)
        await desk.approve(landed.draft, "shibata")
        assert isinstance(await desk.begin(landed.draft, "akasaka"), Ticket)


async def test_many_that_cannot_go_out_yet_do_not_keep_another_accounts_out_of_sight(desk: Desk) -> None:
    for number in range(MOST + 1):
        landed = await desk.drop("minato-facebook", f"{number}番目のお知らせです。", name=f"{number}.txt", **FACEBOOK)
        await desk.approve(landed.draft, "azabu")
    other = await desk.drop("minato-x", NOTICE, **MINATO)
    await desk.approve(other.draft, "shibata")
    later = dataclasses.replace(desk.setting, now=desk.now + timedelta(minutes=1))
    found = await ready(desk.store, ["minato-facebook", "minato-x"], later)
    assert [account for _, _, account in found] == ["minato-facebook"] * MOST + ["minato-x"]


async def test_a_person_takes_no_card_for_what_the_machine_sends(desk: Desk) -> None:
    landed = await desk.drop("minato-facebook", NOTICE, **FACEBOOK)
    await desk.approve(landed.draft, "azabu")
    refused(await desk.begin(landed.draft, "konan"), "lease")


@pytest.mark.clause("shinagawa/5-1")
async def test_only_the_unit_that_makes_and_posts_takes_a_release_card(desk: Desk) -> None:
    landed = await desk.drop("shinagawa-koho", "区民農園の利用者を募集します。", author="osaki")
    await desk.approve(landed.draft, "oi")
    case = await desk.case(landed.draft)
    judgement = case.judged(desk.setting)
    assert (judgement.missing[-1].who, judgement.missing[-1].clause) == ("戦略広報課の担当者", "shinagawa/5-1")
    assert "take" in possible(case, judgement, desk.who("gotanda"), desk.setting)
    assert "take" not in possible(case, judgement, desk.who("togoshi"), desk.setting)
    answer = await desk.begin(landed.draft, "togoshi")
    assert refused(answer, "role") and "戦略広報課" in answer.message
    assert isinstance(await desk.begin(landed.draft, "gotanda"), Ticket)


@pytest.mark.clause("shinagawa/5-1")
async def test_what_another_unit_was_let_make_it_may_post_too(desk: Desk) -> None:
    landed = await desk.drop("shinagawa-koho", "家具の転倒を防ぐ器具を、区が無料で取り付けます。", author="togoshi")
    await desk.lift(landed.draft, "oi", "author", reason="防災課の所管のため")
    await desk.approve(landed.draft, "oi")
    assert isinstance(await desk.begin(landed.draft, "togoshi"), Ticket)
