"""DisplayText: the one form in which text that other people wrote may reach a screen.

Drafts, names, reasons and messages come from anywhere. A terminal obeys what it is sent: an escape sequence in a draft can
rewrite the verdict beside it, a bidi control can turn a sentence round, an invisible character can hide a word. So nothing
reaches a widget but a `DisplayText`; the stored text is never altered. Controls become visible signs, bidi controls become
tags such as ⟦RLO⟧, invisible characters are left out, and `at()` keeps every offset of the source exact, so that a finding
still lights up the characters it means.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from daemon.papers.visible import BIDI

Flag = Literal["control", "bidi", "invisible", "gaiji", "broken", "cut"]
"""What was made visible or left out: control characters, bidi controls, invisible characters, characters of private use
(外字), characters that are no characters (lone surrogates), and an end that was cut off."""

LONGEST = 4000
"""Code points of one text that are shown; the rest is behind a mark. Wrapping 10,000 characters takes 50 ms."""

_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u20e3\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff"
)
_GAIJI = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_ODD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U0001f1e6-\U0001f1ff"
    + _INVISIBLE
    + _GAIJI
    + "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\u3099\u309a\ufe20-\ufe2f]"
)
_IS_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
_IS_GAIJI = re.compile(f"[{_GAIJI}]")
_MARKS_IN_A_ROW = 2
"""Combining marks shown on one letter: か゚ and Việt need two; a tower of fifty would climb over the lines above."""


class DisplayText:
    """Text that is safe to show; never changed once it is made.

    `plain` holds no control character (but line feeds in a text made with `block=True`), no bidi control, nothing invisible.
    `offset_map` gives, for each code point of the source and for its end, where it stands in `plain`; None where nothing moved.
    `flags` says what was changed, for the badge beside the text.
    """

    __slots__ = ("flags", "offset_map", "plain")

    def __init__(
        self, plain: str, offset_map: tuple[int, ...] | None = None, flags: frozenset[Flag] = frozenset()
    ) -> None:  # written out, because dataclasses take a fourteenth of the time of `kohoban check` to import
        self.plain = plain
        self.offset_map = offset_map
        self.flags = flags

    @classmethod
    def of(cls, source: str, *, block: bool = False, limit: int = LONGEST) -> DisplayText:
        """`source` made safe. With `block` line breaks stay line breaks; without it they show as ⏎ and the text is one line.
        At most `limit` code points of the source are kept."""
        cut = len(source) > limit
        if not cut and not _ODD.search(source):
            return cls(source)
        return _made_safe(source[:limit], block, cut)

    def at(self, offset: int) -> int:
        """Where the source's code point `offset` stands in `plain`; past the end of what is shown: the end."""
        if self.offset_map is None:
            return min(max(offset, 0), len(self.plain))
        return self.offset_map[min(max(offset, 0), len(self.offset_map) - 1)]

    def source_of(self, index: int) -> int:
        """The source's code point that `plain[index]` comes from."""
        return index if self.offset_map is None else bisect_left(self.offset_map, index)

    def __add__(self, other: DisplayText) -> DisplayText:
        """Both, one after the other. The offsets are those of neither source any more."""
        return DisplayText(self.plain + other.plain, None, self.flags | other.flags)

    def __bool__(self) -> bool:
        return bool(self.plain)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DisplayText) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        return "DisplayText({!r}, {!r}, {!r})".format(*self._parts())

    def _parts(self) -> tuple[str, tuple[int, ...] | None, frozenset[Flag]]:
        return self.plain, self.offset_map, self.flags


def _made_safe(source: str, block: bool, cut: bool) -> DisplayText:
    out: list[str] = []
    offsets: list[int] = []
    flags: set[Flag] = set()
    length = marks = 0
    for index, char in enumerate(source):
        offsets.append(length)
        if unicodedata.combining(char):
            marks += 1
            shown, flag = _mark(char, marks)
        else:
            shown, flag = _shown(char, source, index, block)
            if shown:  # what is left out does not part the marks that stand round it
                marks = 0
        if flag:
            flags.add(flag)
        out.append(shown)
        length += len(shown)
    offsets.append(length)
    if cut:
        out.append(" ...")
        flags.add("cut")
    return DisplayText("".join(out), tuple(offsets), frozenset(flags))


def _mark(char: str, in_a_row: int) -> tuple[str, Flag | None]:
    return (char, None) if in_a_row <= _MARKS_IN_A_ROW else ("", "invisible")


def _shown(char: str, source: str, index: int, block: bool) -> tuple[str, Flag | None]:
    """What stands on the screen for one odd code point, and what to say about it."""
    code = ord(char)
    if char in "\n\u2028\u2029":
        return ("\n" if block else "⏎"), None
    if char == "\t":
        return " ", None
    if char == "\r" and source[index + 1 : index + 2] == "\n":
        return "", None
    if code < 0x20 or code == 0x7F:
        return chr(0x2421 if code == 0x7F else 0x2400 + code), "control"
    if code < 0x80:
        return char, None
    return _shown_beyond_ascii(char, code, source, index)


def _shown_beyond_ascii(char: str, code: int, source: str, index: int) -> tuple[str, Flag | None]:
    if code < 0xA0:
        return "�", "control"
    if name := BIDI.get(code):
        return f"⟦{name}⟧", "bidi"
    if 0xD800 <= code <= 0xDFFF:
        return "�", "broken"
    if 0x1F1E6 <= code <= 0x1F1FF:  # letters of a flag: terminals disagree about the width of a pair
        return chr(0xFF21 + code - 0x1F1E6), None
    if _IS_GAIJI.match(char):
        return "〓", "gaiji"
    if _IS_INVISIBLE.match(char):
        if 0xE0100 <= code <= 0xE01EF and index and unicodedata.category(source[index - 1]) == "Lo":
            return char, None  # the variant of a kanji: part of how a name is written
        return "", None if _belongs_to_emoji(code, source[index - 1 : index]) else "invisible"
    return char, None


def _belongs_to_emoji(code: int, before: str) -> bool:
    """Whether an invisible character only dresses the sign before it: in every cheerful draft, and no reason for a warning."""
    if code == 0x200D:
        return before == "\ufe0f" or bool(before) and unicodedata.category(before) in ("So", "Sk")
    return code in (0xFE0E, 0xFE0F, 0x20E3) or 0x1F3FB <= code <= 0x1F3FF


def characters(source: str) -> Iterator[tuple[int, DisplayText, DisplayText]]:
    """Each code point of a text as a line for the raw view: offset, the sign that stands for it, code and name."""
    for index, char in enumerate(source):
        sign = DisplayText.of(char)
        name = unicodedata.name(char, "") or {"Cc": "control", "Cs": "surrogate", "Co": "private use"}.get(
            unicodedata.category(char), "unassigned"
        )
        yield index, sign, DisplayText(f"U+{ord(char):04X} {name}")


_WIDE = frozenset("　、。「」『』【】〔〕〈〉《》々〆！？（），．：；％＋－＝０１２３４５６７８９")
"""Signs of two columns, besides kana and kanji."""


@lru_cache(maxsize=8192)
def cells(text: str) -> int:
    """How many columns of the terminal the text takes, by the same tables that the console paints with."""
    wide = 0
    for char in text:
        if not " " <= char <= "~":
            if not ("ぁ" <= char <= "ゖ" or "ァ" <= char <= "ー" or "一" <= char <= "鿿" or char in _WIDE):
                break
            wide += 1
    else:  # as most texts are: the tables, and all that comes with them, are not needed
        return len(text) + wide
    from rich.cells import cell_len

    return cell_len(text)


@lru_cache(maxsize=8192)
def fit(text: str, width: int) -> str:
    """The text at exactly `width` columns: padded, or cut with `..` at its end. Never half a wide character."""
    if (size := cells(text)) <= width:
        return text + " " * (width - size)
    end = ".." if width > 4 else ""
    room, kept = width - len(end), []
    for char in text:
        room -= cells(char)
        if room < 0:
            break
        kept.append(char)
    head = "".join(kept) + end
    return head + " " * (width - cells(head))
