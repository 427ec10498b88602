"""What a detector is given and what it gives back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from daemon.rulebook.item import Item
from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Platform
from daemon.screening.fold import Offsets, fold

_DIGIT = lazy_pattern("[0-9]")


class Hit(NamedTuple):
    """One place that a check speaks to: a span of the source, and what the check itself can say of it.

    `fix` may stand in the place of the span; it is `safe` where it cannot change what the text says. An empty message leaves the words to
    the rule.
    """

    start: int
    end: int
    message: str = ""
    message_en: str = ""
    fix: str | None = None
    safe: bool = False


class Spans:
    """Spans of one text, asked again and again whether one of them holds a place: quick however many there are."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._reach = list(accumulate((end for _, end in ordered), max))
        """Of the spans up to each one, the furthest end."""

    def hold(self, start: int, end: int) -> bool:
        """True where the place lies within one of the spans."""
        before = bisect_right(self._starts, start)
        return before > 0 and self._reach[before - 1] >= end


class Text:
    """A text as written, folded, and the way back between the two."""

    def __init__(self, source: str, folded: str | None = None) -> None:
        self.source = source
        self.folded = fold(source) if folded is None else folded

    @cached_property
    def has_digits(self) -> bool:
        """Whether any digit is in it, in whatever width: most detectors of numbers and dates need one, and most comments have none."""
        return _DIGIT.search(self.folded) is not None

    @cached_property
    def _offsets(self) -> Offsets:
        return Offsets(self.source, self.folded)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the source for a span of the folded text that is not empty."""
        return (start, end) if self.folded is self.source else self._offsets.source(start, end)

    @property
    def forms(self) -> Iterator[tuple[str, bool]]:
        """The text as written, and folded where that differs; the flag marks the folded one."""
        yield self.source, False
        if self.folded is not self.source:
            yield self.folded, True


class Facts(NamedTuple):
    """What is known of a draft besides its text: the item itself, where it would appear, and today's date in Tokyo.

    `platforms` holds the account's platform, or all of the policy's where no account is known: then a rule for any of them counts.
    `public` is what the office has published of itself (numbers, addresses, domains), `posts` what the account said lately, the newest first.
    """

    item: Item
    topic: str
    platforms: tuple[Platform, ...]
    today: date | None = None
    account: str = ""
    unit: str = ""
    irreversible: bool = False
    public: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
