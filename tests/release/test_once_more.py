"""A channel may ask for another turn: the same once more, through the gate. And what breaks the protocol ends its job, never the hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from daemon.gate import Gate
from daemon.release import channel
from daemon.release.channel import Became
from daemon.release.hand import Hand
from daemon.release.jobs import Ask, Held, Job, Report, look_for, moment
from daemon.release.steps import Steps
from daemon.rulebook.channels import BUILT_IN

Make = Callable[..., Job]
Turn = Callable[[], Any]


class Trial:
    """A channel whose every turn ends as it is told."""

    can = BUILT_IN["outbox"]

    def __init__(self, *turns: Turn) -> None:
        self.turns = list(turns)
        self.said: list[str] = []

    def prepare(self, job: Job, here: object) -> Any:
        self.said.append("prepared")
        return self

    def write(self) -> None:
        self.said.append("written")

    def finish(self) -> Any:
        return self.turns.pop(0)()

    def abandon(self) -> None:
        self.said.append("abandoned")


@pytest.fixture
def carried_out(state: Path, job: Make, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Report]:
    """The report of a job through this channel."""

    def carry_out(trial: object, **given: Any) -> Report:
        module = ModuleType("tests.release.trial")
        module.CHANNEL = trial  # type: ignore[attr-defined]
        monkeypatch.setitem(__import__("sys").modules, module.__name__, module)
        monkeypatch.setattr(channel, "OURS", {"trial": module.__name__})
        return Hand(state).carry_out(job(channel="trial", **given))

    return carry_out


def out() -> Became:
    return Became("released", "", "受け付けた番号は 7 です", "taken under number 7")


def test_a_second_turn_passes_the_gate_again_and_may_end_well(carried_out: Callable[..., Report]) -> None:
    trial = Trial(lambda: trial, out)
    report = carried_out(trial)
    assert (report.outcome, report.place, report.why_en) == ("released", "", "taken under number 7")
    assert trial.said == ["prepared", "written", "written"]


def test_a_stop_between_two_turns_stops_the_second_and_the_first_is_unknown(
    carried_out: Callable[..., Report], state: Path
) -> None:
    def stopped() -> Trial:
        Gate(state).shut()
        return trial

    trial = Trial(stopped)
    report = carried_out(trial)
    assert report.outcome == "unknown"
    assert "it was sent and not answered" in report.why_en
    assert trial.said == ["prepared", "written", "abandoned"]
    assert Steps(state).of("1") is not None, "it may have begun: the note stays"


def test_no_turn_begins_after_the_deadline(carried_out: Callable[..., Report]) -> None:
    deadline = moment() + 0.2

    def after_it() -> Trial:
        while moment() <= deadline:
            pass
        return trial

    trial = Trial(after_it)
    report = carried_out(trial, deadline=deadline)
    assert report.outcome == "unknown"
    assert trial.said == ["prepared", "written", "abandoned"]


def test_a_look_while_the_hand_is_still_at_it_settles_nothing_and_takes_nothing_away(state: Path, job: Make) -> None:
    said: list[Report] = []

    def at(step: str) -> None:
        if step == "noted":
            said.append(hand.look(look_for(job(), 0.0)))

    hand = Hand(state, at)
    assert hand.carry_out(job()).outcome == "released"
    assert [(report.outcome, "still at it" in report.why_en) for report in said] == [("unknown", True)]


class NoSending(Trial):
    def prepare(self, job: Job, here: object) -> Any:
        return None


class Exits(Trial):
    def write(self) -> None:
        raise SystemExit(3)


class Leaves(Trial):
    """It was not written, and cannot even be abandoned."""

    def write(self) -> None:
        raise Held("prevented", "まだ", "not yet")

    def abandon(self) -> None:
        raise ZeroDivisionError


def broken() -> Became:
    raise RuntimeError("out of order")


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (NoSending(), "failed"),
        (Exits(), "unknown"),
        (Leaves(), "prevented"),
        (Trial(broken), "unknown"),
        (Trial(lambda: None), "unknown"),
        (Trial(lambda: "https://x.com/…"), "unknown"),
    ],
    ids=["prepares nothing", "exits", "cannot be abandoned", "raises at the end", "ends as nothing", "ends as text"],
)
def test_what_breaks_the_protocol_ends_its_job_and_not_the_hand(
    carried_out: Callable[..., Report], trial: Trial, outcome: str
) -> None:
    report = carried_out(trial)
    assert report.outcome == outcome
    assert report.why and report.why_en


class Mumbles(Trial):
    """Answers questions with something else."""

    def look(self, *_: object) -> Any:
        return "released"

    def ask(self, *_: object) -> Any:
        return {"ok": True}


def test_an_answer_that_is_none_settles_nothing(carried_out: Callable[..., Report], state: Path, job: Make) -> None:
    carried_out(Mumbles(out))
    assert Hand(state).look(look_for(job(channel="trial"), 0.0)).outcome == "unknown"
    told = Hand(state).ask(Ask(id="q", channel="trial", account="minato-facebook", handle="minatokoho", what="quota"))
    assert not told.ok and told.why and told.why_en
