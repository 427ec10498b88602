"""Which of many texts can have a finding at all? Most comments have none, and are told apart from the others all at once.

The texts are looked through as one, joined by line ends: one pass of the automaton over what words and patterns need, one pass of RE2 over
the patterns that need nothing and over the guards of the detectors. Whatever is met makes a suspect of the text it lies in; only suspects
are screened. So a sieve may name a text too many, and never one too few.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Detector
from daemon.rulebook.patterns import rewrite
from daemon.screening.detectors import GUARDS, IDLE, Detect
from daemon.screening.hit import Facts, Text
from daemon.screening.patterns import SET_MEMORY, Patterns, PatternSet
from daemon.screening.words import Lexicon, WordFinder

# What begins or ends a text begins or ends a line of the joined one (`(?m:…)`); these insist on the text itself.
_OF_THE_WHOLE_TEXT = lazy_pattern(r"\\[Az]|\(\?[a-zA-Z]*-[a-zA-Z]*m")


class Sieve:
    """The sieve of one screen. It sees no front matter and nothing that a text leaves unsaid: a screen with such rules has none."""

    def __init__(self, words: WordFinder, patterns: Patterns, detectors: Iterable[tuple[Detector, Detect]]) -> None:
        self._words = words
        self._patterns = patterns
        asked = patterns.needless
        self._apart = Patterns({0: [pattern for pattern in asked if _OF_THE_WHOLE_TEXT.search(pattern)]})
        detectors = tuple(detectors)
        self._asked = [
            *(pattern for pattern in asked if not _OF_THE_WHOLE_TEXT.search(pattern)),
            *dict.fromkeys(GUARDS[rule.name] for rule, _ in detectors if rule.name in GUARDS),
            *([words.hides] if words.hides else ()),
        ]
        self._hides = len(self._asked) - 1 if words.hides else -1
        """Which of them says that a word may be hidden, and not yet that one is."""
        self._unguarded = [(rule, detect) for rule, detect in detectors if rule.name not in GUARDS]

    @property
    def terms(self) -> Iterable[str]:
        """Everything that the automaton looks for."""
        return {*self._words.terms, *self._patterns.needs}

    def share(self, lexicon: Lexicon) -> None:
        """Use this automaton, which holds all of the own terms and may hold other screens' too."""
        self._words.share(lexicon)
        words, needs = set(self._words.terms), self._patterns.needs
        self._lexicon = (lexicon, [term in words or needs.get(term, ()) for term in lexicon.terms])

    @cached_property
    def _lexicon(self) -> tuple[Lexicon, list[bool | tuple[int, ...]]]:
        """The automaton, and by the index of each term: True for a word, for what patterns need their branches, () for others' terms."""
        self.share(Lexicon(self.terms))
        return self._lexicon

    @cached_property
    def _alternation(self) -> Any:
        """What is asked, as one pattern that tells where."""
        return _one_of(self._asked)

    @cached_property
    def _set(self) -> PatternSet:
        """The same, told one from the other."""
        return PatternSet(self._asked)

    def suspects(self, sources: Sequence[str], folded: Sequence[str], facts: Facts) -> list[int]:
        """The indices, in order, of the texts that may have a finding. No text holds a lone surrogate."""
        changed = [number for number, (source, form) in enumerate(zip(sources, folded, strict=True)) if source is not form]
        forms = [*sources, *(folded[number] for number in changed)]
        numbers = [*range(len(sources)), *changed]
        found = {numbers[form] for form in self._met(forms)}
        for rule, detect in self._unguarded:
            if not _idle(rule, facts):
                for number in range(len(sources)):
                    if number not in found and _detects(detect, Text(sources[number], folded[number]), facts, rule):
                        found.add(number)
        return sorted(found)

    def _met(self, forms: Sequence[str]) -> Iterator[int]:
        """The indices of the forms in which a word or a pattern is met: of each text as written, and folded where that differs."""
        joined = "\n".join(forms)
        starts = [0, *accumulate(len(form) + 1 for form in forms[:-1])]
        lexicon, means = self._lexicon
        branches: dict[int, set[int]] = {}
        for start, end, term in lexicon.find(joined):
            if (meaning := means[term]) is True:
                yield from _between(starts, start, end)
            elif meaning:
                for form in _between(starts, start, end):
                    branches.setdefault(form, set()).update(meaning)
        for form, met in branches.items():
            if self._patterns.matches(forms[form], met):
                yield form
        if self._alternation is not None:
            touched = {form for match in self._alternation.finditer(joined) for form in _between(starts, *match.span())}
            yield from (form for form in touched if self._answers(forms[form]))
        if self._apart:
            yield from (number for number, form in enumerate(forms) if self._apart.owners(form))

    def suspects_one(self, text: Text, facts: Facts) -> bool:
        """The same for one text: whether it may have a finding."""
        if self._has(text.source) or (text.folded is not text.source and self._has(text.folded)):
            return True
        return any(_detects(detect, text, facts, rule) for rule, detect in self._unguarded if not _idle(rule, facts))

    def _has(self, form: str) -> bool:
        """Whether a word or a pattern is met in this form of a text."""
        lexicon, means = self._lexicon
        branches: set[int] = set()
        for _, _, term in lexicon.find(form):
            if (meaning := means[term]) is True:
                return True
            if meaning:
                branches.update(meaning)
        if branches and self._patterns.matches(form, branches):
            return True
        return bool(self._asked and self._answers(form)) or bool(self._apart and self._apart.owners(form))

    def _answers(self, form: str) -> bool:
        """Whether any of what is asked matches; if it is that a word may be hidden, whether one is."""
        return any(
            asked != self._hides or next(self._words.hidden(form, _every), None) is not None for asked in self._set.match(form)
        )


def _idle(rule: Detector, facts: Facts) -> bool:
    return rule.name in IDLE and IDLE[rule.name](facts)


def _every(_: int) -> bool:
    return True


def _one_of(patterns: Sequence[str]) -> Any:
    """All of these as one pattern, for a joined text; None where there are none."""
    import re2

    options = re2.Options()
    options.max_mem = SET_MEMORY
    options.log_errors = False
    options.never_capture = True
    return re2.compile("|".join(f"(?m:{rewrite(pattern)})" for pattern in patterns), options) if patterns else None


def _between(starts: list[int], start: int, end: int) -> range:
    """The texts of a joined one that this place of it touches."""
    first = bisect_right(starts, start) - 1
    return (
        range(first, first + 1)
        if first + 1 == len(starts) or end <= starts[first + 1]
        else range(first, bisect_right(starts, end - 1))
    )


def _detects(detect: Detect, text: Text, facts: Facts, rule: Detector) -> bool:
    return next(iter(detect(text, facts, rule.options)), None) is not None
