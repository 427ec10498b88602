"""kill -9 of daemon and releaser, at every named step of a release and at any moment, in an office where everything is counted.

What must hold, whoever dies: every draft that was dropped ends exactly once where it was meant to go; what is recorded as released has
arrived, what is recorded as anything else has not; nobody is told an untruth; a stop stays until somebody resumes; the record verifies.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest

from daemon.gate import Gate
from daemon.release import steps
from daemon.service import outgoing
from daemon.wire import Stopped, StopState
from tests.faults.counted_office import BY_HAND, MOOD, OUTBOX, PLATFORM, CountedOffice, People
from tests.service.live_office import Gone, until

FIRST_STOP = 10
"""The turn at which there is a stop in any case, so that a short run has met one."""
BACKLOG = 15
"""Drafts that are on their way at the same time."""


class Killing:
    """One run: lives of the daemon, one after the other, until as many deaths have been died as were asked for."""

    def __init__(self, office: CountedOffice, seed: int) -> None:
        self.office, self.dice = office, random.Random(seed)
        self.people = People(office, self.dice)
        self.killed: Counter[str] = Counter()
        """By program, those that were killed from outside, at any moment."""
        self.stopped: int | None = None
        """While a stop stands: the last release that had been journaled when it was silent."""
        self.resuming = False
        self.stops = self.ahead = self.turns = 0

    @property
    def deaths(self) -> int:
        return self.office.deaths().total() + self.killed.total()

    def run(self, deaths: int, lives: int) -> None:
        """Until so many have died; a daemon that has not died by itself after `lives` deaths around it is killed."""
        checked = 0
        while self.deaths < deaths:
            self.start()
            before = self.deaths
            with suppress(Gone, ConnectionError):
                while self.deaths - before < lives:
                    self.one_turn()
                self.killed["daemon"] += 1
            self.end_of_a_life()
            if self.deaths - checked > 100:
                checked = self.deaths
                self.start()
                with suppress(Gone):
                    self.office.record_is_whole()
                self.office.kill()
        self.let_all_end()

    def start(self) -> None:
        self.office.start()
        self.people.new_daemon()

    def one_turn(self) -> None:
        """A moment of an office's day. Raises Gone when the daemon has died."""
        office, dice = self.office, self.dice
        self.turns += 1
        assert office.process is not None
        if office.process.poll() is not None:
            raise Gone
        if dice.random() < 0.3:
            office.platform.behaves(**dice.choice(MOOD), times=dice.randint(1, 3))
        if dice.random() < 0.05:
            self.kill_somebody()
        if self.stopped is not None:
            self.while_stopped()
        elif dice.random() < 0.02 or self.turns == FIRST_STOP:
            self.stop()
        elif dice.random() < 0.02:
            self.let_leases_run_out()
        self.people.work()
        for _ in range(BACKLOG - office.on_their_way()):
            office.write(dice.choice((OUTBOX, OUTBOX, PLATFORM, PLATFORM, BY_HAND)), dice)
        time.sleep(dice.random() * 0.02)

    def kill_somebody(self) -> None:
        """From outside, at whatever it is."""
        if self.dice.random() < 0.2:
            assert self.office.process is not None
            self.office.process.kill()
            self.killed["daemon"] += 1
            raise Gone
        with suppress(FileNotFoundError):
            Gate(self.office.state).end_hand()  # SIGKILL, and never to whoever has got its number since
            self.killed["hand"] += 1

    def end_of_a_life(self) -> None:
        """The daemon is dead, and its hand perhaps not."""
        self.office.kill()
        self.what_had_begun_is_listed()

    def what_had_begun_is_listed(self) -> None:
        """For whoever stops, daemon or not: what has arrived and has no end in the journal."""
        office = self.office
        flight = {flying["draft"] for flying in json.loads((office.state / "flight").read_text())["in_flight"]}
        still_open = office.database("SELECT draft FROM releases WHERE state IN ('begun', 'leased', 'unknown')")
        assert {draft for (draft,) in still_open} & office.arrived().keys() <= flight

    def let_leases_run_out(self) -> None:
        self.ahead += 11 * 60
        self.office.ahead(self.ahead)

    # Stops

    def stop(self) -> None:
        """By any means; whether the daemon hears of it or not."""
        self.stops += 1
        match self.dice.choice(("permit", "mark", "call", "desk")):
            case "permit":
                (self.office.state / "gate" / "RUN").unlink()
            case "mark":
                (self.office.state / "STOP").touch()
            case "call":
                assert Gate(self.office.state).shut().silent_ms is not None
            case "desk":
                with suppress(Gone, ConnectionError):
                    self.office.caller("kansa").ask(Stopped(), StopState)
        shut = Gate(self.office.state).shut()
        assert shut.silent_ms is not None, shut.why_en
        self.what_had_begun_is_listed()
        self.stopped = self.office.database("SELECT ifnull(max(id), 0) FROM releases")[0][0]

    def while_stopped(self) -> None:
        """It stays, whoever dies meanwhile, until a manager resumes."""
        still = self.office.status().gate.stopped
        if self.resuming and not still:  # the daemon died over its answer
            self.stopped, self.resuming = None, False
            return
        assert still
        self.resuming = False
        assert not self.office.database(
            f"SELECT id FROM releases WHERE id > {self.stopped} AND state IN ('released', 'leased', 'unknown')"
        )
        if self.dice.random() < 0.2:
            assert self.office.process is not None
            self.office.process.kill()
            self.killed["daemon"] += 1
            raise Gone
        if self.dice.random() < 0.2:
            self.resuming = True
            self.office.resume()
            self.stopped, self.resuming = None, False

    # The end

    def let_all_end(self) -> None:
        """Nobody dies any more, the platform behaves, and everybody does what is left to do."""
        self.office.let_die()
        self.office.platform.behaves()
        self.start()
        if self.office.status().gate.stopped:
            self.office.resume()
        until(lambda: self.dropped_and_not_kept() == set(), "every draft is known")
        until(lambda: self.people.work() == 0, "every draft is released")

    def dropped_and_not_kept(self) -> set[str]:
        kept = {bytes(name).decode() for (name,) in self.office.database("SELECT name FROM drafts")}
        return {name for names in self.office.dropped.values() for name in names} - kept


def all_is_accounted_for(run: Killing) -> None:
    office = run.office
    office.record_is_whole()
    drafts = office.database("SELECT id, account, name, state, body FROM drafts")
    assert Counter(state for _, _, _, state, _ in drafts) == {"released": len(drafts)}
    assert sorted((account, bytes(name).decode(), body.strip()) for _, account, name, _, body in drafts) == sorted(
        (account, name, text) for account, names in office.dropped.items() for name, text in names.items()
    )
    received = Counter(draft for (draft,) in office.database("SELECT draft FROM audit WHERE act = 'receive'"))
    assert received == {draft: 1 for draft, *_ in drafts}
    # Arrived: each once, nothing else; and of the outbox it is known which release it was.
    assert office.arrived() == {draft: 1 for draft, *_ in drafts}
    ends = office.database("SELECT id, draft, channel, state FROM releases")
    assert {end for *_, end in ends} <= {"released", "prevented", "failed", "not_released"}
    assert Counter(draft for _, draft, _, end in ends if end == "released") == {draft: 1 for draft, *_ in drafts}
    assert sorted((draft, number) for number, draft, channel, end in ends if (channel, end) == ("outbox", "released")) == sorted(
        office.taken()
    )
    until(
        lambda: json.loads((office.state / "flight").read_text())["in_flight"] == [], "nothing in flight"
    )  # said a moment later


def tell(run: Killing) -> None:
    ends = Counter(end for (end,) in run.office.database("SELECT state FROM releases"))
    drafts = {account: len(names) for account, names in run.office.dropped.items()}
    deaths = {**run.office.deaths(), **{f"{name} at any moment": n for name, n in run.killed.items()}}
    print(f"deaths {run.deaths}: {deaths}; drafts {drafts}; ends of releases {dict(ends)}; stops {run.stops}")


@pytest.mark.timeout(3600)
def test_whoever_dies_at_whatever_step_every_draft_goes_out_once_and_a_stop_stays(
    counted: CountedOffice, trials: Callable[[int], int]
) -> None:
    goal = trials(1000)
    counted.let_die(daemon=(outgoing.STEPS, 15), hand=(steps.STEPS, 2))
    run = Killing(counted, 20261121)
    run.run(goal, 25)
    tell(run)
    all_is_accounted_for(run)
    deaths = counted.deaths()
    for step in (*(f"daemon {step}" for step in outgoing.STEPS), *(f"hand {step}" for step in steps.STEPS)):
        assert deaths[step] >= goal // 100, f"too few have died at {step}"
    assert run.stops
