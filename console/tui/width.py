"""How wide the terminal draws characters of ambiguous width (①※○→…): one column, or two as Tera Term does for Japanese.

The terminal is asked before anything is painted: it draws one such character and says where its cursor stands.
"""

from __future__ import annotations

import os
import re
import select
import termios
import time
import tty
import unicodedata
from functools import lru_cache

ANSWER_WITHIN = 0.3
"""Seconds for the answer; a terminal that gives none is taken for a narrow one."""

_REPORT = re.compile(rb"\x1b\[\d+;(\d+)R")


def adapt(keyboard: int, screen: int) -> bytes:
    """Measure, and make Rich's tables agree with what the terminal does; what was typed meanwhile."""
    columns, typed = ambiguous_columns(keyboard, screen)
    if columns == 2:
        _widen()
    return typed


def ambiguous_columns(keyboard: int, screen: int) -> tuple[int, bytes]:
    """1 or 2, and what was typed before the answer. Reads it from `keyboard`, with the line discipline set aside meanwhile."""
    try:
        before = termios.tcgetattr(keyboard)
        tty.setcbreak(keyboard, termios.TCSANOW)
    except termios.error:
        return 1, b""
    try:
        os.write(screen, b"\r\xe2\x80\xbb\x1b[6n\r\x1b[K")
        column, typed = _column(keyboard)
    finally:
        termios.tcsetattr(keyboard, termios.TCSANOW, before)
    return (2 if column == 3 else 1), typed


def _column(keyboard: int) -> tuple[int | None, bytes]:
    deadline, answer = time.monotonic() + ANSWER_WITHIN, b""
    while (left := deadline - time.monotonic()) > 0 and select.select([keyboard], [], [], left)[0]:
        answer += os.read(keyboard, 64)
        if report := _REPORT.search(answer):
            return int(report[1]), answer[: report.start()] + answer[report.end() :]
    return None, answer


def _widen() -> None:
    """Count two columns for every character of ambiguous width, in Rich's tables and in ours."""
    import rich.cells

    narrow = rich.cells.get_character_cell_size

    @lru_cache(maxsize=4096)
    def wide(character: str, unicode_version: str = "auto") -> int:
        size = narrow(character, unicode_version)
        return 2 if size == 1 and unicodedata.east_asian_width(character) == "A" else size

    rich.cells.get_character_cell_size = wide
    rich.cells._is_single_cell_widths = str.isascii
    rich.cells.cached_cell_len.cache_clear()
