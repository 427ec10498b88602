"""Which of many texts can have a finding at all? Most comments have none, and are told apart from the others all at once.

The texts are looked through as one, joined by line ends: one pass of the automaton over all the words that rules look for, that patterns need
and without which no guard of a detector matches; then one pass of RE2 over the texts in which that asks for it. What was met in a text
is all that is screened in it. So a sieve may meet a thing too many, and never one too few.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Detector
from daemon.rulebook.patterns import rewrite
from daemon.rulebook.required import required
from daemon.screening.detectors import GUARDS, IDLE, SIGNS, Detect
from daemon.screening.evasions import signs
from daemon.screening.fold import Folded, fold
from daemon.screening.hit import Facts, Text
from daemon.screening.literals import Found
from daemon.screening.patterns import SET_MEMORY, Patterns, PatternSet
from daemon.screening.words import Lexicon, WordFinder

# What begins or ends a text begins or ends a line of the joined one (`(?m:…)`); these insist on the text itself.
_OF_THE_WHOLE_TEXT = lazy_pattern(r"\\[Az]|\(\?[a-zA-Z]*-[a-zA-Z]*m")

Asks = tuple[str | int, ...]
"""What a pattern stands for: the names of the detectors that it guards, the numbers of the patterns that it is; nothing: that something may
be hidden."""


_ALONE = (0,)

_Branches = dict[int, set[int]]
"""By the number of a text, the branches of patterns of which a word stands in it."""


class Met:
    """What was met in one text, and is all that can be found in it."""

    __slots__ = ("words", "patterns", "patterns_written", "guards", "hides")

    def __init__(self) -> None:
        self.words: Found = []
        """Terms, in the folded form."""
        self.patterns: list[int] = []
        """The patterns that match the folded form, and below those that match the text as written where that is another."""
        self.patterns_written: list[int] = []
        self.guards: set[str] = set()
        """The detectors whose guard matches."""
        self.hides = False
        """Whether something may be hidden."""


class _Means(NamedTuple):
    """What a term of the automaton stands for."""

    word: bool
    branches: tuple[int, ...]
    sign: bool


class Sieve:
    """The sieve of one screen. It sees no front matter and nothing that a text leaves unsaid: a screen with such rules has none."""

    def __init__(self, words: WordFinder, patterns: Patterns, detectors: Iterable[tuple[Detector, Detect]], hides: str) -> None:
        """`hides` is found in the folded form of every text in which something may be hidden; empty where nobody looks for that."""
        self._words = words
        self._patterns = patterns
        detectors = tuple(detectors)
        self._unguarded = [(rule, detect) for rule, detect in detectors if rule.name not in GUARDS]
        names = dict.fromkeys(rule.name for rule, _ in detectors if rule.name in GUARDS)
        signs_of = {name: SIGNS.get(name) or _signs_of(GUARDS[name]) for name in names}
        self._signs = {sign for found in signs_of.values() for sign in found}
        guards: dict[bool, dict[str, Asks]] = {True: {}, False: {}}
        for name, found in signs_of.items():
            asked = guards[bool(found)]
            asked[GUARDS[name]] = (*asked.get(GUARDS[name], ()), name)
        if hides:
            guards[True][hides] = ()
            self._signs |= signs()
        needless = {pattern: tuple(numbers) for pattern, numbers in patterns.needless.items()}
        self._signed = _Asked(guards[True])
        self._always = _Asked(
            guards[False] | {each: asks for each, asks in needless.items() if not _OF_THE_WHOLE_TEXT.search(each)}
        )
        self._apart = _Asked({each: asks for each, asks in needless.items() if _OF_THE_WHOLE_TEXT.search(each)})

    @cached_property
    def _lexicon(self) -> tuple[Lexicon, list[_Means]]:
        """The automaton of words, of what patterns need and of signs, and what each term means, by its index. The words are looked for with
        it from now on, too: one automaton instead of two."""
        words, needs = set(self._words.terms), self._patterns.needs
        lexicon = Lexicon({*words, *needs, *self._signs})
        self._words.share(lexicon)
        return lexicon, [_Means(term in words, needs.get(term, ()), term in self._signs) for term in lexicon.terms]

    @cached_property
    def _odd(self) -> tuple[Lexicon, list[_Means]] | None:
        """The same of the words that no folded form holds as they are, and that patterns need all the same; None where there are none."""
        odd = {word: branches for word, branches in self._patterns.needs.items() if fold(word) != word}
        return (Lexicon(odd), [_Means(False, branches, False) for branches in odd.values()]) if odd else None

    def many(self, sources: Sequence[str], folded: Folded, facts: Facts) -> dict[int, Met]:
        """What is met in each of these texts, by its index; those in which nothing is are left out. No text holds a lone surrogate."""
        found: dict[int, Met] = {}
        forms, every = folded.forms, range(len(sources))
        branches = self._look(forms, found)
        self._match(branches, forms, found)
        self._ask_always(forms, every, found)
        changed = [number for number, (source, form) in enumerate(zip(sources, forms, strict=True)) if source is not form]
        if changed:
            self._match(self._branches_written(sources, changed, folded.joins, branches), sources, found, written=True)
            self._ask_always([sources[number] for number in changed], changed, found, written=True)
        for rule, detect in self._unguarded:
            if not _idle(rule, facts):
                for number in every:
                    if number not in found and _detects(detect, Text(sources[number], forms[number]), facts, rule):
                        found[number] = Met()
        return found

    def one(self, text: Text, facts: Facts) -> Met | None:
        """The same for one text; None where nothing is met."""
        found: dict[int, Met] = {}
        asks = bool(self._always or self._apart)
        forms = (text.folded,)
        if branches := self._look(forms, found):
            self._match(branches, forms, found)
        if asks:
            self._ask_always(forms, _ALONE, found)
        if text.folded is not text.source:
            forms = (text.source,)
            if branches := self._branches_written(forms, _ALONE, {0}, {}):
                self._match(branches, forms, found, written=True)
            if asks:
                self._ask_always(forms, _ALONE, found, written=True)
        if not found and any(_detects(detect, text, facts, rule) for rule, detect in self._unguarded if not _idle(rule, facts)):
            found[0] = Met()
        return found.get(0)

    def _look(self, forms: Sequence[str], found: dict[int, Met]) -> _Branches:
        """Look through the folded forms; the branches of patterns of which words stand in each come back."""
        branches: _Branches = {}
        signed: list[int] = []
        for at, start, end, term, (word, needing, sign) in _terms_in(forms, *self._lexicon):
            if needing:
                branches.setdefault(at, set()).update(needing)
            if sign and (not signed or signed[-1] != at):
                signed.append(at)
            if word:
                _of(found, at).words.append((start, end, term))
        if signed and self._signed:
            self._ask(self._signed, [forms[at] for at in signed], signed, found)
        return branches

    def _branches_written(
        self, sources: Sequence[str], changed: Sequence[int], joins: Set[int], branches: _Branches
    ) -> _Branches:
        """The branches of which words stand in these texts as written. Where each character folds alone, words that fold to themselves
        stand in the folded form too, and only others are looked for again."""
        whole = [number for number in changed if number in joins]
        alone = [number for number in changed if number not in joins] if whole else changed
        met = {number: set(branches[number]) for number in alone if number in branches}
        for numbers, words in ((alone, self._odd), (whole, self._lexicon)):
            if numbers and words:
                for at, _, _, _, meaning in _terms_in([sources[number] for number in numbers], *words):
                    if meaning.branches:
                        met.setdefault(numbers[at], set()).update(meaning.branches)
        return met

    def _match(self, branches: _Branches, forms: Sequence[str], found: dict[int, Met], *, written: bool = False) -> None:
        for number, asking in branches.items():
            if matching := self._patterns.matching(forms[number], asking):
                _note(_of(found, number), (tuple(matching),), written)

    def _ask_always(self, forms: Sequence[str], numbers: Sequence[int], found: dict[int, Met], *, written: bool = False) -> None:
        """Ask every text what no word could tell before."""
        if self._always:
            self._ask(self._always, forms, numbers, found, written=written)
        for at, form in enumerate(forms) if self._apart else ():
            if answers := self._apart.of(form):
                _note(_of(found, numbers[at]), answers, written)

    def _ask(
        self, asked: _Asked, forms: Sequence[str], numbers: Sequence[int], found: dict[int, Met], *, written: bool = False
    ) -> None:
        for at in asked.touched(forms):
            if answers := asked.of(forms[at]):
                _note(_of(found, numbers[at]), answers, written)


def _terms_in(forms: Sequence[str], lexicon: Lexicon, means: Sequence[_Means]) -> Iterator[tuple[int, int, int, int, _Means]]:
    """Every term in any of these texts, looked through as one: the index of the text, the span there, the term, what it means."""
    starts = list(accumulate([len(form) + 1 for form in forms], initial=0))
    at, first, following = 0, 0, -1
    for start, end, term in lexicon.find("\n".join(forms)):
        if start >= following:
            at = bisect_right(starts, start) - 1
            first, following = starts[at], starts[at + 1]
        if start >= first and end < following:  # not over the line end between two texts
            yield at, start - first, end - first, term, means[term]


def _signs_of(guard: str) -> frozenset[str]:
    """Words of which one stands in every text that this guard matches, where they can be read off it."""
    return frozenset(word for words, *_ in required(guard) for word in words)


def _of(found: dict[int, Met], number: int) -> Met:
    met = found.get(number)
    if met is None:
        met = found[number] = Met()
    return met


def _note(met: Met, answers: Iterable[Asks], written: bool) -> None:
    """What the answers to one form of a text say of it."""
    for asks in answers:
        if not asks:
            met.hides = True
        for each in asks:
            if isinstance(each, str):
                met.guards.add(each)
            else:
                (met.patterns_written if written else met.patterns).append(each)


class _Asked:
    """Patterns that many texts are asked for, and what each stands for."""

    def __init__(self, asks: dict[str, Asks]) -> None:
        self._patterns = list(asks)
        self._asks = list(asks.values())

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def touched(self, forms: Sequence[str]) -> Iterable[int]:
        """The indices of the texts that some pattern may match: all looked through as one."""
        if len(forms) == 1:
            return (0,)
        joined = "\n".join(forms)
        starts = list(accumulate([len(form) + 1 for form in forms], initial=0))[:-1]
        return {form for match in self._alternation.finditer(joined) for form in _between(starts, *match.span())}

    def of(self, form: str) -> list[Asks]:
        """What the patterns that match a form stand for."""
        return [self._asks[at] for at in self._set.match(form)]

    @cached_property
    def _alternation(self) -> Any:
        """All of them as one pattern that tells where."""
        return _one_of(self._patterns)

    @cached_property
    def _set(self) -> PatternSet:
        """The same, told one from the other."""
        return PatternSet(self._patterns)


def _idle(rule: Detector, facts: Facts) -> bool:
    return rule.name in IDLE and IDLE[rule.name](facts)


def _one_of(patterns: Sequence[str]) -> Any:
    """All of these as one pattern, for a joined text."""
    import re2

    options = re2.Options()
    options.max_mem = SET_MEMORY
    options.log_errors = False
    options.never_capture = True
    return re2.compile("|".join(f"(?m:{rewrite(pattern)})" for pattern in patterns), options)


def _between(starts: list[int], start: int, end: int) -> Iterator[int]:
    """The texts of a joined one that this place of it touches."""
    first = bisect_right(starts, start) - 1
    yield first
    if first + 1 < len(starts) and end > starts[first + 1]:
        yield from range(first + 1, bisect_right(starts, end - 1))


def _detects(detect: Detect, text: Text, facts: Facts, rule: Detector) -> bool:
    return next(iter(detect(text, facts, rule.options)), None) is not None
