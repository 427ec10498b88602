"""A process that reads one export of comments, screens it, and says what is to be kept; then it ends, and with it every clean comment.

It knows the rulebook and the file, nothing else: no database, no socket, no gate. It may write nowhere and leaves no core. Frames of msgpack
behind four bytes of length go to descriptor 1: what is kept, in pieces, and at the end the numbers.
"""

from __future__ import annotations

import ctypes
import gc
import io
import os
import resource
import signal
import sys
from collections.abc import Iterator
from datetime import datetime
from struct import Struct as Layout
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from daemon.intake.comments import Broken, Comment, read_comments
from daemon.judge import Recent, Situation, judge_comments
from daemon.moderation.brakes import Flagged
from daemon.moderation.comment import Evidence
from daemon.moderation.keeping import PROBLEMS, Kept, Tally
from daemon.rulebook.model import Rulebook
from daemon.screening.guidance import Marks

PIECE = 2_000
"""Comments that are screened at once."""
LENGTH = Layout("<I")
NICE = 5
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


class Wanted(Struct, frozen=True):
    """What is to be read: the account, the ending of the file's name (its bytes come by a descriptor; a name may be no UTF-8), what we have
    posted ourselves lately."""

    account: str
    ending: str
    now: datetime
    recent: tuple[Recent, ...]
    part: int = 0
    """Of so many `parts` of the export the one that this process reads: each reads every so-manieth block of lines."""
    parts: int = 1

    def block(self, line: int) -> int | None:
        """The block of a line that this process reads; None for one that another does."""
        number = max(0, line - 1) // PIECE
        return number if number % self.parts == self.part else None


class Piece(Struct, frozen=True, tag=True):
    """Comments that are to be kept, from this line on, and how many lines this process has read so far."""

    begin: int
    kept: tuple[Kept, ...]
    lines: int
    flagged: tuple[Flagged, ...] = ()
    """The comments with findings: noticed in memory, and nowhere else."""


class End(Struct, frozen=True, tag=True):
    """The whole file was read."""

    tally: Tally


Frame = Piece | End


def sift(file: BinaryIO, wanted: Wanted, book: Rulebook) -> Iterator[Frame]:
    """What is to be kept of this file, piece by piece, and the numbers at the end. Raises OSError."""
    account = book.accounts[wanted.account]
    situation = Situation(now=wanted.now, account=account, recent=wanted.recent)
    marks = Marks(book.guidance)
    lines = clean = broken = 0
    problems: list[tuple[int, str, str]] = []
    batch: list[Comment] = []

    def piece() -> Piece:
        nonlocal clean
        texts = [each.text for each in batch]
        kept = []
        for comment, judged, mark in zip(batch, judge_comments(texts, situation, book), marks.of_all(texts), strict=True):
            if not judged.findings and not mark:
                clean += 1
                continue
            kept.append(Kept(_evidence(comment, wanted.account), judged.verdict, judged.findings, mark))
        flagged = tuple(
            Flagged(each.evidence.author or each.evidence.handle, each.evidence.posted_at or wanted.now, each.evidence.hash)
            for each in kept
            if each.findings
        )
        begin = batch[0].line
        batch.clear()
        return Piece(begin, tuple(kept), lines, flagged)

    for found in read_comments(file, wanted.ending, wanted.now, lambda line: wanted.block(line) is not None):
        lines += 1
        if isinstance(found, Broken):
            broken += 1
            if len(problems) < PROBLEMS:
                problems.append((found.line, found.why, found.why_en))
            continue
        if batch and wanted.block(batch[0].line) != wanted.block(found.line):
            yield piece()
        if found.doubt is not None and len(problems) < PROBLEMS:
            problems.append((found.line, *found.doubt))
        batch.append(found)
    if batch:
        yield piece()
    yield End(Tally(lines=lines, clean=clean, broken=broken, problems=tuple(problems)))


def _evidence(comment: Comment, account: str) -> Evidence:
    return Evidence(
        account=account,
        text=comment.text,
        handle=comment.handle,
        author=comment.author,
        source=comment.source,
        conversation=comment.conversation,
        url=comment.url,
        posted_at=comment.posted_at,
    )


def main() -> None:
    """The process: descriptor 0 has the rulebook and what is wanted, the one that is named the file."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(_PR_SET_DUMPABLE, 0)  # the limit alone does not keep a core from a program that the kernel pipes it to
    sys.excepthook = _only_what
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(NICE)
    given = sys.stdin.buffer
    book = msgspec.msgpack.decode(_frame(given), type=Rulebook)
    wanted = msgspec.msgpack.decode(_frame(given), type=Wanted)
    out = sys.stdout.buffer
    gc.disable()  # nothing of what is read is tied in a ring, and looking for rings took a tenth of the time
    with io.BufferedReader(_FromHere(int(sys.argv[1])), 1 << 20) as file:
        for frame in sift(file, wanted, book):
            data = msgspec.msgpack.encode(frame)
            out.write(LENGTH.pack(len(data)) + data)
            out.flush()


class _FromHere(io.RawIOBase):
    """The bytes of an open file from its beginning, whoever else reads by the same descriptor."""

    def __init__(self, fd: int) -> None:
        self._fd, self._at = fd, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes. Raises OSError."""
        read = os.preadv(self._fd, [buffer], self._at)
        self._at += read
        return read


def _only_what(kind: type[BaseException], error: BaseException, trace: object) -> None:
    """An error in a word: its text might quote a comment, and what is said here stands in a log."""
    sys.stderr.write(f"sifting: {kind.__name__}\n")


def _frame(source: BinaryIO) -> bytes:
    (length,) = LENGTH.unpack(source.read(LENGTH.size))
    return source.read(length)


if __name__ == "__main__":
    main()
