"""The marks of writing that differ from one language to the other: between the members of a list, round an aside, round a title."""

from __future__ import annotations

from collections.abc import Iterable

from console.words import say


def listed(words: Iterable[str]) -> str:
    """Several things one after the other: `甲、乙`."""
    return say("marks", "mark.between").join(words)


def together(words: Iterable[str]) -> str:
    """Several that belong together as one: `非表示・ブロック`."""
    return say("marks", "mark.together").join(words)


def sentences(said: Iterable[str]) -> str:
    """Several sentences that have no mark at their ends."""
    return say("marks", "mark.sentence").join(said)


def aside(head: str, more: str) -> str:
    """What explains a name behind it: `課長（山田）`. The name alone where there is nothing to explain."""
    return say("marks", "mark.aside", head=head, more=more) if more else head


def titled(head: str, title: str) -> str:
    """A number and the words by which people know what it is: `#12『休館のお知らせ』`."""
    return say("marks", "mark.titled", head=head, title=title) if title else head
