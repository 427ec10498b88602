"""A pasted text line by line as it was meant: what a PDF or a mail has broken in the middle of a sentence is put together again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from daemon.rulebook.pasted.marks import mark_of

_CANNOT_BEGIN = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮー、。，．」』）〕】〉》・：；？！々ゝゞ"
"""No line of a Japanese text begins with one of these (行頭禁則): it was broken there."""
_ENDS = "。）」』】〕：:)]"
_NO_TEXT = re.compile(r"^[\s\-‐–—_=*]*(?:[0-9０-９]{1,3}\s*/\s*[0-9０-９]{1,3}|[-‐–—]\s*[0-9０-９]{1,3}\s*[-‐–—])?[\s\-‐–—_=*]*$")
_LEAST = 18
"""A wrapped text has lines of at least so many characters."""


class Line:
    """A line as it was meant, and the number (from 1) of the first line of the file that it was made of."""

    def __init__(self, text: str, number: int) -> None:
        self.text, self.number = text, number


def logical_lines(text: str) -> list[Line]:
    """The lines, trimmed, without empty ones and page numbers."""
    rows = [(number, row.strip()) for number, row in enumerate(text.split("\n"), 1)]
    kept = [(number, row) for number, row in rows if not _NO_TEXT.match(row)]
    width = _width([row for _, row in kept])
    lines: list[Line] = []
    before = ""
    for number, row in kept:
        if lines and _continues(before, row, width):
            lines[-1].text += row
        else:
            lines.append(Line(row, number))
        before = row
    return lines


def _width(rows: Sequence[str]) -> int:
    """The width at which the text was wrapped by whatever it was copied from; 0 where it was not: then many lines that do not end a
    sentence are of one length."""
    broken = [len(row) for row in rows if row[-1] not in _ENDS and len(row) >= _LEAST]
    if len(broken) < 3:
        return 0
    top = max(broken)
    full = sum(length >= top - 3 for length in broken)
    return top if full * 2 > len(broken) else 0


def _continues(before: str, row: str, width: int) -> bool:
    """Whether this row goes on where the one before it was broken."""
    if row[0] in _CANNOT_BEGIN and before[-1] not in "。":
        return mark_of(row) is None
    if not width or before[-1] in _ENDS or mark_of(row) is not None:
        return False
    return len(before) >= width - 3
