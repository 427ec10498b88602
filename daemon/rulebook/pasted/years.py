"""Days as Japanese offices write them (令和4年12月7日, 平成三十一年四月一日, 令和元年) as days of the calendar."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_N = r"[0-9０-９一二三四五六七八九十百〇]+"
DATE = re.compile(rf"(?:(明治|大正|昭和|平成|令和)\s*(元|{_N})|([0-9０-９]{{4}}))\s*年\s*({_N})\s*月\s*({_N})\s*日")


class Day(NamedTuple):
    """A day in a text: where it stands, as it is written, and which day it is (None: there is no such day)."""

    start: int
    end: int
    written: str
    day: date | None


def days(text: str) -> Iterator[Day]:
    """Every day that the text names, in order."""
    for found in DATE.finditer(text):
        year = int(unicodedata.normalize("NFKC", found[3])) if found[3] else _ERAS[found[1]] + number(found[2])
        try:
            day = date(year, number(found[4]), number(found[5]))
        except ValueError:
            day = None
        yield Day(found.start(), found.end(), found[0], day)


def number(written: str) -> int:
    """A number in digits of any width or in kanji (十二, 二十一, 元)."""
    plain = unicodedata.normalize("NFKC", written)
    if plain == "元":
        return 1
    if plain.isascii() and plain.isdigit():
        return int(plain)
    total = unit = 0
    for sign in plain:
        if sign in "十百":
            total += (unit or 1) * (10 if sign == "十" else 100)
            unit = 0
        else:
            unit = "〇一二三四五六七八九".find(sign) if sign in "〇一二三四五六七八九" else unit * 10 + int(sign)
    return total + unit
