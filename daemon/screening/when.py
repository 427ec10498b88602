"""Which drafts a rule looks at (`when`)."""

from __future__ import annotations

from functools import lru_cache

from daemon.rulebook.model import When
from daemon.screening.hit import Facts, Text
from daemon.screening.patterns import Patterns


def concerns(when: When, facts: Facts, text: Text) -> bool:
    """True where a draft is one of those that the rule names; an empty field narrows nothing."""
    item = facts.item
    return (
        (not when.kinds or item.kind in when.kinds)
        and (not when.topics or facts.topic in when.topics)
        and (not when.platforms or not set(when.platforms).isdisjoint(facts.platforms))
        and (when.emergency is None or when.emergency == item.emergency)
        and (when.images is None or when.images == bool(item.images))
        and (not when.text or _says(when.text, text))
    )


def _says(patterns: tuple[str, ...], text: Text) -> bool:
    return any(_together(patterns).owners(form) for form, _ in text.forms)


@lru_cache(maxsize=64)  # two rules often ask the same, and every draft asks again
def _together(patterns: tuple[str, ...]) -> Patterns:
    return Patterns({0: patterns})
