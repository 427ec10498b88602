"""Breaking lines as Japanese print does: anywhere between two characters, but not before a closing mark, not after an opening
one, and not inside a Latin word that fits on a line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from console.text import DisplayText, cells, fit
from console.tui.ink import AnyInk
from console.tui.part import Part

_NOT_FIRST = frozenset("、。，．・：；？！）］｝」』】〉》〕ー～ゝゞ々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}%'\"")
_NOT_LAST = frozenset("（［｛「『【〈《〔([{#@")
_WORD = 30
"""Columns of a Latin word, a URL or a hash that is kept on one line."""

_HANGING = re.compile(r" *(?:\[ \] |\d+\. |> )?")

Glyph = tuple[str, AnyInk]


def wrap(parts: Iterable[Part], width: int) -> list[list[Part]]:
    """The parts as lines of at most `width` columns; line feeds in them end a line."""
    lines: list[list[Part]] = []
    row: list[Glyph] = []
    size = 0
    for glyph in _glyphs(parts):
        if glyph[0] == "\n":
            lines.append(_joined(row))
            row, size = [], 0
            continue
        size += cells(glyph[0])
        row.append(glyph)
        while size > width:  # more than once where what went before the break is nothing but marks without a width
            indent = _indent(row, width)
            at = _break(row, len(indent))
            lines.append(_joined(row[:at]))
            row = [*indent, *row[at:]]
            size = sum(cells(text) for text, _ in row)
    return [*lines, _joined(row)] if row else lines


def _glyphs(parts: Iterable[Part]) -> Iterable[Glyph]:
    for part in parts:
        for char in fit(part.text.plain, part.width) if part.width else part.text.plain:
            yield char, part.ink


def _break(row: list[Glyph], indent: int) -> int:
    """Where to break a row whose last glyph does not fit any more: at least one glyph behind the indent stays."""
    last = len(row) - 1
    for at in range(last, max(indent, last - _WORD), -1):
        before, after = row[at - 1][0], row[at][0]
        if after in _NOT_FIRST or before in _NOT_LAST or (_latin(before) and _latin(after)) or not cells(after):
            continue
        return at
    return max(indent + 1, last)


def _indent(row: list[Glyph], width: int) -> list[Glyph]:
    """What goes before the rest of a broken line: spaces as wide as its own indent and number or box, if they leave room."""
    head = _HANGING.match("".join(text for text, _ in row[:12]))
    indent = head.end() if head else 0
    return [(" ", "plain")] * indent if indent * 4 < width else []


def _latin(char: str) -> bool:
    return char.isascii() and not char.isspace()


def _joined(row: list[Glyph]) -> list[Part]:
    parts: list[Part] = []
    begin = 0
    for at in range(1, len(row) + 1):
        if at == len(row) or row[at][1] != row[begin][1]:
            parts.append(Part(DisplayText("".join(text for text, _ in row[begin:at])), row[begin][1]))
            begin = at
    return parts
