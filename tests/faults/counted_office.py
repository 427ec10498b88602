"""An office of which everything that leaves it is counted where it arrives: an outbox that somebody empties at once, a simulated
platform that misbehaves, and a person who posts by hand. And the people at their desks, who tell the truth and nothing else."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daemon.wire import Approve, Done, Except, Refusal, Released, Settle, Take, Taken
from tests.release.live_platform import Platform
from tests.service.live_office import HANDLES, Caller, Gone, Office

OUTBOX, PLATFORM, BY_HAND = "minato-facebook", "minato-kanko", "minato-x"
CHIEF = {OUTBOX: "azabu", PLATFORM: "azabu", BY_HAND: "shibata"}
HANDLE_OF = {**HANDLES, PLATFORM: "minato_kanko"}
CLERK = "akasaka"
KANKO = """
[[accounts]]
id = "minato-kanko"
policy = "minato"
platform = "x"
handle = "minato_kanko"
name = "港区（観光）"
unit = "産業振興課"
founding = { consulted = 2026-02-03, committee = "令和7年度第4回（2026-02-20、架空）", guideline = "https://kunren.example/minato-kanko/youryou", listing = "https://kunren.example/sns" }
channel = "simulated"
"""
URL = {
    OUTBOX: "https://www.facebook.com/minato.kunren/posts/{}",
    PLATFORM: "https://x.com/minato_kanko/status/{}",
    BY_HAND: "https://x.com/minato_kunren/status/{}",
}
WORDS = ("図書館", "公園", "窓口", "講座", "体育館", "保育園", "駐輪場", "バス停", "朝市", "花壇", "広場", "会議室", "資料室", "食堂", "受付", "児童館", "温水プール", "郷土資料館")  # fmt: skip

MOOD = ({}, {}, {}, {"drop": "before"}, {"drop": "during"}, {"drop": "after"}, {"delay": 0.3}, {"late": 0.3}, {"status": 503}, {"status": 429})  # fmt: skip
"""How the platform may take the next post."""

LATE = 2.5
"""Seconds after which a post that has not arrived never will: many times the longest delay above, and more than two looks of the daemon."""


class CountedOffice(Office):
    """A live office with one account for each channel; its daemon and its hand may die of themselves (`fates`)."""

    program = Path(__file__).with_name("dying_daemon.py")

    def __init__(self, folder: Path, platform: Platform) -> None:
        super().__init__(folder)
        self.platform = platform
        self.dropped: dict[str, dict[str, str]] = {OUTBOX: {}, PLATFORM: {}, BY_HAND: {}}
        """By account, the texts of all drafts by file name."""
        self.posted: Counter[int] = Counter()
        """What the person has posted by hand: drafts."""
        self._numbers = itertools.count(1)
        rules = (folder / "rules.toml").read_text()
        rules = rules.replace("training = true", f"training = true\npace = 0\nsimulated = {json.dumps(platform.at)}", 1)
        (folder / "rules.toml").write_text(rules + KANKO)
        (folder / "fates").write_text("{}")
        (folder / "taken").mkdir()

    def let_die(self, **steps: tuple[tuple[str, ...], int]) -> None:
        """From their next start on, these programs die at one of these steps, when they pass it for the n-th time at the latest."""
        fates = {program: {"steps": names, "latest": latest} for program, (names, latest) in steps.items()}
        new = self.folder / "fates.new"
        new.write_text(json.dumps(fates))
        new.rename(self.folder / "fates")

    def deaths(self) -> Counter[str]:
        """By program and step, how often each has died of itself."""
        noted = self.folder / "deaths"
        return Counter(noted.read_text().splitlines() if noted.exists() else [])

    def write(self, account: str, dice: random.Random) -> None:
        """Drop another draft, unlike all others."""
        n = next(self._numbers)
        text = f"{n}番、{'、'.join(dice.sample(WORDS, 6))}の案内を{n * 7919}号に載せました。"
        self.dropped[account][f"draft{n}.txt"] = text
        self.drop(account, f"draft{n}.txt", text, author="akasaka" if account == BY_HAND else "konan", topic="区政情報")

    def on_their_way(self) -> int:
        """How many drafts have been dropped and are not out yet."""
        return sum(map(len, self.dropped.values())) - self.database("SELECT count(*) FROM drafts WHERE state = 'released'")[0][0]

    # What has arrived

    @contextmanager
    def emptying(self) -> Iterator[None]:
        """Somebody takes what appears in the outbox, at once."""
        enough = threading.Event()
        taker = threading.Thread(target=self._take, args=(enough,))
        taker.start()
        try:
            yield
        finally:
            enough.set()
            taker.join()

    def _take(self, enough: threading.Event) -> None:
        outbox = self.folder / "outbox" / OUTBOX
        while not enough.wait(0.003):
            for folder in outbox.iterdir() if outbox.is_dir() else ():
                if not folder.name.startswith("."):
                    folder.rename(self.folder / "taken" / f"{folder.name} {time.monotonic_ns()}")

    def taken(self) -> list[tuple[int, int]]:
        """What was taken from the outbox, or lies there: draft and release."""
        # In the order in which it is moved: what is taken between the two looks is seen twice then, and never not at all.
        lying = (folder for place in (f"outbox/{OUTBOX}", "taken") for folder in (self.folder / place).glob("[!.]*"))
        cards = []
        for folder in list(lying):
            try:
                card = tomllib.loads((folder / "card.toml").read_text())
            except FileNotFoundError:  # taken while it was looked at: it lies in the other place now
                return self.taken()
            cards.append((card["draft"], int(card["job"])))
        return cards

    def arrived(self) -> Counter[int]:
        """How often each draft has arrived anywhere."""
        by_text = {text: name for name, text in self.dropped[PLATFORM].items()}
        number = {bytes(name).decode(): draft for draft, name in self.database("SELECT id, name FROM drafts")}
        texts = (number[by_text[text.strip()]] for text in self.platform.texts(PLATFORM))
        return Counter(draft for draft, _ in self.taken()) + Counter(texts) + self.posted


class People:
    """Who sits at the desks while a daemon lives: they approve, lift, take cards, post them or not, and look where nobody knows."""

    def __init__(self, office: CountedOffice, dice: random.Random) -> None:
        self._office, self._dice = office, dice
        self._callers: dict[str, Caller] = {}
        self._seen_unknown: dict[int, float] = {}
        self._asked: dict[int, str] = {}
        """Under which number a card was asked for: asked again, it is the same card."""

    def new_daemon(self) -> None:
        """The lines are dead."""
        self._callers = {}

    def work(self) -> int:
        """Do what each draft needs next; how many are still on their way. Raises Gone where the daemon dies meanwhile."""
        drafts = self._office.database("SELECT id, account, hash, state FROM drafts WHERE live = 1 ORDER BY id")
        for draft, account, digest, state in drafts:
            match state:
                case "waiting" | "held":
                    self._say(
                        CHIEF[account], Approve(draft=draft, hash=digest, reason="内容を確かめた", handle=HANDLE_OF[account])
                    )
                    self._say(CHIEF[account], Except(draft=draft, hash=digest, rule="office.burst", reason="試験のため"))
                case "approved" if account == BY_HAND:
                    self._by_hand(draft, digest)
                case "approved":
                    self._say(CHIEF[account], Except(draft=draft, hash=digest, rule="office.burst", reason="試験のため"))
                case "releasing" if account == BY_HAND:
                    self._in_hands(draft, digest)
                case "unknown":
                    self._look(draft, account)
        return len(drafts)

    def _by_hand(self, draft: int, digest: str) -> None:
        self._say(CHIEF[BY_HAND], Except(draft=draft, hash=digest, rule="office.burst", reason="試験のため"))
        number = self._asked[draft] = f"take-{draft}-{time.monotonic_ns()}"
        if isinstance(self._say(CLERK, Take(draft=draft, hash=digest, handle="minato_kunren"), number), Taken):
            self._post(draft)

    def _in_hands(self, draft: int, digest: str) -> None:
        """A card whose answer never came, or of which nobody could say yet that it was posted."""
        if self._office.posted[draft]:
            self._say(CLERK, Released(draft=draft, url=URL[BY_HAND].format(draft)))
        elif self._dice.random() < 0.5:
            self._say(CLERK, Settle(draft=draft, outcome="not_released"))
        elif isinstance(self._say(CLERK, Take(draft=draft, hash=digest), self._asked[draft]), Taken):
            self._post(draft)

    def _post(self, draft: int) -> None:
        """Whoever has a card posts it, or finds that it should not be posted now, or forgets about it for a while."""
        match self._dice.choice(("post", "post", "post", "give back", "forget")):
            case "post":
                self._office.posted[draft] += 1
                self._say(CLERK, Released(draft=draft, url=URL[BY_HAND].format(draft)))
            case "give back":
                self._say(CLERK, Settle(draft=draft, outcome="not_released"))

    def _look(self, draft: int, account: str) -> None:
        """A person looks at the platform, once nothing can be on its way any more, and says what there is."""
        if time.monotonic() - self._seen_unknown.setdefault(draft, time.monotonic()) < LATE:
            return
        del self._seen_unknown[draft]
        self._office.arrived()  # a platform that has had no processor takes in what is overdue while it answers: by the second look it has
        there = self._office.arrived()[draft]
        outcome, url = ("released", URL[account].format(draft)) if there else ("not_released", "")
        self._say(CHIEF[account], Settle(draft=draft, outcome=outcome, url=url))  # type: ignore[arg-type]

    def _say(self, who: str, act: Any, number: str = "") -> Any:
        try:
            if who not in self._callers:
                self._callers[who] = self._office.caller(who)
            answer = self._callers[who].answer(self._callers[who].put(act, number))
        except ConnectionError as error:
            raise Gone from error
        assert isinstance(answer, Done | Taken | Refusal), answer
        assert not (isinstance(answer, Refusal) and answer.incident), answer
        return answer
