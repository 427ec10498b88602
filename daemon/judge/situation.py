"""What the evaluator is given besides the item, and what it gives back: plain values."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from daemon.rulebook.item import Kind
from daemon.rulebook.model import Account, Operator, Way
from daemon.rulebook.verdict import Finding, Missing, Verdict
from daemon.screening.length import LIMITS, measure


class Approval(Struct, frozen=True, kw_only=True):
    """An approval that stands, bound to the hash of the revision now judged. `how` it was given; one on paper was `entered_by` a clerk,
    and has the number under which the paper is kept (`reference`). `deputy` is the entry of `[[deputies]]` under which it was given in
    somebody else's place (代決); empty where it was given in one's own right. `step`: that of the approver table which it was given for."""

    login: str
    titles: tuple[str, ...]
    at: datetime
    how: Way = "console"
    entered_by: str = ""
    reference: str = ""
    deputy: str = ""
    step: int = 1


class Lift(Struct, frozen=True, kw_only=True):
    """An exception: this rule's hold on this revision is cleared, by whom and why, under which clause, and until when (None: an old one,
    made when they had no end)."""

    rule: str
    login: str
    titles: tuple[str, ...]
    reason: str
    at: datetime
    under: str = ""
    until: datetime | None = None

    def stands(self, now: datetime | None) -> bool:
        """True until its end; after that the hold stands again."""
        return self.until is None or now is None or now < self.until


class Declaration(Struct, frozen=True, kw_only=True):
    """緊急の宣言 for the revision now judged: by whom (and under which entry of `[[deputies]]`), when and why."""

    login: str
    at: datetime
    reason: str = ""
    deputy: str = ""


class Recent(Struct, frozen=True, kw_only=True):
    """A text of the same account that was released lately: for the repetition guards. `draft` is the
    number of the draft that it came from (0: unknown), `kind`, `topic` and `emergency` what it was declared to be."""

    text: str
    at: datetime
    draft: int = 0
    kind: Kind = "post"
    topic: str = ""
    emergency: bool = False
    deleted: bool = False
    """It has been deleted on the platform since: the same once more can get the account frozen."""


class InSet(Struct, frozen=True, kw_only=True):
    """The set (一斉発信) that a draft belongs to: its number, on how many accounts it goes out, which still lack it, whether it is out in
    part, whether this draft has the set's text, and the clause."""

    id: int
    of: int
    lacking: tuple[str, ...]
    broken: bool
    same: bool
    clause: str


class Situation(Struct, frozen=True, kw_only=True):
    """Everything that a judgement needs besides the text, as plain values.

    `now` carries its zone. Without an `account` (a bare policy) nobody is asked for: author, account guard, topic-of-account and
    approvals are left out. `content_only` leaves the text alone to be judged. `hands` are those who may have written it besides its
    author. `begins_at` is the moment before which its release
    does not begin, though nothing else is missing. `recent` lists recent releases of the account, `lacks` what
    the account itself has to have before its first.
    """

    now: datetime | None = None
    account: Account | None = None
    author: Operator | None = None
    author_verified: bool = False
    hands: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    lifts: tuple[Lift, ...] = ()
    declaration: Declaration | None = None
    recent: tuple[Recent, ...] = ()
    stopped: bool = False
    begins_at: datetime | None = None
    lacks: tuple[Missing, ...] = ()
    spent: int = 0
    """What the account has cost this month, in millionths of a US dollar."""
    in_set: InSet | None = None
    sets_known: bool = False
    """True where it is known which drafts belong to a set: then an emergency without one waits for it."""
    recorded: bool | None = None
    """Of a correction or deletion: whether the post that it names is one of its account's that is out; None where nobody has looked, or
    nothing can be told."""
    content_only: bool = False
    verdict_only: bool = False
    """Nobody waits for it any more (a back-test of what is over): what is missing is not asked."""


class Judgement(Struct, frozen=True, kw_only=True):
    """What the evaluator says: all findings at once, all that is missing, the overall verdict.

    `screened` are those findings that hang on the text and its front matter alone: the desk stores them with the revision and
    hands them back as `screened=` when the same revision is judged again in another situation.
    """

    findings: tuple[Finding, ...]
    screened: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...]
    verdict: Verdict
    text: str
    platforms: tuple[str, ...]

    @property
    def lengths(self) -> dict[str, tuple[int, int]]:
        """Length and limit of the text on each platform that it would go to; counted only when somebody asks."""
        return {platform: measure(self.text, platform) for platform in self.platforms if platform in LIMITS}
