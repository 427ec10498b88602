"""How alike two texts are, for the guard against repeated posts, and whether one is the other with something put around it."""

from __future__ import annotations

from functools import lru_cache

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.fold import fold

_SPACE = lazy_pattern(r"\s+")
_HASHTAG = lazy_pattern(r"#\w+")


def similarity(one: str, other: str) -> float:
    """From 0 (nothing in common) to 1 (the same): Dice's coefficient over the sets of bigrams of the folded texts, without spaces.

    A set, because a sentence said twice says nothing more than once. Without hashtags, which make no other post of the same words;
    posts of nothing but hashtags are compared by them.
    """
    if one == other:
        return 1.0
    mine, theirs = _bigrams(one), _bigrams(other)
    if not mine or not theirs:
        return float(_squeeze(one) == _squeeze(other))
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))


_SHORT = 16
"""Bigrams of a text: fewer are a formula (「本日の窓口は終了しました」), which may stand in any post."""


def contained(earlier: str, later: str) -> float:
    """How much of the earlier text stands in the later one, from 0 to 1, where what is put around it is no more than the text itself:
    「誤字があったので出し直します」 before a post makes no other post of it. 0 where the earlier text is too short to tell, and where the
    later one says so much more that it is another post."""
    old, new = _bigrams(earlier), _bigrams(later)
    if len(old) < _SHORT or not len(old) <= len(new) <= 2 * len(old):
        return 0.0
    return len(old & new) / len(old)


def _squeeze(text: str) -> str:
    folded = fold(text)
    return _SPACE.sub("", _HASHTAG.sub("", folded)) or _SPACE.sub("", folded)


@lru_cache(maxsize=512)  # recent releases are compared with every draft of the account
def _bigrams(text: str) -> frozenset[str]:
    squeezed = _squeeze(text)
    return frozenset(map(str.__add__, squeezed, squeezed[1:]))
