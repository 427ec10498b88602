"""Rules of one policy that cancel each other, or can never fire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import Literal

from msgspec import Struct

from daemon.rulebook.model import Account, Approvers, Hours, Kinds, Policy, Rule, When, Words

Weight = Literal["dead_end", "contradiction", "notice"]
"""dead_end: drafts would wait for ever. contradiction: a rule is not what somebody meant by it. notice: worth knowing."""

STRENGTH = {"info": 0, "warn": 1, "hold": 2, "block": 3}


class Conflict(Struct, frozen=True, kw_only=True):
    """One contradiction or dead end. `since` is the first day (of those looked at) on which it holds; `account`, `rule` and `clause` are
    empty where it concerns no single one."""

    kind: str
    weight: Weight
    policy: str
    message: str
    message_en: str
    account: str = ""
    clause: str = ""
    rule: str = ""
    subject: str = ""
    since: date | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same on another day."""
        return (self.kind, self.policy, self.account, self.clause, self.rule, self.subject)


def opposed(policy: Policy, accounts: Sequence[Account], day: date) -> Iterator[Conflict]:
    """All of them, as the rules stand on that day."""
    rules = [rule for rule in policy.rules if rule.on == "draft" and not rule.shadow]
    yield from _never(policy, rules, accounts, day)
    yield from _forbidden_and_asked(policy, rules)
    yield from _two_hours(policy, rules)
    yield from _covered(policy, rules)


def _never(policy: Policy, rules: Sequence[Rule], accounts: Sequence[Account], day: date) -> Iterator[Conflict]:
    """Rules that no draft can meet: dates that have passed, platforms and topics of no account."""
    platforms = {account.platform for account in accounts}
    topics = {account.topic for account in accounts}
    for rule in (rule for rule in rules if not rule.clause.startswith("office/")):  # what every policy gets need not fire in each
        when, why = rule.when, ("", "")
        if when.until is not None and when.until < day:
            why = f"期間（{when.until} まで）が過ぎています", f"its dates are over ({when.until})"
        elif when.platforms and not platforms.intersection(when.platforms):
            why = f"媒体 {'、'.join(when.platforms)} のアカウントがありません", f"no account is on {', '.join(when.platforms)}"
        elif when.topics and "" not in topics and not topics.intersection(when.topics):
            why = (
                f"分野「{'、'.join(when.topics)}」のアカウントがありません",
                f"no account has the topic {', '.join(when.topics)}",
            )
        if why[0]:
            yield _conflict(
                "never_fires",
                "notice",
                policy,
                rule,
                f"規則 {rule.id} が働く下書きはありません。{why[0]}。",
                f"Rule {rule.id} never fires: {why[1]}.",
            )


def _forbidden_and_asked(policy: Policy, rules: Sequence[Rule]) -> Iterator[Conflict]:
    """A kind of act that one rule blocks, whatever it is, and another one wants approved, or lets somebody lift."""
    for block in (rule for rule in rules if isinstance(rule, Kinds) and rule.level == "block" and rule.when == When()):
        for rule in rules:
            kinds = (
                rule.when.kinds if isinstance(rule, Approvers) else rule.kinds if isinstance(rule, Kinds) and rule.lift else ()
            )
            both = [kind for kind in kinds if kind in block.kinds]
            if both:
                said = "、".join(both)
                yield _conflict(
                    "forbidden_and_allowed",
                    "contradiction",
                    policy,
                    rule,
                    f"規則 {rule.id} は {said} を認める定めですが、規則 {block.id}（{block.clause}）が例外なく止めます。どちらかを直してください。",
                    f"Rule {rule.id} provides for {said}, but rule {block.id} ({block.clause}) blocks it without exception: mend one of them.",
                )


def _two_hours(policy: Policy, rules: Sequence[Rule]) -> Iterator[Conflict]:
    """Two rules of hours for the same drafts: only the first of them counts."""
    for first, second in combinations((rule for rule in rules if isinstance(rule, Hours)), 2):
        if _meet(first.when, second.when) and (first.open, first.close, first.days) != (second.open, second.close, second.days):
            yield _conflict(
                "overlapping_hours",
                "contradiction",
                policy,
                second,
                f"運用時間 {second.id} は {first.id} と同じ下書きに当たります。働くのは先に書いた {first.id} だけです。",
                f"The hours {second.id} speak of drafts that {first.id} speaks of too: only {first.id}, which stands first, counts.",
            )


def _covered(policy: Policy, rules: Sequence[Rule]) -> Iterator[Conflict]:
    """A rule whose every word another rule, at least as strong, has too: it never decides anything by itself."""
    for rule in rules:
        for other in rules:
            if rule is not other and _within(rule, other):
                yield _conflict(
                    "shadowed",
                    "contradiction",
                    policy,
                    rule,
                    f"規則 {rule.id} は、規則 {other.id}（{other.clause}）に隠れて何も決めません。",
                    f"Rule {rule.id} decides nothing that rule {other.id} ({other.clause}) does not.",
                )
                break


def _within(rule: Rule, other: Rule) -> bool:
    if (
        rule.clause != other.clause
        or STRENGTH.get(other.level, -1) < STRENGTH.get(rule.level, -1)
        or not _wider(other.when, rule.when)
    ):
        return False
    if isinstance(rule, Words) and isinstance(other, Words):
        return set(rule.terms) < set(other.terms) and set(other.unless) <= set(rule.unless) and other.boundary == "none"
    return isinstance(rule, Kinds) and isinstance(other, Kinds) and set(rule.kinds) < set(other.kinds)


def _meet(one: When, other: When) -> bool:
    """Can a draft meet both conditions?"""
    return all(
        not ours or not theirs or bool(set(ours) & set(theirs))
        for ours, theirs in ((one.kinds, other.kinds), (one.topics, other.topics), (one.platforms, other.platforms))
    )


def _wider(one: When, other: When) -> bool:
    """Does every draft that meets `other` meet `one`?"""
    return one == When() or one == other


def _conflict(kind: str, weight: Weight, policy: Policy, rule: Rule, message: str, message_en: str) -> Conflict:
    return Conflict(
        kind=kind, weight=weight, policy=policy.id, clause=rule.clause, rule=rule.id, message=message, message_en=message_en
    )
