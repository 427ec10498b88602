"""All content rules of a policy on one draft, every finding at once.

Words and patterns are looked for in the text as written and folded; spans always point into the text as written. The options of a
poll, the alternative texts of images and what their QR codes say are read too: they will be seen as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Literal, NamedTuple

from daemon.rulebook.item import Item
from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Detector, Pattern, Policy, Rule, Said, When, Words
from daemon.rulebook.season import dated
from daemon.rulebook.verdict import Finding
from daemon.screening.cite import finding
from daemon.screening.declared import FieldRule, lacking
from daemon.screening.detectors import BODY, EVERYWHERE, GUARDS, Detect
from daemon.screening.evasions import MAY_HIDE, spaced_out
from daemon.screening.fold import fold_all
from daemon.screening.hit import Facts, Hit, Spans, Text
from daemon.screening.patterns import ONE_BY_ONE, Patterns, spans
from daemon.screening.sieve import Met, Sieve
from daemon.screening.when import applies
from daemon.screening.words import Place, WordFinder

MOST = 50
"""Findings of one rule on one draft; what comes after is counted in the last of them."""

On = Literal["draft", "comment"]

_Detector = tuple[Detector, Detect]

_Hit = tuple[int, int, Place | None]
"""A span of the source; of a word, what tells whether it counts."""

_SURROGATES = lazy_pattern("[\ud800-\udfff]")


class Screen:
    """The content rules of one policy for drafts or for comments, compiled: those that hold on every day, or the `dated` ones."""

    def __init__(self, policy: Policy, on: On, *, dated: bool = False) -> None:
        self.policy = policy
        self._on = on
        self.rules = tuple(rule for rule in policy.rules if rule.on == on and is_dated(rule) == dated)
        self._detectors = tuple(
            (rule, detect)
            for rule in self.rules
            if isinstance(rule, Detector) and (detect := EVERYWHERE.get(rule.name) or BODY.get(rule.name))
        )
        self._unguarded = tuple(pair for pair in self._detectors if pair[0].name not in GUARDS)
        self._said_rules = tuple(rule for rule in self.rules if isinstance(rule, Said) and not rule.of)
        self._of_fields = tuple(FieldRule(rule) for rule in self.rules if isinstance(rule, Words | Pattern | Said) and rule.of)
        self._words = WordFinder({n: rule for n, rule in enumerate(self.rules) if isinstance(rule, Words) and not rule.of})
        self._unless = {n: rule.unless for n, rule in enumerate(self.rules) if isinstance(rule, Words | Pattern)}
        self._patterns = Patterns({n: rule.any for n, rule in enumerate(self.rules) if isinstance(rule, Pattern) and not rule.of})
        self._hides = MAY_HIDE if on == "comment" and self._patterns else self._words.hides
        self._conditions = Patterns({n: rule.when.text for n, rule in enumerate(self.rules)})
        self.said = lru_cache(maxsize=64)(self._said)
        self._seen = 0
        self._always = frozenset(rule.id for rule in self.rules if rule.when == When())

    @cached_property
    def sieve(self) -> Sieve | None:
        """What tells the texts with nothing in them apart; None where some rule sees more than the text. It reads every pattern."""
        return None if self._said_rules or self._of_fields else Sieve(self._words, self._patterns, self._detectors, self._hides)

    def _said(self, text: str) -> frozenset[str]:
        """The ids of the rules of which a `when.text` pattern is found in this text."""
        return frozenset(self.rules[n].id for form, _ in Text(_clean(text)).forms for n in self._conditions.owners(form))

    def findings(self, facts: Facts) -> tuple[Finding, ...]:
        """What the content rules say of a draft, in the order of the text."""
        body, whole = texts(facts.item)
        self._seen += 1
        # The sieve is worth its making from some texts on; `kohoban check` has one.
        if self._seen <= ONE_BY_ONE or self.sieve is None:
            return self._found(body, whole, facts)
        met = self.sieve.one(whole, facts)
        return () if met is None else self._found(body, whole, facts, met)

    def many(self, sources: Sequence[str], facts: Facts) -> dict[int, tuple[Finding, ...]]:
        """The same for many texts without front matter, by their index; those of which there is nothing to say are left out."""
        cleaned = _all_clean(sources)
        folded = fold_all(cleaned)
        met = self.sieve.many(cleaned, folded, facts) if self.sieve else dict.fromkeys(range(len(cleaned)))
        found = {}
        for number in sorted(met):
            text = Text(cleaned[number], folded.forms[number])
            if said := self._found(text, text, Facts(Item(text=text.source), *facts[1:]), met[number]):
                found[number] = said
        return found

    def _found(self, body: Text, whole: Text, facts: Facts, met: Met | None = None) -> tuple[Finding, ...]:
        """The findings; `met` is all that there is to be found, where a sieve has looked."""
        hits: dict[str, tuple[Rule, list[Hit]]] = {}
        for rule, hit in self._hits(body, whole, facts, met):
            hits.setdefault(rule.id, (rule, []))[1].append(hit)
        found = [
            self._finding(rule, _placed(rule, hit, body, whole, facts.item))
            for rule, each in hits.values()
            for hit in _at_most(MOST, each)
        ]
        return tuple(sorted(found, key=attrgetter("start", "end")))

    def _hits(self, body: Text, whole: Text, facts: Facts, met: Met | None) -> Iterator[tuple[Rule, Hit]]:
        yield from self._worded(whole, facts, met)
        if met is None:
            yield from self._detected(self._detectors, body, whole, facts)
            yield from self._declared(body, facts)
        elif met.guards:
            yield from self._detected(
                [pair for pair in self._detectors if pair[0].name not in GUARDS or pair[0].name in met.guards], body, whole, facts
            )
        elif self._unguarded:
            yield from self._detected(self._unguarded, body, whole, facts)

    def _finding(self, rule: Rule, hit: Hit) -> Finding:
        return finding(
            rule,
            self.policy,
            start=hit.start,
            end=hit.end,
            message=hit.message,
            message_en=hit.message_en,
            fix=hit.fix,
            fix_safe=hit.safe,
        )

    def _concerns(self, rule: Rule, facts: Facts) -> bool:
        if rule.id in self._always:
            return True
        return applies(rule.when, facts, bool(rule.when.text) and rule.id in self.said(facts.item.text))

    def _worded(self, whole: Text, facts: Facts, met: Met | None) -> Iterator[tuple[Rule, Hit]]:
        places = self._places(whole, facts, met)
        for number in sorted(places):
            for start, end in self._counted(places[number], self._unless[number], whole):
                yield self.rules[number], Hit(start, end)

    def _counted(self, places: list[_Hit], unless: tuple[str, ...], whole: Text) -> Iterator[tuple[int, int]]:
        """From the left, the longest of places that overlap and count; what cannot be the longest is not asked whether it counts."""
        reached = 0
        excused: Spans | None = None
        for start, end, place in sorted(places, key=_from_the_left):
            if start < reached or (place is not None and not self._words.counts(place)):
                continue
            if unless:
                excused = excused or _excused(unless, whole)
                if excused.hold(start, end):
                    continue
            reached = end
            yield start, end

    def _places(self, whole: Text, facts: Facts, met: Met | None) -> dict[int, list[_Hit]]:
        """Where in the source the words and patterns stand, rule by rule, of the rules that look at this draft at all."""
        looks = {}
        places: dict[int, list[_Hit]] = {}

        def concerned(number: int) -> bool:
            if number not in looks:
                looks[number] = self._concerns(self.rules[number], facts)
            return looks[number]

        words = self._words.places(whole.folded, concerned, *((met.words, met.hides) if met else ()))
        for place in words:
            places.setdefault(place.owner, []).append((*whole.span(place.start, place.end), place))
        for form, folded in whole.forms:
            if met is None:
                found = self._patterns.find(form)
            else:
                likely = met.patterns if form is whole.folded else met.patterns_written
                found = self._patterns.find_of(likely, form) if likely else iter(())
            for number, start, end in found:
                if concerned(number):
                    places.setdefault(number, []).append((*(whole.span(start, end) if folded else (start, end)), None))
        for number, start, end in self._spaced(whole, met):
            if concerned(number):
                places.setdefault(number, []).append((start, end, None))
        return places

    def _spaced(self, whole: Text, met: Met | None) -> Iterator[tuple[int, int, int]]:
        """Where in the source a pattern stands whose letters are spaced out; citizens do that, and offices do not hide what they say."""
        if self._on != "comment" or not (met is None or met.hides) or (closed := spaced_out(whole.folded)) is None:
            return
        for number, start, end in self._patterns.find(closed.text):
            first, last = closed.folded(start, end)
            if last - first > end - start:
                yield number, *whole.span(first, last)

    def _detected(self, detectors: Iterable[_Detector], body: Text, whole: Text, facts: Facts) -> Iterator[tuple[Rule, Hit]]:
        for rule, detect in detectors:
            if self._concerns(rule, facts):
                for hit in detect(body if rule.name in BODY else whole, facts, rule.options):
                    yield rule, hit

    def _declared(self, body: Text, facts: Facts) -> Iterator[tuple[Rule, Hit]]:
        """What the text leaves unsaid, and what the front matter says."""
        for said_rule in self._said_rules:
            if self._concerns(said_rule, facts) and (unsaid := lacking(said_rule, body)):
                yield said_rule, unsaid
        for each in self._of_fields:
            if self._concerns(each.rule, facts):
                for hit in each.hits(facts.item):
                    yield each.rule, hit


_compiled: dict[tuple[str, On, bool], Screen] = {}
_KEPT = 16


def is_dated(rule: Rule) -> bool:
    """Whether a rule holds on some days only: then what it finds in a text is another thing tomorrow."""
    return dated(rule.when)


def compile_policy(policy: Policy, on: On = "draft", *, dated: bool = False) -> Screen:
    """The compiled screen of a policy, made once for each hash."""
    key = (policy.hash, on, dated)
    screen = _compiled.get(key)
    if screen is None or (screen.policy is not policy and screen.policy.rules != policy.rules):
        if len(_compiled) >= _KEPT:
            _compiled.pop(next(iter(_compiled)))
        screen = _compiled[key] = Screen(policy, on, dated=dated)
    elif screen.policy is not policy:
        screen.policy = policy  # read anew, and the same: not compared again
    return screen


def screen(policy: Policy, facts: Facts, on: On = "draft", *, dated: bool = False) -> tuple[Finding, ...]:
    """What the content rules of this policy say of a text: all findings at once, spans as code points into `facts.item.text`. Those of
    the `dated` rules hang on today and are asked for apart: the others stay true as long as the policy does."""
    return compile_policy(policy, on, dated=dated).findings(facts)


def screen_many(policy: Policy, texts: Sequence[str], facts: Facts, on: On = "comment") -> dict[int, tuple[Finding, ...]]:
    """What `screen` says of each of these texts, by its index; those of which it says nothing are left out. `facts` holds what is known
    besides the text; its item is not looked at."""
    found = compile_policy(policy, on).many(texts, facts)
    if has_dated(policy, on):
        for number, said in compile_policy(policy, on, dated=True).many(texts, facts).items():
            found[number] = (*found.get(number, ()), *said)
    return found


def said(policy: Policy, text: str, on: On = "draft") -> frozenset[str]:
    """The ids of the rules, of whatever kind, of which a `when.text` pattern is found in this text."""
    found = compile_policy(policy, on).said(text)
    return found | compile_policy(policy, on, dated=True).said(text) if has_dated(policy, on) else found


def has_dated(policy: Policy, on: On) -> bool:
    """Whether any rule of this policy holds on some days only."""
    return bool(compile_policy(policy, on, dated=True).rules)


class Beside(NamedTuple):
    """Words that will be seen beside the text, and what people call their place."""

    words: str
    place: str
    place_en: str


def beside(item: Item) -> list[Beside]:
    """The options of a poll, the alternative texts of images, what their QR codes say."""
    parts = [Beside(option, "投票の選択肢", "an option of the poll") for option in (item.poll.options if item.poll else ())]
    for image in item.images:
        if image.alt:
            parts.append(Beside(image.alt, f"画像「{image.file}」の代替文", f"the alternative text of “{image.file}”"))
    for looked in item.looked:
        parts += (Beside(code, f"画像「{looked.file}」の QR コード", f"the QR code in “{looked.file}”") for code in looked.codes)
    return parts


def texts(item: Item) -> tuple[Text, Text]:
    """The body, and the body with everything else that will be seen after it. Lone surrogates become U+FFFD, one for one."""
    body = Text(_clean(item.text))
    parts = beside(item) if item.poll or item.images else ()
    return (body, Text(_clean("\n".join((item.text, *(part.words for part in parts)))))) if parts else (body, body)


def _all_clean(texts: Sequence[str]) -> Sequence[str]:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return [*map(_clean, texts)]
    return texts


def _clean(text: str) -> str:
    try:
        text.encode()  # far faster than a search for the few texts that cannot be
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text)
    return text


def _from_the_left(hit: _Hit) -> tuple[int, int]:
    return hit[0], -hit[1]


def _excused(unless: tuple[str, ...], whole: Text) -> Spans:
    """The matches of `unless` patterns."""
    excused: list[tuple[int, int]] = []
    for form, folded in whole.forms:
        for pattern in unless:
            excused += [whole.span(*span) if folded else span for span in spans(pattern, form)]
    return Spans(excused)


def _at_most(most: int, hits: list[Hit]) -> list[Hit]:
    if len(hits) <= most:
        return hits
    last, rest = hits[most - 1], len(hits) - most
    said = last._replace(
        message=f"{last.message}（ほか{rest}か所）" if last.message else "",
        message_en=f"{last.message_en} (and {rest} more places)" if last.message_en else "",
    )
    return [*hits[: most - 1], said]


def _placed(rule: Rule, hit: Hit, body: Text, whole: Text, item: Item) -> Hit:
    """The hit as it lies in the body; what lies beside it (an option, an alternative text, a QR code) is named in the message instead."""
    length = len(body.source)
    if hit.start < length or hit.end <= length or whole is body:
        return hit if hit.end <= length else hit._replace(end=length)
    words = whole.source[hit.start : hit.end]
    at = length
    for part in beside(item):
        at += 1 + len(part.words)
        if hit.start < at:
            break
    return Hit(
        0,
        0,
        message=f"{part.place}の「{words}」: {hit.message or rule.message}",
        message_en=f"“{words}” in {part.place_en}: {hit.message_en or rule.message_en}",
    )
