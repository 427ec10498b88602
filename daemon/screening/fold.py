"""One form for what a reader takes for the same: width, case, composition, hidden characters; and the way back to the source.

Words are looked for in the folded text, and findings point into the text as written. The map between the two is made only for a text
that folding changes and that has a hit. It goes by segments (a character with its marks, ﾞﾟ, variation selectors and hidden
characters), because half-width ｶﾞ, decomposed ガ and a word with a zero-width space inside fold as a whole or not at all.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

from daemon.rulebook.lazy import lazy_pattern

HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e0fff"
)
"""Characters that a reader does not see (body of a character class)."""

# Text made of these alone folds to itself. The class is a quick way out, not a definition: what is outside may fold to itself too.
_PLAIN = lazy_pattern(
    "[\\n\\t -@\\[-~\u3001-\u3003\u3005-\u3020\u3030\u3041-\u3096\u309d\u309e\u30a0-\u30fe"
    "\u4e00-\u5fb6\u5fb8-\u6ff4\u6ff6-\u9088\u908b-\u9ad8\u9ada-\u9f49\u9f4c-\u9fff"
    "←-↓■□▲△▼▽◆◇○◎●◯★☆♪‐–—―‘’“”†‡※→×÷°±\U0001f300-\U0001f64f]*"
)
_DROPPED = lazy_pattern(f"[{HIDDEN}]")
_VARIANTS = str.maketrans("髙﨑德濵邊邉齋齊", "高崎徳浜辺辺斎斎")
"""Written variants of common kanji that compatibility folding leaves apart."""


def fold(text: str) -> str:
    """The folded text; the very same object where nothing folds. Without lone surrogates whatever comes in."""
    if _PLAIN.fullmatch(text):
        return text
    folded = _fold(text)
    return text if folded == text else folded


def _fold(text: str) -> str:
    text = _DROPPED.sub("", text)
    text = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", text).translate(_VARIANTS)


class Offsets:
    """The way from spans of the folded text back to spans of the source. Without a change between the two, it is the identity."""

    def __init__(self, text: str, folded: str) -> None:
        self._same = folded is text
        self._starts: list[int] = []
        self._sources: list[tuple[int, int]] = []
        if self._same:
            return
        at = 0
        lengths: dict[str, int] = {}  # most segments are one character, and come again
        for start, end in _segments(text):
            segment = text[start:end]
            length = lengths.get(segment)
            if length is None:
                length = lengths[segment] = len(_fold(segment))
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


def _segments(text: str) -> list[tuple[int, int]]:
    """Where the text may be cut without changing what folding makes of it."""
    joining = {char for char in set(text) if _joins(char)}
    cuts = [at for at, char in enumerate(text) if at == 0 or char not in joining]
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _joins(char: str) -> bool:
    """True for a character that may fold together with what stands before it: marks, voicing, vowels of Hangul, hidden ones."""
    if char < "\u0300" and char != "\u00ad":
        return False
    if _DROPPED.match(char):
        return True
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.category(first)[0] == "M" or "\u1160" <= first <= "\u11ff"
