"""Which words must stand in a text before a pattern can match it.

One set of hundreds of long patterns is slow: its states are as many as the texts it meets. But each pattern wants words to be there (somebody who
is spoken to, and what he is called), and looking for all those words at once costs next to nothing. So a pattern is asked only about a text
that holds what it needs. A pattern of which nothing can be read off is asked always; words wrongly read off would hide matches, and a test
compares both ways on every pattern of the bundled policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod
from typing import NamedTuple

from daemon.rulebook.lazy import lazy_pattern

ENOUGH = 1.3
"""The least weight of every word of a list: a lone hiragana stands in every text, and asking would save nothing."""

_CROSSED = 48
"""Words that are made by putting parts together; beyond that the parts are weighed each for itself."""
_LISTED = 4_000
"""Words of one list."""
_CLASS = 12
"""Characters of a class up to which they are taken one by one."""
_BOTH = 2
"""Lists that are asked for at once, the rarest: who is spoken to, and what he is called."""

_REPEAT = lazy_pattern(r"\{(\d+)(?:(,)(\d*))?\}")
_ESCAPED = lazy_pattern(
    r"\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|[pP](?:\{[^}]*\}|.)|(.))"
)
_LETTERS = lazy_pattern(r"[^\\()\[\]|?*+{}.^$]+")
_PLAIN = {"n": "\n", "t": "\t", "r": "\r"}


_CASES: dict[str, tuple[str, ...]] = {
    letter: (each.lower(), each.upper()) for each in "abcdefghijlmnopqrtuvwxyz" for letter in (each, each.upper())
}
_CASES |= dict.fromkeys("kK\u212a", ("k", "K", "\u212a")) | dict.fromkeys("sS\u017f", ("s", "S", "\u017f"))
"""What each letter of the alphabet is the same as in `(?i)`: the Kelvin sign and the long s are among them."""

Needs = tuple[frozenset[str], ...]
"""Lists of words: what matches holds a word of each."""


class _Words(NamedTuple):
    """What a piece of a pattern says: `exact`, all that it can match, where that is a short list; else what it `needs`."""

    exact: frozenset[str] | None = None
    needs: Needs = ()

    @property
    def best(self) -> frozenset[str] | None:
        """The one list that tells most; None where there is none."""
        if self.exact is not None:
            return self.exact
        return self.needs[0] if self.needs else None


_ANYTHING = _Words()
_NOTHING = _Words(frozenset({""}))


class _Unknown(Exception):
    """A piece of syntax that is not read here: the pattern is asked always."""


_KNOWN: dict[str, tuple[Needs, ...]] = {}
_MOST_KNOWN = 4_096


def required(pattern: str) -> tuple[Needs, ...]:
    """What a text must hold before the pattern can match: the needs of one of these branches. Empty where that says nothing useful."""
    found = _KNOWN.get(pattern)
    if found is None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        found = _KNOWN[pattern] = _required(pattern)
    return found


def known(pattern: str) -> tuple[Needs, ...] | None:
    """The same where it has been asked before: to read it off takes as long as to compile the pattern."""
    return _KNOWN.get(pattern)


def remember(read: Mapping[str, tuple[Needs, ...]]) -> None:
    """Take over what was read off these patterns before, by the same program."""
    _KNOWN.update(read)


def _required(pattern: str) -> tuple[Needs, ...]:
    try:
        branches = [_useful(branch) for branch in _Reading(pattern).branches()]
    except _Unknown:
        return ()
    return tuple(branches) if all(branches) else ()


def _useful(said: _Words) -> Needs:
    needs = said.needs if said.exact is None else (said.exact,)
    return tuple(words for words in needs[:_BOTH] if _weight(words) >= ENOUGH)


class _Reading:
    """A pattern in the dialect of `rulebook.patterns`, read from the left."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._either_case = False
        """Within `(?i)`."""

    def branches(self) -> list[_Words]:
        """The alternatives of the whole pattern."""
        said = self._either()
        if self._at < len(self._pattern):
            raise _Unknown
        return said

    def _either(self) -> list[_Words]:
        branches = [self._row()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._row())
        return branches

    def _row(self) -> _Words:
        pieces = []
        while self._peek() not in ("", "|", ")"):
            pieces.append(self._repeated(self._piece()))
        return _in_a_row(pieces)

    def _repeated(self, piece: _Words) -> _Words:
        char = self._peek()
        counted = _REPEAT.match(self._pattern, self._at) if char == "{" else None
        if counted:
            self._at = counted.end()
            least, most = int(counted[1]), int(counted[3]) if counted[3] else None if counted[2] else int(counted[1])
        elif char and char in "?*+":
            self._at += 1
            least, most = (1, None) if char == "+" else (0, 1 if char == "?" else None)
        else:
            return piece
        if self._peek() == "?":  # as few as possible: the same words
            self._at += 1
        if least == 0:
            return _Words(piece.exact | {""}) if most == 1 and piece.exact is not None else _ANYTHING
        if (least, most) == (1, 1):
            return piece
        if piece.exact is not None and len(piece.exact) ** least <= _CROSSED:
            return _Words(None, _alone(frozenset(map("".join, product(piece.exact, repeat=least)))))
        return _Words(None, _alone(piece.best))

    def _piece(self) -> _Words:
        char = self._peek()
        self._at += 1
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "\\":
            if self._peek() in ("A", "z"):  # where the text begins and ends
                self._at += 1
                return _NOTHING
            self._at -= 1
            escaped = self._escaped()
            return _ANYTHING if escaped is None else self._written(escaped)
        if char == ".":
            return _ANYTHING
        return _NOTHING if char in "^$" else self._literal()

    def _literal(self) -> _Words:
        """Plain characters, as many as stand together: the last is left for the next piece where it is repeated."""
        start = self._at - 1
        found = _LETTERS.match(self._pattern, start)
        end = found.end() if found else self._at
        if end - start > 1 and self._pattern[end : end + 1] in tuple("?*+{"):
            end -= 1
        self._at = end
        return self._written(self._pattern[start:end])

    def _written(self, letters: str) -> _Words:
        """These letters, in either case where that does not count."""
        if not self._either_case:
            return _Words(frozenset({letters}))
        cases = [_CASES.get(letter) or (letter,) for letter in letters]
        if any(len(each) == 1 and _has_case(each[0]) for each in cases):
            return _ANYTHING
        # More than that is said by its beginning, which is needed as well.
        few = next((n for n in range(len(cases), 0, -1) if prod(map(len, cases[:n])) <= _CROSSED), 0)
        words = frozenset(map("".join, product(*cases[:few])))
        return _Words(words) if few == len(cases) else _Words(None, (words,))

    def _group(self) -> _Words:
        outside = self._either_case
        if self._pattern.startswith("?i)", self._at):  # up to the end of the group around it
            self._at += 3
            self._either_case = True
            return _NOTHING
        if self._peek() == "?":
            if self._pattern.startswith("?i:", self._at):
                self._at += 3
                self._either_case = True
            elif self._pattern.startswith("?s:", self._at):  # `.` crosses lines: it is anything as it is
                self._at += 3
            elif self._pattern.startswith("?:", self._at):
                self._at += 2
            else:
                raise _Unknown
        said = _any_of(self._either())
        self._either_case = outside
        if self._peek() != ")":
            raise _Unknown
        self._at += 1
        return said

    def _class(self) -> _Words:
        chars: set[str] = set()
        known = self._peek() != "^"
        self._at += not known
        first = True
        while first or self._peek() != "]":
            start = self._letter()
            first = False
            if self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] != "]":
                self._at += 1
                end = self._letter()
                known = known and start is not None and end is not None and ord(end) - ord(start) < _CLASS
                if known and start and end:
                    chars.update(map(chr, range(ord(start), ord(end) + 1)))
            elif start is None:
                known = False
            else:
                chars.add(start)
        self._at += 1
        if self._either_case:
            known = known and not any(_has_case(char) and char not in _CASES for char in chars)
            chars.update(*(_CASES.get(char, ()) for char in chars))
        return _Words(frozenset(chars)) if known and len(chars) <= _CLASS else _ANYTHING

    def _letter(self) -> str | None:
        """The next character of a class; None for one that stands for many."""
        char = self._peek()
        if not char or self._pattern.startswith("[:", self._at):
            raise _Unknown
        if char == "\\":
            return self._escaped()
        self._at += 1
        return char

    def _escaped(self) -> str | None:
        """The character that an escape stands for; None where it stands for many."""
        escape = _ESCAPED.match(self._pattern, self._at)
        if not escape or escape[5] in tuple("QEbBAzZC"):
            raise _Unknown
        self._at = escape.end()
        code = escape[1] or escape[2] or escape[3] or escape[4]
        if code:
            return chr(int(code, 16))
        if escape[5] is None or escape[5] in "dDwWsS":
            return None
        if escape[5].isalnum() and escape[5] not in _PLAIN:
            raise _Unknown
        return _PLAIN.get(escape[5], escape[5])

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]


def _has_case(char: str) -> bool:
    """Whether the letter may be written otherwise; of an alphabet that is not in `_CASES` nothing is said."""
    return char.lower() != char or char.upper() != char


def _any_of(branches: list[_Words]) -> _Words:
    if len(branches) == 1:
        return branches[0]
    exact = [branch.exact for branch in branches if branch.exact is not None]
    if len(exact) == len(branches) and sum(map(len, exact)) <= _LISTED:
        return _Words(frozenset().union(*exact))
    best = [branch.best for branch in branches if branch.best is not None]
    together = frozenset[str]().union(*best)
    return _Words(None, _alone(together)) if len(best) == len(branches) and len(together) <= _LISTED else _ANYTHING


def _alone(words: frozenset[str] | None) -> Needs:
    return () if words is None or "" in words else (words,)


def _in_a_row(pieces: list[_Words]) -> _Words:
    """Neighbours that are short lists are put together; what then stands apart is needed, the rarest first."""
    if len(pieces) == 1:
        return pieces[0]
    apart: list[frozenset[str]] = []
    run: frozenset[str] = frozenset({""})
    broken = False
    for piece in pieces:
        if piece.exact is not None and len(run) * len(piece.exact) <= max(_CROSSED, len(run), len(piece.exact)):
            run = frozenset(left + right for left, right in product(run, piece.exact))
            continue
        broken = True
        apart += (run, *piece.needs)
        run = frozenset({""}) if piece.exact is None else piece.exact
    if not broken:
        return _Words(run)
    return _Words(None, tuple(sorted((words for words in (*apart, run) if "" not in words), key=_weight, reverse=True)))


def _weight(words: Iterable[str]) -> float:
    """How rare the commonest word of the list is likely to be: kanji tell more than katakana, and those more than hiragana."""
    return min(sum(map(_rarity, word)) for word in words)


def _rarity(char: str) -> float:
    if "\u4e00" <= char <= "\u9fff":
        return 2.0
    if "\u30a1" <= char <= "\u30fa":
        return 1.0
    return 0.7 if "\u3041" <= char <= "\u3096" or char.isalnum() else 0.4
