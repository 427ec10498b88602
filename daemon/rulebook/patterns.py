"""The dialect of the patterns in policy files: RE2 with Unicode meanings, and refusals that say what to write instead.

RE2 runs in linear time whatever a pattern says, but its `\\d`, `\\w` and `\\s` know ASCII only: `\\d` misses 「０」 and `\\w` misses
「あ」. `rewrite` gives them the meaning that a person at a Japanese keyboard expects.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from daemon.rulebook.lazy import lazy_pattern

MAX_MEM = 4 << 20
"""Bytes that RE2 may use for one compiled pattern and its states: with a quarter of it long patterns run twenty times slower."""

LONG, LARGE, MAX_MEM_OF_LARGE = 600, 2_000, 12 << 20
"""Characters and instructions from which on a pattern may use so many bytes: the states of such a one do not fit into the others' share, and
are made again and again."""

LARGEST = 68_000
"""Instructions of a compiled pattern, at most: the dearest that fits compiles in about 60 ms, and RE2 itself gives up on a larger one after some 150."""

LONGEST = 2_000
"""Characters of the source of one pattern."""

_WORD = r"\p{L}_\p{N}\p{M}"  # the underscore in the middle: at either end it could become the border of a range
_OUTSIDE = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": f"[{_WORD}]", "W": f"[^{_WORD}]", "s": r"[\s\p{Z}]", "S": r"[^\s\p{Z}]"}
_INSIDE = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": _WORD, "s": r"\s\p{Z}"}
_CODE_POINT = lazy_pattern(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_LOOK_AROUND = lazy_pattern(r"\(\?(?:=|!|<=|<!)")
_OPENING = lazy_pattern(r"\[\^?\]?")
_POSIX_CLASS = lazy_pattern(r"\[:\^?[a-z]+:\]")


class PatternError(ValueError):
    """A pattern that cannot be used; the two sentences say why and what to write instead."""

    def __init__(self, message: str, message_en: str) -> None:
        self.message = message
        self.message_en = message_en
        super().__init__(message_en)


def rewrite(pattern: str) -> str:
    """The same pattern with `\\d \\w \\s` (and their negations) in their Unicode meaning and `\\uXXXX` as RE2 writes it.

    Raises PatternError for what cannot be carried over: `\\b` and `\\B`, `\\W` or `\\S` inside a class, a broken `\\u`.
    """
    if "\\" not in pattern:
        return pattern
    out: list[str] = []
    at = 0
    inside = False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            piece, at = _escape(pattern, at, inside)
        elif inside and (posix := _POSIX_CLASS.match(pattern, at)):
            piece, at = posix[0], posix.end()
        elif not inside and char == "[":
            # A `]` straight after the opening stands for itself.
            head = _OPENING.match(pattern, at)
            piece = head[0] if head else char
            at, inside = at + len(piece), True
        else:
            inside = inside and char != "]"
            piece, at = char, at + 1
        out.append(piece)
    return "".join(out)


def _escape(pattern: str, at: int, inside: bool) -> tuple[str, int]:
    """The replacement of the escape that begins at `at`, and where the pattern goes on."""
    name = pattern[at + 1 : at + 2]
    if name == "Q" and not inside:
        end = pattern.find(r"\E", at + 2)
        end = len(pattern) if end < 0 else end + 2
        return pattern[at:end], end
    if name in ("u", "U"):
        code = _CODE_POINT.match(pattern, at)
        if code is None:
            raise PatternError(
                f"「{pattern[at : at + 6]}」は文字番号として読めません。\\u3042 のように16進4桁で書いてください。",
                f"'{pattern[at : at + 6]}' is no code point: write four hexadecimal digits, as in \\u3042.",
            )
        return f"\\x{{{code[1] or code[2]}}}", code.end()
    if name in ("b", "B") and not inside:
        raise PatternError(
            f'\\{name}（単語の境目）は日本語では働きません。words の規則で boundary = "script" とするか、前後の文字を書いてください。',
            f'\\{name} (word boundary) does not work in Japanese: use a words rule with boundary = "script", or write the neighbours.',
        )
    if inside and name in ("W", "S"):
        raise PatternError(
            f"[ ] の中の \\{name} は使えません。[^…] の中に \\{name.lower()} を書いてください。",
            f"\\{name} cannot stand inside [ ]: write \\{name.lower()} inside [^…] instead.",
        )
    return (_INSIDE if inside else _OUTSIDE).get(name, f"\\{name}"), at + 1 + len(name)


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """The compiled RE2 expression of a pattern of a policy file, bounded in size.

    Raises PatternError for a pattern that RE2 refuses, that needs look-around, or that is too large.
    """
    import re2  # 13 ms: only where patterns are compiled

    if len(pattern) > LONGEST:
        raise PatternError(
            f"パターンが長すぎます（{len(pattern)}字、上限{LONGEST}字）。語の並びなら words の一覧にしてください。",
            f"The pattern is too long ({len(pattern)} characters, at most {LONGEST}): make a word list of it.",
        )
    if look := _LOOK_AROUND.search(_without_escapes(pattern)):
        raise PatternError(
            f"先読み・後読み「{look[0]}」は使えません。除きたい言い方は unless に書いてください。",
            f"Look-around '{look[0]}' is not available: write what shall not count as an `unless` pattern.",
        )
    options = re2.Options()
    options.max_mem = MAX_MEM
    options.log_errors = False
    try:
        compiled = re2.compile(rewrite(pattern), options)
    except re2.error as error:
        raise _refusal(error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])) from None
    except UnicodeEncodeError:
        raise PatternError(
            "パターンに単独のサロゲート（文字にならない番号）があります。",
            "The pattern holds a lone surrogate, which is no character.",
        ) from None
    if compiled.programsize > LARGEST:
        raise _refusal("too large")
    if len(pattern) > LONG and compiled.programsize > LARGE:
        options.max_mem = MAX_MEM_OF_LARGE
        compiled = re2.compile(rewrite(pattern), options)
    return compiled


def _without_escapes(pattern: str) -> str:
    r"""The pattern with `\(` and its like blanked out, so that a literal 「(?=」 is not taken for look-around."""
    return re.sub(r"\\.", "  ", pattern, flags=re.DOTALL)


def _refusal(said: str) -> PatternError:
    if "too large" in said:
        return PatternError(
            "パターンが大きすぎます。{n,m} の回数や \\w の繰り返しを減らしてください。",
            "The pattern is too large: lower the counts in {n,m} or the repetitions of \\w.",
        )
    return PatternError(
        f"正規表現（RE2）として読めません: {said}",
        f"Not a regular expression that RE2 reads: {said}",
    )
