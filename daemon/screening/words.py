"""The word rules of one screen: which rule claims which term, and what makes a hit of it count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import NamedTuple

from daemon.rulebook.model import Words
from daemon.screening.boundary import at_script_change, at_word_boundary
from daemon.screening.evasions import MASK, MASKS, MAY_HIDE, Closed, masked, may_be_masked
from daemon.screening.fold import fold
from daemon.screening.hit import Text
from daemon.screening.literals import Found, automaton, mixtures, spellings
from daemon.screening.patterns import PatternSet


class Claim(NamedTuple):
    """A rule that looks for a term. `written` is the term in full, where it is looked for in a form that only who hides it writes."""

    owner: int
    written: str = ""


class Lexicon:
    """One automaton over the terms of all the finders that share it."""

    def __init__(self, terms: Iterable[str]) -> None:
        self.terms = list(terms)
        self.find: Callable[[str], Found] = automaton(self.terms).find
        """Every occurrence of a term: (start, end, index of the term)."""

    def claims(self, claimed: Mapping[str, list[Claim]]) -> list[list[Claim]]:
        """By the index of the term, who claims it."""
        return [claimed.get(term, []) for term in self.terms]


Asked = Callable[[int], bool]
"""Whether the rule of this number looks at the text at all."""


class Place(NamedTuple):
    """A hit that may count: its rule, its span of the folded text, and what `WordFinder.counts` needs to tell: where it stands in the form
    that was searched, and what it says in full, where that is hidden."""

    owner: int
    start: int
    end: int
    form: str
    first: int
    last: int
    written: str
    closed: bool


class WordFinder:
    """Where the words of these rules stand in a text; `rules` by the number under which the screen knows them."""

    def __init__(self, rules: Mapping[int, Words]) -> None:
        self._rules = rules
        self._claimed: dict[str, list[Claim]] = {}
        for owner, rule in rules.items():
            for term in _terms(rule):
                self._claim(spellings(term), Claim(owner))
        self._evaded = [(owner, term) for owner, rule in rules.items() if rule.sees_through for term in _terms(rule)]
        for owner, term in self._evaded:
            self._claim(mixtures(term), Claim(owner, term))

    def _claim(self, spelt: Iterable[str], claim: Claim) -> None:
        """One rule claims a spelling once: as it is listed before as somebody hides it."""
        for each in spelt:
            claims = self._claimed.setdefault(each, [])
            if all(other.owner != claim.owner for other in claims):
                claims.append(claim)

    @property
    def terms(self) -> Iterable[str]:
        """Every term in every spelling that is looked for."""
        return self._claimed.keys()

    def share(self, lexicon: Lexicon) -> None:
        """Use this automaton, which holds all of the own terms and others too (what patterns need)."""
        self._words = (lexicon, lexicon.claims(self._claimed))

    @cached_property
    def _words(self) -> tuple[Lexicon, list[list[Claim]]]:
        lexicon = Lexicon(self._claimed)
        return lexicon, lexicon.claims(self._claimed)

    @cached_property
    def _masked_words(self) -> tuple[Lexicon, list[list[Claim]]]:
        """The terms with one letter left out; made for the first text in which one may be."""
        claimed: dict[str, list[Claim]] = {}
        for owner, term in self._evaded:
            for spelt in spellings(term) if len(term) > 1 else ():
                for at in range(len(spelt)):
                    claimed.setdefault(f"{spelt[:at]}{MASK}{spelt[at + 1 :]}", []).append(Claim(owner, spelt))
        lexicon = Lexicon(claimed)
        return lexicon, lexicon.claims(claimed)

    @property
    def hides(self) -> str:
        """RE2: found in the folded form of every text in which a hidden word may be; empty where no rule looks for such."""
        return MAY_HIDE if self._evaded else ""

    def find(self, text: Text) -> Iterator[tuple[int, int, int]]:
        """Every hit that counts: the rule, and the span of the folded text."""
        for place in self.places(text.folded, _every):
            if self.counts(place):
                yield place[:3]

    def places(self, folded: str, asked: Asked, met: Found | None = None, hides: bool | None = None) -> Iterator[Place]:
        """Every hit of the rules that are asked, whether or not it counts. What the shared automaton `met` in the text, and whether it
        matches `hides`, may be known already."""
        if self._claimed:
            yield from self._plain(folded, asked, met)
        if self._evaded and (hides or hides is None and _may_hide().match(folded)):
            yield from self._closed(folded, asked)
            if not MASKS.isdisjoint(folded):
                yield from self._masked(folded, asked)

    def counts(self, place: Place) -> bool:
        """Whether what was hit is a word of its own there, as its rule wants it. Telling words apart takes longer than all the rest."""
        _, _, _, form, first, last, written, closed = place
        if written or closed:
            return at_word_boundary(form, first, last, written)
        match self._rules[place.owner].boundary:
            case "word":
                return at_word_boundary(form, first, last)
            case "script":
                return at_script_change(form, first, last)
        return True

    def _plain(self, folded: str, asked: Asked, met: Found | None) -> Iterator[Place]:
        lexicon, claims = self._words
        for start, end, term in lexicon.find(folded) if met is None else met:
            for owner, written in claims[term]:
                if asked(owner):
                    yield Place(owner, start, end, folded, start, end, written, False)

    def _closed(self, folded: str, asked: Asked) -> Iterator[Place]:
        closed = Closed(folded)
        lexicon, claims = self._words
        for start, end, term in lexicon.find(closed.text):
            if not claims[term]:
                continue
            first, last = closed.folded(start, end)
            if folded[first:last] == closed.text[start:end]:
                continue  # written as it is listed, and found already
            for owner, written in claims[term]:
                if self._rules[owner].sees_through and asked(owner):
                    yield Place(owner, first, last, closed.text, start, end, written, True)

    def _masked(self, folded: str, asked: Asked) -> Iterator[Place]:
        text = masked(folded)
        lexicon, claims = self._masked_words
        for start, end, term in lexicon.find(text):
            if may_be_masked(text, start, end):
                for owner, written in claims[term]:
                    if asked(owner):
                        yield Place(owner, start, end, text, start, end, written, True)


def _every(_: int) -> bool:
    return True


@lru_cache(maxsize=1)
def _may_hide() -> PatternSet:
    return PatternSet((MAY_HIDE,))


def _terms(rule: Words) -> Iterator[str]:
    for term in rule.terms:
        if folded := fold(term.strip()):
            yield folded
