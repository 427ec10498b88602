"""Why each rule of a policy fired on an item, or why it did not: for a pass as well as for a finding.

Nothing is worked out a second time here. What fired is the judge's own answer; why a rule of words or patterns kept silent is asked of the
very same screen, with one thing of the rule taken away at a time: what fires then was kept back by that thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from daemon.judge.approvers import approvers, facts_of
from daemon.judge.evaluate import judge
from daemon.judge.plan import SITUATED
from daemon.judge.situation import Situation
from daemon.judge.why import Twin, asks_for, excused_by, in_vain, not_asked, not_concerned, off_boundary
from daemon.rulebook.item import Item
from daemon.rulebook.model import (
    Approvers,
    Author,
    Detector,
    FanOut,
    Handle,
    Pattern,
    Policy,
    Powers,
    Rule,
    Rulebook,
    Said,
    Terminals,
    Unwatched,
    Words,
)
from daemon.rulebook.verdict import Finding, Level
from daemon.screening.hit import Facts
from daemon.screening.screen import On, Screen, is_dated, said
from daemon.screening.when import unmet

Outcome = Literal["fired", "shadow", "lifted", "asks", "unconcerned", "excused", "boundary", "silent", "unasked"]
"""fired, and counts; fired, and is only recorded; fired, and somebody has lifted it; asks for an approval; its `when` does not fit; found
only what it lets pass; found only parts of other words; found nothing; was not asked at all."""

FIRED: tuple[Outcome, ...] = ("fired", "shadow", "lifted")


class Explained(Struct, frozen=True, kw_only=True):
    """What became of one rule. `spans` are code points into the item's text: of what fired, or of what was kept back. `why` is a sentence for
    each reason, `why_en` the same in English."""

    rule: str
    clause: str
    cite: str
    check: str
    level: Level
    outcome: Outcome
    spans: tuple[tuple[int, int], ...] = ()
    why: tuple[str, ...] = ()
    why_en: tuple[str, ...] = ()


def explain(
    item: Item, situation: Situation, rulebook: Rulebook, *, policy: Policy | None = None, on: On = "draft", rule: str = ""
) -> tuple[Explained, ...]:
    """What became of every rule of the policy, or of this one, in the order of its file. Arguments as of `judge`; never raises for a text."""
    if policy is None:
        if situation.account is None:
            raise ValueError("an explanation needs an account or a policy")
        policy = rulebook.policies[situation.account.policy]
    found: dict[str, list[Finding]] = {}
    for each in judge(item, situation, rulebook, policy=policy, on=on).findings:
        found.setdefault(each.rule, []).append(each)
    facts = facts_of(item, situation, policy)
    words = said(policy, item.text, on)
    asking = {rule.id for rule in approvers(item, situation, policy)} if on == "draft" else set()
    asked = _Asked(item, situation, policy, facts, on, words, asking)
    return tuple(_explained(each, found.get(each.id, []), asked) for each in policy.rules if rule in ("", each.id))


class _Asked(Struct, frozen=True):
    """What is known while the rules of one policy are gone through; `words`: the rules whose `when.text` is found in the text."""

    item: Item
    situation: Situation
    policy: Policy
    facts: Facts
    on: On
    words: frozenset[str]
    asking: set[str]


def _explained(rule: Rule, found: list[Finding], asked: _Asked) -> Explained:
    outcome, why, spans = _outcome(rule, found, asked)
    clause = asked.policy.clause(rule.clause)
    return Explained(
        rule=rule.id,
        clause=rule.clause,
        cite=clause.cite if clause else rule.clause,
        check=str(rule.__struct_config__.tag),
        level=rule.level,
        outcome=outcome,
        spans=spans,
        why=tuple(dict.fromkeys(ja for ja, _ in why)),
        why_en=tuple(dict.fromkeys(en for _, en in why)),
    )


def _outcome(rule: Rule, found: list[Finding], asked: _Asked) -> tuple[Outcome, list[Twin], tuple[tuple[int, int], ...]]:
    if found:
        fired: Outcome = "shadow" if rule.shadow else "lifted" if all(each.lifted for each in found) else "fired"
        return fired, [(each.message, each.message_en) for each in found], tuple((each.start, each.end) for each in found)
    if not _is_asked(rule, asked):
        return "unasked", [not_asked(rule, asked.on, asked.situation.content_only)], ()
    if keys := unmet(rule.when, asked.facts, rule.id in asked.words):
        return "unconcerned", [not_concerned(rule.when, key, asked.facts) for key in keys], ()
    if isinstance(rule, Approvers):
        return ("asks", [asks_for(rule)], ()) if rule.id in asked.asking else ("silent", [], ())
    if isinstance(rule, Words | Pattern) and (kept := list(_kept_back(rule, asked))):
        by: Outcome = "boundary" if all(one == "boundary" for one, _, _ in kept) else "excused"
        return by, [why for _, why, _ in kept], tuple(dict.fromkeys(span for _, _, span in kept))
    return "silent", [in_vain(rule)], ()


def judged(rule: Rule) -> bool:
    """Whether anything that this rule finds is a finding: the tables of approvers and powers, terminals and sets speak elsewhere."""
    return not isinstance(rule, Terminals | Powers | Unwatched | FanOut | Approvers)


def _is_asked(rule: Rule, asked: _Asked) -> bool:
    """Whether the judge looks at such a rule at all in this situation."""
    if rule.on != asked.on or isinstance(rule, Terminals | Powers | Unwatched | FanOut):
        return False
    if asked.on == "comment" or isinstance(rule, Words | Pattern | Said):
        return True
    situated = isinstance(rule, Detector) and rule.name in SITUATED
    if isinstance(rule, Detector) and not situated:
        return True
    if asked.situation.content_only:
        return False
    if isinstance(rule, Author | Handle | Approvers):
        return asked.situation.account is not None
    return not situated or asked.situation.now is not None


def _kept_back(rule: Words | Pattern, asked: _Asked) -> Iterator[tuple[Outcome, Twin, tuple[int, int]]]:
    """The hits that the rule would have without its exceptions, each with what keeps it back."""
    bare: Words | Pattern = replace(rule, unless=())
    if isinstance(bare, Words):
        bare = replace(bare, boundary="none")
    for start, end in _hits(bare, asked):
        words = asked.item.text[start:end]
        if not _within(start, end, _hits(replace(bare, unless=rule.unless), asked)):
            alone = tuple(
                pattern for pattern in rule.unless if not _within(start, end, _hits(replace(bare, unless=(pattern,)), asked))
            )
            yield "excused", excused_by(words, alone or rule.unless), (start, end)
        else:
            yield "boundary", off_boundary(words), (start, end)


def _hits(rule: Words | Pattern, asked: _Asked) -> tuple[tuple[int, int], ...]:
    alone = replace(asked.policy, rules=(rule,), hash="")
    found = Screen(alone, asked.on, dated=is_dated(rule)).findings(asked.facts)
    return tuple((each.start, each.end) for each in found)


def _within(start: int, end: int, hits: tuple[tuple[int, int], ...]) -> bool:
    return any(start <= hit_start and hit_end <= end for hit_start, hit_end in hits)
