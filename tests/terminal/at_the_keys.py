"""Somebody at the keys of an office at work: every key has been seen to be taken, and what it asks has been read, before the next one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable

from ptys import F12, Terminal

from console.tui.bottom import SETTLE

KEYS = {"Enter": "\r", "F12": F12, "Esc": "\x1b", "Tab": "\t"}
DROPPED = "打ったキーは捨てました"
TAKEN_WITHIN = 5.0
"""Seconds in which a key is seen to be taken, where it changes anything to be seen."""
READ = SETTLE + 0.25
"""Seconds for which a question has stood once it has been read."""


class Hands:
    """`with_it`: the processes of the office, which may still have to say something when the console has not."""

    def __init__(self, terminal: Terminal, with_it: Callable[[], Iterable[int]]) -> None:
        self._terminal = terminal
        self._with_it = with_it
        self._narrowing = self._commanding = self._armed = False

    def rest(self) -> None:
        """Look until nothing changes any more; where a clock goes on in some row, for a while."""
        self._terminal.settle(READ, self._with_it(), 5.0, lambda: below(self._terminal))

    def press(self, key: str) -> None:
        """A key by its name, one sign, or a line of text."""
        terminal = self._terminal
        self._armed = key == "F12" and not self._armed
        if self._armed:  # twice within three seconds: nobody looks in between
            terminal.send(F12)
            terminal.settle(0.1, most=0.5)
            return
        if key == "y":
            self._until(
                lambda: any(said(line).startswith("y実行") for line in terminal.lines()[-2:])
            )  # below it may be tmux's own row
        if len(key) > 1 and key not in KEYS and key[0] not in ":/" and not self._commanding:
            self._until(lambda: any(said(line).startswith("Enter決める") for line in terminal.lines()[-2:]))
        self._send(key)
        while DROPPED in said(*below(terminal)):  # who reads that presses it once more
            self._send(key)
        if key == "Enter" and self._narrowing:  # what is looked for may only be coming in
            self._until(lambda: re.search(r"1/[1-9]", said(*terminal.lines()[:4])))
        self._commanding = key == ":"
        self._narrowing = key.startswith("/") or (self._narrowing and key not in KEYS)

    def _send(self, key: str) -> None:
        before = below(self._terminal)
        self._terminal.send(KEYS.get(key, key))
        end = time.monotonic() + TAKEN_WITHIN
        while below(self._terminal) == before and time.monotonic() < end:
            self._terminal.read()
        self.rest()

    def _until(self, true: Callable[[], object]) -> None:
        """Wait for something that most often is there already, and read it."""
        if not true():
            self._terminal.until(true)
            self.rest()


def said(*lines: str) -> str:
    """What lines say: without blanks, because a wide character is followed by an empty cell here."""
    return "".join("".join(lines).split())


def below(terminal: Terminal) -> list[str]:
    """The screen but for its first row, in which clocks go on."""
    return terminal.lines()[1:]


def wait_for(terminal: Terminal, words: str) -> None:
    """Wait for words, wherever the screen breaks them."""
    wanted = said(words)
    terminal.until(lambda: wanted in said(*terminal.lines()))
