"""A stop, what follows it and the way back, with the real daemon: who confirms, who resumes, what stays visible."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.rulebook.calendar import TOKYO
from daemon.wire import (
    Approve,
    ConfirmResume,
    ConfirmStop,
    Done,
    DoneFollowUp,
    FollowUpList,
    FollowUps,
    Resume,
    ResumeCode,
    SkipFollowUps,
    Stopped,
    StopState,
)
from tests.service.live_office import MINATO, Office, until

pytestmark = pytest.mark.timeout(300)

WHY = "原因を確認したため"


def code(office: Office, who: str) -> str:
    return office.caller(who).ask(ResumeCode(), StopState).code


@pytest.fixture
def two(found: Callable[..., Office]) -> Office:
    """An office whose resumes take two people."""
    office = found()
    rules = office.folder / "rules.toml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("[office]\n", "[office]\nresume_persons = 2\n", 1), encoding="utf-8"
    )
    return office.start()


@pytest.mark.clause("saitama/11", "saitama/12")
def test_a_viewers_stop_is_provisional_until_a_manager_confirms_it(fresh: Office) -> None:
    answer = fresh.caller("kansa").ask(Stopped(reason="見慣れない投稿"), StopState)
    assert answer.stopped
    assert (answer.by, answer.unconfirmed, answer.confirmed_by) == ("kansa", ("all",), "")
    fresh.caller("akasaka").refused(ConfirmStop(), "role")
    fresh.caller("shibata").ask(ConfirmStop(), Done)
    gate = fresh.status().gate
    assert gate.stopped
    assert (gate.unconfirmed, gate.confirmed_by) == ((), "shibata")
    fresh.caller("shibata").refused(ConfirmStop(), "state")
    fresh.resume()
    fresh.caller("shibata").refused(ConfirmStop(), "no_such")


def test_no_stop_silences_the_office_by_the_length_or_the_number_of_its_reasons(fresh: Office) -> None:
    for scope in ("minato-x", "minato-facebook", "line"):
        Gate(fresh.state).shut(scope)
        fresh.caller("kansa").ask(Stopped(scope=scope, reason="\x01" + "理由" * 150_000), StopState)
    gate = fresh.status().gate
    assert [len(each.reason) for each in gate.stops] == [500] * 3
    viewer = fresh.caller("kansa")
    for number in range(80):
        viewer.ask(Stopped(scope=f"nothing-{number}", reason="理由" * 1000), StopState)
    gate = fresh.status().gate
    assert gate.stopped
    assert len(gate.stops) <= 50
    assert len(gate.why) < 500  # the first marks are named, the others counted
    assert "155" in gate.why  # each mark lies in two folders
    manager = fresh.caller("shibata")
    manager.ask(Resume(code=manager.ask(ResumeCode(), StopState).code, reason=WHY), Done)
    assert not fresh.status().gate.stopped


@pytest.mark.clause("saitama/11")
def test_a_stop_by_hand_opens_its_check_lists_too_and_they_stay_visible_after_the_resume(fresh: Office) -> None:
    (fresh.state / "STOP").touch()
    until(lambda: fresh.status().gate.follow_ups, "the check-lists")
    gate = fresh.status().gate
    assert gate.unconfirmed == ("all",)
    fresh.resume()
    status = fresh.status()
    assert status.gate.stopped is False
    assert status.gate.follow_ups == gate.follow_ups
    assert any("停止のあとにすること" in alarm for alarm in status.alarms)
    manager = fresh.caller("urano")
    mine = [one for one in manager.ask(FollowUps(), FollowUpList).follow_ups if one.account == "saitama-cvc"]
    manager.ask(DoneFollowUp(follow_up=mine[0].id, proof="https://x.com/SaitamaCvcCoop"), Done)
    manager.ask(SkipFollowUps(follow_ups=tuple(one.id for one in mine[1:]), reason="誤作動のため"), Done)
    assert fresh.status().gate.follow_ups == gate.follow_ups - len(mine)
    fresh.record_is_whole()


def test_a_stop_that_was_made_while_the_daemon_was_down_is_followed_up_when_it_comes_back(fresh: Office) -> None:
    fresh.stop()
    Gate(fresh.state).shut("minato-x", by="akasaka")
    fresh.start()
    until(lambda: fresh.status().gate.follow_ups, "the check-list")
    listed = fresh.caller("shibata").ask(FollowUps(), FollowUpList)
    assert {one.account for one in listed.follow_ups} == {"minato-x"}


def test_an_office_that_has_only_never_been_resumed_has_nothing_to_follow_up(found: Callable[..., Office]) -> None:
    office = found()
    rules = office.folder / "rules.toml"
    login = Path(office.folder).owner()
    more = f'\n[[operators]]\nlogin = "{login}"\nname = "担当"\nunit = "区長室"\nrole = "manager"\npolicies = ["minato"]\ntitles = ["課長"]\n'
    text = rules.read_text(encoding="utf-8").replace("training = true", "training = false", 1).replace('"simulated"', '"manual"')
    rules.write_text(text + more, encoding="utf-8")
    office.start()
    gate = office.status().gate
    assert gate.stopped
    assert (gate.follow_ups, gate.unconfirmed) == (0, ())


def test_with_nothing_stopped_a_resume_says_so_and_holds_nothing(fresh: Office) -> None:
    epoch = fresh.status().gate.epoch
    for scope in ("all", "minato-x"):
        done = fresh.caller("shibata").ask(Resume(code="0000", reason=WHY, scope=scope), Done)
        assert "停止していません" in done.message
    assert fresh.status().gate.epoch == epoch


@pytest.mark.clause("saitama/11")
def test_a_resume_takes_a_second_person_where_the_office_wants_one(two: Office) -> None:
    two.caller("omiya").ask(Stopped(), StopState)
    assert not code(two, "gotanda")  # a 発信確認者 has no code before a manager has asked
    first = two.caller("shibata")
    first.refused(Resume(code="99999", reason=WHY), "code")
    done = first.ask(Resume(code=code(two, "shibata"), reason=WHY), Done)
    assert "まだ停止のまま" in done.message
    gate = two.status().gate
    assert gate.stopped
    assert gate.asked is not None
    assert (gate.asked.by, gate.asked.reason) == ("shibata", WHY)
    assert not code(two, "shibata")
    assert not code(two, "omiya")
    second = code(two, "gotanda")
    assert second
    first.refused(ConfirmResume(code=second), "role")  # not the same person
    two.caller("omiya").refused(ConfirmResume(code=second), "role")  # neither manager nor 発信確認者
    two.caller("gotanda").refused(ConfirmResume(code="x"), "code")
    two.caller("gotanda").ask(ConfirmResume(code=second), Done)
    assert two.status().gate.stopped is False
    acts = [row[0] for row in two.database("SELECT act || ' ' || actor FROM audit WHERE act LIKE '%resume%' ORDER BY seq")]
    assert acts == ["ask_resume shibata", "confirm_resume gotanda", "resume shibata"]


def test_a_second_person_who_comes_after_ten_minutes_or_after_another_stop_is_too_late(two: Office) -> None:
    two.caller("omiya").ask(Stopped(), StopState)
    two.caller("shibata").ask(Resume(code=code(two, "shibata"), reason=WHY), Done)
    second = code(two, "urano")
    two.ahead(601)
    two.caller("urano").refused(ConfirmResume(code=second), "no_such")
    two.caller("shibata").ask(Resume(code=code(two, "shibata"), reason=WHY), Done)
    two.caller("omiya").ask(Stopped(), StopState)
    two.caller("urano").refused(ConfirmResume(code=second), "no_such")
    assert two.status().gate.stopped


def test_one_part_takes_one_manager_even_where_everything_takes_two(two: Office) -> None:
    two.caller("omiya").ask(Stopped(scope="minato-x"), StopState)
    done = two.caller("shibata").ask(Resume(code=code(two, "shibata"), reason=WHY, scope="minato-x"), Done)
    assert "再開しました" in done.message
    assert two.status().gate.scopes == ()


def test_what_comes_back_held_says_how_many_moments_have_passed(fresh: Office) -> None:
    at = (fresh.status().now + timedelta(hours=1)).replace(microsecond=0)
    fresh.drop("minato-x", "due.txt", release_at=at, **MINATO)
    fresh.approve("due.txt", "shibata")
    assert fresh.row("due.txt").state == "scheduled"
    fresh.caller("omiya").ask(Stopped(), StopState)
    fresh.ahead(3660)  # within the ten minutes in which a release may still be late by itself
    assert fresh.caller("shibata").ask(ResumeCode(), StopState).passed == 1
    done = fresh.resume()
    assert "1 件は予定の時刻を過ぎています" in done.message
    row = fresh.row("due.txt", "held")
    assert f"{at.astimezone(TOKYO):%m/%d %H:%M} の予定は過ぎました" in row.waiting[0].what
    fresh.caller("shibata").refused(Approve(draft=row.id, hash=row.hash), "time")
    fresh.caller("shibata").ask(Approve(draft=row.id, hash=row.hash, reason="今も有効なため"), Done)
