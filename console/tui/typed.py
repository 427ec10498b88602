"""What the terminal sends, cut into whole keys: over a bad line Esc and the next key come in one packet, and a sequence in two.

Textual takes `Esc y` for Alt+y and swallows both; Esc must always cancel. No key of this console is one with Alt, so an Esc that does
not begin a sequence is Esc.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

ESC = "\x1b"
ALIVE = "\x1b[0n"
"""The terminal's answer to the question whether it is in order: what was sent before the question is on its screen."""

PASTE, PASTED = "\x1b[200~", "\x1b[201~"
ALONE = 0.1
"""Seconds after which an Esc is the key and not the beginning of a sequence."""
TORN = 0.5
"""Seconds after which the rest of a sequence that has begun does not come any more."""
ABANDONED = 1.0
"""Seconds of silence after which the stop key by itself is one, though a paste has not ended: it must not wait for an end that was lost."""
_STOP = re.compile(r"(?:\x1b\[24~|\x1c)+")
LONGEST = 300
"""Characters of a sequence; of one that goes on and on nothing is kept."""

_SEQUENCE = re.compile(r"\x1b(\[\[[A-E]|\[[0-?]*[ -/]*[@-Z\\-~]|O[0-9;]*[A-Za-z~]|_G[ -~]{0,200}\x1b\\)")
_BEGUN = re.compile(r"\x1b(\[\[?|\[[0-?]*[ -/]*|O[0-9;]*|_(G[ -~]{0,200}\x1b?)?)?\Z")
"""A sequence that has begun; `_G` begins what a terminal says of a picture that it was sent."""


class Typed:
    """Takes in text as it comes and gives it out in pieces: one sequence, one Esc, or text without either. In what is pasted, an escape
    character is a sign like others: it ends no paste and begins no key."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rest = ""
        self._since = 0.0
        self._pasting = False

    @property
    def waits(self) -> bool:
        """Whether something has begun that time may end."""
        return bool(self._rest)

    def feed(self, text: str) -> Iterator[str]:
        """The pieces that are whole now."""
        quiet = self._clock() - self._since
        if self._pasting and quiet >= ABANDONED and _STOP.fullmatch(text):  # the end of the paste was lost
            self._pasting = False
            yield PASTED
        self._rest += text
        self._since = self._clock()
        yield from self._pieces()

    def tick(self) -> Iterator[str]:
        """What has waited long enough for the rest of it: an Esc is the key then, a torn sequence is nothing."""
        waits = ALONE if self._rest == ESC else TORN
        if not self._rest or self._clock() - self._since < waits:
            return
        rest, self._rest = self._rest, ""
        if self._pasting:
            yield _shown(rest)
            return
        yield ESC
        if rest in ("\x1b[", "\x1bO", "\x1b_"):
            yield rest[1:]

    def _pieces(self) -> Iterator[str]:
        while self._rest:
            if self._pasting:
                end = self._rest.find(PASTED)
                if end < 0:
                    kept = _begins_with_end(self._rest)
                    text, self._rest = self._rest[: len(self._rest) - kept], self._rest[len(self._rest) - kept :]
                    if text:
                        yield _shown(text)
                    return
                if end:
                    yield _shown(self._rest[:end])
                self._rest, self._pasting = self._rest[end + len(PASTED) :], False
                yield PASTED
                continue
            start = self._rest.find(ESC)
            if start != 0:
                text, self._rest = (self._rest, "") if start < 0 else (self._rest[:start], self._rest[start:])
                yield text
                continue
            if whole := _SEQUENCE.match(self._rest):
                self._rest = self._rest[whole.end() :]
                self._pasting = whole[0] == PASTE
                yield whole[0]
            elif _BEGUN.match(self._rest):
                if len(self._rest) > LONGEST:
                    self._rest = ""
                return
            else:
                self._rest = self._rest[1:]
                yield ESC


def _shown(pasted: str) -> str:
    return pasted.replace(ESC, "␛")


def _begins_with_end(text: str) -> int:
    """How many of the last characters may be the beginning of the end of the paste."""
    return next((size for size in range(len(PASTED) - 1, 0, -1) if text.endswith(PASTED[:size])), 0)
