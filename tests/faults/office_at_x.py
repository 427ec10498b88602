"""An office of which every account posts to a fake X, which misbehaves; and the people at its desks, who tell the truth and nothing else.

Everything is counted where it arrives: what the fake has is what happened, whatever anybody was told.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomli_w

from daemon.gate import Gate
from daemon.release import steps
from daemon.service import outgoing
from daemon.wire import Approve, Done, Except, Refusal, Settle
from tests.faults.counted_office import WORDS, CountedOffice
from tests.platforms import faults
from tests.platforms.faults import Fault
from tests.platforms.x import FakeX
from tests.service.live_office import Caller, Gone, Office

ACCOUNTS = tuple(f"minato-x{n}" for n in range(1, 7))
HANDLE = {account: account.replace("-", "_") for account in ACCOUNTS}
CHIEF = "azabu"
TABLE = """
[[accounts]]
id = "{0}"
policy = "minato"
platform = "x"
handle = "{1}"
name = "港区（{0}）"
unit = "産業振興課"
founding = {{ consulted = 2026-02-03, committee = "令和7年度第4回（2026-02-20、架空）", guideline = "https://kunren.example/{0}/youryou", listing = "https://kunren.example/sns" }}
channel = "x"
"""

POST = ("POST", "/2/tweets", None)
TIMELINE = ("GET", "/2/users/*/tweets", None)
MIX = [
    faults.drop_before().on(*POST),
    faults.drop_reading().on(*POST),
    faults.drop_after().on(*POST),
    Fault("cut").on(*POST),
    *(Fault("status", taken=False, status=status).on(*POST) for status in (500, 502, 503)),
    *(faults.taken_but(status).on(*POST) for status in (500, 502, 503)),
    Fault("status", taken=False, status=429, reset=1.0).on(*POST),
    Fault("status", taken=False, status=429, reset=1.0).on(*POST),
    faults.slow(0.3).on(*POST),
    faults.slow(1.3).on(*POST),
    faults.late(1.5).on(*POST),
    Fault("drop", lag=1.0).on(*POST),
    Fault(lag=1.0).on(*POST),
    Fault("html").on(*POST),
    Fault("html", taken=False).on(*POST),
    Fault("garbage").on(*POST),
    faults.drop_before().on(*TIMELINE),
    Fault("status", status=503).on(*TIMELINE),
    Fault("status", taken=False, status=429, reset=1.0).on(*TIMELINE),
    faults.drop_before().on("GET", "/2/users/me", None),
    Fault("status", status=503).on("GET", "/2/users/me", None),
]
LATE = 3.5
"""Seconds after which a post that has not arrived never will: more than the longest delay above and the patience of a hand."""


class OfficeAtX(CountedOffice):
    """Its daemon and its hand may die of themselves (`fates`)."""

    program = Path(__file__).with_name("dying_daemon_at_x.py")

    def __init__(self, folder: Path, fake: FakeX) -> None:
        Office.__init__(self, folder)
        self.fake = fake
        self.texts: dict[str, tuple[str, str]] = {}
        """By text, its account and file."""
        self._count = itertools.count(1)
        rules = (folder / "rules.toml").read_text().replace("training = true", "training = true\npace = 0", 1)
        (folder / "rules.toml").write_text(rules + "".join(TABLE.format(account, HANDLE[account]) for account in ACCOUNTS))
        (folder / "fates").write_text("{}")
        for account in ACCOUNTS:
            self._let_in(account)
        for operation in ("createPosts", "getUsersMe", "getUsersPosts"):
            fake.limit(operation, 1_000_000)

    def _let_in(self, account: str) -> None:
        keys = self.fake.oauth1(HANDLE[account])
        given = {"api": self.fake.url, "api_key": keys["consumer_key"], "api_secret": keys["consumer_secret"]}
        given |= {name: keys[name] for name in ("access_token", "access_token_secret")}
        folder = self.state / "releaser" / "secrets"
        for each in (self.state, folder.parent, folder):
            each.mkdir(mode=0o700, exist_ok=True)
        place = folder / f"{account}.toml"
        place.write_text(tomli_w.dumps(given))
        place.chmod(0o600)

    def write_to(self, account: str, dice: random.Random) -> None:
        """Drop another draft, unlike all others."""
        n = next(self._count)
        text = f"{n}番、{'、'.join(dice.sample(WORDS, 6))}の案内を{n * 7919}号に載せました。"
        self.texts[text] = account, f"draft{n}.txt"
        self.drop(account, f"draft{n}.txt", text, author="konan", topic="区政情報")

    def still_on_their_way(self) -> int:
        """How many drafts have been dropped and are not out yet."""
        return len(self.texts) - int(self.database("SELECT count(*) FROM drafts WHERE state = 'released'")[0][0])

    def there(self) -> Counter[tuple[str, str]]:
        """What is on X: by account and text, how often."""
        return Counter((account, text) for account in ACCOUNTS for text in self.fake.texts(HANDLE[account]))


class Chiefs:
    """Who approves, lifts what only warns, and looks on X where nobody knows."""

    def __init__(self, office: OfficeAtX) -> None:
        self._office = office
        self._caller: Caller | None = None
        self._unknown: dict[int, float] = {}
        self.asked = 0
        """How often a person had to look."""

    def new_daemon(self) -> None:
        """The line is dead."""
        self._caller = None

    def work(self) -> int:
        """Do what each draft needs next; how many are still on their way. Raises Gone where the daemon dies meanwhile."""
        drafts = self._office.database("SELECT id, account, hash, state, body FROM drafts WHERE live = 1 ORDER BY id")
        for draft, account, digest, state, body in drafts:
            if state in ("waiting", "held"):
                self._say(Approve(draft=draft, hash=digest, reason="内容を確かめた", handle=HANDLE[account]))
            if state in ("waiting", "held", "approved"):
                self._say(Except(draft=draft, hash=digest, rule="office.burst", reason="試験のため"))
            if state != "unknown":
                self._unknown.pop(draft, None)
            elif time.monotonic() - self._unknown.setdefault(draft, time.monotonic()) > LATE:
                self._settle(draft, account, body.strip())
        return len(drafts)

    def _settle(self, draft: int, account: str, text: str) -> None:
        self._office.fake.posts(HANDLE[account])  # a fake that has had no processor takes in what is overdue while it answers
        there = [post["id"] for post in self._office.fake.posts(HANDLE[account]) if post["text"] == text]
        url = f"https://x.com/{HANDLE[account]}/status/{there[0]}" if there else ""
        outcome: Any = "released" if there else "not_released"
        if isinstance(self._say(Settle(draft=draft, outcome=outcome, url=url)), Done):
            self.asked += 1

    def _say(self, act: Any) -> Any:
        try:
            if self._caller is None:
                self._caller = self._office.caller(CHIEF)
            answer = self._caller.answer(self._caller.put(act))
        except ConnectionError as error:
            raise Gone from error
        assert isinstance(answer, Done | Refusal), answer
        assert not (isinstance(answer, Refusal) and answer.incident), answer
        return answer


class Storm:
    """So many releases, while X misbehaves and daemon and hand die."""

    def __init__(self, office: OfficeAtX, seed: int) -> None:
        self.office, self.dice = office, random.Random(seed)
        self.chiefs = Chiefs(office)
        self.killed: Counter[str] = Counter()
        self.seconds = 0.0
        self._deaths = True

    def run(self, releases: int, *, share: float = 0.3, backlog: int = 36, deaths: bool = True) -> None:
        """Until so many are out, and everything is accounted for."""
        begun = time.monotonic()
        self._deaths = deaths
        self.office.fake.mix(str(self.dice.random()), share, MIX)
        if deaths:
            self.office.let_die(daemon=(outgoing.STEPS, 60), hand=(steps.STEPS, 25))
        while len(self.office.texts) < releases or self.office.still_on_their_way():
            self.start()
            with suppress(Gone, ConnectionError):
                while len(self.office.texts) < releases or self.office.still_on_their_way():
                    self._one_turn(releases, backlog)
            self.office.kill()
        self.office.fake.clear()
        self.seconds = time.monotonic() - begun
        self.office.let_die()
        self.start()

    def start(self) -> None:
        self.office.start()
        self.chiefs.new_daemon()

    def _one_turn(self, releases: int, backlog: int) -> None:
        office = self.office
        assert office.process is not None
        if office.process.poll() is not None:
            raise Gone
        if self._deaths and self.dice.random() < 0.01:
            self._kill_somebody()
        self.chiefs.work()
        for _ in range(min(releases - len(office.texts), backlog - office.still_on_their_way())):
            office.write_to(self.dice.choice(ACCOUNTS), self.dice)
        time.sleep(0.02)

    def _kill_somebody(self) -> None:
        assert self.office.process is not None
        if self.dice.random() < 0.3:
            self.office.process.kill()
            self.killed["daemon"] += 1
            raise Gone
        with suppress(FileNotFoundError):
            Gate(self.office.state).end_hand()
            self.killed["hand"] += 1

    def figures(self) -> dict[str, Any]:
        """What became of it all, counted where it arrived and in the journal."""
        office, there = self.office, self.office.there()
        wanted = {(account, text) for text, (account, _) in office.texts.items()}
        ends = Counter(end for (end,) in office.database("SELECT state FROM releases"))
        unknown = office.database("SELECT seq, draft FROM audit WHERE act = 'unknown'")
        settled: Counter[str] = Counter()
        for seq, draft in unknown:
            for actor, act in office.database(
                f"SELECT actor, act FROM audit WHERE draft = {draft} AND seq > {seq} AND act IN ('released', 'failed', 'not_released') "
                "ORDER BY seq LIMIT 1"
            ):
                settled[f"{act} {'by a look' if actor == 'daemon' else 'by a person'}"] += 1
        deaths = office.deaths() + Counter({f"{name} at any moment": number for name, number in self.killed.items()})
        return {
            "released": len(wanted & there.keys()),
            "double": sum(number - 1 for number in there.values()),
            "lost": len(wanted - there.keys()),
            "nobody's": len(there.keys() - wanted),
            "ends": dict(ends),
            "unknown": len(unknown),
            "settled": dict(settled),
            "open": sum(ends[state] for state in ("begun", "leased", "unknown")),
            "deaths": deaths.total(),
            "requests": len(office.fake.log()),
            "faults": sum(one["fault"] is not None for one in office.fake.log()),
            "seconds": round(self.seconds, 1),
        }
