"""What the evaluator is given besides the item, and what it gives back: plain values."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from daemon.rulebook.model import Account, Operator
from daemon.rulebook.verdict import Finding, Missing, Verdict
from daemon.screening.length import measure


class Approval(Struct, frozen=True, kw_only=True):
    """An approval that stands, bound to the hash of the revision now judged."""

    login: str
    titles: tuple[str, ...]
    at: datetime


class Lift(Struct, frozen=True, kw_only=True):
    """An exception that stands: this rule's hold on this revision is cleared, by whom and why."""

    rule: str
    login: str
    titles: tuple[str, ...]
    reason: str
    at: datetime


class Recent(Struct, frozen=True, kw_only=True):
    """A text of the same account that was released lately: for the repetition guards. `draft` is the
    number of the draft that it came from (0: unknown)."""

    text: str
    at: datetime
    draft: int = 0


class Situation(Struct, frozen=True, kw_only=True):
    """Everything that a judgement needs besides the text, as plain values.

    `now` carries its zone. Without an `account` (a bare policy) nobody is asked for: author, account guard, topic-of-account and
    approvals are left out. `content_only` leaves the text alone to be judged. `released` lists recent releases of the account.
    """

    now: datetime | None = None
    account: Account | None = None
    author: Operator | None = None
    author_verified: bool = False
    approvals: tuple[Approval, ...] = ()
    lifts: tuple[Lift, ...] = ()
    recent: tuple[Recent, ...] = ()
    stopped: bool = False
    content_only: bool = False


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
        return {platform: measure(self.text, platform) for platform in self.platforms}
