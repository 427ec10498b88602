"""What a text leaves unsaid, and what stands in the front matter: rules that no place in the text can be shown for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from daemon.rulebook.item import OF_IMAGES, Item
from daemon.rulebook.model import Pattern, Said, Words, Written
from daemon.screening.hit import Hit, Spans, Text
from daemon.screening.patterns import spans
from daemon.screening.words import WordFinder


def lacking(rule: Said, text: Text) -> Hit | None:
    """Where the words have to stand that this text does not say; None where it says them."""
    for form, _ in text.forms:
        begin, end = len(form) - len(form.lstrip()), len(form.rstrip())
        for pattern in rule.any:
            for start, stop in spans(pattern, form):
                if rule.at == "anywhere" or (rule.at == "start" and start <= begin) or (rule.at == "end" and stop >= end):
                    return None
    at = 0 if rule.at == "start" else len(text.source.rstrip())
    return Hit(at, at, fix=_offer(rule) or None, safe=True)


def _offer(rule: Said) -> str:
    if not rule.add:
        return ""
    return f"{rule.add}\n" if rule.at == "start" else f"\n{rule.add}"


class FieldRule:
    """Words or patterns that are looked for in fields of the front matter, or that these have to say."""

    def __init__(self, rule: Words | Pattern | Said) -> None:
        self.rule = rule

    @cached_property
    def _words(self) -> WordFinder:
        return WordFinder({0: self.rule} if isinstance(self.rule, Words) else {})

    def hits(self, item: Item) -> Iterator[Hit]:
        """A hit for every field in which something is found, or is not said; it has no place in the text. An empty field says nothing."""
        for name, value in _values(item, self.rule.of):
            if isinstance(self.rule, Said):
                if lacking(self.rule, Text(value)):
                    yield Hit(
                        0,
                        0,
                        message=f"{self.rule.message}（前書き {name}「{value}」）",
                        message_en=f"{self.rule.message_en} ({name}: “{value}”)",
                    )
            elif value and (found := self._found(self.rule, Text(value))):
                words = value[found[0] : found[1]]
                yield Hit(
                    0,
                    0,
                    message=f"{self.rule.message}（前書き {name} の「{words}」）",
                    message_en=f"{self.rule.message_en} (“{words}” in {name})",
                )

    def _found(self, rule: Words | Pattern, text: Text) -> tuple[int, int] | None:
        excused = Spans([place for pattern in rule.unless for place in _places(pattern, text)])
        return next((place for place in self._all(rule, text) if not excused.hold(*place)), None)

    def _all(self, rule: Words | Pattern, text: Text) -> Iterator[tuple[int, int]]:
        if isinstance(rule, Words):
            for _, start, end in self._words.find(text):
                yield text.span(start, end)
        else:
            for pattern in rule.any:
                yield from _places(pattern, text)


def _values(item: Item, names: tuple[Written, ...]) -> Iterator[tuple[str, str]]:
    """What stands in each field; for a field of images, what stands with each of them."""
    for name in names:
        for holder in item.images if name in OF_IMAGES else (item,):
            yield name, getattr(holder, name)


def _places(pattern: str, text: Text) -> Iterator[tuple[int, int]]:
    for form, folded in text.forms:
        for place in spans(pattern, form):
            yield text.span(*place) if folded else place
