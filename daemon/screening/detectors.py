"""The named detectors that need only the draft itself: what a policy file calls them, and the function behind each name.

`duplicate`, `burst`, `past`, `unrecorded` and `reading` need the situation; the judge has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from daemon.rulebook.model import Platform
from daemon.rulebook.platforms import NAMES
from daemon.screening.altered import check_altered
from daemon.screening.attached import check_codes, check_format, check_name, check_private, check_size, check_sound
from daemon.screening.blanks import check_blanks
from daemon.screening.dates import check_dates
from daemon.screening.drill import check_drill
from daemon.screening.hit import Facts, Hit, Text
from daemon.screening.invisible import check_invisible
from daemon.screening.length import measure, surely_fits
from daemon.screening.links import Known, check_links
from daemon.screening.mention import check_mention
from daemon.screening.periods import check_periods
from daemon.screening.persons import EXPOSES, EXPOSURE_SIGNS, MAY_NAME, PERSON_SIGNS
from daemon.screening.phones import MAY_HOLD_PHONE, PHONE_SIGNS
from daemon.screening.platform import check_platform
from daemon.screening.private import (
    Options,
    check_accounts,
    check_addresses,
    check_cards,
    check_exposed,
    check_mails,
    check_my_numbers,
    check_persons,
    check_phones,
)
from daemon.screening.registered import registered
from daemon.screening.scripts import check_dependent, check_mixed
from daemon.screening.times import check_midnight, check_times

MEASURED = 10_000
"""Characters that are weighed for X. Where these are too long already, the text is, and how long exactly helps nobody."""


def _blanks(text: Text, _: Facts, __: Options) -> Iterator[Hit]:
    return check_blanks(text)


def _weekday(text: Text, facts: Facts, _: Options) -> Iterator[Hit]:
    return check_dates(text, facts.today)


def _drill(text: Text, facts: Facts, _: Options) -> Iterator[Hit]:
    return check_drill(text, facts.item.emergency)


def _invisible(text: Text, _: Facts, __: Options) -> Iterator[Hit]:
    return check_invisible(text.source)


def _length(text: Text, facts: Facts, options: Options) -> Iterator[Hit]:
    if isinstance(most := options.get("most"), int):
        yield from _longer(text, most)
        return
    for platform in facts.platforms:
        if surely_fits(text.source, platform):
            continue
        length, limit, exact = _measured(text.source, platform)
        if length > limit:
            more, at_least = ("", "") if exact else ("以上", "at least ")
            yield Hit(
                0,
                len(text.source),
                message=f"{NAMES[platform]}では長さが{length}{more}で、上限{limit}を{length - limit}{more}超えています。短くするか、分けてください。",
                message_en=(
                    f"On {NAMES[platform]} this is {at_least}{length} long, {at_least}{length - limit} over the limit of {limit}. "
                    "Shorten or divide it."
                ),
            )


def _longer(text: Text, most: int) -> Iterator[Hit]:
    """More characters than the policy itself allows, line ends not counted."""
    count = len(text.source) - text.source.count("\n") - text.source.count("\r")
    if count > most:
        yield Hit(
            0,
            len(text.source),
            message=f"{count}字あり、要綱の上限{most}字を{count - most}字超えています。短くするか、分けてください。",
            message_en=f"It has {count} characters, {count - most} over the policy's limit of {most}. Shorten or divide it.",
        )


def _measured(source: str, platform: Platform) -> tuple[int, int, bool]:
    """Length, limit, and whether the length is exact. X weighs links, which takes long in a long text full of dots."""
    if platform == "x" and len(source) > MEASURED:
        length, limit = measure(source[:MEASURED], platform)
        if length > limit:
            return length, limit, False
    return *measure(source, platform), True


def _mention(text: Text, _: Facts, __: Options) -> Iterator[Hit]:
    return check_mention(text)


def _links(text: Text, facts: Facts, options: Options) -> Iterator[Hit]:
    if "." not in text.folded and "://" not in text.folded:
        return iter(())
    known = Known(_names(options, "official"), _names(options, "trusted"), _names(options, "hosts"))
    return check_links(text, _names(options, "of"), registered(facts.public), known)


def _names(options: Options, key: str) -> tuple[str, ...]:
    value = options.get(key, ())
    return value if isinstance(value, tuple) else ()


def _mixed(text: Text, _: Facts, __: Options) -> Iterator[Hit]:
    return check_mixed(text.source)


def _dependent(text: Text, _: Facts, __: Options) -> Iterator[Hit]:
    return check_dependent(text.source)


def _times(text: Text, _: Facts, __: Options) -> Iterator[Hit]:
    return chain(check_times(text), check_periods(text)) if text.has_digits else iter(())


def _midnight(text: Text, _: Facts, __: Options) -> Iterator[Hit]:
    return check_midnight(text)


def _platform(_: Text, facts: Facts, __: Options) -> Iterator[Hit]:
    return check_platform(facts.item, facts.platforms)


def _altered(text: Text, facts: Facts, _: Options) -> Iterator[Hit]:
    return check_altered(text, facts.posts)


Detect = Callable[[Text, Facts, Options], Iterator[Hit]]

EVERYWHERE: dict[str, Detect] = {
    "blanks": _blanks,
    "weekday": _weekday,
    "time": _times,
    "midnight": _midnight,
    "drill": _drill,
    "invisible": _invisible,
    "mixed-script": _mixed,
    "dependent": _dependent,
    "phone": check_phones,
    "mail": check_mails,
    "address": check_addresses,
    "my-number": check_my_numbers,
    "card": check_cards,
    "bank-account": check_accounts,
    "person": check_persons,
    "exposed": check_exposed,
    "links": _links,
}
"""Detectors of whatever will be seen: the text, the options of a poll, the alternative texts of images."""

BODY: dict[str, Detect] = {
    "length": _length,
    "mention": _mention,
    "platform": _platform,
    "altered": _altered,
    "image-private": check_private,
    "image-format": check_format,
    "image-size": check_size,
    "image-sound": check_sound,
    "image-name": check_name,
    "image-codes": check_codes,
}
"""Detectors of the text alone, and of what was found in the images."""

_JOINT = r"[\-‐‑‒–—―−ー ・.]?"
GUARDS: Mapping[str, str] = {
    "phone": MAY_HOLD_PHONE,
    "mail": r"(?:@|アットマーク|[\[(<{]at[\])>}]|[☆★]).*\.[a-z]",
    "address": r"[0-9一二三四五六七八九十][ ]?丁|[0-9][ ]?番|[都道府県市区郡町村][^\n、。0-9]+[0-9]",
    "my-number": f"[0-9]{{4}}{_JOINT}[0-9]{{4}}",
    "card": f"[0-9]{{4}}{_JOINT}[0-9]{{4}}",
    "bank-account": "[0-9]{6}",
    "person": MAY_NAME,
    "exposed": EXPOSES,
    "links": r"\.[a-z0-9]|://",
    "mention": "@[a-z0-9_]",
}
"""RE2: what is found in the folded form of every text of which the detector has something to say. Thousands of comments are asked this at
once; a detector without a guard is asked about each of them. None counts (`.{0,24}`): each count would be a state of its own, met anew by
almost every text."""

_DIGITS = "0123456789"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
SIGNS: Mapping[str, frozenset[str]] = {
    "phone": PHONE_SIGNS,
    "mail": frozenset(f".{letter}" for letter in _LATIN),
    "address": frozenset((*_DIGITS, *(f"{joint}丁" for joint in "一二三四五六七八九十 "))),
    "my-number": frozenset(_DIGITS),
    "card": frozenset(_DIGITS),
    "bank-account": frozenset(_DIGITS),
    "person": PERSON_SIGNS,
    "exposed": EXPOSURE_SIGNS,
    "links": frozenset(("://", *(f".{letter}" for letter in _LATIN + _DIGITS))),
    "mention": frozenset(f"@{letter}" for letter in f"{_LATIN}{_DIGITS}_"),
}
"""Literals of which one stands in every text that the guard matches: only such a text is asked for the guard at all. A guard that is not
named here is read for words that it needs; of one that needs none each text is asked."""

IDLE: Mapping[str, Callable[[Facts], bool]] = {"altered": lambda facts: not facts.posts}
"""What keeps a detector silent whatever the text."""
