"""All RE2 patterns of a policy at once: each is asked about the texts that hold a word which it needs; the few that need none by one set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import NamedTuple

from daemon.rulebook.patterns import compile_pattern, rewrite
from daemon.rulebook.required import known, required
from daemon.screening.literals import Automaton, automaton

SET_MEMORY = 256 << 20
"""Bytes that the set may use: with RE2's default of 8 MiB five hundred patterns run twenty times slower."""


ONE_BY_ONE = 4
"""Texts that are asked pattern by pattern before automaton and set are made: that takes as long as twenty texts, and `kohoban check` has one."""


class _Branch(NamedTuple):
    """One alternative of a pattern: it needs one of the `words`, and one that each of the `others` looks for."""

    pattern: int
    words: frozenset[str]
    others: tuple[Callable[[str], object], ...]


class PatternSet:
    """Patterns asked all at once whether they match, not where: for one short text several times quicker than even a single search."""

    def __init__(self, patterns: Iterable[str]) -> None:
        import re2

        options = re2.Options()
        options.max_mem = SET_MEMORY
        options.log_errors = False
        self._set = re2.Set.SearchSet(options)
        self._sentinel = 0
        for pattern in patterns:
            self._sentinel = self._set.Add(rewrite(pattern)) + 1
        # The sentinel matches everything: where even that is not reported, the set has run out of memory and reports nothing at all.
        self._set.Add("")
        self._set.Compile()

    def match(self, text: str) -> Iterable[int]:
        """The numbers of those that match; all of them where the set has run out of memory."""
        named: list[int] = self._set.Match(text) or []
        if len(named) == 1 and named[0] == self._sentinel:
            return ()
        return [at for at in named if at != self._sentinel] if self._sentinel in named else range(self._sentinel)


class Patterns:
    """The patterns of several rules, looked for together. `owners` maps a rule to its patterns."""

    def __init__(self, owners: Mapping[int, Iterable[str]]) -> None:
        self._all = [(owner, pattern) for owner, patterns in owners.items() for pattern in patterns]
        self._asked = 0

    @cached_property
    def needs(self) -> Mapping[str, tuple[int, ...]]:
        """The words of which a text has one that such a pattern matches, each with the branches for which it stands (`satisfied`)."""
        found: dict[str, list[int]] = {}
        for number, branch in enumerate(self._branches):
            for word in branch.words:
                found.setdefault(word, []).append(number)
        return {word: tuple(branches) for word, branches in found.items()}

    @property
    def needless(self) -> dict[str, list[int]]:
        """The patterns that may match without any word, each with its numbers."""
        found: dict[str, list[int]] = {}
        for index in self._always:
            found.setdefault(self._all[index][1], []).append(index)
        return found

    def satisfied(self, text: str, branches: Iterable[int]) -> set[int]:
        """The numbers of the patterns of these branches (the text holds a word that each needs) that find all that they need."""
        found: set[int] = set()
        for pattern, _, others in map(self._branches.__getitem__, branches):
            if pattern in found:
                continue
            for other in others:
                if not other(text):
                    break
            else:
                found.add(pattern)
        return found

    def matching(self, text: str, branches: Iterable[int]) -> list[int]:
        """Those of them that match."""
        if not (satisfied := self.satisfied(text, branches)):
            return []
        encoded = text.encode()  # nobody asks where, and RE2 reads bytes
        return [number for number in sorted(satisfied) if compile_pattern(self._all[number][1]).search(encoded)]

    def find_of(self, numbers: Iterable[int], text: str) -> Iterator[tuple[int, int, int]]:
        """What `find` finds, of the patterns of these numbers alone."""
        for owner, pattern in map(self._all.__getitem__, sorted(numbers)):
            for start, end in spans(pattern, text):
                yield owner, start, end

    def __bool__(self) -> bool:
        return bool(self._all)

    def owners(self, text: str) -> set[int]:
        """The rules of which some pattern matches."""
        encoded = text.encode()  # nobody asks where, and RE2 reads bytes
        return {owner for owner, pattern in self._likely(text) if compile_pattern(pattern).search(encoded)}

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """(rule, start, end) of every match that is not empty, pattern by pattern."""
        for owner, pattern in self._likely(text):
            for start, end in spans(pattern, text):
                yield owner, start, end

    def _likely(self, text: str) -> Iterable[tuple[int, str]]:
        """Every pattern that matches, in order, and some that do not."""
        self._asked += 1
        if self._asked <= ONE_BY_ONE:
            return [(owner, pattern) for owner, pattern in self._all if _may_match(pattern, text)]
        named = self._satisfied(text)
        if self._always:
            named.update(self._unfiltered(text))
        return [self._all[index] for index in sorted(named)] if named else ()

    def _satisfied(self, text: str) -> set[int]:
        """The patterns that find in the text what they need: the rarest words by the automaton, the others where those are there."""
        return self.satisfied(text, {branch for _, _, word in self._automaton.find(text) for branch in self._needing[word]})

    @cached_property
    def _branches(self) -> list[_Branch]:
        return [
            _Branch(index, words, tuple(map(_looks_for, others)))
            for index, (_, pattern) in enumerate(self._all)
            for words, *others in required(pattern)
        ]

    @cached_property
    def _automaton(self) -> Automaton:
        """The rarest words that any branch needs. `_needing` says, by the index of the word, which branches."""
        self._needing = list(self.needs.values())
        return automaton(list(self.needs))

    @cached_property
    def _always(self) -> list[int]:
        """The patterns that need nothing."""
        return [index for index, (_, pattern) in enumerate(self._all) if not required(pattern)]

    def _unfiltered(self, text: str) -> list[int]:
        """Of the patterns that need nothing those that match; all of them where the set has run out of memory."""
        return [self._always[at] for at in self._set.match(text)]

    @cached_property
    def _set(self) -> PatternSet:
        return PatternSet(self._all[index][1] for index in self._always)


def _may_match(pattern: str, text: str) -> bool:
    """Whether the text holds what the pattern needs, as far as that is known without reading the pattern."""
    branches = known(pattern)
    return not branches or any(all(any(word in text for word in words) for words in needs) for needs in branches)


FEW = 48
"""Words that are looked for one after the other: that takes three microseconds at most, and an automaton, however small, a hundred kilobytes."""


@lru_cache(maxsize=8192)
def _looks_for(words: frozenset[str]) -> Callable[[str], object]:
    """Whether a text holds one of the words. Policies share their lists, and the branches of a pattern their words: each once."""
    if len(words) > FEW:
        return automaton(sorted(words)).find
    listed, initials = tuple(words), frozenset(word[0] for word in words)

    def has(text: str) -> bool:
        return not initials.isdisjoint(text) and any(map(text.__contains__, listed))

    return has


def spans(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """The matches of one pattern that are not empty: all of them, or what is excused in front could hide what is not behind it."""
    for match in compile_pattern(pattern).finditer(text):
        if match.end() > match.start():
            yield match.start(), match.end()
