"""The calendar in a running office: a day that somebody closes is closed at once, and what was planned for it is asked about again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from daemon.rulebook.calendar import LAST_YEAR, TOKYO
from daemon.wire import (
    AddClosure,
    AddOpening,
    Approve,
    AuditShow,
    Done,
    Listing,
    Month,
    MonthOf,
    QueueRow,
    Refusal,
    RemoveOverride,
    Schedule,
    SpecialDayList,
    SpecialDays,
)
from tests.service.live_office import MINATO, Office, until

TEXT = "市民活動の講座を開きます。参加は無料です。\n場所: 市民活動サポートセンター"
SAITAMA = {"author": "omiya", "topic": "施策・事業"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "office")
    office.start()
    yield office
    office.stop()


def working_day(office: Office, after: int = 3) -> date:
    """An ordinary opening day of さいたま市, some days ahead."""
    with office.caller("urano") as caller:
        now = office.status().now.astimezone(TOKYO).date()
        days = []
        for ahead in (0, 31):
            wanted = now + timedelta(days=ahead)
            month = caller.ask(MonthOf(month=f"{wanted:%Y-%m}", account="saitama-cvc"), Month)
            days += [day.day for day in month.days if day.accounts[0].open and day.day > now + timedelta(days=after)]
    return sorted(set(days))[0]


def is_open(office: Office, day: date) -> tuple[bool, str]:
    with office.caller("urano") as caller:
        month = caller.ask(MonthOf(month=f"{day:%Y-%m}", account="saitama-cvc"), Month)
    found = next(each for each in month.days if each.day == day).accounts[0]
    return found.open, found.reason


@pytest.mark.clause("saitama/4")
def test_a_manager_closes_a_day_and_opens_it_again_and_both_stand_in_the_record(office: Office) -> None:
    day = working_day(office)
    before = office.status().policy_hash
    with office.caller("urano") as urano:
        urano.ask(AddClosure(from_=day, reason="停電作業のため"), Done)
        (seen,) = [each for each in urano.ask(SpecialDays(), SpecialDayList).days if each.author]
        assert (seen.first, seen.accounts, seen.author, seen.reason) == (day, ("saitama-cvc",), "urano", "停電作業のため")
        assert seen.until is not None
        assert seen.until > day
        is_closed, why = is_open(office, day)
        assert not is_closed
        assert "停電作業のため" in why
        assert "urano" in why
        assert office.status().policy_hash != before
        assert "schema = 1" in (office.state / "overrides.toml").read_text()
        urano.refused(RemoveOverride(id=seen.id, reason=" "), "reason")
        urano.ask(RemoveOverride(id=seen.id, reason="作業が延期になった"), Done)
        assert is_open(office, day)[0]
        assert office.status().policy_hash == before
        acts = [line.act for line in urano.ask(AuditShow(limit=20), Listing).history]
    assert [act for act in acts if "clos" in act or "override" in act] == ["add_closure", "remove_override"]


def test_what_a_person_set_for_a_day_that_is_closed_afterwards_is_held_and_what_waited_for_the_opening_moves_on(
    office: Office,
) -> None:
    day = working_day(office)
    office.drop("saitama-cvc", "chosen.txt", TEXT, **SAITAMA)
    office.drop("saitama-cvc", "opening.txt", TEXT.replace("講座", "交流会"), **SAITAMA)
    chosen, opening = datetime.combine(day, time(10, 20), TOKYO), datetime.combine(day, time(8, 30), TOKYO)
    for name, at in (("chosen.txt", chosen), ("opening.txt", opening)):
        row = office.approve(name, "urano")
        with office.caller("urano") as urano:
            row = office.row(name, "approved", "scheduled")
            urano.ask(Schedule(draft=row.id, hash=row.hash, at=at), Done)
    with office.caller("urano") as urano:
        urano.ask(AddClosure(from_=day, reason="停電作業のため"), Done)
    held = office.row("chosen.txt", "held")
    assert any("閉" in line.what and f"{chosen:%m/%d %H:%M}" in line.what for line in held.waiting), held.waiting
    moved = office.row("opening.txt", "scheduled")
    assert moved.release_at is not None
    assert moved.release_at > opening + timedelta(hours=12)
    assert office.record_is_whole()


def test_an_extra_opening_needs_its_clause_and_opens_a_saturday(office: Office) -> None:
    today = office.status().now.astimezone(TOKYO).date()
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 + 7)
    act = AddOpening(day=saturday, open=time(9), close=time(12), reason="休日開庁")
    with office.caller("urano") as urano:
        refusal = urano.refused(act, "reason")
        assert "saitama/4.ただし書" in refusal.message
        urano.refused(AddOpening(day=saturday, open=time(9), close=time(12), reason="休日開庁", clause="taisho/1"), "time")
        urano.refused(AddOpening(day=saturday, open=time(12), close=time(9), reason="逆", clause="saitama/4.ただし書"), "time")
        urano.ask(AddOpening(day=saturday, open=time(9), close=time(12), reason="休日開庁", clause="saitama/4.ただし書"), Done)
    assert is_open(office, saturday) == (True, is_open(office, saturday)[1])
    assert "休日開庁" in is_open(office, saturday)[1]


@pytest.mark.parametrize("who", ["omiya", "kansa"])
def test_only_a_manager_closes_a_day(office: Office, who: str) -> None:
    with office.caller(who) as caller:
        caller.refused(AddClosure(from_=date(2027, 3, 3), reason="休みたい"), "role")


def test_what_makes_no_sense_is_refused_with_the_reason(office: Office) -> None:
    today = office.status().now.astimezone(TOKYO).date()
    tomorrow = today + timedelta(days=1)
    with office.caller("urano") as urano:
        urano.refused(AddClosure(from_=today - timedelta(days=1), reason="昨日"), "time")
        urano.refused(AddClosure(from_=tomorrow, to=today, reason="逆"), "time")
        urano.refused(AddClosure(from_=tomorrow, to=tomorrow + timedelta(days=500), reason="長い"), "time")
        urano.refused(AddClosure(from_=date(9999, 12, 31), reason="遠い"), "time")
        urano.refused(AddClosure(from_=tomorrow, reason="  "), "reason")
        urano.refused(AddClosure(from_=tomorrow, accounts=("nobody",), reason="だれ"), "no_such")
        urano.refused(AddClosure(from_=tomorrow, accounts=("taisho-somu",), reason="よそ"), "role")
        urano.refused(RemoveOverride(id="x", reason="ない"), "no_such")
        urano.refused(MonthOf(month="2026-13"), "time")
        urano.refused(MonthOf(account="nobody"), "no_such")
    with office.caller("shibata") as shibata:
        assert isinstance(shibata.ask(AddClosure(from_=tomorrow, accounts=("minato-x",), reason="規定なし"), Refusal), Refusal)
        shibata.refused(AddClosure(from_=tomorrow, reason="規定なし"), "hours")
    assert not (office.state / "overrides.toml").exists()


def test_a_broken_overrides_file_leaves_the_last_good_in_force_and_says_so(office: Office) -> None:
    day = working_day(office)
    with office.caller("urano") as urano:
        urano.ask(AddClosure(from_=day, reason="停電作業のため"), Done)
    (office.state / "overrides.toml").write_text("schema = 1\n[[closures]\n")
    problems = until(lambda: office.status().problems, "the broken file is said")
    assert "overrides.toml" in problems[0]
    assert not is_open(office, day)[0]
    with office.caller("urano") as urano:
        urano.refused(AddClosure(from_=day + timedelta(days=1), reason="もう一日"), "state")


def test_an_override_is_gone_on_its_day_and_the_policy_has_its_own_hash_again(office: Office) -> None:
    before = office.status().policy_hash
    today = office.status().now.astimezone(TOKYO).date()
    with office.caller("urano") as urano:
        urano.ask(AddClosure(from_=today, until=today + timedelta(days=2), reason="停電作業のため"), Done)
    assert office.status().policy_hash != before
    office.ahead(3 * 24 * 3600)
    until(lambda: office.status().policy_hash == before, "the override has expired")
    assert "closures" not in (office.state / "overrides.toml").read_text()


def test_an_account_that_comes_back_into_the_rules_brings_its_drafts_back_held(office: Office) -> None:
    office.drop("minato-x", "a.txt", **MINATO)
    office.approve("a.txt", "shibata")
    office.row("a.txt", "approved")
    rules = office.folder / "rules.toml"
    whole = rules.read_text()
    start = whole.index('[[accounts]]\nid = "minato-x"')
    end = whole.index("[[accounts]]", start + 5)
    rules.write_text(whole[:start] + whole[end:])
    until(lambda: "minato-x" not in {a.id for a in office.status().accounts}, "the account is gone")
    office.stop()
    rules.write_text(whole)
    office.start()
    office.row("a.txt", "held")


def far(office: Office, name: str, at: datetime) -> QueueRow:
    """A draft of さいたま市 that its author wants out at that moment, and that waits for approval."""
    office.drop("saitama-cvc", name, TEXT + name, release_at=at, **SAITAMA)
    return office.row(name, "waiting")


def what_waits(office: Office, name: str) -> str:
    return " ".join(line.what for line in office.row(name).waiting)


def test_what_waits_for_approval_is_asked_about_again_when_its_day_is_closed_or_its_moment_passes(office: Office) -> None:
    day = working_day(office)
    at = datetime.combine(day, time(10, 20), TOKYO)
    row = far(office, "w.txt", at)
    assert "予定の" not in what_waits(office, "w.txt")
    with office.caller("urano") as urano:
        urano.ask(AddClosure(from_=day, reason="停電作業のため"), Done)
    until(lambda: f"予定の {at:%m/%d %H:%M} は閉じています" in what_waits(office, "w.txt"), "the line says that it is closed")
    assert "停電作業のため" in what_waits(office, "w.txt")
    with office.caller("urano") as urano:
        urano.ask(Approve(draft=row.id, hash=row.hash), Done)
    moved = office.row("w.txt", "scheduled")
    assert moved.release_at is not None
    assert moved.release_at.astimezone(TOKYO).date() > day
    far(office, "passes.txt", at)
    later = (at - office.status().now).total_seconds() + 60
    office.ahead(later)
    until(lambda: "過ぎました" in what_waits(office, "passes.txt"), "the line says that its moment has passed")
    office.ahead(later + 2 * 3600)
    office.row("passes.txt", "expired")


def test_a_day_that_was_closed_while_no_daemon_ran_holds_what_was_chosen_for_it(office: Office) -> None:
    day = working_day(office)
    at = datetime.combine(day, time(10, 20), TOKYO)
    far(office, "c.txt", at)
    office.approve("c.txt", "urano")
    office.row("c.txt", "scheduled")
    office.stop()
    rules = office.folder / "rules.toml"
    rules.write_text(f'{rules.read_text()}\n[[closures]]\nfrom = {day}\nreason = "停電作業"\naccounts = ["saitama-cvc"]\n')
    office.ahead((at - datetime.now(TOKYO)).total_seconds() + 30)
    office.start()
    row = office.row("c.txt", "held")
    assert row.release_at == at
    (hold,) = [line for line in office.show(row.id).history if line.act == "hold"]
    assert "closed" in str(hold.detail)


def test_a_closure_that_seems_over_for_a_jump_of_the_clock_is_there_when_it_is_set_right(office: Office) -> None:
    day = working_day(office)
    at = datetime.combine(day, time(10, 20), TOKYO)
    with office.caller("urano") as urano:
        urano.ask(AddClosure(from_=day, reason="停電作業のため"), Done)
    far(office, "j.txt", at + timedelta(days=14))
    office.jump(60 * 24 * 3600)
    until(lambda: any("進みました" in alarm for alarm in office.status().alarms), "the jump is said")
    office.drop("saitama-cvc", "round.txt", TEXT + "round", **SAITAMA)
    office.row("round.txt", "expired")  # the rounds have gone on meanwhile
    assert "停電作業" in (office.state / "overrides.toml").read_text()
    office.jump(0)
    until(lambda: office.status().now < at, "the clock is right again")
    assert not is_open(office, day)[0]


def test_whatever_lies_in_the_place_of_the_overrides_a_closure_in_force_stays(office: Office, tmp_path: Path) -> None:
    day = working_day(office)
    with office.caller("urano") as urano:
        urano.ask(AddClosure(from_=day, reason="停電作業のため"), Done)
    path = office.state / "overrides.toml"
    whole = path.read_bytes()
    path.write_bytes(whole.decode().encode("cp932"))
    until(lambda: any("UTF-8" in problem for problem in office.status().problems), "another encoding is said")
    assert not is_open(office, day)[0]
    for lay in (os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")):
        path.rmdir() if path.is_dir() else path.unlink()
        lay(path)
        until(lambda: office.status().problems, "what is no file is said")
        assert not is_open(office, day)[0]
        with office.caller("urano") as urano:
            urano.refused(AddClosure(from_=day + timedelta(days=7), reason="もう一日"), "state")
    path.unlink()
    path.write_bytes(whole)
    until(lambda: not office.status().problems, "all is well again")
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (office.state / ".overrides.toml.new").symlink_to(victim)
    with office.caller("urano") as urano:
        urano.ask(AddClosure(from_=day + timedelta(days=7), reason="もう一日"), Done)
    (office.state / ".overrides.toml.new").unlink(missing_ok=True)
    os.mkfifo(office.state / ".overrides.toml.new")
    with office.caller("urano") as urano:
        urano.ask(AddClosure(from_=day + timedelta(days=14), reason="さらに一日"), Done)
    assert victim.read_text() == "mine"


def test_an_office_that_is_closed_for_good_answers_and_lets_nothing_out(office: Office) -> None:
    today = office.status().now.astimezone(TOKYO).date()
    with office.caller("urano") as urano:
        for first in range(0, 720, 90):
            urano.ask(
                AddClosure(from_=today + timedelta(days=first), to=today + timedelta(days=first + 89), reason="庁舎移転"),
                Done,
            )
    office.drop("saitama-cvc", "n.txt", TEXT, **SAITAMA)
    row = office.row("n.txt", "waiting")
    with office.caller("urano") as urano:
        answer = urano.ask(Approve(draft=row.id, hash=row.hash), object)
    assert office.row("n.txt").state in ("waiting", "scheduled"), answer
    assert office.row("n.txt").waiting


def test_the_status_states_the_last_year_of_announced_holidays(office: Office) -> None:
    assert office.status().holidays_until == LAST_YEAR
    office.ahead((datetime(LAST_YEAR, 11, 1, tzinfo=TOKYO) - office.status().now).total_seconds())
    until(lambda: any(f"祝日表は {LAST_YEAR} 年まで" in alarm for alarm in office.status().alarms), "the end is said in time")
