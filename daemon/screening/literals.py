"""All words at once: one automaton over the terms of however many rules and policies, folded, in every kana they may be written in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import product
from typing import Protocol

from daemon.rulebook.lazy import lazy_pattern

_HIRAGANA = {code: code + 0x60 for code in [*range(0x3041, 0x3097), 0x309D, 0x309E]}
_KATAKANA = {to: code for code, to in _HIRAGANA.items()}
_HAS_KANA = lazy_pattern("[ぁ-ゖゝゞァ-ヶヽヾ]")
_MIXED_THROUGHOUT = 4
"""Kana of a term up to which every mixture of hiragana and katakana is looked for; in longer ones one change from one to the other."""

_WITHOUT = 4
"""Texts that are asked word by word: `kohoban check` has one, and to make an automaton takes longer."""

Found = list[tuple[int, int, int]]
"""(start, end, index of the term) of every occurrence, overlapping ones too."""


class Automaton(Protocol):
    def find(self, text: str) -> Found:
        """Every occurrence of a term. The text holds no lone surrogates."""


def spellings(term: str) -> set[str]:
    """A folded term as it is, all in hiragana and all in katakana."""
    if not _HAS_KANA.search(term):
        return {term}
    return {term, term.translate(_HIRAGANA), term.translate(_KATAKANA)}


def mixtures(term: str) -> Iterator[str]:
    """A folded term in mixed kana (バか, しネ), as nobody writes it who does not hide it."""
    kana = [at for at, char in enumerate(term) if ord(char) in _HIRAGANA or ord(char) in _KATAKANA]
    if len(kana) <= _MIXED_THROUGHOUT:
        choices: Iterable[tuple[bool, ...]] = product((False, True), repeat=len(kana))
    else:
        choices = [tuple((n < at) is first for n in range(len(kana))) for at in range(1, len(kana)) for first in (False, True)]
    for choice in choices:
        letters = list(term)
        for at, katakana in zip(kana, choice, strict=True):
            letters[at] = term[at].translate(_HIRAGANA if katakana else _KATAKANA)
        yield "".join(letters)


def automaton(terms: list[str]) -> Automaton:
    """daachorse where it is installed (it has no wheel for every machine), else ahocorasick_rs: the same hits. No term is empty."""
    if not terms:
        return _Nothing()
    try:
        return _Daachorse(terms)
    except ImportError:
        return _AhoCorasick(terms)


class Lists:
    """Which of several lists of words has one in a text."""

    def __init__(self, lists: Iterable[tuple[str, ...]]) -> None:
        self._lists = tuple(lists)
        self._asked = 0

    def met(self, text: str) -> Iterable[int]:
        """The numbers of the lists of which a word stands in the text, in order."""
        self._asked += 1
        if self._asked <= _WITHOUT:
            return [number for number, words in enumerate(self._lists) if any(word in text for word in words)]
        return sorted({number for _, _, word in self._automaton.find(text) for number in self._of[word]})

    @cached_property
    def _automaton(self) -> Automaton:
        of: dict[str, list[int]] = {}
        for number, words in enumerate(self._lists):
            for word in words:
                of.setdefault(word, []).append(number)
        self._of = list(of.values())
        return automaton(list(of))


class _Nothing:
    def find(self, text: str) -> Found:
        return []


class _Daachorse:
    def __init__(self, terms: list[str]) -> None:
        from daachorse import CharwiseDoubleArrayAhoCorasick

        self.find = CharwiseDoubleArrayAhoCorasick(terms).find_overlapping


class _AhoCorasick:
    def __init__(self, terms: list[str]) -> None:
        from ahocorasick_rs import AhoCorasick

        self._engine = AhoCorasick(terms)

    def find(self, text: str) -> Found:
        return [(start, end, term) for term, start, end in self._engine.find_matches_as_indexes(text, overlapping=True)]
