"""What the installer says, and how it ends: words of the catalogue, exit codes of the contract."""

from __future__ import annotations

import sys

from console import words

FINE, WRONG, REFUSED, INTERRUPTED = 0, 2, 4, 130


class Problem(Exception):
    """The installer ends here; the message says why, and what to do. `code` is the exit code."""

    def __init__(self, sentence: str, code: int = WRONG) -> None:
        self.code = code
        super().__init__(sentence)


def text(key: str, /, **values: object) -> str:
    """A sentence of the installer's catalogue."""
    return words.say("install", key, **values)


def problem(key: str, /, **values: object) -> Problem:
    """The problem of that name."""
    return Problem(text(f"problem.{key}", **values))


def plain(line: str) -> str:
    """A line as it may reach a terminal: without the control characters that names, addresses and what programs say may hold."""
    return "".join(char if char.isprintable() or char == "\t" else "�" for char in line)


def out(line: str) -> None:
    """A line on stdout."""
    sys.stdout.write(plain(line) + "\n")
    sys.stdout.flush()


def tell_apart(sentences: str) -> None:
    """Lines on stderr: what went wrong."""
    sys.stderr.write("".join(f"{plain(line)}\n" for line in sentences.splitlines()))
    sys.stderr.flush()


class Progress:
    """What is being done, on stderr: one line that changes on a terminal, else a line for each stage."""

    def __init__(self) -> None:
        self._stage = ""
        self._live = sys.stderr.isatty()

    def __call__(self, words: str, done: int = 0, of: int = 0) -> None:
        words = plain(words)
        if self._live:
            share = f" {done * 100 // of}%" if of else ""
            sys.stderr.write(f"\r\033[K{words}{share}")
        elif words != self._stage:
            sys.stderr.write(f"{words}\n")
        sys.stderr.flush()
        self._stage = words

    def end(self) -> None:
        """Leave the line as if it had not been there."""
        if self._live and self._stage:
            sys.stderr.write("\r\033[K")
        self._stage = ""
