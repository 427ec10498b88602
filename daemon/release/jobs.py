"""What the daemon hands to the releaser, and what comes back: one line of JSON each way."""

from __future__ import annotations

import re
import time
import uuid
from hashlib import sha256
from typing import Literal

import msgspec
from msgspec import Struct

from daemon.rulebook.channels import Reading

MEASURES = frozenset({"hide", "unhide", "mute", "unmute", "block", "unblock"})
"""What is done about a comment, or whoever wrote it, rather than said by the account: a stop of `actions` covers it."""

Outcome = Literal["passed", "released", "prevented", "failed", "unknown"]
"""passed: the gate was open, the card may be shown. released: it is out. prevented: a stop, another epoch or the deadline kept it
in. failed: it certainly did not go out. unknown (不明): nobody can say; a person looks."""

LONGEST = 3 << 20
"""Bytes of an answer's line: a longer one would end the line to the daemon, and with it whatever else is under way."""

_KEYS = uuid.UUID("6e1f2d0a-7a54-5a43-9f55-6b6f686f6261")
_ID = re.compile(r"[A-Za-z0-9_]{1,64}")


class Attached(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One image: where it lies, and the sha256 that was approved (empty where approval did not cover the image's bytes); what it says to
    whoever cannot see it."""

    path: str
    hash: str = ""
    alt: str = ""


class Ballot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of a poll, and how long it runs in minutes."""

    options: tuple[str, ...]
    minutes: int


class Job(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="send"):
    """One release, sealed: everything that the hand needs, so that it asks nobody and looks up nothing.

    `id` is letters, digits and `_`, one for every journaled release, never used again. `hash` is the approved revision's,
    `body_hash` the sha256 of `body`, the exact bytes to go out. `epoch` is the gate's when the job was made, `deadline` the
    moment (of `moment`) after which it must not begin. `outbox` is the account's outbox folder, `slug` a readable end for the
    folder's name, `card` what else `card.toml` tells its reader; `platform_at` is where the simulated platform listens. Raises
    ValueError for an id that could not be a file name.

    `kind` is what is done: a kind of draft, or a measure on a comment (MEASURES), and `target` what it is done to: the post replied to,
    reposted or deleted, the comment hidden (its address or number), the author muted (their number). `key` is the same for every try to
    release the same revision of the same draft: a platform that knows such keys takes it once. `since` is when the first of these tries was
    journaled (seconds since 1970): what is found of it on the platform is no older.
    """

    id: str
    draft: int
    hash: str
    body: bytes
    body_hash: str
    account: str
    platform: str
    handle: str
    channel: str
    epoch: int
    deadline: float
    outbox: str = ""
    slug: str = ""
    card: dict[str, str] = {}
    images: tuple[Attached, ...] = ()
    platform_at: str = ""
    kind: str = "post"
    target: str = ""
    poll: Ballot | None = None
    key: str = ""
    since: float = 0.0

    @property
    def is_measure(self) -> bool:
        """Whether it is a measure on a comment."""
        return self.kind in MEASURES

    def __post_init__(self) -> None:
        _checked(self.id)


class Look(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="look"):
    """What became of a job whose report never came: asked once the hand that had it is dead. `since` is when it was journaled
    (seconds since 1970): what went out before is no trace of it. `images`: how many it had, None where nobody can tell."""

    id: str
    channel: str
    account: str
    handle: str
    body: bytes
    since: float
    outbox: str = ""
    platform_at: str = ""
    kind: str = "post"
    target: str = ""
    key: str = ""
    images: int | None = None

    def __post_init__(self) -> None:
        _checked(self.id)


class Forget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="forget"):
    """The ends of these jobs are in the journal: what the hand has noted of them can go. `but_for` at the start: all but these."""

    jobs: tuple[str, ...] = ()
    but_for: tuple[str, ...] | None = None


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="ask"):
    """A question to the account's platform that changes nothing there: `what` is one of the channel's `reads`. Mentions and posts newer than
    the number `since` (empty: the latest), at most `most`. `platform_at` is where the simulated platform listens."""

    id: str
    channel: str
    account: str
    handle: str
    what: Reading
    since: str = ""
    most: int = 100
    platform_at: str = ""

    def __post_init__(self) -> None:
        _checked(self.id)


class Heard(Struct, frozen=True, kw_only=True):
    """One post that a platform told of: its number, the author's number, handle and name, the text as people see it, when (seconds since
    1970), its address, the number of the post that began the conversation and that of the post it answers."""

    number: str
    author: str
    handle: str
    name: str
    text: str
    at: float
    url: str
    conversation: str = ""
    answers: str = ""


class Listed(Struct, frozen=True, kw_only=True):
    """One user of a platform: number and handle."""

    number: str
    handle: str


class Told(Struct, frozen=True, kw_only=True, tag_field="said", tag="told"):
    """What a platform answered: posts, users, or facts by name (numbers as text), or why it did not. `whole` is False where there is more
    than was asked for; `again_at` says when to ask again (seconds since 1970), `rows` how many were charged for."""

    job: str
    ok: bool
    why: str = ""
    why_en: str = ""
    heard: tuple[Heard, ...] = ()
    listed: tuple[Listed, ...] = ()
    facts: dict[str, str] = {}
    whole: bool = True
    rows: int = 0
    again_at: float | None = None


class Inventory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="inventory"):
    """Which credentials are there: answered without any of their values."""

    id: str

    def __post_init__(self) -> None:
        _checked(self.id)


class Holding(Struct, frozen=True, kw_only=True):
    """Credentials of one account: from where they are read (`file`: the office's own; `handed`: by the service manager), of what kind, set
    when (seconds since 1970; None: not noted) and by whom; `why` they cannot be used."""

    account: str
    where: Literal["file", "handed"]
    place: str
    kind: str = ""
    since: float | None = None
    by: str = ""
    why: str = ""
    why_en: str = ""


class Holdings(Struct, frozen=True, kw_only=True, tag_field="said", tag="holdings"):
    """Which credentials there are."""

    job: str
    held: tuple[Holding, ...]


class Report(Struct, frozen=True, kw_only=True, tag_field="said", tag="report"):
    """What became of a job, with the reason where it did not go out (or what the record is to say of one that did), and the folder it lies
    in or the address under which it can be read. `again_at`: when the account's channel may be tried again (seconds since 1970), where it told so.
    `read`: how many rows the platform charges for what was looked up, by the name of their price."""

    job: str
    outcome: Outcome
    why: str = ""
    why_en: str = ""
    place: str = ""
    again_at: float | None = None
    read: dict[str, int] = {}

    @property
    def url(self) -> str:
        """The address under which it can be read; empty where it lies in a folder, or is not out."""
        return self.place if self.place.startswith("https://") else ""


class Held(Exception):
    """The job did not go out, or nobody can say: how it ended and why (Japanese, English); `read` as of a report."""

    def __init__(self, outcome: Outcome, why: str, why_en: str, again_at: float | None = None) -> None:
        super().__init__(why_en)
        self.outcome, self.why, self.why_en, self.again_at = outcome, why, why_en, again_at
        self.read: dict[str, int] = {}


def moment() -> float:
    """Now, in seconds of the clock that nobody can set and that goes on in suspend: the same for the daemon and the hand. A deadline by
    the calendar would come again when the clock is set back."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def body_hash(body: bytes) -> str:
    """The hash that seals a body: lower-case hex sha256."""
    return sha256(body).hexdigest()


def report_of(job: str, outcome: Outcome, why: str, why_en: str, again_at: float | None = None) -> Report:
    """The report of a job that did not go out, or of which nobody knows."""
    return Report(job=job, outcome=outcome, why=why, why_en=why_en, again_at=again_at)


def key_of(*parts: str) -> str:
    """A UUID that the same parts always give (office, account, draft, revision): for platforms that take a request with the same key once."""
    return str(uuid.uuid5(_KEYS, "\0".join(parts)))


EARLIER = 60.0
"""Seconds by which a platform's clock may be behind ours when a post is looked up."""


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
        kind=job.kind,
        target=job.target,
        key=job.key,
        images=len(job.images),
    )


def _checked(name: str) -> None:
    if not _ID.fullmatch(name):
        raise ValueError(f"a job's id is letters, digits and _, at most 64: {name!r}")


Order = Job | Look | Forget | Ask | Inventory
Answer = Report | Told | Holdings

_encoder = msgspec.json.Encoder()
_orders: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def encode(message: Order | Answer) -> bytes:
    """One line, newline included."""
    return _encoder.encode(message) + b"\n"


def decode_order(line: bytes) -> Order:
    """What a line asks of the hand. Raises msgspec.DecodeError (or its ValidationError) for anything else."""
    return _orders.decode(line)


def decode_answer(line: bytes) -> Answer:
    """The report, or the answer to a question, in a line. Raises msgspec.DecodeError (or its ValidationError) for anything else."""
    return _answers.decode(line)
