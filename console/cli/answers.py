"""What `check` says of one item, in the words of CONTRACT.md, whatever the format it is then written in."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET, Struct, UnsetType

from daemon.judge import Judgement
from daemon.rulebook.model import Policy
from daemon.rulebook.verdict import Finding, Missing
from daemon.rulebook.whom import in_english


class FindingSaid(Struct, frozen=True, kw_only=True):
    """One finding (CONTRACT: `findings`)."""

    clause: str
    cite: str
    text: str
    rule: str
    verdict: str
    start: int
    end: int
    message: str
    message_en: str
    fix: str | None
    fix_safe: bool = False
    lift: tuple[str, ...] = ()
    shadow: str | None = None
    basis: str = ""


class MissingSaid(Struct, frozen=True, kw_only=True):
    """One line of what else a draft waits for (CONTRACT: `missing`). `who_en` is empty where it would say the same."""

    what: str
    what_en: str
    who: str
    who_en: str
    clause: str


class PolicySaid(Struct, frozen=True):
    """The policy that was applied; `version` is its day in force (施行日), null where the policy states none."""

    id: str
    version: str | None
    hash: str


class LengthSaid(Struct, frozen=True):
    """A text's length as its platform counts it."""

    weighted: int
    limit: int


class Answer(Struct, frozen=True, kw_only=True):
    """The answer to one item (CONTRACT)."""

    id: str
    verdict: str
    findings: tuple[FindingSaid, ...]
    missing: tuple[MissingSaid, ...]
    policy: PolicySaid
    length: dict[str, LengthSaid]


class Trouble(Struct, frozen=True, kw_only=True):
    """In the place of an answer, where an item could not be read or judged at all: why, and what to do. It has no verdict."""

    id: str | None
    error: str
    line: int | UnsetType = UNSET


def answer(name: str, policy: Policy, judgement: Judgement, *, titles: Mapping[str, str] | None) -> Answer:
    """The contract's answer for a judgement. `titles` are the English names of an office's posts (`[office.titles_en]`). Without an office (None)
    there is nobody to wait for: `missing` is empty."""
    missing = judgement.missing if titles is not None else ()
    return Answer(
        id=name,
        verdict=judgement.verdict,
        findings=tuple(_said(finding) for finding in judgement.findings if not finding.lifted),
        missing=tuple(_waits(line, titles or {}) for line in missing),
        policy=PolicySaid(policy.id, version_of(policy), policy.hash),
        length={platform: LengthSaid(*pair) for platform, pair in judgement.lengths.items()},
    )


def _waits(line: Missing, titles: Mapping[str, str]) -> MissingSaid:
    return MissingSaid(
        what=line.what, what_en=line.what_en, who=line.who, who_en=in_english(line.who, titles), clause=line.clause
    )


def version_of(policy: Policy) -> str | None:
    """The day from which the version in hand is in force, or None where the policy does not state one."""
    day = policy.version.from_
    return day.isoformat() if day else None


def _said(finding: Finding) -> FindingSaid:
    return FindingSaid(
        clause=finding.clause,
        cite=finding.cite,
        text=finding.text,
        rule=finding.rule,
        verdict=finding.verdict,
        start=finding.start,
        end=finding.end,
        message=finding.message,
        message_en=finding.message_en,
        fix=finding.fix,
        fix_safe=finding.fix_safe,
        shadow=finding.shadow,
        lift=finding.lift,
        basis=finding.basis,
    )
