"""All content rules of a policy on one draft, every finding at once.

Words and patterns are looked for in the text as written and folded; spans always point into the text as written. The options of a
poll and the alternative texts of images are read too: they will be seen as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import attrgetter
from typing import Literal

from daemon.rulebook.item import Item
from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Detector, Pattern, Policy, Rule, Words
from daemon.rulebook.verdict import Finding
from daemon.screening.cite import finding
from daemon.screening.detectors import BODY, EVERYWHERE
from daemon.screening.hit import Facts, Hit, Spans, Text
from daemon.screening.literals import Literals, at_script_change
from daemon.screening.patterns import Patterns, spans
from daemon.screening.when import applies

MOST = 50
"""Findings of one rule on one draft; what comes after is counted in the last of them."""

On = Literal["draft", "comment"]

_SURROGATES = lazy_pattern("[\ud800-\udfff]")


class Screen:
    """The content rules of one policy for drafts or for comments, compiled."""

    def __init__(self, policy: Policy, on: On) -> None:
        self.policy = policy
        self._rules = tuple(rule for rule in policy.rules if rule.on == on)
        self._detectors = tuple(
            (rule, detect)
            for rule in self._rules
            if isinstance(rule, Detector) and (detect := EVERYWHERE.get(rule.name) or BODY.get(rule.name))
        )
        self._literals = Literals({n: rule.terms for n, rule in enumerate(self._rules) if isinstance(rule, Words)})
        self._unless = {n: rule.unless for n, rule in enumerate(self._rules) if isinstance(rule, Words | Pattern)}
        self._bounded = {n for n, rule in enumerate(self._rules) if isinstance(rule, Words) and rule.boundary == "script"}
        self._patterns = Patterns({n: rule.any for n, rule in enumerate(self._rules) if isinstance(rule, Pattern)})
        self._conditions = Patterns({n: rule.when.text for n, rule in enumerate(self._rules)})
        self.said = lru_cache(maxsize=64)(self._said)

    def _said(self, text: str) -> frozenset[str]:
        """The ids of the rules of which a `when.text` pattern is found in this text."""
        return frozenset(self._rules[n].id for form, _ in Text(_clean(text)).forms for n in self._conditions.owners(form))

    def findings(self, facts: Facts) -> tuple[Finding, ...]:
        """What the content rules say of a draft, in the order of the text."""
        body, whole = texts(facts.item)
        hits: dict[str, tuple[Rule, list[Hit]]] = {}
        for rule, hit in (*self._worded(whole, facts), *self._detected(body, whole, facts)):
            hits.setdefault(rule.id, (rule, []))[1].append(hit)
        found = [self._finding(rule, _placed(hit, body, whole)) for rule, each in hits.values() for hit in _at_most(MOST, each)]
        return tuple(sorted(found, key=attrgetter("start", "end")))

    def _finding(self, rule: Rule, hit: Hit) -> Finding:
        return finding(
            rule,
            self.policy,
            start=hit.start,
            end=hit.end,
            message=hit.message,
            message_en=hit.message_en,
            fix=hit.fix,
        )

    def _concerns(self, rule: Rule, facts: Facts) -> bool:
        return applies(rule.when, facts, bool(rule.when.text) and rule.id in self.said(facts.item.text))

    def _worded(self, whole: Text, facts: Facts) -> Iterator[tuple[Rule, Hit]]:
        for number, found in sorted(self._places(whole, facts).items()):
            for start, end in _leftmost(_without(found, self._unless[number], whole)):
                yield self._rules[number], Hit(start, end)

    def _places(self, whole: Text, facts: Facts) -> dict[int, set[tuple[int, int]]]:
        """Where in the source the words and patterns stand, rule by rule, of the rules that look at this draft at all."""
        looks = {}
        places: dict[int, set[tuple[int, int]]] = {}

        def concerned(number: int) -> bool:
            if number not in looks:
                looks[number] = self._concerns(self._rules[number], facts)
            return looks[number]

        for number, start, end in self._literals.find(whole.folded):
            if concerned(number) and (number not in self._bounded or at_script_change(whole.folded, start, end)):
                places.setdefault(number, set()).add(whole.span(start, end))
        for form, folded in whole.forms:
            for number, start, end in self._patterns.find(form):
                if concerned(number):
                    places.setdefault(number, set()).add(whole.span(start, end) if folded else (start, end))
        return places

    def _detected(self, body: Text, whole: Text, facts: Facts) -> Iterator[tuple[Rule, Hit]]:
        for rule, detect in self._detectors:
            if self._concerns(rule, facts):
                for hit in detect(body if rule.name in BODY else whole, facts):
                    yield rule, hit


_compiled: dict[tuple[str, On], Screen] = {}
_KEPT = 16


def compile_policy(policy: Policy, on: On = "draft") -> Screen:
    """The compiled screen of a policy, made once for each hash."""
    key = (policy.hash, on)
    screen = _compiled.get(key)
    if screen is None or (screen.policy is not policy and screen.policy.rules != policy.rules):
        if len(_compiled) >= _KEPT:
            _compiled.pop(next(iter(_compiled)))
        screen = _compiled[key] = Screen(policy, on)
    return screen


def screen(policy: Policy, facts: Facts, on: On = "draft") -> tuple[Finding, ...]:
    """What the content rules of this policy say of a text: all findings at once, spans as code points into `facts.item.text`."""
    return compile_policy(policy, on).findings(facts)


def said(policy: Policy, text: str, on: On = "draft") -> frozenset[str]:
    """The ids of the rules, of whatever kind, of which a `when.text` pattern is found in this text."""
    return compile_policy(policy, on).said(text)


def texts(item: Item) -> tuple[Text, Text]:
    """The body, and the body with everything else that will be seen after it. Lone surrogates become U+FFFD, one for one."""
    body = Text(_clean(item.text))
    parts = [*(item.poll.options if item.poll else ()), *(image.alt for image in item.images if image.alt)]
    return (body, Text(_clean("\n".join((item.text, *parts))))) if parts else (body, body)


def _clean(text: str) -> str:
    try:
        text.encode()  # far faster than a search for the few texts that cannot be
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text)
    return text


def _without(found: Iterable[tuple[int, int]], unless: tuple[str, ...], whole: Text) -> list[tuple[int, int]]:
    """The places that lie inside no match of an `unless` pattern."""
    excused: list[tuple[int, int]] = []
    for form, folded in whole.forms if unless else ():
        for pattern in unless:
            excused += [whole.span(*span) if folded else span for span in spans(pattern, form)]
    around = Spans(excused)
    return [(start, end) for start, end in found if not around.hold(start, end)]


def _leftmost(found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """From the left, the longest of places that overlap."""
    reached = 0
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= reached:
            reached = end
            yield start, end


def _at_most(most: int, hits: list[Hit]) -> list[Hit]:
    if len(hits) <= most:
        return hits
    last, rest = hits[most - 1], len(hits) - most
    said = last._replace(
        message=f"{last.message}（ほか{rest}か所）" if last.message else "",
        message_en=f"{last.message_en} (and {rest} more places)" if last.message_en else "",
    )
    return [*hits[: most - 1], said]


def _placed(hit: Hit, body: Text, whole: Text) -> Hit:
    """The hit as it lies in the body; what lies in an option or an alternative text is named in the message instead."""
    length = len(body.source)
    if hit.start < length or whole is body:
        return hit._replace(end=min(hit.end, length))
    words = whole.source[hit.start : hit.end]
    return Hit(
        0,
        0,
        message=f"投票の選択肢または画像の代替文の「{words}」: {hit.message}" if hit.message else "",
        message_en=f"“{words}” in an option or an alternative text: {hit.message_en}" if hit.message_en else "",
    )
