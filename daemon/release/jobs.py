"""What the daemon hands to the releaser, and what comes back: one line of JSON each way."""

from __future__ import annotations

import re
import time
from hashlib import sha256
from typing import Literal

import msgspec
from msgspec import Struct

Channel = Literal["manual", "outbox", "simulated"]
Outcome = Literal["passed", "released", "prevented", "failed", "unknown"]
"""passed: the gate was open, the card may be shown. released: it is out. prevented: a stop, another epoch or the deadline kept it
in. failed: it certainly did not go out. unknown (不明): nobody can say; a person looks."""

_ID = re.compile(r"[A-Za-z0-9_]{1,64}")


class Attached(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One image: where it lies, and the sha256 that was approved (empty where approval did not cover the image's bytes)."""

    path: str
    hash: str = ""


class Job(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="send"):
    """One release, sealed: everything that the hand needs, so that it asks nobody and looks up nothing.

    `id` is letters, digits and `_`, one for every journaled release, never used again. `hash` is the approved revision's,
    `body_hash` the sha256 of `body`, the exact bytes to go out. `epoch` is the gate's when the job was made, `deadline` the
    moment (of `moment`) after which it must not begin. `outbox` is the account's outbox folder, `slug` a readable end for the
    folder's name, `card` what else `card.toml` tells its reader; `platform_at` is where the simulated platform listens. Raises
    ValueError for an id that could not be a file name.
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
    platform_at: str = ""

    def __post_init__(self) -> None:
        _checked(self.id)


class Look(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="look"):
    """What became of a job whose report never came: asked once the hand that had it is dead. `since` is when it was journaled
    (seconds since 1970): what went out before is no trace of it."""

    id: str
    channel: Channel
    account: str
    handle: str
    body: bytes
    since: float
    outbox: str = ""
    platform_at: str = ""

    def __post_init__(self) -> None:
        _checked(self.id)


class Forget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="forget"):
    """The ends of these jobs are in the journal: what the hand has noted of them can go. `but_for` at the start: all but these."""

    jobs: tuple[str, ...] = ()
    but_for: tuple[str, ...] | None = None


class Report(Struct, frozen=True, kw_only=True):
    """What became of a job, with the reason where it did not go out, and the folder it lies in or the address under which it can be
    read."""

    job: str
    outcome: Outcome
    why: str = ""
    why_en: str = ""
    place: str = ""

    @property
    def url(self) -> str:
        """The address under which it can be read; empty where it lies in a folder, or is not out."""
        return self.place if self.place.startswith("https://") else ""


class Held(Exception):
    """The job did not go out, or nobody can say: how it ended and why (Japanese, English)."""

    def __init__(self, outcome: Outcome, why: str, why_en: str) -> None:
        super().__init__(why_en)
        self.outcome, self.why, self.why_en = outcome, why, why_en


def moment() -> float:
    """Now, in seconds of the clock that nobody can set and that goes on in suspend: the same for the daemon and the hand. A deadline by
    the calendar would come again when the clock is set back."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def body_hash(body: bytes) -> str:
    """The hash that seals a body: lower-case hex sha256."""
    return sha256(body).hexdigest()


def report_of(job: str, outcome: Outcome, why: str, why_en: str) -> Report:
    """The report of a job that did not go out, or of which nobody knows."""
    return Report(job=job, outcome=outcome, why=why, why_en=why_en)


def look_for(job: Job, since: float) -> Look:
    """The question what became of this job, journaled at `since`."""
    return Look(
        id=job.id,
        channel=job.channel,
        account=job.account,
        handle=job.handle,
        body=job.body,
        since=since,
        outbox=job.outbox,
        platform_at=job.platform_at,
    )


def _checked(name: str) -> None:
    if not _ID.fullmatch(name):
        raise ValueError(f"a job's id is letters, digits and _, at most 64: {name!r}")


Order = Job | Look | Forget

_encoder = msgspec.json.Encoder()
_orders: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
_reports = msgspec.json.Decoder(Report)


def encode(message: Order | Report) -> bytes:
    """One line, newline included."""
    return _encoder.encode(message) + b"\n"


def decode_order(line: bytes) -> Order:
    """What a line asks of the hand. Raises msgspec.DecodeError (or its ValidationError) for anything else."""
    return _orders.decode(line)


def decode_report(line: bytes) -> Report:
    """The report in a line. Raises msgspec.DecodeError (or its ValidationError) for anything else."""
    return _reports.decode(line)
