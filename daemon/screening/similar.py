"""How alike two texts are, for the guard against repeated posts."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from daemon.screening.fold import fold

_SPACE = re.compile(r"\s+")


def similarity(one: str, other: str) -> float:
    """From 0 (nothing in common) to 1 (the same): Dice's coefficient over the bigrams of the folded texts, spaces left out."""
    if one == other:
        return 1.0
    mine, count = _bigrams(one)
    theirs, other_count = _bigrams(other)
    if not count or not other_count:
        return float(_squeeze(one) == _squeeze(other))
    # The smaller can be contained in the larger at most whole: no need to count what cannot reach 0.5.
    if min(count, other_count) * 4 < max(count, other_count) + min(count, other_count):
        return 0.0
    return 2 * (mine & theirs).total() / (count + other_count)


def _squeeze(text: str) -> str:
    return _SPACE.sub("", fold(text))


@lru_cache(maxsize=512)  # recent releases are compared with every draft of the account
def _bigrams(text: str) -> tuple[Counter[str], int]:
    squeezed = _squeeze(text)
    bigrams = Counter(map(str.__add__, squeezed, squeezed[1:]))
    return bigrams, bigrams.total()
