"""All RE2 patterns of a policy at once: one set as a prefilter, single patterns for the spans on what it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from daemon.rulebook.patterns import compile_pattern, rewrite

SET_MEMORY = 256 << 20
"""Bytes that the set may use: with RE2's default of 8 MiB five hundred patterns run twenty times slower."""


ONE_BY_ONE = 4
"""Texts that are asked pattern by pattern before the set is made: it takes as long as twenty texts, and `kohoban check` has but one."""


class Patterns:
    """The patterns of several rules, looked for together. `owners` maps a rule to its patterns."""

    def __init__(self, owners: Mapping[int, Iterable[str]]) -> None:
        self._all = [(owner, pattern) for owner, patterns in owners.items() for pattern in patterns]
        self._asked = 0

    def owners(self, text: str) -> set[int]:
        """The rules of which some pattern matches."""
        return {self._all[index][0] for index in self._named(text)}

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """(rule, start, end) of every match that is not empty, pattern by pattern."""
        for index in self._named(text):
            owner, pattern = self._all[index]
            for start, end in spans(pattern, text):
                yield owner, start, end

    def _named(self, text: str) -> list[int]:
        """The patterns that match, in order."""
        if not self._all:
            return []
        self._asked += 1
        if self._asked > ONE_BY_ONE:
            named = self._set.Match(text)
            if self._sentinel in named:
                return sorted(index for index in named if index != self._sentinel)
        return [index for index, (_, pattern) in enumerate(self._all) if compile_pattern(pattern).search(text)]

    @cached_property
    def _set(self) -> Any:
        """All patterns as one, and after them the sentinel, which matches everything: where even that is not reported, the set has run
        out of memory and reports nothing at all."""
        import re2

        options = re2.Options()
        options.max_mem = SET_MEMORY
        options.log_errors = False
        made = re2.Set.SearchSet(options)
        for _, pattern in self._all:
            made.Add(rewrite(pattern))
        made.Add("")
        made.Compile()
        return made

    @property
    def _sentinel(self) -> int:
        return len(self._all)


def spans(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """The matches of one pattern that are not empty: all of them, or what is excused in front could hide what is not behind it."""
    for match in compile_pattern(pattern).finditer(text):
        if match.end() > match.start():
            yield match.start(), match.end()
