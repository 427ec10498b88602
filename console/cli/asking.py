"""Asking a person line by line: what is typed, and the stop, which may be typed instead of any answer."""

from __future__ import annotations

import sys

STOPS = frozenset({"stop", "停止", "stop!", "停止!"})
"""Typed instead of an answer, with a scope behind it or without: stop now, without a question."""
_F12 = "\x1b[24~"


class StopTyped(BaseException):
    """A stop was typed; `words` are the command line behind `kohoban`. Whatever had been asked is dropped. No error, which whoever catches all
    errors may report and forget: it comes through to whoever stops."""

    def __init__(self, *scope: str) -> None:
        self.words = ("stop", *scope)
        super().__init__(*self.words)


def ask(question: str) -> str | None:
    """The line that is typed; None where nobody types any more. Raises StopTyped."""
    sys.stdout.write(question)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if _F12 in line:
        raise StopTyped
    words = line.replace("：", ":").strip().removeprefix(":").split()
    if words and words[0].casefold().replace("！", "!") in STOPS:
        raise StopTyped(*words[1:])
    return line.strip() if line else None
