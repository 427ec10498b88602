"""A process that reads and judges the files of a burst, and knows nothing else: no database, no socket of the office, no gate.

It speaks with the daemon over one socket pair, given as a descriptor: frames of msgpack behind four bytes of length. It gets the
rulebook in force and what was released lately whenever they are others, then runs of files; it answers with what it read, judged by
the same `judge_paper` as in the daemon, in pieces of a quarter of a second at most. It ends when the daemon does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from mmap import mmap
from pathlib import Path
from struct import Struct as Layout
from typing import TypeVar

import msgspec
from msgspec import Struct

from daemon.desk.case import Setting
from daemon.desk.opinion import Opinion, Paper, judge_paper
from daemon.intake.arrival import Arrival, Failed, NotYet, Refused, Rows, Settled, Unread, Wanted
from daemon.intake.pictures import look_at_pictures
from daemon.intake.reader import fetch_wanted, understood
from daemon.intake.settling import Folders
from daemon.judge import Recent, Situation, judge
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.model import Rulebook

PIECE_SECONDS = 0.25
"""After so long, what has been judged is answered: texts that take long must not keep back the verdicts of those before them."""

NICE = 5
"""Whoever sits at a console, and a single draft, go before a burst."""
TRIED = 6
"""Texts after which everything is compiled."""

LENGTH = Layout("<I")
"""Before each frame, and the number of the file in hand that both sides see."""
_PR_SET_PDEATHSIG = 1


class Rules(Struct, frozen=True, tag=True):
    """The rulebook in force from here on."""

    book: Rulebook


class Released(Struct, frozen=True, tag=True):
    """What an account has released lately, from here on."""

    account: str
    recent: tuple[Recent, ...]


class Run(Struct, frozen=True, tag=True):
    """Files to be read and judged, at this moment and under these stops."""

    now: datetime
    stops: frozenset[str]
    wanted: tuple[Wanted, ...]


class Outcome(Struct, frozen=True, array_like=True):
    """What became of one file: one of these. A file of an account that the rulebook does not have is `settled`, without an opinion."""

    opinion: Opinion | None = None
    settled: Settled | None = None
    not_yet: NotYet | None = None
    refused: Refused | None = None
    failed: Failed | None = None


T = TypeVar("T")
R = TypeVar("R")
Message = Rules | Released | Run

encode = msgspec.msgpack.Encoder().encode


@cache
def _messages() -> msgspec.msgpack.Decoder[Message]:
    return msgspec.msgpack.Decoder(Message)


@cache
def _outcomes() -> msgspec.msgpack.Decoder[list[Outcome]]:
    return msgspec.msgpack.Decoder(list[Outcome])


def decode_message(data: bytes | bytearray | memoryview) -> Message:
    """What a judging process is told. What it takes to read it is learned when the first comes: a daemon's start does without."""
    return _messages().decode(data)


def decode_outcomes(data: bytes | bytearray | memoryview) -> list[Outcome]:
    """What a judging process has found."""
    return _outcomes().decode(data)


Piece = list[msgspec.Raw]
"""Outcomes, encoded one by one: what of one file cannot be encoded is that file's failure."""


class Judging:
    """What the process knows between two runs. `in_hand(n)` is told the number of the file that it turns to, from 1."""

    def __init__(self, drafts: Path, in_hand: Callable[[int], None]) -> None:
        self._drafts = drafts
        self._in_hand = in_hand
        self._book: Rulebook | None = None
        self._recent: dict[str, tuple[Recent, ...]] = {}

    def hear(self, message: Message) -> Iterator[Piece]:
        """Take note of a message; the answers to a run, piece by piece. New rules are answered by nothing, when they are ready to use."""
        if isinstance(message, Rules):
            self._book = message.book
            _try_out(self._book)
            yield []
        elif isinstance(message, Released):
            self._recent[message.account] = message.recent
        else:
            assert self._book is not None, "the rules come before the first run"
            now = message.now.astimezone(TOKYO)
            yield from self._run(message.wanted, Setting(self._book, now, message.stops, lambda a: self._recent.get(a, ())))

    def _run(self, run: Sequence[Wanted], setting: Setting) -> Iterator[Piece]:
        """Fetch all of the run, then understand all, then judge: to go to and fro between kernel, reader and rules at every file costs
        a third more."""
        read = [self._at(number, _understood, file) for number, file in enumerate(_fetched(Folders(self._drafts), run), 1)]
        piece: Piece = []
        until = time.monotonic() + PIECE_SECONDS
        for number, file in enumerate(read, 1):
            outcome = self._at(number, lambda file: encode(outcome_of(file, setting, self._drafts)), file)
            piece.append(msgspec.Raw(encode(Outcome(failed=outcome)) if isinstance(outcome, Failed) else outcome))
            if number == len(run) or time.monotonic() > until:
                yield piece
                piece, until = [], time.monotonic() + PIECE_SECONDS

    def _at(self, number: int, do: Callable[[T], R], file: T) -> R | Failed:
        """Do something with the file of this number. A fault of ours over one file must not end the process for all others."""
        self._in_hand(number)
        try:
            return do(file)
        except Exception as error:
            return Failed.of(error)


def _try_out(book: Rulebook) -> None:
    """Judge a word or two under each policy: patterns are compiled when they are first asked, which takes as long as a thousand drafts."""
    for account in {account.policy: account for account in book.accounts.values()}.values():
        for n in range(TRIED):
            judge(Item(text=f"お知らせ {n}"), Situation(now=datetime.now(TOKYO), account=account), book)


def _fetched(folders: Folders, run: Sequence[Wanted]) -> list[Unread | NotYet | Refused]:
    try:
        return [
            NotYet("undone") if (opened := folders.of(wanted.account)) is None else fetch_wanted(opened[0], wanted)
            for wanted in run
        ]
    finally:
        folders.close()


def _understood(file: Unread | NotYet | Refused) -> Arrival | Rows | NotYet | Refused:
    return understood(file) if isinstance(file, Unread) else file


def outcome_of(file: Arrival | Rows | NotYet | Refused | Failed, setting: Setting, drafts: Path) -> Outcome:
    """Judge a file, if it is settled and of an account of the office; its images lie below `drafts`."""
    if isinstance(file, Arrival):
        if file.account not in setting.book.accounts:
            return Outcome(settled=file)
        return Outcome(opinion=judge_paper(paper_of(file, drafts), setting))
    if isinstance(file, Rows):  # the daemon reads those itself
        return Outcome(not_yet=NotYet("undone"))
    if isinstance(file, NotYet):
        return Outcome(not_yet=file)
    return Outcome(refused=file) if isinstance(file, Refused) else Outcome(failed=file)


def paper_of(arrival: Arrival, drafts: Path) -> Paper:
    """An arrival as the desk takes it, with the images that lie beside it below `drafts`."""
    item = arrival.item
    beside = look_at_pictures(drafts, arrival.account, item)
    return Paper(
        account=arrival.account,
        name=arrival.name,
        data=arrival.data,
        hash=arrival.sha256,
        item=beside.on(item),
        uid=arrival.uid,
        dev=arrival.dev,
        ino=arrival.ino,
        ctime_ns=arrival.ctime_ns,
        mtime_ns=arrival.mtime_ns,
        size=arrival.size,
        owner=arrival.owner,
        pictures=beside.pictures,
        kept=(*arrival.kept, *beside.kept),
    )


def frame(data: bytes) -> bytes:
    """A frame: its length, then its bytes."""
    return LENGTH.pack(len(data)) + data


def serve(line: socket.socket, judging: Judging) -> None:
    """Answer until the daemon closes its end."""
    line.sendall(frame(b""))  # listening from here on: the imports take longer than a run
    with line.makefile("rb") as heard:
        while len(head := heard.read(LENGTH.size)) == LENGTH.size:
            for piece in judging.hear(decode_message(heard.read(*LENGTH.unpack(head)))):
                line.sendall(frame(encode(piece)))


def _end_with(parent: int) -> None:
    """Be killed when the daemon dies, even while judging; Ctrl-C and the end of a service are the daemon's to hear."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)


def main() -> None:
    """The process: descriptor of the line, descriptor of the shared number, pid of the daemon, folder of the drafts."""
    line, shared, parent = map(int, sys.argv[1:4])
    _end_with(parent)
    os.nice(NICE)
    number = mmap(shared, LENGTH.size)
    judging = Judging(Path(sys.argv[4]), lambda n: LENGTH.pack_into(number, 0, n))
    with suppress(BrokenPipeError, ConnectionResetError):  # the daemon has gone
        serve(socket.socket(fileno=line), judging)


if __name__ == "__main__":
    main()
