"""Random histories of an office: whatever people, files, clocks, stops and deaths come in whatever order, two things hold after each.

Nothing goes out without an approval of that very hash by a person whom the policy allows, inside its conditions, while the permit is
there. And every draft that came in is accounted for. What the policies allow is said here once more, by hand, from their text.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from daemon.desk.states import WORDS
from daemon.gate import Gate
from daemon.release import steps
from daemon.service import outgoing
from daemon.wire import Approve, Done, Except, Released, Return, Schedule, Settle, Take, Taken, Withdraw
from tests.conftest import ROOT
from tests.faults.office_in_hand import Died, OfficeInHand

CITY, WARD, BY_HAND = "saitama-cvc", "minato-facebook", "minato-x"
FRONT = {
    CITY: {"author": "omiya", "topic": "施策・事業"},
    WARD: {"author": "konan", "topic": "区政情報"},
    BY_HAND: {"author": "akasaka", "topic": "区政情報"},
}
MAY_APPROVE = {CITY: "urano", WARD: "azabu", BY_HAND: "shibata"}
"""さいたま 3: 市民協働推進課長. 港区 7条1項: the 課長 of the unit that runs the account."""
PLATFORM = {CITY: "x", WARD: "facebook", BY_HAND: "x"}
URL = "https://x.com/minato_kunren/status/1"
PEOPLE = ("urano", "omiya", "azabu", "konan", "shibata", "akasaka", "kansa", "oi", "kitamura")
SCOPES = ("all", "minato-facebook", "saitama-cvc", "x")
TEXTS = (
    "市民活動の相談窓口を開いています。",
    "図書館の案内板を新しくしました。",
    "朝市の場所は広場の東側です。",
    "郷土資料館の展示を替えました。",
)


TALLY: Counter[str] = Counter()
"""What there was in all histories together."""


def open_hours(account: str, now: datetime) -> bool:
    """さいたま 4: weekdays 8:30 to 17:15. The 基準 of 港区 has none. (No holiday lies in the weeks of these histories.)"""
    return account != CITY or (now.weekday() < 5 and time(8, 30) <= now.time() < time(17, 16))


@dataclass
class Known:
    """What the test knows of one draft, by having seen every answer."""

    account: str
    name: str
    hash: str
    approved: set[str] = field(default_factory=set)
    """Who has approved this hash since whatever last undid approvals."""
    lifted: bool = False
    not_before: datetime | None = None
    out: int = 0


class Histories(RuleBasedStateMachine):
    """One office, from its first morning."""

    @initialize()
    def found(self) -> None:
        memory = Path("/dev/shm")
        folder = Path(tempfile.mkdtemp(prefix="kohoban-", dir=memory if memory.is_dir() else None))
        rules = (ROOT / "rules.toml").read_text()
        rules = rules.replace(
            "training = true", 'training = true\npace = 0\nundo_seconds = 0\ncountdown_seconds = 0\nsimulated = "nowhere"', 1
        )
        head, tail = rules.split('id = "saitama-cvc"', 1)
        self.office = OfficeInHand(folder, head + 'id = "saitama-cvc"' + tail.replace('"manual"', '"outbox"', 1))
        self.drafts: dict[int, Known] = {}
        self.stops: set[str] = set()
        self.before = self.stops
        self.seen: set[Path] = set()

    def teardown(self) -> None:
        if hasattr(self, "office"):
            try:
                self.everything_ends()
            finally:
                self.office.end()

    # What may happen

    def some(self, pick: int) -> int | None:
        """A draft, any of them."""
        return sorted(self.drafts)[pick % len(self.drafts)] if self.drafts else None

    @rule(account=st.sampled_from(sorted(FRONT)), name=st.sampled_from("abc"), text=st.sampled_from(TEXTS))
    def drop(self, account: str, name: str, text: str) -> None:
        """A new draft, another revision of one that is there, or the same once more."""
        landed = self.office.drop(account, f"{name}.txt", text, **FRONT[account])
        known = self.drafts.get(landed.draft)
        if known is None or (landed.changed and not landed.later):
            self.drafts[landed.draft] = Known(account, f"{name}.txt", landed.hash)

    @rule(pick=st.integers(0, 9))
    def remove(self, pick: int) -> None:
        if (draft := self.some(pick)) is not None:
            known = self.drafts[draft]
            gone = self.office.remove(known.account, known.name)
            if gone is not None:
                self.drafts[gone.draft].approved.clear()

    @rule(pick=st.integers(0, 9), who=st.sampled_from(PEOPLE), stale=st.booleans())
    def approve(self, pick: int, who: str, stale: bool) -> None:
        if (draft := self.some(pick)) is None:
            return
        known = self.drafts[draft]
        digest = "0" * 64 if stale else known.hash
        answer = self.office.decide("approve", Approve(draft=draft, hash=digest, reason="内容を確かめた"), who)
        if isinstance(answer, Done):
            assert not stale and who == MAY_APPROVE[known.account]
            if (answer.audit_head or known.approved) and self.state_of(draft) == "waiting" or answer.audit_head:
                known.approved.add(who)
            if known.not_before is not None and known.not_before <= self.office.now:
                known.not_before = None  # asked again with a reason, because the moment has passed

    @rule(pick=st.integers(0, 9))
    def approve_as_one_should(self, pick: int) -> None:
        if (draft := self.some(pick)) is not None:
            self.approve(pick, MAY_APPROVE[self.drafts[draft].account], False)

    @rule(
        pick=st.integers(0, 9), who=st.sampled_from(PEOPLE), what=st.sampled_from(["hours", "office.burst", "office.duplicate"])
    )
    def lift(self, pick: int, who: str, what: str) -> None:
        if (draft := self.some(pick)) is not None:
            known = self.drafts[draft]
            answer = self.office.decide("except", Except(draft=draft, hash=known.hash, rule=what, reason="必要のため"), who)
            if isinstance(answer, Done):
                assert who == MAY_APPROVE[known.account]
                known.lifted |= what == "hours"
                if what == "hours" and self.state_of(draft) != "scheduled":
                    known.not_before = None

    @rule(pick=st.integers(0, 9), who=st.sampled_from(PEOPLE), hours=st.integers(1, 48))
    def schedule(self, pick: int, who: str, hours: int) -> None:
        if (draft := self.some(pick)) is not None:
            at = self.office.now + timedelta(hours=hours)
            act = Schedule(draft=draft, hash=self.drafts[draft].hash, at=at)
            if isinstance(self.office.decide("schedule", act, who), Done):
                self.drafts[draft].not_before = at

    @rule(pick=st.integers(0, 9), who=st.sampled_from(PEOPLE), kind=st.sampled_from(["return", "withdraw"]))
    def take_back(self, pick: int, who: str, kind: str) -> None:
        if (draft := self.some(pick)) is not None:
            known = self.drafts[draft]
            act: Any = (
                Return(draft=draft, hash=known.hash, reason="直してください") if kind == "return" else Withdraw(draft=draft)
            )
            if isinstance(self.office.decide(kind, act, who), Done):
                known.approved.clear()

    @rule(minutes=st.sampled_from([1, 5, 11, 60, 8 * 60, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.office.now += timedelta(minutes=minutes)

    @rule()
    def a_round(self) -> None:
        self.outlive(self.office.go_round)

    @rule(
        pick=st.integers(0, 9),
        who=st.sampled_from(["akasaka", "kansa", "urano", "shibata"]),
        handle=st.sampled_from(["minato_kunren", ""]),
    )
    def take(self, pick: int, who: str, handle: str) -> None:
        if (draft := self.some(pick)) is None:
            return
        known = self.drafts[draft]
        answer = self.outlive(lambda: self.office.card("take", Take(draft=draft, hash=known.hash, handle=handle), who))
        if isinstance(answer, Taken):
            assert answer.hash == known.hash and who in ("akasaka", "shibata")
            self.goes_out(draft, known.hash)

    @rule(pick=st.integers(0, 9), who=st.sampled_from(["akasaka", "kansa", "shibata"]))
    def released(self, pick: int, who: str) -> None:
        if (draft := self.some(pick)) is not None and self.drafts[draft].out:
            self.outlive(lambda: self.office.card("released", Released(draft=draft, url=URL), who))

    @rule(pick=st.integers(0, 9), who=st.sampled_from(["akasaka", "azabu", "urano", "kansa"]))
    def settle(self, pick: int, who: str) -> None:
        """A person who looks, and tells the truth: of a card that was taken they say that it was not used."""
        if (draft := self.some(pick)) is None:
            return
        known = self.drafts[draft]
        arrived = known.out and known.account != BY_HAND
        act = Settle(draft=draft, outcome="released", url=URL) if arrived else Settle(draft=draft, outcome="not_released")
        answer = self.office.card("settle", act, who)
        if isinstance(answer, Done) and not arrived:
            known.out = 0
            known.approved.clear()

    # Stops, resumes, deaths

    @rule(form=st.sampled_from(["permit", "mark", "mark in state", "call", "report", "folder"]), scope=st.sampled_from(SCOPES))
    def stop(self, form: str, scope: str) -> None:
        state = self.office.state
        name = "STOP" if scope == "all" else f"STOP.{scope}"
        match form:
            case "permit":
                (state / "gate" / "RUN").unlink(missing_ok=True)
                scope = "all"
            case "mark" if (state / "gate").is_dir():
                (state / "gate" / name).touch()
            case "mark" | "mark in state":
                (state / name).touch()
            case "call":
                assert Gate(state).shut(scope).stopped
            case "report":
                self.office.report_stop("kansa")
                scope = "all"
            case "folder" if not (state / "gate").is_dir():
                return
            case "folder":
                shutil.rmtree(state / "gate")
                scope = "all"
        if scope != "all":
            assert Gate(state).shut(scope).stopped  # as the daemon's next round makes every stop whole
        self.stops.add(scope)

    @precondition(lambda self: self.stops)
    @rule(who=st.sampled_from(["shibata", "azabu"]))
    def resume(self, who: str) -> None:
        """By a manager: that nobody else may is held where callers are let in (tests/service)."""
        for scope in sorted(self.stops):
            if isinstance(self.office.resume(who, scope), Done):
                TALLY["resumed"] += 1
                self.stops.discard(scope)
                if scope == "all":
                    for known in self.drafts.values():
                        known.approved.clear()

    @rule(account=st.sampled_from(sorted(FRONT)), death=st.sampled_from(["", *outgoing.STEPS, *steps.STEPS]))
    def an_ordinary_draft(self, account: str, death: str) -> None:
        """As most are: written, approved and released in the morning; only that somebody may die over it."""
        self.resume("shibata")
        now = self.office.now
        if account == CITY and not open_hours(account, now):
            morning = now.replace(hour=9, minute=0) + timedelta(days=1)
            self.office.now = morning + timedelta(days=max(0, 7 - morning.weekday()) if morning.weekday() > 4 else 0)
        n = len(self.drafts)
        self.drop(account, f"draft{n}", f"{n}番、{TEXTS[n % 4]}{n * 7919}号")
        draft = max(self.drafts)
        self.decide_for(draft)
        self.office.fatal = death if death in outgoing.STEPS else ""
        self.office.hand.fatal = death if death in steps.STEPS else ""
        self.a_round()
        if account == BY_HAND:
            self.take(sorted(self.drafts).index(draft), "akasaka", "minato_kunren")
        self.nothing_goes_out_that_may_not()

    @rule(account=st.sampled_from([CITY, WARD]), step=st.sampled_from(["sealed", "ready", "noted"]))
    def a_stop_comes_just_before_it_goes_out(self, account: str, step: str) -> None:
        self.office.hand.fateful = step
        self.an_ordinary_draft(account, "")
        if not self.office.hand.fateful:
            self.stops.add("all")
        self.office.hand.fateful = ""

    def decide_for(self, draft: int) -> None:
        pick, who = sorted(self.drafts).index(draft), MAY_APPROVE[self.drafts[draft].account]
        self.approve(pick, who, False)
        for what in ("office.burst", "office.duplicate"):
            self.lift(pick, who, what)

    @rule(step=st.sampled_from(outgoing.STEPS))
    def the_daemon_will_die(self, step: str) -> None:
        self.office.fatal = step

    @rule(step=st.sampled_from(steps.STEPS))
    def the_hand_will_die(self, step: str) -> None:
        self.office.hand.fatal = step

    @rule()
    def the_daemon_dies(self) -> None:
        self.outlive(self.office.die)

    def outlive(self, doing: Any) -> Any:
        """What becomes of it; nothing, where the daemon dies over it: the next one starts."""
        while True:
            try:
                return doing()
            except Died:
                TALLY["daemon died"] += 1
                doing = self.office.die

    # What must hold

    def state_of(self, draft: int) -> str:
        (row,) = self.office.run(self.office.store.fetch("SELECT state FROM drafts WHERE id = ?", (draft,)))
        return str(row["state"])

    def goes_out(self, draft: int, digest: str) -> None:
        known = self.drafts[draft]
        assert not self.stops & {"all", known.account, PLATFORM[known.account]}, "it went out while it was stopped"
        assert digest == known.hash
        assert MAY_APPROVE[known.account] in known.approved, "nobody who may has approved this hash"
        assert open_hours(known.account, self.office.now) or known.lifted, "it went out outside hours"
        assert known.not_before is None or known.not_before <= self.office.now, "it went out before its time"
        known.out += 1
        assert known.out == 1, "it went out twice"
        TALLY[f"out {known.account}"] += 1

    @invariant()
    def both_hold(self) -> None:
        self.nothing_goes_out_that_may_not()
        self.every_draft_is_accounted_for()

    def nothing_goes_out_that_may_not(self) -> None:
        for place in sorted(self.office.folder.glob("outbox/*/[!.]*")):
            if place not in self.seen:
                self.seen.add(place)
                card = tomllib.loads((place / "card.toml").read_text())
                self.goes_out(card["draft"], card["revision"])

    def every_draft_is_accounted_for(self) -> None:
        rows = self.office.run(self.office.store.fetch("SELECT id, account, name, hash, state FROM drafts"))
        assert {row["id"] for row in rows} == self.drafts.keys()
        received = self.office.run(self.office.store.fetch("SELECT draft FROM audit WHERE act = 'receive'"))
        assert sorted(row["draft"] for row in received) == sorted(self.drafts)
        for row in rows:
            known = self.drafts[row["id"]]
            assert (row["account"], row["name"].decode(), row["hash"]) == (known.account, known.name, known.hash)
            assert row["state"] in WORDS
            if row["state"] == "released":
                assert known.out == 1
            if known.out and known.account != BY_HAND:
                assert row["state"] in ("released", "releasing", "unknown"), "it is out, and said not to be"

    def everything_ends(self) -> None:
        """At last the daemon dies once more, and the next one tells what is so; the record verifies."""
        self.office.fatal = self.office.hand.fatal = ""
        self.outlive(self.office.die)
        self.both_hold()
        for table in ("drafts", "releases"):
            TALLY.update(row["state"] for row in self.office.run(self.office.store.fetch(f"SELECT state FROM {table}")))
        verified = self.office.run(self.office.store.verify())
        assert verified.ok, verified.why_en


@pytest.mark.timeout(1500)
def test_no_history_lets_out_what_may_not_go_out_or_loses_a_draft() -> None:
    """A few histories, always the same ones; `make faults` makes up new ones, and many."""
    whole = os.environ.get("KOHOBAN_TRIALS_DIVISOR") == "1"
    TALLY.clear()
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=250 if whole else 20,
            stateful_step_count=50 if whole else 40,
            derandomize=not whole,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink) if whole else (Phase.generate,),
        ),
    )
    print(dict(TALLY))
    # The histories were some: things went out on every channel, were kept in, and died on the way.
    for what in (
        *(f"out {account}" for account in FRONT),
        "prevented",
        "failed",
        "not_released",
        "held",
        "daemon died",
        "resumed",
    ):
        assert TALLY[what], f"there was never: {what}"
