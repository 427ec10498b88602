"""What stands at the head of a line of a policy: 第3条, 2, (1), ア, ①, ※, ・, a heading. Digits of any width, brackets of any kind."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

from daemon.rulebook.pasted.years import number

Kind = Literal[
    "article", "chapter", "section", "caption", "heading", "group", "paragraph", "item", "letter", "circled", "note", "bullet",
    "supplement",
]  # fmt: skip
"""article 第N条; chapter 第1章; section `N 見出し`; caption （目的） above an article; heading ●著作権; group 【情報発信】; paragraph `2 …`; item (1); letter
ア; circled ①; note ※; bullet ・; supplement 付則."""

_D = r"[0-9０-９]{1,3}"
_K = r"[0-9０-９一二三四五六七八九十百]+"
_DASH = r"(?:[-‐–*]\s+)?"
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("article", re.compile(rf"^{_DASH}第\s*({_K})\s*条((?:の{_K})*)(?![第のに及並又])\s*")),
    ("chapter", re.compile(rf"^第\s*{_K}\s*[章節款編](?=[\s　]|$)")),
    ("supplement", re.compile(r"^[(（]?[附付]\s*則[)）]?\s*$")),
    ("supplement", re.compile(r"^[附付]\s*則(?=[\s(（])\s*")),
    ("circled", re.compile(rf"^{_DASH}([①-⑳])\s*")),
    ("note", re.compile(rf"^{_DASH}※\s*[0-9０-９]*\s*")),
    ("item", re.compile(rf"^{_DASH}[(（]\s*({_D}|[一二三四五六七八九十]+)\s*[)）]\s*")),
    ("letter", re.compile(rf"^{_DASH}[(（]([ア-ン])[)）]\s*")),
    ("letter", re.compile(rf"^{_DASH}([ア-ン])[\s　．.、]\s*(?=\S)")),
    ("group", re.compile(r"^【([^】]{1,30})】\s*$")),
    ("caption", re.compile(r"^[(（]([^（）()]{1,40})[)）]\s*$")),
    ("heading", re.compile(r"^[●○◎■□◆◇▼]\s*([^。]{1,40})$")),
    ("bullet", re.compile(r"^(?:[-‐–*]\s+)?[・•]\s*")),
)  # fmt: skip
_NUMBERED = re.compile(rf"^{_DASH}({_D})(?:[．.、)）]\s*|[\s　]+)(?=\S)")
_BULLET_HEADING = re.compile(r"^[-‐–*]\s+([^。、]{1,20})$")
_BULLET = re.compile(r"^[-‐–*]\s+")
_HEADING_LENGTH = 30


class Mark(NamedTuple):
    """The mark of a line: its kind, its number or letter, the length of the mark, and the heading's words where it is one."""

    kind: Kind
    label: str
    length: int
    words: str = ""


def mark_of(line: str) -> Mark | None:
    """The mark of a line; None where it has none. `N 見出し` and `N 文。` are told apart by their form alone."""
    for kind, pattern in _PATTERNS:
        if (found := pattern.match(line)) is not None:
            return _marked(kind, found, line)
    if (found := _NUMBERED.match(line)) is not None:
        rest = line[found.end() :].strip()
        short = len(rest) <= _HEADING_LENGTH and not rest.endswith(("。", "こと", "ます", "する")) and "。" not in rest
        kind = "section" if short else "paragraph"
        return Mark(kind, str(number(found[1])), found.end(), rest if short else "")
    if (found := _BULLET_HEADING.match(line)) is not None:
        return Mark("heading", "", found.end(), found[1].strip())
    if (found := _BULLET.match(line)) is not None:
        return Mark("bullet", "", found.end())
    return None


def _marked(kind: Kind, found: re.Match[str], line: str) -> Mark:
    if kind == "article":
        return Mark(kind, str(number(found[1])) + unicodedata.normalize("NFKC", found[2]), found.end())
    if kind == "item":
        return Mark(kind, str(number(found[1])), found.end())
    if kind == "circled":
        return Mark(kind, str(ord(found[1]) - ord("①") + 1), found.end())
    if kind == "letter":
        return Mark(kind, found[1], found.end())
    if kind in ("heading", "group", "caption"):
        return Mark(kind, "", found.end(), found[1].strip())
    return Mark(kind, "", found.end())
