"""A pytest plugin (`-p tests.proving --prove FILE`): for each clause, is there a test that turns red when what holds it is switched off?

What holds a clause is its rules, all of them together, and each mechanism of the house that its `held_by` names. Each of these is switched
off by itself, and for each there has to be a test that is green as the program stands and red then. The tests marked with the clause are
tried one after the other, the quick ones first, until one of them proves it. One line of JSON a clause goes to FILE.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from daemon.rulebook.coverage import MECHANISMS, Covered, coverage
from daemon.rulebook.load import bundled, resolve_policy
from tests.switches import switched_off

SLOW = ("tests/service/", "tests/gate/", "tests/release/", "tests/terminal/", "tests/faults/")
"""Folders of tests that start processes: tried last, in this order."""
MOST = 60
"""Tests that are tried for one clause."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--prove FILE`, and which clauses."""
    group = parser.getgroup("prove")
    group.addoption("--prove", metavar="FILE", help="show that a test turns red when a clause is switched off")
    group.addoption("--off", metavar="CLAUSE", action="append", default=[], help="only this clause (may be given several times)")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """In the place of running every test once."""
    if (file := session.config.getoption("prove")) is None:
        return None
    wanted = session.config.getoption("off")
    tests: dict[str, list[pytest.Item]] = {}
    for item in session.items:
        for mark in item.iter_markers("clause"):
            for clause in mark.args:
                tests.setdefault(clause, []).append(item)
    with Path(file).open("a", encoding="utf-8") as out:
        for line in held_clauses():
            if not wanted or line.id in wanted:
                out.write(json.dumps(proved(line, tests.get(line.id, [])), ensure_ascii=False) + "\n")
                out.flush()
    return True


def held_clauses() -> Iterator[Covered]:
    """The clauses of the program's policies that something holds."""
    for name in bundled():
        yield from (line for line in coverage(resolve_policy(name, None)) if line.held_by)


def proved(line: Covered, items: list[pytest.Item]) -> dict[str, Any]:
    """What came of one clause."""
    began = time.monotonic()
    holders: list[tuple[str, ...]] = [(name,) for name in line.held_by if name in MECHANISMS]
    holders += [()] if any(name not in MECHANISMS for name in line.held_by) else []
    shown = [shown_by(line.id, off, items) for off in holders]
    return {
        "clause": line.id,
        "held_by": list(line.held_by),
        "proved": all(each["test"] for each in shown),
        "shown": shown,
        "tried": sum(each["tried"] for each in shown),
        "seconds": round(time.monotonic() - began, 2),
    }


def shown_by(clause: str, off: tuple[str, ...], items: list[pytest.Item]) -> dict[str, Any]:
    """The first test that turns red while these mechanisms (none: the clause's rules) are off, and why it does."""
    tried = 0
    for tried, item in enumerate(sorted(items, key=rank)[:MOST], 1):
        with switched_off(clause, off):
            red = failure(item)
        if red and failure(item) is None:
            return {"off": " ".join(off) or "rules", "test": readable(item.nodeid), "red": red, "tried": tried}
    return {"off": " ".join(off) or "rules", "test": "", "red": "", "tried": tried}


def readable(nodeid: str) -> str:
    """The name of a test with what pytest has escaped in it."""
    return nodeid.encode("ascii", "backslashreplace").decode("unicode_escape") if "\\u" in nodeid else nodeid


def rank(item: pytest.Item) -> int:
    """Quick tests first."""
    return next((n for n, folder in enumerate(SLOW, 1) if item.nodeid.startswith(folder)), 0)


def failure(item: pytest.Item) -> str | None:
    """Run one test by itself, with fixtures of its own: the last line of why it failed, or None where it passed. Only the test itself
    counts: what fails in a fixture shows nothing."""
    reports = runtestprotocol(item, nextitem=None, log=False)
    if any(report.failed for report in reports if report.when == "setup"):
        return None
    red = next((report for report in reports if report.when == "call" and report.failed), None)
    if red is None:
        return None
    crash = getattr(red.longrepr, "reprcrash", None)
    return str(getattr(crash, "message", "") or red.longreprtext).strip().split("\n")[0][:200] or "failed"
