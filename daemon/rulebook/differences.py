"""What differs between two texts of a policy: clause by clause, and rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from msgspec import Struct

from daemon.rulebook.example import bare
from daemon.rulebook.model import Policy, Rule

_LONGEST = 200
"""Characters of a value that are shown."""


class TextChange(Struct, frozen=True, kw_only=True):
    """A clause whose words differ; empty where the text does not have it."""

    clause: str
    cite: str
    before: str
    after: str


class RuleChange(Struct, frozen=True, kw_only=True):
    """A rule that differs: what of it, `key: before → after`."""

    rule: str
    clause: str
    what: Literal["added", "removed", "changed"]
    said: tuple[str, ...] = ()


def text_changes(old: Policy, new: Policy) -> tuple[TextChange, ...]:
    """The clauses whose words are others, in the order of the new text, those that fall away last."""
    return tuple(
        TextChange(clause=clause, cite=(new.clauses.get(clause) or old.clauses[clause]).cite, before=before, after=after)
        for clause in dict.fromkeys((*new.clauses, *old.clauses))
        if (before := _words(old, clause)) != (after := _words(new, clause))
    )


def rule_changes(old: Policy, new: Policy) -> tuple[RuleChange, ...]:
    """The rules that are others."""
    return tuple(_rule_changes(old, new))


def _rule_changes(old: Policy, new: Policy) -> Iterator[RuleChange]:
    before, after = ({rule.id: bare(rule) for rule in policy.rules} for policy in (old, new))
    for name in dict.fromkeys((*after, *before)):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            rule: Rule | None = now or was
            assert rule is not None
            yield RuleChange(rule=name, clause=rule.clause, what="added" if was is None else "removed")
        elif was != now:
            yield RuleChange(rule=name, clause=now.clause, what="changed", said=tuple(_keys(was, now)))


def _keys(was: Rule, now: Rule) -> Iterator[str]:
    one, other = (msgspec.to_builtins(rule, str_keys=True) for rule in (was, now))
    for key in dict.fromkeys((*other, *one)):
        a, b = one.get(key), other.get(key)
        if a == b:
            continue
        if isinstance(a, list | tuple) and isinstance(b, list | tuple):
            gone, come = [each for each in a if each not in b], [each for each in b if each not in a]
            yield f"{key}: " + " ".join((*(f"-{each}" for each in gone), *(f"+{each}" for each in come)))[:_LONGEST]
        else:
            yield f"{key}: {_said(a)} → {_said(b)}"


def _said(value: Any) -> str:
    return str("-" if value in (None, "", [], {}) else value)[:_LONGEST]


def _words(policy: Policy, clause: str) -> str:
    found = policy.clauses.get(clause)
    return found.text.strip() if found is not None else ""
