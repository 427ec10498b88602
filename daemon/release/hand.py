"""The releaser's hand: `python -m daemon.release.hand STATE`, a small process that begins releases and nothing else.

One job a line on stdin, one report a line on stdout; it ends when stdin does. It has no database and no policy, and a stop may kill it
at any moment. The look at the gate is the last thing before a write, inside the lock that a stop waits for.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec

from daemon.gate import Gate
from daemon.release import outbox
from daemon.release.jobs import Job, Outcome, Report, body_hash, decode_job, encode
from daemon.release.permit import sync_folder


class Held(Exception):
    """The job did not go out: how it ended and why (Japanese, English)."""

    def __init__(self, outcome: Outcome, why: str, why_en: str) -> None:
        super().__init__(why_en)
        self.outcome, self.why, self.why_en = outcome, why, why_en


def serve(state: Path, jobs: BinaryIO, reports: BinaryIO) -> None:
    """Carry out one job a line until there are no more."""
    gate = Gate(state)
    for line in jobs:
        try:
            report = carry_out(decode_job(line), gate)
        except msgspec.DecodeError as error:
            report = Report(job="", outcome="failed", at=time.time(), why="発信の依頼が読めません", why_en=f"no job: {error}")
        reports.write(encode(report))
        reports.flush()


def carry_out(job: Job, gate: Gate) -> Report:
    """One job, from the seal to the report. Raises nothing that a job, a gate or a disk can cause."""
    place = ""
    outcome: Outcome = "passed"
    try:
        if body_hash(job.body) != job.body_hash:
            raise Held("failed", "本文が承認された内容と一致しません", "the body is not the one that was sealed")
        if job.channel == "outbox":
            place, outcome = str(_into_outbox(job, gate)), "released"
        else:
            _through(gate, job, _show_card)
    except Held as held:
        return Report(job=job.id, outcome=held.outcome, at=time.time(), why=held.why, why_en=held.why_en)
    return Report(job=job.id, outcome=outcome, at=time.time(), place=place)


def _through(gate: Gate, job: Job, write: Callable[[], None]) -> None:
    """Pass the gate and write, as one step to everybody who stops. Raises Held where the job may not pass."""
    try:
        with gate.sending():
            if time.time() > job.deadline:
                raise Held("prevented", "発信の期限を過ぎました", "the job's deadline has passed")
            look = gate.look(job.account, job.platform, job.epoch)
            if not look.open:
                raise Held("prevented", look.why, look.why_en)
            write()
    except OSError as error:
        raise Held(
            "prevented", f"発信の鍵が取れません（{error}）", f"the lock of those who send is not to be had ({error})"
        ) from None


def _show_card() -> None:
    """The manual channel writes nothing: the report is what lets the daemon show the card, and from then on it is in flight."""


def _into_outbox(job: Job, gate: Gate) -> Path:
    """Make the release ready, pass the gate, let it appear, make that durable. Raises Held where it did not, or may not have."""
    place = outbox.final(job)
    match outbox.lies_there(job):
        case "released":
            return place
        case "unknown":
            raise Held("unknown", f"{place} に別のものがあります", f"something else lies at {place}")
    try:
        ready = outbox.prepare(job)
    except OSError as error:
        raise Held("failed", f"発信の準備ができません（{error}）", f"cannot be made ready ({error})") from None
    try:
        _through(gate, job, lambda: _appear(ready, place))
    except Held:
        outbox.discard(ready)
        raise
    try:
        sync_folder(place.parent)
    except OSError as error:
        raise Held(
            "unknown", f"出ましたが、ディスクに残ったと言えません（{error}）", f"out, but perhaps not durably ({error})"
        ) from None
    return place


def _appear(ready: Path, place: Path) -> None:
    try:
        outbox.begin(ready, place)
    except OSError as error:
        # Over a network an error may come back for a rename that was done.
        outcome: Outcome = "failed" if ready.is_dir() else "unknown"
        raise Held(outcome, f"発信の場所に置けません（{error}）", f"cannot be put in its place ({error})") from None


def main() -> int:
    """Serve the daemon that started this process. It ends when the daemon closes the line, or is gone."""
    try:
        serve(Path(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody is left to report to: the names in the outbox say what happened
    return 0


if __name__ == "__main__":
    sys.exit(main())
