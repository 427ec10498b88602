"""A drill of the stop: the same path, at a gate of its own, counted by the platform; and the duty to do it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import pytest

from daemon.desk.duties import due_after, months_after
from daemon.gate import Gate, Shut
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.duty import Every
from daemon.rulebook.load import load_rulebook
from daemon.wire import Done, DrillEnd, DrillOn, DrillReport, DrillStart, Duties, DutyList, DutySeen, Stopped, StopState
from tests.service.live_office import Caller, Office, until

pytestmark = pytest.mark.timeout(300)


def start(office: Office, who: str = "akasaka") -> tuple[Caller, Gate]:
    caller = office.caller(who)
    on = caller.ask(DrillStart(), DrillOn)
    return caller, Gate(office.state / on.place)


def press(gate: Gate) -> tuple[int, Shut]:
    return time.monotonic_ns(), gate.shut(by="akasaka")


def ended(caller: Caller, pressed: int, shut: Shut) -> DrillReport:
    return caller.ask(DrillEnd(pressed_ns=pressed, latched_ms=shut.latched_ms, silent_ms=shut.silent_ms), DrillReport)


def the_drill(duties: tuple[DutySeen, ...]) -> DutySeen:
    (duty,) = (each for each in duties if each.id == "drill")
    return duty


def outcomes(office: Office) -> list[str]:
    return [
        row[0]
        for row in office.database("SELECT json_extract(CAST(record AS TEXT), '$.detail.outcome') FROM audit WHERE act = 'drill'")
    ]


@pytest.mark.clause("saitama/11")
def test_a_drill_counts_what_began_before_the_press_and_that_nothing_began_after_silence(fresh: Office) -> None:
    real = fresh.status().gate
    caller, gate = start(fresh)
    assert any("訓練中" in alarm for alarm in fresh.status().alarms)
    pressed, shut = press(gate)
    report = ended(caller, pressed, shut)
    assert report.passed, report
    assert report.silent_ms is not None
    assert report.before >= 10
    assert report.after == 0
    assert report.prevented > 0
    assert "ms で止まりました" in report.message
    status = fresh.status()
    assert status.gate == real  # the real gate was not touched
    assert not any("訓練中" in alarm for alarm in status.alarms)
    assert not (fresh.state / "drill").exists()
    assert not (fresh.state / "gate" / "drill").exists()
    assert outcomes(fresh) == ["passed"]
    fresh.record_is_whole()


def test_a_drill_whose_gate_was_not_shut_has_not_passed_and_says_so_until_one_has(fresh: Office) -> None:
    caller, _ = start(fresh)
    report = caller.ask(DrillEnd(pressed_ns=time.monotonic_ns(), latched_ms=0.1, silent_ms=0.2), DrillReport)
    assert not report.passed
    assert report.after > 0
    assert report.message in fresh.status().alarms
    caller, gate = start(fresh)
    assert ended(caller, *press(gate)).passed
    assert report.message not in fresh.status().alarms
    assert outcomes(fresh) == ["failed", "passed"]


def test_one_drill_at_a_time_and_only_its_own_operator_ends_it(fresh: Office) -> None:
    caller, gate = start(fresh)
    other = fresh.caller("omiya")
    other.refused(DrillStart(), "busy")
    other.refused(DrillEnd(pressed_ns=time.monotonic_ns()), "role")
    caller.refused(DrillEnd(pressed_ns=1), "time")
    assert ended(caller, *press(gate)).passed
    caller.refused(DrillEnd(pressed_ns=time.monotonic_ns()), "no_such")
    fresh.caller("kansa").refused(DrillStart(), "role")


def test_a_drill_that_nobody_stops_is_given_up_and_leaves_nothing(fresh: Office) -> None:
    caller, _ = start(fresh)
    fresh.ahead(61)
    until(lambda: not (fresh.state / "drill").exists(), "the end of the drill")
    assert outcomes(fresh) == ["given_up"]
    caller.refused(DrillEnd(pressed_ns=time.monotonic_ns()), "no_such")
    caller, _ = start(fresh)
    caller.ask(DrillEnd(), Done)
    assert outcomes(fresh) == ["given_up", "given_up"]


@pytest.mark.clause("saitama/11")
def test_a_real_stop_wins_over_a_drill_and_none_begins_while_stopped(fresh: Office) -> None:
    caller, _ = start(fresh)
    assert Gate(fresh.state).shut(by="omiya").stopped
    fresh.caller("omiya").ask(Stopped(), StopState)
    until(lambda: not (fresh.state / "drill").exists(), "the end of the drill")
    assert fresh.status().gate.stopped
    caller.refused(DrillStart(), "stopped")
    assert outcomes(fresh) == ["given_up"]


def test_what_a_crash_left_of_a_drill_does_not_keep_the_next_from_its_turn(fresh: Office) -> None:
    start(fresh)
    fresh.kill()
    fresh.start()
    if fresh.status().gate.stopped:
        fresh.resume()
    caller, gate = start(fresh)
    assert ended(caller, *press(gate)).passed


def test_a_drill_is_a_duty_counted_from_the_last_one_that_passed(found: Callable[..., Office]) -> None:
    office = found().start()
    duty = the_drill(office.caller("shibata").ask(Duties(), DutyList).duties)
    assert (duty.last, duty.overdue) == (None, False)
    assert duty.due is not None
    assert duty.due > office.status().now
    office.ahead(100 * 24 * 3600)
    assert any("停止の訓練" in alarm for alarm in office.status().alarms)
    office.ahead(0)
    caller, gate = start(office)
    assert ended(caller, *press(gate)).passed
    duty = the_drill(office.status().duties)
    assert duty.last is not None
    assert duty.due == due_after(duty.last, Every(months=3), None, load_rulebook(office.folder))


def test_an_office_may_drill_as_often_as_it_decides_or_not_at_all(found: Callable[..., Office]) -> None:
    office = found()
    rules = office.folder / "rules.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("[office]\n", "[office]\ndrill_months = 0\n", 1), encoding="utf-8")
    assert not [duty for duty in office.start().status().duties if duty.id == "drill"]


def test_months_are_counted_by_the_calendar() -> None:
    assert months_after(datetime(2026, 11, 30, 9, tzinfo=TOKYO), 3) == datetime(2027, 2, 28, 9, tzinfo=TOKYO)
    assert months_after(datetime(2026, 12, 31, tzinfo=TOKYO), 2) == datetime(2027, 2, 28, tzinfo=TOKYO)
