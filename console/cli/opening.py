"""`kohoban` alone: open the console, with the office's daemon running."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from console.accessible import ask_for_it
from console.cli.argv import Option, parse
from console.cli.outcome import WRONG, Failure
from console.cli.place import office_here
from console.cli.terminal import err, out, out_json, plain_wanted, set_plain
from console.words import say


def main(argv: Sequence[str]) -> int:
    """Start the daemon where that is the caller's to do, then open the console; without a terminal, print the queue instead."""
    given = parse(argv, (Option("--accessible", value=False),), "")
    if "--accessible" in given.flags:
        ask_for_it()
    if given.rest:
        raise Failure(WRONG, say("cli", "usage.no_such_option", option=given.rest[0], command="kohoban"))
    if "--plain" in given.flags:
        set_plain(True)
    operator = given.get("--operator") or os.environ.get("KOHOBAN_OPERATOR", "")
    return open_console(office_here(given.get("--office")), operator, as_json="--json" in given.flags)


def open_console(office: Path, operator: str, *, as_json: bool = False, deciding: bool = False, day: bool = False) -> int:
    """Open the console of this office as this person (in a training office; else empty); with `deciding` in 決裁モード, with `day`
    as the training day."""
    from console.cli.presence import is_mine, runs, start

    if is_mine(office):
        if (pid := start(office)) is not None:
            err(say("cli", "daemon.started", pid=pid))
    elif not runs(office, operator):
        err(say("cli", "daemon.not_mine", state=office / "state"))
    if plain_wanted() and not as_json and not deciding and sys.stdin.isatty() and sys.stdout.isatty():
        from console.cli.line_mode import LineMode

        return LineMode(office, operator).go()
    if as_json or not has_terminal():
        return _print_queue(office, operator, as_json)
    from console.tui.main import run

    return run(office, operator, deciding=deciding, day=day)


def has_terminal() -> bool:
    """True where a full-screen console can be shown."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _print_queue(office: Path, operator: str, as_json: bool) -> int:
    from console.cli.drafts import queue_lines, row_said, rows_of
    from console.cli.link import Link
    from console.cli.outcome import FINE
    from console.cli.terminal import SCHEMA
    from daemon.wire import OpenView

    if not as_json:
        err(say("cli", "opening.no_terminal"))
    with Link(office, operator) as link:
        rows = list(rows_of(link, OpenView()))
    if as_json:
        out_json({"schema": SCHEMA, "drafts": [row_said(row) for row in rows]})
    else:
        for line in queue_lines(rows, 0):
            out(line)
    return FINE
