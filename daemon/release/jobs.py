"""What the daemon hands to the releaser, and what comes back: one line of JSON each way."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Literal

import msgspec
from msgspec import Struct

Channel = Literal["manual", "outbox"]
Outcome = Literal["passed", "released", "prevented", "failed", "unknown"]
"""passed: the gate was open, the card may be shown. released: it is out. prevented: a stop, another epoch or the deadline kept it
in. failed: it certainly did not go out. unknown (不明): nobody can say; a person looks."""

_ID = re.compile(r"[A-Za-z0-9_]{1,64}")


class Attached(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One image: where it lies, and the sha256 that was approved (empty where approval did not cover the image's bytes)."""

    path: str
    hash: str = ""


class Job(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One release, sealed: everything that the hand needs, so that it asks nobody and looks up nothing.

    `id` is letters, digits and `_`, one for every journaled release, never used again. `hash` is the approved revision's,
    `body_hash` the sha256 of `body`, the exact bytes to go out. `epoch` is the gate's when the job was made, `deadline` (seconds
    since 1970) the moment after which it must not begin. `outbox` is the account's outbox folder, `slug` a readable end for the
    folder's name, `card` what else `card.toml` tells its reader. Raises ValueError for an id that could not be a file name.
    """

    id: str
    draft: int
    hash: str
    body: bytes
    body_hash: str
    account: str
    platform: str
    handle: str
    channel: Channel
    epoch: int
    deadline: float
    outbox: str = ""
    slug: str = ""
    card: dict[str, str] = {}
    images: tuple[Attached, ...] = ()

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"a job's id is letters, digits and _, at most 64: {self.id!r}")


class Report(Struct, frozen=True, kw_only=True):
    """What became of a job, with the reason where it did not go out, the time (seconds since 1970) and the folder it lies in."""

    job: str
    outcome: Outcome
    at: float
    why: str = ""
    why_en: str = ""
    place: str = ""


def body_hash(body: bytes) -> str:
    """The hash that seals a body: lower-case hex sha256."""
    return sha256(body).hexdigest()


_encoder = msgspec.json.Encoder()
_jobs = msgspec.json.Decoder(Job)
_reports = msgspec.json.Decoder(Report)


def encode(message: Job | Report) -> bytes:
    """One line, newline included."""
    return _encoder.encode(message) + b"\n"


def decode_job(line: bytes) -> Job:
    """The job in a line. Raises msgspec.DecodeError (or its ValidationError) for anything else."""
    return _jobs.decode(line)


def decode_report(line: bytes) -> Report:
    """The report in a line. Raises msgspec.DecodeError (or its ValidationError) for anything else."""
    return _reports.decode(line)
