"""How a command ends: the exit codes of the contract, and the one kind of error that an operator sees."""

from __future__ import annotations

import os
import sys
from pathlib import Path

FINE = 0
"""Done, or nothing found."""
FINDINGS = 1
"""Findings at `block`, `hold` or `act`; a record that does not verify."""
WRONG = 2
"""Usage, rules, or an internal error."""
NO_DAEMON = 3
"""The daemon cannot be reached."""
REFUSED = 4
"""Not on the register, wrong terminal, not your role, stopped."""
INTERRUPTED = 130
"""Ctrl+C."""


class Failure(Exception):
    """A command that ends here: its exit code, and one sentence in the operator's language that says what, where and what to do."""

    def __init__(self, code: int, sentence: str) -> None:
        self.code = code
        self.sentence = sentence
        super().__init__(sentence)


def system_words(error: OSError) -> str:
    """Why the system has said no, in the operator's language where the catalogue knows the reason."""
    import errno

    from console.words import known, say

    key = f"errno.{errno.errorcode.get(error.errno or 0, '')}"
    return say("cli", key) if known("cli", key) else error.strerror or str(error)


def report(error: BaseException, office: Path) -> int:
    """Say in one line why a command has failed, and return its exit code.

    A `Failure` is said as it is. Anything else is a defect of this program: its trace goes to a file under an incident id, and
    the operator reads the id and the file's name, never the trace.
    """
    from console.cli.terminal import err
    from console.words import say

    if isinstance(error, Failure):
        err(error.sentence)
        return error.code
    incident = os.urandom(4).hex()
    place = _keep_trace(error, incident, office)
    err(say("cli", "error.internal", incident=incident, file=place))
    return WRONG


def _keep_trace(error: BaseException, incident: str, office: Path) -> str:
    """Write the trace to `state/log/`, else to the temporary folder; without its locals, which may hold a draft's text."""
    import tempfile
    import traceback
    from datetime import UTC, datetime

    trace = "".join(traceback.format_exception(error))
    head = f"{datetime.now(UTC).isoformat()} {incident} {' '.join(sys.argv[:2])}\n"
    for folder in (office / "state" / "log", Path(tempfile.gettempdir())):
        path = folder / f"kohoban-{incident}.txt"
        try:
            # A folder that is not there is no office's log: the temporary one does.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except OSError:
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(head + trace)
        return str(path)
    return "-"
