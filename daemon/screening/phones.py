"""Telephone numbers of Japan, and whose they are: a private person's, an announced desk's, or a public one.

A number is what the numbering plan has (総務省「電気通信番号計画」): mobiles 060 to 090 and IP telephones 050 of eleven digits, fixed lines
of ten whose local part begins with 2 to 9. 0120, 0800, 0570 and the short ones (110, 119, 118, 171, 188, 189, #9110) belong to services.
They are read in kanji numerals as well (〇九〇, 零九零), one digit at a time (0・9・0…), and with whatever signs people put between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from daemon.rulebook.lazy import lazy_pattern
from daemon.screening.hit import Text
from daemon.screening.registered import Registered, digits

_DASH = r"\-‐‑‒–—―−ー─~・."
_JOINT = rf"[ ]?[{_DASH}][ ]?|[ ]|\)[ ]?|[ ]?\([ ]?|の"
# Between the digits of a mobile's number, where more of it is there than this no other number looks alike.
_SIGN = r"[ ]?[\-‐‑‒–—―−ー─~・.:;*★☆+_/|…=]{1,3}[ ]?"
_DIVIDERS = " ・.,、の*★☆_/|~\u20e3-"
_DIVIDER = f"(?P<divider>[{_DIVIDERS}])"
_ZEROS = "〇零○◯⚪o"
_OTHERS = "一二三四五六七八九壱弐参伍"
_NUMERALS = str.maketrans(_ZEROS + _OTHERS, "0" * len(_ZEROS) + "1234567891235")
_NUMERAL = lazy_pattern(f"[{_ZEROS}{_OTHERS}]")
_DIGIT = f"[0-9{_ZEROS}{_OTHERS}]"
_DIVIDED = f"[{_DIVIDERS}]?"
MAY_HOLD_PHONE = rf"(?:[0{_ZEROS}]{_DIVIDED}[1-9{_OTHERS}]|81).*{_DIGIT}{_DIVIDED}{_DIGIT}{_DIVIDED}{_DIGIT}{_DIVIDED}{_DIGIT}"
"""Found in every folded text that holds a number; RE2 reads it as well."""
PHONE_SIGNS = frozenset(("81", *map("".join, product(f"0{_ZEROS}", f"123456789{_OTHERS}{_DIVIDERS}"))))
"""Of these one stands in every such text."""
_LISTED = lazy_pattern("[①-⑳❶-❿➀-➓]")
_BEFORE_ZERO = lazy_pattern(r"[0-9](?=\(?0)")
_MAY_HOLD = lazy_pattern(f"[0{_ZEROS}]|81")
# Joined anyhow, or not at all: no other number of eleven digits begins like a mobile's.
_NUMBER = lazy_pattern(
    rf"(?<![0-9a-z_/=#])(?<![0-9][{_DASH} ])(?:(?P<abroad>\+?81(?:{_JOINT})?\(?0?\)?)|\(?)"
    rf"(?P<number>(?:(?(abroad)|0)[5-9]0(?:{_JOINT}|{_SIGN})?[0-9]{{4}}(?:{_JOINT}|{_SIGN})?[0-9]{{4}}|"
    rf"(?(abroad)(?!)|0){_DIVIDER}[5-9](?P=divider)0(?:(?P=divider)|{_SIGN})[0-9](?:(?P=divider)[0-9]){{3}}"
    rf"(?:(?P=divider)|{_SIGN})[0-9](?:(?P=divider)[0-9]){{3}}(?!(?P=divider)[0-9])|"
    rf"(?(abroad)|0)[1-9][0-9]{{0,3}}(?:{_JOINT})[1-9][0-9]{{0,3}}(?:{_JOINT})[0-9]{{4}}|"
    rf"(?(abroad)(?!)|0)[1-9][0-9]{{8}}))(?![0-9])(?![ ]?[{_DASH}][0-9])"
)
MOBILE, FIXED = 11, 10
"""Digits of a number."""
_SERVICES = ("0120", "0800", "0570", "0990", "0180", "0170")
_REACH = 40
"""Characters before a number in which it is said whose it is."""
_BEHIND = 12
"""The same behind it: 「03-3578-2111（港区役所）」."""
_CALLED = lazy_pattern(r"電話|でんわ|tel|℡|☎|📞|📱|携帯|ケータイ|連絡先|番号|fax|ファク")
_INSTITUTION = lazy_pattern(
    r"(?:役所|役場|市役|区役|県庁|都庁|府庁|道庁|支所|出張所|警察|消防|保健所|病院|医院|図書館|公民館|学校|センター|コールセンター|事務所|"
    r"[一-鿿](?:課|係|局|署|館|院|園|庁)|代表|[(]代[)]|窓口|問い?合わ?せ先)"
)
_PERSON = lazy_pattern(
    r"自宅|実家|携帯番号|個人(?:の|携帯|宅)|本人|(?:さん|氏|くん|ちゃん)(?:の|[、:(]|宅|$)|様宅|彼女?の|(?:あいつ|こいつ|やつ|奴)の|晒|さらし|特定し|"
    r"(?:旦那|嫁|夫|妻|息子|娘|部長|課長|係長|職員|先生|店長|社長)の"
)

_PERSON_BEHIND = lazy_pattern(r"^[ (]?[^\n。]{0,8}?(?:自宅|実家|個人|(?:さん|氏|様|くん|ちゃん)の)")


class Phone(NamedTuple):
    """A number in a text: its span in the folded text, and what is said of it there."""

    start: int
    end: int
    mobile: bool
    institution: bool
    """It stands beside the name of a public institution."""
    personal: bool
    """It is said to be a person's."""


def phones_in(text: Text, ours: Registered) -> Iterator[Phone]:
    """The telephone numbers of the text that are neither a service's nor the office's own."""
    folded = text.folded
    if not _MAY_HOLD.search(folded):
        return
    reached = 0
    for match in sorted(_numbers(text), key=re.Match.start):
        number = digits(match["number"])
        national = f"0{number}" if match["abroad"] else number
        if (
            match.start() < reached
            or match["number"].startswith(_SERVICES)
            or not _is_number(national)
            or national in ours.phones
        ):
            continue
        start = match.start("number")
        before, behind = folded[max(0, start - _REACH) : start], folded[match.end() : match.end() + _BEHIND]
        if len(match["number"]) == FIXED and not match["abroad"] and not _CALLED.search(before):
            continue  # ten digits in a row may be any number
        reached = match.end()
        yield Phone(
            match.start() + (match[0].startswith("(") and ")" not in match[0]),
            match.end(),
            mobile=len(national) == MOBILE,
            institution=_INSTITUTION.search(before + "\n" + behind) is not None,
            personal=_PERSON.search(before) is not None or _PERSON_BEHIND.search(behind) is not None,
        )


def _numbers(text: Text) -> Iterator[re.Match[str]]:
    """What looks like a number, as it stands, with every numeral read as a digit, and behind the numbers of a list: no place moves."""
    folded = text.folded
    yield from _NUMBER.finditer(folded)
    if _NUMERAL.search(folded):
        yield from _NUMBER.finditer(folded.translate(_NUMERALS))
    if _LISTED.search(text.source):
        yield from _NUMBER.finditer(_BEFORE_ZERO.sub(lambda digit: " " if _is_listed(text, digit.start()) else digit[0], folded))


def _is_listed(text: Text, at: int) -> bool:
    """Whether a digit of the folded text is the number of a line: ①090-…"""
    start, end = text.span(at, at + 1)
    return _LISTED.fullmatch(text.source, start, end) is not None


def _is_number(number: str) -> bool:
    """True for a number that the plan has and that belongs to a subscriber: a mobile's or an IP telephone's, or a fixed line's."""
    if len(number) == MOBILE:
        return number[1] in "56789" and number[2] == "0"
    return len(number) == FIXED and number[1] != "0"
