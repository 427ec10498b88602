"""The dictionary that words are told apart by (SudachiPy's core), loaded by the first text that asks and never before."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sudachipy import Dictionary, Tokenizer

_KEPT = 4096
"""Clauses whose words are remembered: what people say of each other is often the same."""


class Token(NamedTuple):
    """One word of a clause, what kind of word it is (品詞, four levels), and whether the dictionary has it."""

    start: int
    end: int
    kind: tuple[str, ...]
    known: bool


def opened() -> Dictionary | None:
    """The dictionary, the same for every thread; None where none is installed."""
    with _opening:
        return _opened()


@lru_cache(maxsize=_KEPT)
def long_units(clause: str) -> tuple[Token, ...]:
    """The words of a clause in long units (山口市, not 山口|市); none where no dictionary is installed. The clause holds no lone
    surrogates."""
    tokenizer = _long_tokenizer()
    if tokenizer is None:
        return ()
    return tuple(
        Token(word.begin(), word.end(), tuple(word.part_of_speech()[:4]), not word.is_oov())
        for word in tokenizer.tokenize(clause)
    )


_local = threading.local()
"""A tokenizer is not to be asked by two threads at once: each has its own, of one dictionary."""
_opening = threading.Lock()


def _long_tokenizer() -> Tokenizer | None:
    try:
        found: Tokenizer | None = _local.long
    except AttributeError:
        found = _local.long = _made()
    return found


def _made() -> Tokenizer | None:
    dictionary = opened()
    if dictionary is None:
        return None
    from sudachipy import SplitMode

    return dictionary.tokenizer(mode=SplitMode.C, fields={"pos"})


@lru_cache(maxsize=1)
def _opened() -> Dictionary | None:
    try:
        from sudachipy import Dictionary
        from sudachipy.errors import SudachiError
    except ImportError:
        return None
    try:
        return Dictionary(dict="core")
    except SudachiError:
        return None
