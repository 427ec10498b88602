"""The entry point `kohoban`: sends each command to its place, having imported as little as that command needs.

`stop` must run while everything else is broken, and `check` runs in editors: neither waits for click, Textual or asyncio.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

QUICK = {
    "check": "console.cli.check",
    "length": "console.cli.length",
    "hours": "console.cli.hours",
}
"""Commands with a command line of their own (`console/cli/argv.py`): module with a `main(argv)`."""

_WITH_VALUE = ("--office", "--operator")
_RARELY = 50_000
"""Objects made between two collections of garbage, for a process that judges and ends."""

_INTERRUPTED = 130
_WRONG = 2


def main() -> int:
    """Run what was typed; the return value is the exit code of the process."""
    for stream in (sys.stdout, sys.stderr):
        # A locale that cannot write Japanese must not turn a verdict into a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    quick = command_word(sys.argv[1:])[0] in QUICK
    if quick:
        # msgspec prefers typing_extensions where it is installed and does without it where it is not; here that import would be a
        # seventh of the whole process (benchmarks/check.py). Only for a process that does nothing else.
        sys.modules.setdefault("typing_extensions", None)  # type: ignore[arg-type]
        # What starting up makes stays to the end: looking through it again and again for garbage takes a twentieth of the time.
        gc.set_threshold(_RARELY)
    code = run(sys.argv[1:])
    if quick and sys.argv[0].endswith("/kohoban") and "subprocess" not in sys.modules:
        # The command itself, all is said and nothing runs beside it: to take every module down again would take a tenth of the time.
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(code)
    return code


def run(argv: Sequence[str]) -> int:
    """Carry out one command line and return its exit code. No exception leaves here, and no trace reaches the operator."""
    try:
        code = route(argv)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`). Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return _WRONG
    except Exception as error:
        from pathlib import Path

        from console.cli.outcome import report

        return report(error, Path(_value(argv, "--office") or os.environ.get("KOHOBAN_OFFICE") or "."))


def route(argv: Sequence[str]) -> int:
    """Find the sub-command and call it."""
    word, rest = command_word(argv)
    if word == "stop":
        from console.cli import stop

        return stop.main(rest)
    if word in QUICK:
        from importlib import import_module

        code: int = import_module(QUICK[word]).main(rest)
        return code
    if word or not set(argv).isdisjoint(("--help", "-h", "--version")):
        from console.cli import app

        return app.main(argv)
    from console.cli import opening

    return opening.main(argv)


def command_word(argv: Sequence[str]) -> tuple[str, list[str]]:
    """The sub-command in a command line, and the line without it; options may stand on either side."""
    at = 0
    while at < len(argv):
        if not argv[at].startswith("-"):
            return argv[at], [*argv[:at], *argv[at + 1 :]]
        at += 2 if argv[at] in _WITH_VALUE else 1
    return "", list(argv)


def _value(argv: Sequence[str], option: str) -> str:
    for at, word in enumerate(argv):
        if word.startswith(option + "="):
            return word.partition("=")[2]
        if word == option:
            return "".join(argv[at + 1 : at + 2])
    return ""
