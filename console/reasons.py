"""What somebody who decides is asked the reason of: the usual ones of a return (差戻し), picked by number, and the clauses of an exception."""

from __future__ import annotations

import re
import unicodedata

from console.cite import cite_words
from console.words import say
from console.words.marks import listed, sentences
from daemon.wire import ForDecision

REASONS = 6
"""How many there are in the catalogue (`decide.reason_1` …)."""
LONGEST = 500
"""Characters of a reason at most."""

_NUMBERS = re.compile(r"[1-9](?:[\s,、・]*[1-9])*")


def usual() -> list[str]:
    """The usual reasons, each behind its number."""
    return [f"{number} {_reason(number)}" for number in range(1, REASONS + 1)]


def reason_of(typed: str) -> str:
    """The reason that somebody means: the numbers of usual ones (in whatever width), or their own words. Empty for a number that there
    is not."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    if not _NUMBERS.fullmatch(plain):
        return typed.strip()[:LONGEST]
    numbers = [int(digit) for digit in re.findall(r"[1-9]", plain)]
    if any(number > REASONS for number in numbers):
        return ""
    return sentences(_reason(number) for number in dict.fromkeys(numbers))


def excepted(facts: ForDecision) -> str:
    """The clauses from which the approver has to grant an exception, as they are cited. Not made safe to show."""
    cites = (cite_words(each.cite) for each in facts.findings if each.rule in facts.exceptions and not each.lifted)
    return listed(dict.fromkeys(cites))


def _reason(number: int) -> str:
    return say("tui", f"decide.reason_{number}")
