"""The processes that read and judge a burst, as the daemon sees them: started, asked, and ended when one comes to no end.

Nothing depends on them. A file whose process dies is looked at again; a file over which one died, or took longer than any draft
takes, is judged by itself after all others, and named to its author when that ends the same way.
"""

from __future__ import annotations

import math
import os
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from mmap import mmap
from pathlib import Path

import msgspec
import structlog

from daemon.desk.case import Setting
from daemon.desk.opinion import Opinion
from daemon.intake.arrival import NotYet, Read, Settled, Wanted
from daemon.intake.looks import Key
from daemon.intake.names import display_name
from daemon.intake.reader import unjudged
from daemon.intake.runs import Answer
from daemon.judge import Recent
from daemon.program import program
from daemon.rulebook.model import Rulebook
from daemon.service.judging import LENGTH, Message, Outcome, Released, Rules, Run, decode_outcomes, encode, frame

log = structlog.get_logger()

MOST = 2
"""Processes at most. Two keep ahead of one writer."""
LIMIT = 20.0
"""Seconds that one draft may take. The longest text that is judged takes one or two."""
QUIET = 3.0
"""Seconds after the daemon's start before processes are started ahead of any need."""
REST = 5.0
"""Seconds before a process is started again after one that did not get as far as a file."""
LOOK_UP = 0.25
"""Seconds between two looks whether a process still gets on."""
BUFFER = 1 << 20
PROGRAM = program("daemon.service.judging")


class Judged(Settled, frozen=True, kw_only=True):
    """A settled file that another process has read and judged, and the rulebook by which."""

    opinion: Opinion
    book: Rulebook


class Ended(Exception):
    """The process has ended, or has been ended: it gives no more answers."""


class Judge:
    """One process: what it knows, and the run that it has in hand."""

    def __init__(self, drafts: Path, program: Sequence[str]) -> None:
        """Start it. Raises OSError where that is impossible."""
        self._line, its = socket.socketpair()
        shared = os.memfd_create("kohoban-in-hand", os.MFD_CLOEXEC)
        try:
            for end in (self._line, its):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
            os.ftruncate(shared, LENGTH.size)
            self._number = mmap(shared, LENGTH.size)
            self._process = subprocess.Popen(
                [*program, str(its.fileno()), str(shared), str(os.getpid()), str(drafts)],
                pass_fds=(its.fileno(), shared),
                stdin=subprocess.DEVNULL,
            )
        except OSError:
            self._line.close()
            raise
        finally:
            its.close()
            os.close(shared)
        self._line.settimeout(LOOK_UP)
        self._heard = bytearray()
        self._book: Rulebook | None = None
        self._recent: dict[str, tuple[Recent, ...]] = {}
        self.run: tuple[Wanted, ...] = ()
        self.answered = 0
        self.ready = False
        self._silent = True  # it has still to say that it listens, or that it is ready to use its rules

    @property
    def left(self) -> tuple[Wanted, ...]:
        """What has not been answered of the run."""
        return self.run[self.answered :]

    @property
    def in_hand(self) -> Wanted | None:
        """The file that it is at, or was at when it ended."""
        (number,) = LENGTH.unpack_from(self._number)
        return self.run[number - 1] if self.answered < number <= len(self.run) else None

    def knows(self, book: Rulebook) -> bool:
        """Is this the rulebook by which it judges?"""
        return self._book is book

    def teach(self, book: Rulebook) -> None:
        """Give it the rules as soon as it listens, and note it when it is ready to use them; nobody waits for either. Only while it has
        no run in hand. Raises Ended."""
        while self._silent and self._hear(wait=False) is not None:
            self._silent = False
        if not self._silent and self._book is not book:
            self._tell([Rules(book)])
            self._book, self._silent = book, True
        self.ready = not self._silent

    def send(self, run: Sequence[Wanted], setting: Setting) -> None:
        """Give it a run, and before it what was released lately. It is ready and has nothing else in hand. Raises Ended."""
        messages: list[Message] = []
        for account in {wanted.account for wanted in run}:
            recent = setting.recent(account)
            if self._recent.get(account, ()) is not recent:
                messages.append(Released(account, recent))
                self._recent[account] = recent
        self.run, self.answered = tuple(run), 0
        LENGTH.pack_into(self._number, 0, 0)
        messages.append(Run(setting.now, setting.stops, self.run))
        self._tell(messages)

    def hear(self, limit: float) -> list[Outcome]:
        """Wait for the next piece of its answer. Raises Ended, also when it is at one file for more than `limit` seconds."""
        at, since = self._number[:], time.monotonic()
        while (heard := self._hear(wait=True)) is None:
            if self._number[:] != at:
                at, since = self._number[:], time.monotonic()
            elif time.monotonic() > since + limit:
                raise Ended
        try:
            return decode_outcomes(heard)
        except msgspec.MsgspecError as error:
            raise Ended from error

    def read(self, wanted: Wanted, outcome: Outcome) -> Read:
        """The outcome for a file, as intake takes it."""
        opinion = outcome.opinion
        if opinion is None:
            return outcome.settled or outcome.not_yet or outcome.refused or outcome.failed or NotYet("undone")
        assert self._book is not None
        return Judged(
            account=opinion.account,
            name=opinion.name,
            sha256=opinion.digest,
            dev=opinion.dev,
            ino=opinion.ino,
            ctime_ns=opinion.ctime_ns,
            mtime_ns=opinion.mtime_ns,
            size=opinion.size,
            opinion=opinion,
            book=self._book,
        )

    def kill(self) -> None:
        """End the process, from any thread. It has nothing that could be lost."""
        self._process.kill()

    def end(self) -> None:
        """End the process and see it gone."""
        self._process.kill()
        self._process.wait()
        self._line.close()
        self._number.close()

    def _tell(self, messages: Iterable[Message]) -> None:
        self._line.settimeout(REST)
        try:
            self._line.sendall(b"".join(frame(encode(message)) for message in messages))
        except OSError as error:
            raise Ended from error
        self._line.settimeout(LOOK_UP)

    def _hear(self, *, wait: bool) -> bytes | None:
        """The next frame, or None where it does not come within a moment. Raises Ended."""
        flags = 0 if wait else socket.MSG_DONTWAIT
        while True:
            if len(self._heard) >= LENGTH.size:
                end = LENGTH.size + LENGTH.unpack_from(self._heard)[0]
                if len(self._heard) >= end:
                    whole = bytes(memoryview(self._heard)[LENGTH.size : end])
                    del self._heard[:end]
                    return whole
            try:
                piece = self._line.recv(BUFFER, flags)
            except (TimeoutError, BlockingIOError):
                return None
            except OSError as error:
                raise Ended from error
            if not piece:
                raise Ended
            self._heard += piece


class Judges:
    """All of them, for intake's thread (`Elsewhere`); `close` may come from any, after the last call of all others.

    `setting` gives the world of the moment, `book` only its rulebook, for which nobody has to look at the gate. `program` is the command of a process, to which its arguments are added; `limit` is in
    seconds.
    """

    def __init__(
        self,
        drafts: Path,
        setting: Callable[[], Setting],
        *,
        book: Callable[[], Rulebook] | None = None,
        program: Sequence[str] = PROGRAM,
        limit: float = LIMIT,
        most: int = min(MOST, os.cpu_count() or 1),
    ) -> None:
        self._book = book or (lambda: setting().book)
        self._drafts, self._setting, self._program, self._limit, self._most = drafts, setting, program, limit, most
        self._judges: list[Judge] = []
        self._busy: deque[Judge] = deque()
        self._undone: list[Wanted] = []
        self._suspects: set[Key] = set()
        self._begun = time.monotonic()
        self._not_before = 0.0

    def prepare(self) -> None:
        """Start them ahead of the first burst, but not while the daemon and a console are just starting."""
        if time.monotonic() >= self._begun + QUIET:
            self.ready()

    def ready(self) -> bool:
        """Is there a process that reads, busy or not? Those that are missing are started; nobody waits for them."""
        self._hire()
        book = self._book()
        for judge in [judge for judge in self._judges if judge not in self._busy and not (judge.ready and judge.knows(book))]:
            try:
                judge.teach(book)
            except Ended:
                self._dismiss(judge)
                self._rest()
        return any(judge.ready for judge in self._judges)

    def has_room(self) -> bool:
        """Can one of them be given a run now? Also where none is left: what is sent then is undone."""
        return self._free() is not None or not self._busy

    def send(self, run: Sequence[Wanted]) -> None:
        """Have these read and judged."""
        judge = self._free()
        if judge is None:
            self._undone += run
            return
        self._busy.append(judge)
        try:
            judge.send(run, self._setting())
        except Ended:
            self._undone += run
            self._dismiss(judge)
            self._rest()

    def take(self) -> list[Answer]:
        """Wait for answers, of the run that was sent first."""
        if self._undone:
            undone, self._undone = self._undone, []
            return [(wanted, NotYet("undone")) for wanted in undone]
        if not self._busy:
            return []
        judge = self._busy[0]
        try:
            outcomes = judge.hear(self._limit)
        except Ended:
            return self._ended(judge)
        answers = [(wanted, judge.read(wanted, outcome)) for wanted, outcome in zip(judge.left, outcomes, strict=False)]
        judge.answered += len(outcomes)
        self._suspects.difference_update((wanted.account, wanted.name) for wanted, _ in answers)
        if not judge.left:
            self._busy.popleft()
        return answers

    def alone(self, wanted: Wanted) -> bool:
        """Has a process ended over this file?"""
        return (wanted.account, wanted.name) in self._suspects

    def interrupt(self) -> None:
        """From any thread: let nobody wait for them any longer. What they have in hand is undone."""
        self._not_before = math.inf
        for judge in tuple(self._judges):
            judge.kill()

    def close(self) -> None:
        """End them all."""
        while self._judges:
            self._judges.pop().end()

    def _free(self) -> Judge | None:
        return next((judge for judge in self._judges if judge.ready and judge not in self._busy), None)

    def _hire(self) -> None:
        """Start one that is missing: one after the other, for each is busy for a second until it is ready."""
        if len(self._judges) >= self._most or time.monotonic() < self._not_before or not all(j.ready for j in self._judges):
            return
        try:
            self._judges.append(Judge(self._drafts, self._program))
        except OSError as error:
            self._rest()
            log.warning("no judging process can be started", why=str(error))

    def _rest(self) -> None:
        """Do not start one after the other that cannot go on: files are read in the daemon meanwhile."""
        self._not_before = max(self._not_before, time.monotonic() + REST)

    def _dismiss(self, judge: Judge) -> None:
        judge.end()
        self._judges.remove(judge)
        if judge in self._busy:
            self._busy.remove(judge)

    def _ended(self, judge: Judge) -> list[Answer]:
        """What is to be said of the files that a process leaves behind."""
        suspect, left = judge.in_hand, judge.left
        self._dismiss(judge)
        if suspect is None:
            self._rest()
        log.warning("a judging process has ended", file="" if suspect is None else display_name(suspect.name), left=len(left))
        return [(wanted, self._suspected(wanted) if wanted is suspect else NotYet("undone")) for wanted in left]

    def _suspected(self, wanted: Wanted) -> Read:
        """A process has ended over this file: a second time, and it is refused."""
        key = wanted.account, wanted.name
        if key not in self._suspects:
            self._suspects.add(key)
            return NotYet("suspect")
        self._suspects.discard(key)
        return unjudged(*key)
