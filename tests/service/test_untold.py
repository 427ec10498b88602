"""Stops of which the daemon was not told: who, when and why is known once it is there, and the first moment stays the stop's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from console.cli.stop import main as kohoban_stop
from daemon.gate import Gate
from daemon.letters import NAME, leave
from daemon.wire import Listing, Stopped, StopState
from daemon.wire.queries import AuditShow
from tests.service.live_office import ROOT, Office, until

pytestmark = pytest.mark.timeout(300)

LONG_AGO = 3600


def stops(office: Office) -> list[dict[str, object]]:
    """What the record has of stops, oldest first: who, and the details."""
    history = office.caller("shibata").ask(AuditShow(limit=200), Listing).history
    entries = sorted((line for line in history if line.act == "stop"), key=lambda line: line.seq)
    return [{"actor": line.actor, **json.loads(line.detail)["detail"]} for line in entries]


def earlier(office: Office, seconds: float = LONG_AGO) -> float:
    """Let whatever lies at the gate have been made so long ago; the moment."""
    then = time.time() - seconds
    for path in (*office.state.glob("STOP*"), *office.state.glob("gate/STOP*"), *office.state.glob(f"gate/{NAME}*")):
        os.utime(path, (then, then))
    return then


def no_letters(office: Office) -> bool:
    return not [*office.state.glob(f"gate/{NAME}*"), *office.state.glob(f"{NAME}*")]


@pytest.mark.clause("saitama/11")
def test_who_stopped_by_command_without_a_daemon_when_and_why_is_told_once_one_runs(
    fresh: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh.stop()
    assert kohoban_stop(["--office", str(fresh.folder), "--operator", "akasaka", "--reason", "見慣れない投稿"]) == 0
    assert "書き置きました" in capsys.readouterr().out
    then = earlier(fresh)
    fresh.start()
    until(lambda: [each for each in fresh.status().gate.stops if each.reason], "the reason")
    (stop,) = fresh.status().gate.stops
    assert (stop.scope, stop.by, stop.reason) == ("all", "akasaka", "見慣れない投稿")
    assert abs(stop.at.timestamp() - then) < 1
    assert abs(fresh.status().gate.since.timestamp() - then) < 1  # type: ignore[union-attr]
    assert [(each["actor"], each["reason"], "again" in each) for each in stops(fresh)] == [("akasaka", "見慣れない投稿", False)]
    until(lambda: no_letters(fresh), "the letter to be away")
    assert fresh.status().gate.unconfirmed == ("all",)
    fresh.resume()
    fresh.record_is_whole()


def test_a_manager_whose_letter_is_heard_has_confirmed_the_stop_by_it(fresh: Office) -> None:
    fresh.stop()
    Gate(fresh.state).shut(by="shibata")
    leave(Gate(fresh.state), "all", "shibata")
    fresh.start()
    until(lambda: no_letters(fresh), "the letter to be heard")
    gate = fresh.status().gate
    assert (gate.by, gate.confirmed_by, gate.unconfirmed) == ("shibata", "shibata", ())


def test_a_stop_by_hand_has_its_moment_and_the_reason_that_was_written_into_it(fresh: Office) -> None:
    fresh.stop()
    (fresh.state / "STOP").write_text("なりすましの疑い\n")
    then = earlier(fresh)
    fresh.start()
    until(lambda: fresh.status().gate.stops, "the stop")
    (stop,) = fresh.status().gate.stops
    assert stop.reason == "なりすましの疑い"
    assert abs(stop.at.timestamp() - then) < 1


def test_a_letter_about_what_is_not_stopped_is_thrown_away(fresh: Office) -> None:
    entries = len(stops(fresh))
    leave(Gate(fresh.state), "all", "akasaka", "なにも止めていない")
    until(lambda: no_letters(fresh), "the letter to be away")
    assert not fresh.status().gate.stopped
    assert len(stops(fresh)) == entries


def test_a_letter_to_a_daemon_that_had_only_been_halted_says_nothing_twice(fresh: Office) -> None:
    caller = fresh.caller("akasaka")
    Gate(fresh.state).shut(by="akasaka")
    leave(Gate(fresh.state), "all", "akasaka")
    caller.ask(Stopped(reason="緊急"), StopState)
    leave(Gate(fresh.state), "all", "akasaka", "緊急")
    until(lambda: no_letters(fresh), "the letters to be heard")
    told = stops(fresh)
    assert [each["actor"] for each in told] == ["akasaka"] * len(told)
    assert not [each for each in told if "again" in each]
    assert [each.reason for each in fresh.status().gate.stops] == ["緊急"]


@pytest.mark.clause("saitama/11")
def test_a_stop_made_again_is_a_repetition_on_record_and_the_first_one_stays_as_it_was(fresh: Office) -> None:
    first = fresh.caller("kansa").ask(Stopped(), StopState)
    fresh.caller("kansa").ask(Stopped(reason="見慣れない投稿"), StopState)
    (fresh.state / "STOP").touch()
    again = fresh.caller("akasaka").ask(Stopped(reason="緊急"), StopState)
    assert (again.by, again.stops[0].reason) == ("kansa", "見慣れない投稿")
    assert again.since is not None and first.since is not None
    assert again.since <= first.since
    assert [(each["actor"], each["reason"], each.get("again", False)) for each in stops(fresh)] == [
        ("kansa", "", False),
        ("kansa", "見慣れない投稿", False),
        ("akasaka", "緊急", True),
    ]


def test_a_reason_that_nobody_had_given_may_come_from_whoever_stops_again(fresh: Office) -> None:
    fresh.caller("kansa").ask(Stopped(), StopState)
    fresh.caller("akasaka").ask(Stopped(reason="なりすまし"), StopState)
    (stop,) = fresh.status().gate.stops
    assert (stop.by, stop.reason) == ("kansa", "なりすまし")


def test_a_report_that_is_sent_once_more_after_a_lost_line_is_one_stop(fresh: Office) -> None:
    for _ in range(2):
        caller = fresh.caller("kansa")
        caller.put(Stopped(), "0f0f")
        assert caller.answer("0f0f")
    assert len(stops(fresh)) == 1


def test_the_stop_itself_needs_no_letter(fresh: Office) -> None:
    fresh.stop()
    broken = "import daemon.letters as l; l.leave = lambda *a: 1 / 0"
    asked = f"import sys; {broken}; from console.cli import stop; stop.main(sys.argv[1:])"
    ended = subprocess.run(
        [sys.executable, "-c", asked, "--office", str(fresh.folder)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert "停止しました" in ended.stdout or "Stopped" in ended.stdout
    assert not Gate(fresh.state).look().open
