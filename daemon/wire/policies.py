"""The policies in time: which version is in force, what an amendment changes, what contradicts itself, and whether the guard is awake."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from daemon.wire.answer import Answer
from daemon.wire.query import Query


class PolicyNow(Query, frozen=True, kw_only=True, tag="policy_now"):
    """The policies' versions, what is coming, contradictions and dead ends, and the last look at the canaries. Answer: `PolicyState`."""


class PolicyDiff(Query, frozen=True, kw_only=True, tag="policy_diff"):
    """What another text of a policy would change, clause by clause and draft by draft. The other text is the edition that begins on `day`,
    or `candidate`, a policy as the rulebook encodes it; neither: the next edition that is coming. Of the past the last `last` drafts of the
    policy's accounts are judged by both, and what is in hand always. The first ask begins; asked again, it says how far it is. Answer: `PolicyCompared`."""

    policy: str
    day: date | None = None
    candidate: str = ""
    last: int = 1000


class PolicyTally(Query, frozen=True, kw_only=True, tag="policy_tally"):
    """How often each rule fires on the last `last` stored drafts of the policy's accounts and on what is in hand; with `candidate`, a policy
    as the rulebook encodes it, under both texts. The first ask begins; asked again, it says how far it is. Answer: `PolicyTallied`."""

    policy: str
    candidate: str = ""
    last: int = 1000


class VersionSeen(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """One version of a policy. `text`: its wording is in hand."""

    policy: str
    cite: str
    from_: date | None
    until: date | None
    in_force: bool
    text: bool
    hash: str = ""


class AmendmentSeen(Struct, frozen=True, kw_only=True):
    """An edition that is coming: from which day, and how many drafts in hand it gives another verdict (None: still being counted)."""

    policy: str
    day: date
    cite: str
    changes: int | None


class ConflictSeen(Struct, frozen=True, kw_only=True):
    """A contradiction or a dead end, and the first day on which it holds."""

    weight: Literal["dead_end", "contradiction", "notice"]
    policy: str
    clause: str
    since: date | None
    message: str
    message_en: str


class CanarySeen(Struct, frozen=True, kw_only=True):
    """One canary that did not answer: its clause, the rule that should have fired, and what fired instead."""

    policy: str
    clause: str
    cite: str
    rule: str
    said: str


class PolicyState(Answer, frozen=True, kw_only=True, tag="policy_state"):
    """How the policies stand. `answered` of `canaries` answered at the last look (`looked`)."""

    versions: tuple[VersionSeen, ...]
    coming: tuple[AmendmentSeen, ...]
    conflicts: tuple[ConflictSeen, ...]
    silent: tuple[CanarySeen, ...]
    answered: int
    canaries: int
    looked: datetime | None


class ClauseDiff(Struct, frozen=True, kw_only=True):
    """A clause whose words differ; empty where it is not in that text."""

    clause: str
    cite: str
    before: str
    after: str


class RuleDiff(Struct, frozen=True, kw_only=True):
    """A rule that differs: what of it, each with the value before and after, as TOML would say it."""

    rule: str
    clause: str
    what: Literal["added", "removed", "changed"]
    said: tuple[str, ...]


class VerdictDiff(Struct, frozen=True, kw_only=True):
    """A draft that the other text gives another verdict, or other approvers: only those that differ. `clauses` are those that speak under
    one text and not under the other."""

    draft: int
    account: str
    path: str
    title: str
    state: str
    before: str
    after: str
    clauses: tuple[str, ...]
    who: str = ""


class PolicyCompared(Answer, frozen=True, kw_only=True, tag="policy_compared"):
    """What the comparison has found so far; whole once `running` is false. `drafts` are the first of them, `changed` counts all, `queued`
    those in hand among them."""

    policy: str
    before: str
    after: str
    running: bool
    done: int
    of: int
    texts: tuple[ClauseDiff, ...]
    rules: tuple[RuleDiff, ...]
    drafts: tuple[VerdictDiff, ...]
    changed: int
    queued: int
    seconds: float = 0.0
    error: str = ""
    error_en: str = ""


class TallySample(Struct, frozen=True, kw_only=True):
    """A draft on which a rule fires: under both texts (`same`), the new one alone (`new`), the old one alone (`gone`)."""

    draft: int
    path: str
    title: str
    how: Literal["same", "new", "gone"]


class RuleTally(Struct, frozen=True, kw_only=True):
    """On how many drafts a rule fires: under the text in force (`before`), the other (`after`), the other alone (`new`), the one in force
    alone (`gone`). `shadow`: a rule on trial, whose `level` counts for nothing yet."""

    rule: str
    clause: str
    level: str
    shadow: bool
    before: int
    after: int
    new: int
    gone: int
    samples: tuple[TallySample, ...] = ()


class PolicyTallied(Answer, frozen=True, kw_only=True, tag="policy_tallied"):
    """The counts so far; whole once `running` is false. `rules` has every rule that can make a finding on a draft, those that never fired
    too."""

    policy: str
    before: str
    after: str
    running: bool
    done: int
    of: int
    rules: tuple[RuleTally, ...]
    seconds: float = 0.0
    error: str = ""
    error_en: str = ""
