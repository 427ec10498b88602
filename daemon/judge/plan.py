"""What a policy's rules ask of a judgement, sorted once: which hang on the front matter, which on the situation, who approves."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from daemon.rulebook.model import Approvers, Author, Detector, FanOut, Handle, Hours, Kinds, Policy, Required, Rule, Topics
from daemon.rulebook.titles import UNIT_CHIEF
from daemon.screening.screen import is_dated

SITUATED = ("past", "duplicate", "burst", "unrecorded")
"""The detectors that need the situation."""

_KEPT = 16
_T = TypeVar("_T")


class Plan:
    """The rules on drafts of one policy, by what they need."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        rules = tuple(rule for rule in policy.rules if rule.on == "draft")
        self.rules = {rule.id: rule for rule in rules}
        self.declared = tuple(rule for rule in rules if isinstance(rule, Required | Kinds | Topics))
        self.reading = tuple(rule for rule in rules if isinstance(rule, Detector) and rule.name == "reading")
        self.around = tuple(
            rule
            for rule in rules
            if isinstance(rule, Hours | Author | Handle | Topics) or (isinstance(rule, Detector) and rule.name in SITUATED)
        )
        self.approvers = tuple(rule for rule in rules if isinstance(rule, Approvers) and not rule.shadow)
        self.fan_out = next((rule for rule in rules if isinstance(rule, FanOut) and not rule.shadow), None)
        self.nobody_named = _managers(policy)
        self.hours = frozenset(rule.id for rule in rules if isinstance(rule, Hours))
        self.dated = any(map(is_dated, rules))
        self.asks_the_text = any(rule.when.text for rule in rules if not isinstance(rule, Hours | Author | Handle))


def _managers(policy: Policy) -> Approvers:
    """The line that stands in where the policy's own table has none for a draft: nothing goes out because nobody was named."""
    return Approvers(
        id="office.approver",
        clause="office/approver",
        level="hold",
        titles=tuple(dict.fromkeys((*policy.manager, UNIT_CHIEF))),
        message="この種別と分野の承認者は要綱に定めがありません。管理者の承認が必要です。",
        message_en="The policy names no approver for this kind and topic: a manager has to approve.",
    )


def once(make: Callable[[Policy], _T]) -> Callable[[Policy], _T]:
    """Keep what is made of a policy for as long as its hash and its rules stay the same."""
    kept: dict[str, tuple[tuple[Rule, ...], _T]] = {}

    @wraps(make)
    def get(policy: Policy) -> _T:
        found = kept.get(policy.hash)
        if found is not None:
            if found[0] is policy.rules:
                return found[1]
            if found[0] == policy.rules:  # read anew, and the same: not compared again
                kept[policy.hash] = (policy.rules, found[1])
                return found[1]
        if len(kept) >= _KEPT:
            kept.pop(next(iter(kept)))
        kept[policy.hash] = (policy.rules, made := make(policy))
        return made

    return get


plan_of = once(Plan)
