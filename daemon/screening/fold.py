"""One form for what a reader takes for the same: width, case, composition, hidden characters; and the way back to the source.

Words are looked for in the folded text, and findings point into the text as written. The map between the two is made only for a text
that folding changes and that has a hit. It goes by segments (a character with its marks, ﾞﾟ, variation selectors and hidden
characters), because half-width ｶﾞ, decomposed ガ and a word with a zero-width space inside fold as a whole or not at all.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache
from itertools import accumulate, islice
from typing import NamedTuple

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.marks import without_heaps
from daemon.screening.lookalikes import RADICALS

HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e0fff"
)
"""Characters that a reader does not see (body of a character class)."""

# Characters that fold to themselves, whatever stands beside them. The class is a quick way out, not a
# definition: emoji do too, but with them in the class `re` would try its ranges one by one instead of looking into a table.
_SELF = (
    "\x00-@\\[-~\u218a-\u222b\u2231-\u2328\u232b-\u245f\u24eb-\u27ff\u2801-\u2a0b\u3001-\u3029\u3030\u3041-\u3096\u309d\u309e\u30a0-\u30fe"
    "\u4e00-\u5fb6\u5fb8-\u6ff4\u6ff6-\u9088\u908b-\u9ad8\u9ada-\u9f49\u9f4c-\u9fff"
    "‐–—―‘’“”†‡※→×÷°±"
)
_OTHER = lazy_pattern(f"[^{_SELF}]")
_OTHERS = lazy_pattern(f"[^{_SELF}]+")
_FEW = 8
"""Kinds of character up to which each is replaced by itself: quicker than one search for all, in the short texts of which most are."""
_OFTEN = 16
"""Times that a kind has to come for one search of its own, in a thousand texts."""
_DROPPED = lazy_pattern(f"[{HIDDEN}]")
_WHITE_ON_BLACK = {start + at: chr(ord("a") + at) for start in (0x1F150, 0x1F170) for at in range(26)}
_VARIANTS: dict[int, int | str] = {
    **str.maketrans("髙﨑德濵邊邉齋齊", "高崎徳浜辺辺斎斎"),
    **str.maketrans("".join(RADICALS), "".join(RADICALS.values())),
    **_WHITE_ON_BLACK,
}
"""Written variants of common kanji that compatibility folding leaves apart, radicals that pass for kanji (⻑), 🅕 and 🅵."""
_JAPANESE = "ぁ-ゖァ-ヺｦ-ﾟー一-鿿々〆"
# ハ゛ and 死̶ are read as バ and 死: the voicing that takes a place of its own belongs to the letter, and what goes with none is dropped.
_APART = str.maketrans("\u309b\u309c", "\u3099\u309a")
_ON_A_LETTER = lazy_pattern(f"(?<=[{_JAPANESE}])[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f]+")


def fold(text: str) -> str:
    """The folded text; the very same object where nothing folds. `text` holds no lone surrogates. What stands beside a line end folds
    without regard to what stands behind it, so that many lines may be folded as one text."""
    others = set(_OTHER.findall(text))
    if not others:
        return text
    if len(others) > _FEW:
        return _fold_runs(text)
    for char in others:
        folded = _alone(char)
        if folded is None:
            return _same_or(text, _fold(text))
        if folded != char:
            text = text.replace(char, folded)
    return text


class Folded(NamedTuple):
    """The folded forms of many texts; `joins` are the numbers of those in which a character may join its neighbour. In all others each
    character folds alone, and what folds to itself stands in the folded form wherever it is written."""

    forms: Sequence[str]
    joins: Set[int]


def fold_all(texts: Sequence[str]) -> Folded:
    """`fold` of each of many texts: of all of them as one, but of those in which a character may join its neighbour."""
    joined = written = "\n".join(texts)
    others = Counter(_OTHER.findall(written))
    if not others:
        return Folded(texts, frozenset())
    alone = {char: _alone(char) for char in others}
    joining = [char for char, folded in alone.items() if folded is None]
    folds = {char: folded for char, folded in alone.items() if folded is not None and folded != char}
    for char in [char for char in folds if others[char] >= _OFTEN]:
        joined = joined.replace(char, folds.pop(char))
    if folds:
        joined = _OTHERS.sub(lambda run: "".join([folds.get(char, char) for char in run[0]]), joined)
    lines = joined.split("\n")
    if len(lines) != len(texts):  # a text may have line ends of its own
        rest = iter(lines)
        lines = ["\n".join(islice(rest, text.count("\n") + 1)) for text in texts]
    joins = _holding(joining, written, texts) if joining else frozenset[int]()
    for number in joins:
        lines[number] = fold(texts[number])
    return Folded([text if text == line else line for text, line in zip(texts, lines, strict=True)], joins)


def _holding(chars: Iterable[str], joined: str, texts: Iterable[str]) -> Set[int]:
    """The indices of the texts, joined by line ends, in which one of these characters stands."""
    ends = list(accumulate(len(text) + 1 for text in texts))
    return {bisect_right(ends, match.start()) for match in re.finditer(f"[{re.escape(''.join(chars))}]", joined)}


def _fold_runs(text: str) -> str:
    """The same for a text with many kinds of characters that fold: run by run, which come again and again."""
    try:
        return _same_or(text, _OTHERS.sub(_run, text))
    except _Joins:
        return _same_or(text, _fold(text))


def _run(match: re.Match[str]) -> str:
    found = _folded_run(match[0])
    if found is None:
        raise _Joins
    return found


class _Joins(Exception):
    """A character folds together with what stands before it: the text has to be folded as a whole."""


@lru_cache(maxsize=4096)
def _folded_run(run: str) -> str | None:
    pieces = [_alone(char) for char in run]
    return None if None in pieces else "".join(piece for piece in pieces if piece)


@lru_cache(maxsize=8192)
def _alone(char: str) -> str | None:
    """What one character folds to wherever it stands; None for one that may fold together with its neighbour."""
    return None if _joins(char) else _fold(char)


def _same_or(text: str, folded: str) -> str:
    return text if folded == text else folded


def _fold(text: str) -> str:
    text = without_heaps(_DROPPED.sub("", text).translate(_APART))
    text = unicodedata.normalize("NFKC", text).casefold().translate(_VARIANTS)
    return _ON_A_LETTER.sub("", unicodedata.normalize("NFKC", text))


class Offsets:
    """The way from spans of the folded text back to spans of the source. Where each letter folds to one letter, it is the identity."""

    def __init__(self, text: str, folded: str) -> None:
        self._same = folded is text or _letter_by_letter(text)
        self._starts: list[int] = []
        self._sources: list[tuple[int, int]] = []
        if self._same:
            return
        at = 0
        for start, end in _segments(text):
            folded_segment = _alone(text[start]) if end - start == 1 else None  # most segments are one character, and come again
            length = len(_fold(text[start:end]) if folded_segment is None else folded_segment)
            if length:
                self._starts.append(at)
                self._sources.append((start, end))
                at += length
        self._length = at

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The span of the source that `start:end` (not empty) of the folded text stands for: whole segments."""
        if self._same:
            return start, end
        first = self._sources[bisect_right(self._starts, start) - 1]
        last = self._sources[bisect_right(self._starts, end - 1) - 1]
        return first[0], last[1]


def _letter_by_letter(text: str) -> bool:
    """Whether every character folds to one character, wherever it stands: then no place moves."""
    return all(len(_alone(char) or "") == 1 for char in set(_OTHER.findall(text)))


def _segments(text: str) -> list[tuple[int, int]]:
    """Where the text may be cut without changing what folding makes of it."""
    joining = {char for char in set(text) if _alone(char) is None}
    cuts = [at for at, char in enumerate(text) if at == 0 or char not in joining]
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _joins(char: str) -> bool:
    """True for a character that may fold together with what stands before it: marks, voicing, vowels of Hangul, hidden ones."""
    if char < "\u0300" and char != "\u00ad":
        return False
    if _DROPPED.match(char) or char in "\u309b\u309c":
        return True
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.category(first)[0] == "M" or "\u1160" <= first <= "\u11ff"
