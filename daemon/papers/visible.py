"""Text that other people wrote, made safe to be read by somebody who decides about it: nothing invisible, nothing that turns it round.

An office worker decides by what a sheet shows. A bidi control could show another sentence than the one that is sent, an invisible
character could part a word that a rule looks for. Each becomes a tag such as ⟦RLO⟧ or ⟦U+200B⟧; what an emoji is put together from
stays.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

BIDI = {
    0x061C: "ALM",
    0x200E: "LRM",
    0x200F: "RLM",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
}
"""What turns text round, by the names that Unicode gives it."""
_BLANK = frozenset((0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0))
"""Letters and marks by their category, and nothing to be seen."""
_MARKS_IN_A_ROW = 2
"""Combining marks on one letter that are shown (か゚, Việt); a tower of them would cover the lines above."""


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it stands in for a character that cannot be seen (or must not be obeyed)."""
    kept: list[str] = []
    marks = 0
    for index, character in enumerate(text.replace("\r\n", "\n").replace("\r", "\n")):
        marks = marks + 1 if unicodedata.combining(character) else 0
        tag = _tag(character, kept[-1] if kept else text[index - 1 : index])
        if marks > _MARKS_IN_A_ROW:
            tag = f"U+{ord(character):04X}"
        if not tag:
            kept.append(character)
            continue
        if kept:
            yield "".join(kept), False
            kept = []
        yield f"⟦{tag}⟧", True
    if kept:
        yield "".join(kept), False


def visible(text: str) -> str:
    """The text as plain characters, with tags for what cannot be seen. Line ends stay line ends."""
    return "".join(piece for piece, _ in pieces(text))


def _tag(character: str, before: str) -> str:
    """What stands for a character that cannot be shown as it is; empty for every other."""
    code = ord(character)
    if character in "\n\t":
        return ""
    if code in BIDI:
        return BIDI[code]
    category = unicodedata.category(character)
    if code in _BLANK or category in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"U+{code:04X}"
    if category == "Cf" or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return "" if _dresses(code, before) else f"U+{code:04X}"
    return ""


def _dresses(code: int, before: str) -> bool:
    """Whether an invisible character only dresses the sign before it: an emoji's joiner or colour, the variant of a kanji."""
    kind = unicodedata.category(before) if before else ""
    if code in (0x200D, 0xFE0E, 0xFE0F):
        return kind in ("So", "Sk", "Po", "Nd") or before == "\ufe0f"
    return 0xE0100 <= code <= 0xE01EF and kind == "Lo"
