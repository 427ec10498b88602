"""Heaps of combining marks: no script puts more than a handful on one letter, and to bring thousands into their order takes Python hours."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MOST = 30
"""Marks in a row that count, as in the stream-safe format of Unicode (UAX #15)."""


def without_heaps(text: str) -> str:
    """The text without the marks that stand behind thirty others on the same letter. Whoever normalises a text from outside asks for
    this first."""
    if len(text) <= MOST or text.isascii():
        return text
    marks = "".join(sorted(filter(unicodedata.combining, set(text))))
    return _heaps(marks).sub(_top, text) if marks else text


def _top(heap: re.Match[str]) -> str:
    return heap[0][:MOST]


@lru_cache(maxsize=64)
def _heaps(marks: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(marks)}]{{{MOST + 1},}}")
