"""Every sentence of the console's catalogue is used, and every key that the code names or makes is there.

A key that is made (`f"state.{row.state}"`) is listed here by its pattern: with the values that it can have where a type or a table of the program
says them, else (`ANY`) with those that stand in the catalogue, each of which has to stand somewhere in the code as a string or a field.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import get_args

from console.day import steps
from console.finding import SORTS, STATES, VERDICTS
from console.reasons import REASONS
from console.text import Flag
from console.tui.boards import CLASSES
from console.tui.commands import COMMANDS, Place
from console.tui.comment_rows import KINDS
from console.tui.comment_rows import STATES as BENCH_STATES
from console.tui.reports import PERIODS
from console.tui.status import COUNTED
from console.words import catalogue
from daemon.rulebook.attached import Private, Wrong
from daemon.rulebook.channels import Measure
from daemon.rulebook.coverage import Status
from daemon.rulebook.item import OF_IMAGES, Kind
from daemon.rulebook.notices import NoticeKind
from daemon.rulebook.office import FollowUpKind
from daemon.wire.act import Role
from daemon.wire.terminals import AtTerminal

ROOT = Path(__file__).resolve().parents[2]
KEY = re.compile(r"[a-z_]+\.\S*(?: \S+)*")
SEEN = ("tell", "say", "sentence", "known", "_said", "_say", "_named")
NAMES = [command.name for command in COMMANDS]
ANY = None

MADE: dict[str, Iterable[str] | None] = {
    "accounts.{}": ANY,
    "actor.{}": ANY,
    "bench_mark.{}": {*KINDS, "act", "look"},
    "bench_state.{}": BENCH_STATES,
    "block_state.{}": ANY,
    "channel.{}": ANY,
    "class.{}": CLASSES,
    "clause_status.{}": get_args(Status),
    "column.{}": ANY,
    "command.{}": NAMES,
    "comments.{}": ANY,
    "comments.own_{}": ("yes", "no", "unknown"),
    "decide.reason_{}": map(str, range(1, REASONS + 1)),
    "duties.{}": ANY,
    "entry.{}": ANY,
    "flag.{}": get_args(Flag),
    "follow.{}": {*get_args(FollowUpKind), "open", "done", "skipped"},
    "guidance.{}": KINDS,
    "help.{}": [*NAMES, "everywhere", "here"],
    "hint.{}": ("typing", "choosing", "confirming"),
    "how.{}": ANY,
    "key.{}": ANY,
    "keysheet.{}": ANY,
    "kind.{}": get_args(Kind),
    "lesson.{}": [step.id for step in steps()],
    "matter.{}": ANY,
    "measure.{}": {*get_args(Measure), "report"},
    "measure_by.{}": ANY,
    "measure_state.{}": ANY,
    "mending.{}": ANY,
    "notice_state.{}": ANY,
    "on_paper.ask_{}": ANY,
    "outcome.{}": ANY,
    "picture.{}": OF_IMAGES,
    "picture_private.{}": get_args(Private),
    "picture_rights.{}": ("own", "permitted", "licensed"),
    "picture_wrong.{}": [wrong for wrong in get_args(Wrong) if wrong],
    "picturing.{}": ANY,
    "place.{}": get_args(Place),
    "platform.{}": ANY,
    "policies.{}": ANY,
    "record.{}": ANY,
    "record.column_{}": ANY,
    "recorded.{}": ANY,  # and at least what the daemon is seen to record (tests/console/test_recorded_words.py)
    "recorded.add_{}": ("closure", "opening"),
    "reports.{}": PERIODS,
    "reports.what_{}": ANY,
    "reviews.{}": ANY,
    "role.{}": get_args(Role),
    "running_out.{}": ("both", "begins", "hold", "undo"),
    "running_out.{}_at": ("both", "begins", "hold", "undo"),
    "running_out.{}_short": ("both", "begins", "undo"),
    "said.{}": ANY,
    "scope.{}": ANY,
    "settings.{}": ANY,
    "sort.{}": SORTS,
    "state.{}": STATES,
    "status.count_{}": COUNTED,
    "status.{}": ANY,
    "status.{}_at": ("open", "closed"),
    "status.{}_at_named": ("open", "closed"),
    "status.{}_named": ("open", "closed"),
    "status.{}_short": ("open", "closed"),
    "status.{}_until": ("open", "closed"),
    "sure.{}": ANY,
    "sure.fix_{}": ("safe", "unsafe"),
    "sure.follow_{}": ("done", "agree", "skip", "undo"),
    "tab.{}": ("plain", "stopped", "unknown"),
    "terminal.{}": ANY,
    "terminal.ask_{}": ANY,
    "terminal.may_{}": get_args(AtTerminal),
    "terminal.short_{}": ANY,
    "title.{}": ("approver", "unit-chief"),
    "told.{}": get_args(NoticeKind),
    "verdict.{}": VERDICTS,
    "weekday.{}": map(str, range(7)),
    "{}.column_{}": [
        *(f"clauses.column_{name}" for name in ("cite", "status", "open", "fired", "tests")),
        *(f"people.column_{name}" for name in ("login", "name", "role", "unit", "titles")),
    ],
    "{}.heading": ("clauses.heading", "people.heading"),
    "{}.{}": [f"{table}.{name}" for table in ("command", "help") for name in NAMES],
}
"""Each pattern that stands in the code, and what may stand in its places."""
THROUGH: dict[str, Iterable[str] | None] = {
    "emergency.{}": ("true", "false"),
    "entry.{}_{}": ANY,
    "keysheet.column_{}": ("key", "command", "names", "does"),
    "reviews.cause_{}": ("emergency", "deputy"),
    "reviews.emergencies_{}": ANY,
    "why.{}": ANY,
}
"""Patterns whose table, or whose head, reaches the call through a name."""


@cache
def sources() -> list[tuple[Path, ast.Module]]:
    folders = [path for path in (ROOT / "console").rglob("*.py") if "installation" not in path.parts]
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(folders)]


@cache
def strings() -> frozenset[str]:
    """Every string and every field of the whole program."""
    found: set[str] = set()
    for path in [path for path, _ in sources()] + sorted((ROOT / "daemon").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            elif isinstance(node, ast.keyword | ast.arg) and node.arg:
                found.add(node.arg)
    return frozenset(found)


def shape(node: ast.JoinedStr) -> str:
    return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)


def patterns() -> Iterator[str]:
    """Each pattern by which a key of this part is made: the f-strings of the console, and the tables that `word` looks into."""
    tables = {key.partition(".")[0] for key in catalogue("tui", "ja")}
    for path, tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            args = node.args[1:] if called in ("say", "known", "sentence") else node.args[:1]
            of_tui = called == "tell" or (called in ("say", "known", "sentence") and ast.unparse(node.args[0]) == "'tui'")
            if called == "word" and isinstance(node.args[0], ast.Constant):
                yield f"{node.args[0].value}.{{}}"
            for each in args[:1] if of_tui else ():
                if isinstance(each, ast.JoinedStr):
                    yield shape(each)
        if path.parent.name == "tui":
            yield from (
                made
                for node in ast.walk(tree)
                if isinstance(node, ast.JoinedStr)
                and re.fullmatch(r"[a-z_]+\.[a-z_{}]+", made := shape(node))
                and made.partition(".")[0] in tables
            )


@cache
def made() -> frozenset[str]:
    """Every key that the patterns make."""
    found: set[str] = set()
    keys = set(catalogue("tui", "ja"))
    for pattern, values in {**MADE, **THROUGH}.items():
        if values is ANY:
            fits = re.compile(re.escape(pattern).replace(r"\{\}", "(.+)")).fullmatch
            found |= {key for key in keys if (match := fits(key)) and set(match.groups()) <= strings()}
        else:
            found |= {pattern.format(value) if pattern.count("{}") == 1 and "." not in value else value for value in values}
    return frozenset(found)


def test_every_pattern_by_which_a_key_is_made_is_listed_here() -> None:
    assert set(patterns()) == set(MADE)


def test_every_key_that_a_table_of_the_program_makes_is_in_the_catalogue() -> None:
    assert made() - set(catalogue("tui", "ja")) == set()


def test_every_key_that_is_named_in_the_code_is_in_the_catalogue() -> None:
    """Where it is handed to what says it."""
    named = set()
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "id", "")
                key = node.args[0] if called == "tell" else None
                if called in ("say", "sentence", "known") and ast.unparse(node.args[0]) == "'tui'":
                    key = node.args[1]
                for each in (key.body, key.orelse) if isinstance(key, ast.IfExp) else (key,):
                    if isinstance(each, ast.Constant):
                        named.add(str(each.value))
    assert len(named) > 300
    assert named - set(catalogue("tui", "ja")) == set()


def test_every_sentence_is_used() -> None:
    assert set(catalogue("tui", "ja")) - strings() - made() == set()
