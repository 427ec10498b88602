"""`kohoban training`: the training office, made ready and opened; without a terminal, the whole way of one draft on paper.

Nothing here is played: drafts are files in the folder, every decision is the command that a person would type, and the stop is the
real one.
"""

from __future__ import annotations

import os
import shlex
import signal
import time
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from console.cli.command import Session, command, option, text
from console.cli.drafts import queue_lines, rows_of
from console.cli.founding import place, place_drafts, training_material
from console.cli.link import Link
from console.cli.opening import has_terminal, open_console
from console.cli.outcome import FINE, REFUSED, WRONG, Failure
from console.cli.place import RULES, TOKYO, office_here
from console.cli.presence import is_mine, start
from console.cli.promised import rulebook_of
from console.cli.terminal import clean, err, name_of, out, paint, room
from daemon.intake.names import is_draft
from daemon.rulebook.calendar import opening
from daemon.rulebook.hours import hours_rule
from daemon.rulebook.model import Account, Operator, Rulebook, Topics
from daemon.wire import DraftDetail, FindDraft, Named, OpenView, QueueRow, ResumeCode, Show, Status, StatusAnswer, StopState

PATIENCE = 60.0
"""Seconds in which every draft has to be judged."""
AT_A_GLANCE = 8.0
"""So many seconds at most does the console wait for them before it opens."""
TIDIES_WITHIN = 30.0
"""Seconds that a training daemon has for putting its things away."""

_LOOK_EVERY = 0.1


@command("training", option("--headless", is_flag=True), option("--day", is_flag=True))
def training(session: Session, headless: bool, day: bool) -> int:
    """Prepare the training office, then the console, the tour or the day."""
    if day:
        return _play_day(session)
    office = office_here(session.office)
    book = rulebook_of(session.office)
    if not book.office.training:
        raise Failure(WRONG, text("training.not_training", folder=office.absolute()))
    placed = place_drafts(office)
    err(text("training.prepared", folder=office.absolute(), drafts=placed))
    if headless or not has_terminal():
        return Tour(office, book).go()
    if is_mine(office):
        if (pid := start(office)) is not None:
            err(text("daemon.started", pid=pid))
        with suppress(Failure):  # a list that is still filling would be the first thing that anybody sees
            judged(office, book, AT_A_GLANCE)
    return open_console(office, session.operator)


def _play_day(session: Session) -> int:
    """The training day, in an office that is made for it and goes with it: each time it begins as it is written."""
    if not has_terminal():
        raise Failure(WRONG, text("training.day_terminal"))
    with TemporaryDirectory(prefix="kohoban-day-", ignore_cleanup_errors=True) as folder:
        office = Path(folder)
        place(office / RULES, (training_material() / RULES).read_bytes())
        place_drafts(office)
        pid = start(office, ends_with_me=True)  # a line that breaks leaves no daemon behind in a folder that nobody knows
        try:
            return open_console(office, session.operator, day=True)
        finally:
            if pid is not None:
                end(pid)


class Tour:
    """One draft's whole way, through the same commands that an operator types."""

    def __init__(self, office: Path, book: Rulebook) -> None:
        self.office = office
        self.book = book
        self.account = manual_account(book)
        people = [p for p in book.operators.values() if self.account.policy in p.policies]
        self.clerks = [p for p in people if p.role == "clerk"]
        self.managers = [p for p in people if p.role == "manager"]

    def go(self) -> int:
        """Take the whole way. Raises Failure where anything goes otherwise than a person would expect."""
        out(paint("bold", text("training.title")))
        pid = start(self.office)
        try:
            self._walk()
        finally:
            if pid is None:
                err(text("training.left"))
            else:
                end(pid)
                err(text("training.ended", pid=pid))
        out(text("training.done"))
        return FINE

    def _walk(self) -> None:
        self._open_again()
        first, second = (self._write_draft() for _ in range(2))
        self._step("judge")
        rows = judged(self.office, self.book)
        out(text("training.table", count=len(rows)))
        for line in queue_lines(rows, room()):
            out(line)
        one, two = self._number(first), self._number(second)
        self._step("approve")
        self._approve(one)
        self._step("take")
        self._release(one)
        self._step("stop")
        self._approve(two)
        self._type("stop", "--reason", text("training.title"), who=self.clerks[0])
        self._type("take", str(two), "--handle", self.account.handle, who=self.clerks[0], wanted=REFUSED)
        self._step("resume")
        self._resume(show_code=True)
        self._approve(two)
        self._release(two)
        self._step("end")
        self._type("audit", "verify", who=self.clerks[0])
        self._type("status", who=self.clerks[0])

    def _open_again(self) -> None:
        """An earlier tour that was interrupted may have left the office stopped."""
        with Link(self.office) as link:
            stopped = link.ask(Status(), StatusAnswer).gate.stopped
        if stopped:
            self._resume(show_code=False)

    def _resume(self, *, show_code: bool) -> None:
        for manager in self.managers:
            with Link(self.office, manager.login) as link:
                code = link.ask(ResumeCode(), StopState).code
            if code:
                if show_code:
                    self._type("resume", who=manager, wanted=REFUSED)
                self._type("resume", "--code", code, "--reason", text("training.title"), who=manager)
                return
        raise Failure(WRONG, text("resume.not_manager"))

    def _write_draft(self) -> str:
        """Put the next notice into the account's folder, under a name that no draft had before."""
        folder = self.office / "drafts" / self.account.id
        folder.mkdir(parents=True, exist_ok=True)
        notices = tomllib.loads((training_material() / "demo.toml").read_text(encoding="utf-8"))["notice"]
        number = 1
        while True:
            name = f"training-{number:03}.txt"
            body = notices[(number - 1) % len(notices)]["text"]
            fresh = not (folder / "done" / name).exists()
            if fresh and place(folder / name, self._with_front(body).encode("utf-8")):
                out(text("training.wrote", file=f"drafts/{self.account.id}/{name}"))
                return name
            number += 1

    def _with_front(self, body: str) -> str:
        """The draft as a clerk writes it: who, under which topic, and the text."""
        topics = next((r.topics for r in self.book.policies[self.account.policy].rules if isinstance(r, Topics)), ())
        topic = self.account.topic or (topics[0] if topics else "")
        fields = {"author": self.clerks[0].login, "topic": topic}
        front = "".join(f'{name} = "{value}"\n' for name, value in fields.items() if value)
        return f"+++\n{front}+++\n{body}\n"

    def _number(self, name: str) -> int:
        with Link(self.office) as link:
            return link.ask(FindDraft(name=name), Named).drafts[0]

    def _approve(self, draft: int) -> None:
        """Have everything that this draft waits for decided, each by somebody who may."""
        asked: set[tuple[str, str]] = set()
        while waiting := [line for line in self._row(draft).waiting if line.act in ("approve", "except")]:
            line = waiting[-1]
            who = self._named_in(line.who, draft)
            if (line.what, who.login) in asked:
                raise Failure(WRONG, text("training.no_manager", draft=draft))
            asked.add((line.what, who.login))
            more = ("--rule", line.rule, "--reason", text("training.title")) if line.act == "except" else ()
            self._type(line.act, str(draft), *more, who=who)

    def _row(self, draft: int) -> QueueRow:
        with Link(self.office) as link:
            return link.ask(Show(draft=draft), DraftDetail).row

    def _named_in(self, who: str, draft: int) -> Operator:
        """The person whom this line of 「なぜまだ出ないか」 waits for; where it names only the office's approvers, the unit's own."""
        for person in self.managers:
            if person.name in who:
                return person
        for person in self.managers:
            if person.unit == self.account.unit:
                return person
        raise Failure(WRONG, text("training.no_manager", draft=draft))

    def _release(self, draft: int) -> None:
        clerk = self.clerks[0]
        self._type("take", str(draft), "--handle", self.account.handle, who=clerk)
        self._type("released", str(draft), "--url", f"https://x.com/{self.account.handle}/status/{time.time_ns()}", who=clerk)

    def _step(self, name: str) -> None:
        out()
        out(paint("bold", text(f"training.step_{name}")))

    def _type(self, *words: str, who: Operator, wanted: int = FINE) -> None:
        """Type one command as this person. Raises Failure when its exit code is another than a person would expect."""
        from console.launch import run

        out(paint("dim", clean("$ kohoban " + shlex.join([*words, "--operator", who.login]))))
        code = run([*words, "--operator", who.login, "--office", str(self.office)])
        if code != wanted:
            raise Failure(WRONG, text("training.unexpected", command=words[0], code=code, wanted=wanted))
        if code:
            out(text("training.exit", code=code))


def judged(office: Path, book: Rulebook, patience: float = PATIENCE) -> list[QueueRow]:
    """The queue, once every draft in the folders is in it with a verdict. Raises Failure when that takes too long."""
    err(text("training.waiting"))
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with Link(office) as link:
            rows = list(rows_of(link, OpenView()))
        if _files(office, book) <= {row.path for row in rows if row.state != "received"}:
            return rows
        time.sleep(_LOOK_EVERY)
    raise Failure(WRONG, text("training.late", seconds=int(patience)))


def _files(office: Path, book: Rulebook) -> set[str]:
    found = set()
    for account in book.accounts:
        folder = office / "drafts" / account
        with suppress(FileNotFoundError):
            for entry in os.scandir(os.fsencode(folder)):
                if entry.is_file(follow_symlinks=False) and is_draft(entry.name):
                    found.add(f"drafts/{account}/{name_of(entry.name)}")
    return found


def manual_account(book: Rulebook, at: datetime | None = None) -> Account:
    """An account whose releases pass through a person's hands, and which is open now: first of all one without hours."""
    at = at or datetime.now(TOKYO)
    manual = [a for a in book.accounts.values() if a.channel == "manual" and a.platform == "x"]
    free = [a for a in manual if hours_rule(book.policies[a.policy], account=a) is None]
    open_now = [a for a in manual if opening(book.policies[a.policy], at, days=book.days, account=a).open]
    for account in (*free, *open_now):
        if _staffed(book.operators.values(), account):
            return account
    raise Failure(WRONG, text("training.no_account"))


def _staffed(people: Iterable[Operator], account: Account) -> bool:
    roles = {person.role for person in people if account.policy in person.policies}
    return {"clerk", "manager"} <= roles


def end(pid: int, patience: float = TIDIES_WITHIN) -> None:
    """End the daemon that was started here, and wait until it has put its things away; of one that does not come to an end, nothing is lost by
    kill -9 (the next start goes on)."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + patience
        while _alive(pid):
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
            time.sleep(_LOOK_EVERY)


def _alive(pid: int) -> bool:
    """True while the process runs. A child that has ended is only gone once its parent has asked how."""
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
