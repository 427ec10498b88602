"""Asking a person line by line: what is typed, and the stop, which may be typed instead of any answer."""

from __future__ import annotations

import os
import select
import signal
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
    if sys.stdin.isatty():
        _until_typed(sys.stdin.fileno())
    line = sys.stdin.readline()
    if _F12 in line:
        raise StopTyped
    words = line.replace("：", ":").strip().removeprefix(":").split()
    if words and words[0].casefold().replace("！", "!") in STOPS:
        raise StopTyped(*words[1:])
    return line.strip() if line else None


def _until_typed(fd: int) -> None:
    """Wait until a line has been typed at a terminal. A signal (Ctrl+\\, the stop key) that comes when Python has just looked for signals and has not
    begun to read would be heard only after the next line: it leaves a byte in a pipe, too, and that ends the waiting at once."""
    hear, said = os.pipe()
    os.set_blocking(hear, False)
    os.set_blocking(said, False)
    before = signal.set_wakeup_fd(said, warn_on_full_buffer=False)
    try:
        while fd not in select.select([fd, hear], [], [])[0]:
            os.read(hear, 512)
    finally:
        signal.set_wakeup_fd(before)
        os.close(hear)
        os.close(said)
