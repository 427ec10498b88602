"""Whether a hit is a word of its own: 「バカ」 in 「バカだ」, and not in 「バカンス」.

Only the clause around a hit is split into words, by SudachiPy and its core dictionary, which are loaded when the first hit asks for them.
Where the dictionary is not installed, the change of script has to do (`dictionary()` tells; `kohoban doctor` says so).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.tokens import opened

if TYPE_CHECKING:
    from sudachipy import Morpheme, MorphemeList

BEFORE, AFTER = 10, 10
"""Characters of the clause that are looked at before and behind a hit."""

INFLECTED = 2
"""Kana that an inflected verb or adjective may have behind the hit: 「死ね」 in 「死ねよ」."""

_STOPS = "、。!?「」『』()【】[]<>〈〉《》…・,.:;\n\r\t 　~〜\"'/|*○●◯〇×☆★♪→←"
_STOP = lazy_pattern(f"[{re.escape(_STOPS)}]")
_UP_TO_THE_LAST_STOP = lazy_pattern(f"(?s:.*)[{re.escape(_STOPS)}]")
_PARTICLES = ("助詞", "助動詞")
_INFLECTING = ("動詞", "形容詞")
_PREDICATES = ("動詞", "形容詞", "助動詞", "形状詞")


# A cry that is drawn out (しねええ！) is a clause of its own: 「しねえ」 in the middle of one is 「しない」.
_DRAWN_OUT = lazy_pattern(r"(?:[ぁぃぅぇぉっァィゥェォッー]+|([あいうえおアイウエオ])\1+)+(?=\W|$)")


def at_word_boundary(text: str, start: int, end: int, written: str = "") -> bool:
    """True where the span is one word or several, and not a part of one. `written`: what it says in full, where that is hidden."""
    if written:
        left, right = _clause(text, start, end)
        text, start, end = f"{text[left:start]}{written}{text[end:right]}", start - left, start - left + len(written)
    before, after = text[start - 1 : start], text[end : end + 1]
    if not _is_letter(before) and (drawn := _DRAWN_OUT.match(text, end)):
        after = text[drawn.end() : drawn.end() + 1]
    if not _is_letter(before) and not _is_letter(after):
        return True
    if _cuts_latin(before, text[start]) or _cuts_latin(text[end - 1], after):
        return False
    whole = _judge_of_words()
    if whole is None:
        return at_script_change(text, start, end)
    left, right = _clause(text, start, end)
    return whole(text[left:right], start - left, end - left)


def at_script_change(text: str, start: int, end: int) -> bool:
    """True where the span begins and ends where the script changes, at punctuation, or at an end of the text."""
    return _changes(text, start) and _changes(text, end)


def dictionary() -> str:
    """The dictionary that words are told apart by, with its edition; empty where none is installed and the change of script has to do."""
    from importlib.metadata import version

    return f"SudachiDict core {version('sudachidict_core')}" if opened() else ""


def _whole(words: Iterable[Morpheme], start: int, end: int, clause: str) -> bool:
    before: Morpheme | None = None
    inside: list[Morpheme] = []
    for word in words:
        if word.end() <= start:
            before = word
        elif word.begin() >= end:
            break
        else:
            inside.append(word)
    if not inside or inside[0].begin() != start:
        return False
    reached = inside[-1].end()
    if reached != end:
        # 死ねよ, エロい: the word is there, with an ending.
        return (
            len(inside) == 1 and _kind(inside[0]) in _INFLECTING and reached - end <= INFLECTED and _all_kana(clause[end:reached])
        )
    if before is not None and all(_kind(word) in _PARTICLES for word in inside):
        # 言わない|し|ね: what sounds like the word is how the sentence ends.
        return _kind(before) not in _PREDICATES
    return True


def _kind(word: Morpheme) -> str:
    """The part of speech (品詞)."""
    return str(word.part_of_speech()[0])


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    left = max(0, start - BEFORE)
    stopped = _UP_TO_THE_LAST_STOP.match(text, left, start)
    stop = _STOP.search(text, end, end + AFTER)
    return stopped.end() if stopped else left, stop.start() if stop else min(len(text), end + AFTER)


def _is_letter(char: str) -> bool:
    return char.isalnum() or char == "ー" or char == "々"


def _cuts_latin(before: str, after: str) -> bool:
    """Between two letters of an alphabet no word ends."""
    return before.isascii() and after.isascii() and before.isalpha() and after.isalpha()


def _all_kana(text: str) -> bool:
    return all("\u3041" <= char <= "\u3096" or char == "ー" for char in text)


_local = threading.local()
"""A tokenizer is not to be asked by two threads at once: each has its own, of one dictionary."""

JudgeOfWords = Callable[[str, int, int], bool]
"""Whether a span of a clause is a word of it, or several."""


def _judge_of_words() -> JudgeOfWords | None:
    """What tells the words of a clause, loaded at the first question; None where no dictionary is installed."""
    try:
        found: JudgeOfWords | None = _local.whole
    except AttributeError:
        found = _local.whole = _load()
    return found


def _load() -> JudgeOfWords | None:
    loaded = opened()
    if loaded is None:
        return None
    from sudachipy import SplitMode

    tokenizer = loaded.tokenizer(mode=SplitMode.A, fields={"pos"})

    words: MorphemeList | None = None

    @lru_cache(maxsize=4096)  # what people say of each other is often the same
    def whole(clause: str, start: int, end: int) -> bool:
        nonlocal words
        words = tokenizer.tokenize(clause, out=words)  # a list of its own for each clause takes a third longer
        return _whole(words, start, end, clause)

    return whole


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
