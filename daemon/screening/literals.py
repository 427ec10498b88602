"""All words of a policy at once: one automaton over every word rule, and what makes a hit count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from daemon.screening.fold import fold

_HIRAGANA = {code: code + 0x60 for code in [*range(0x3041, 0x3097), 0x309D, 0x309E]}
_KATAKANA = {to: code for code, to in _HIRAGANA.items()}


class _Automaton(Protocol):
    def find(self, text: str) -> Iterable[tuple[int, int, int]]:
        """(index of the term, start, end) of every occurrence, overlapping ones too."""


class Literals:
    """The terms of several word rules, folded, in hiragana and in katakana, looked for in one pass.

    `owners` maps a rule to its terms. Empty terms are left out: they would be everywhere.
    """

    def __init__(self, owners: Mapping[int, Iterable[str]]) -> None:
        found: dict[str, set[int]] = {}
        for owner, terms in owners.items():
            for term in terms:
                for written in _variants(fold(term.strip())):
                    found.setdefault(written, set()).add(owner)
        self._terms = list(found)
        self._owners = [tuple(sorted(owners)) for owners in found.values()]
        self._automaton = _automaton(self._terms) if self._terms else None

    def find(self, folded: str) -> Iterator[tuple[int, int, int]]:
        """(rule, start, end) of every occurrence in the folded text, overlapping ones too."""
        if self._automaton is not None:
            for term, start, end in self._automaton.find(folded):
                for owner in self._owners[term]:
                    yield owner, start, end


def at_script_change(text: str, start: int, end: int) -> bool:
    """True where the span begins and ends where the script changes, at punctuation, or at an end of the text."""
    return _changes(text, start) and _changes(text, end)


def _changes(text: str, at: int) -> bool:
    if at <= 0 or at >= len(text):
        return True
    before, after = _script(text[at - 1]), _script(text[at])
    # The long-vowel mark belongs to whichever kana stands before it.
    if text[at] == "ー" and before in ("hiragana", "katakana"):
        return False
    return before != after or before == "other"


def _script(char: str) -> str:
    if "\u3041" <= char <= "\u309f":
        return "hiragana"
    if "\u30a1" <= char <= "\u30ff":
        return "katakana"
    if "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char in "々〆ヶ" or char >= "\U00020000":
        return "kanji"
    if char.isalpha():
        return "letters"
    return "digits" if char.isdigit() else "other"


def _variants(term: str) -> set[str]:
    return {term, term.translate(_HIRAGANA), term.translate(_KATAKANA)} - {""}


def _automaton(terms: list[str]) -> _Automaton:
    """daachorse where it is installed (it has no wheel for every machine), else ahocorasick_rs: the same hits."""
    try:
        return _Daachorse(terms)
    except ImportError:
        return _AhoCorasick(terms)


class _Daachorse:
    def __init__(self, terms: list[str]) -> None:
        from daachorse import CharwiseDoubleArrayAhoCorasick

        self._engine = CharwiseDoubleArrayAhoCorasick(terms)

    def find(self, text: str) -> Iterable[tuple[int, int, int]]:
        return ((term, start, end) for start, end, term in self._engine.find_overlapping(text))


class _AhoCorasick:
    def __init__(self, terms: list[str]) -> None:
        from ahocorasick_rs import AhoCorasick

        self._engine = AhoCorasick(terms)

    def find(self, text: str) -> Iterable[tuple[int, int, int]]:
        found: Iterable[tuple[int, int, int]] = self._engine.find_matches_as_indexes(text, overlapping=True)
        return found
