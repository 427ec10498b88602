"""`kohoban policy`: the published text and the rules that carry it out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from console.cli.answers import version_of
from console.cli.command import Group, Session, argument, command, common, option, text
from console.cli.outcome import FINE, WRONG, Failure
from console.cli.promised import office_if_any, policy_of, problems_said
from console.cli.terminal import SCHEMA, clean, fields, fit, out, out_json, paint, room, table
from console.words import choose
from daemon.rulebook.coverage import Covered, coverage, proofs
from daemon.rulebook.lint import lint_office, lint_policy
from daemon.rulebook.load import bundled, resolve_policy
from daemon.rulebook.model import Clause, Policy, Problem, RulebookError

_HELD = 44
"""Columns for what holds a clause; the JSON has all of it."""

_STATUSES = ("enforced", "asked", "due", "shown", "unmapped")

policy = Group(name="policy", params=common(), help=text("help.policy"), context_settings={"help_option_names": ["-h", "--help"]})


def _all(session: Session, names: Sequence[str]) -> list[Policy]:
    """The policies named; without a name, the program's and the office's own."""
    if names:
        return [policy_of(name, session.office) for name in names]
    folder = office_if_any(session.office)
    own = sorted(path.stem for path in (folder / "policies").glob("*.toml") if path.stem != "office") if folder else []
    return [policy_of(name, session.office) for name in dict.fromkeys((*bundled(), *own))]


@command("policy list")
def list_policies(session: Session) -> int:
    """The policies at hand."""
    policies = _all(session, ())
    if session.json:
        out_json({"schema": SCHEMA, "policies": [_policy_said(policy) for policy in policies]})
        return FINE
    head = [text(f"policy.{name}") for name in ("id", "municipality", "version", "platforms", "clauses", "rules", "title")]
    rows = [
        (p.id, clean(p.municipality), version_of(p) or text("policy.undated"), " ".join(p.platforms), str(len(p.clauses)),
         str(len(p.rules)), clean(p.title))
        for p in policies
    ]  # fmt: skip
    for line in table(rows, head, room=room()):
        out(line)
    return FINE


def _policy_said(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "municipality": policy.municipality,
        "title": policy.title,
        "platforms": policy.platforms,
        "version": version_of(policy),
        "versions": [msgspec.to_builtins(version) for version in policy.versions],
        "hash": policy.hash,
        "source": policy.source,
        "clauses": len(policy.clauses),
        "rules": len(policy.rules),
    }


@command("policy show", argument("POLICY"), argument("CLAUSE", required=False))
def show(session: Session, policy: str, clause: str | None) -> int:
    """A policy's clauses, verbatim, with what holds each."""
    found = policy_of(policy, session.office)
    covered = {line.id: line for line in coverage(found)}
    clauses = [c for c in found.clauses.values() if clause in (None, c.id, c.id.partition("/")[2])]
    if not clauses:
        raise Failure(WRONG, text("policy.no_clause", clause=clause or "-", policy=found.id))
    if session.json:
        said = [{**msgspec.to_builtins(c), **msgspec.to_builtins(covered[c.id])} for c in clauses]
        out_json({"schema": SCHEMA, **_policy_said(found), "clauses": said})
        return FINE
    if clause is None:
        out(paint("bold", f"{clean(found.municipality)}  {clean(found.title)}"))
    for one in clauses:
        for line in _clause_lines(one, covered[one.id]):
            out(line)
    return FINE


def _clause_lines(clause: Clause, covered: Covered) -> Iterator[str]:
    held = " ".join(covered.held_by) or "-"
    yield ""
    yield f"{paint('bold', clean(clause.id))}  {clean(clause.cite)}  [{clause.class_}]  {text(f'covered.{covered.status}')}: {clean(held)}"
    yield from textwrap.indent(clean(clause.text.strip(), block=True), "    ").split("\n")
    if clause.note:
        yield "    " + paint("dim", text("policy.note", note=clean(clause.note)))


@command("policy lint", argument("POLICY", required=False, nargs=-1))
def lint(session: Session, policy: Sequence[str]) -> int:
    """Every problem of the office, or of policy files, at once."""
    problems = list(_problems(session, policy))
    errors = [problem for problem in problems if problem.severity == "error"]
    if session.json:
        out_json({"schema": SCHEMA, "ok": not errors, "problems": problems})
        return WRONG if errors else FINE
    for problem in problems:
        style = "block" if problem.severity == "error" else "warn"
        word = paint(style, text(f"lint.{problem.severity}"))
        out(f"{clean(problem.file)}:{problem.line}: {word}: {clean(choose(problem.message, problem.message_en))}")
    out(text("lint.bad", errors=len(errors)) if errors else text("lint.fine"))
    return WRONG if errors else FINE


def _problems(session: Session, names: Sequence[str]) -> Iterator[Problem]:
    folder = office_if_any(session.office)
    for name in names:
        if name.endswith(".toml") or "/" in name:
            yield from lint_policy(Path(name))
            continue
        try:
            yield from lint_policy(Path(resolve_policy(name, folder).source))
        except RulebookError as error:
            yield from error.problems
    if not names:
        yield from lint_office(folder) if folder else _lint_bundled()


def _lint_bundled() -> Iterator[Problem]:
    for name in bundled():
        yield from lint_policy(Path(resolve_policy(name, None).source))


@command(
    "policy coverage",
    argument("POLICY", required=False, nargs=-1),
    option("--tests", metavar="DIR"),
    option("--status", key="covered", metavar="STATUS", multiple=True),
)
def show_coverage(session: Session, policy: Sequence[str], tests: str | None, status: Sequence[str]) -> int:
    """Each clause, what holds it, and the tests that prove it."""
    try:
        proved = proofs(Path(tests) if tests else _own_tests())
    except RulebookError as error:
        raise Failure(WRONG, problems_said(error)) from None
    clauses = [line for one in _all(session, policy) for line in coverage(one, proved) if not status or line.status in status]
    if session.json:
        out_json({"schema": SCHEMA, "clauses": clauses})
        return FINE
    head = [text(f"coverage.{name}") for name in ("id", "class", "status", "tests", "held_by", "cite")]
    rows = [
        (
            clean(c.id),
            c.class_,
            text(f"covered.{c.status}"),
            str(len(c.tests)),
            fit(clean(" ".join(c.held_by)), _HELD) or "-",
            clean(c.cite),
        )
        for c in clauses
    ]
    for line in table(rows, head, room=room()):
        out(line)
    counts = {text(f"covered.{one}"): str(sum(c.status == one for c in clauses)) for one in _STATUSES}
    proven = sum(bool(c.tests) for c in clauses)
    for line in fields({**counts, text("coverage.total"): text("coverage.total_of", clauses=len(clauses), proven=proven)}):
        out(line)
    return FINE


def _own_tests() -> Path:
    """The tests of the checkout that this program runs from; an installed wheel has none, and proves nothing here."""
    checkout = Path(__file__).resolve().parents[2]
    return checkout / "tests" if (checkout / "pyproject.toml").is_file() else checkout / "no-checkout"


for _command in (list_policies, show, lint, show_coverage):
    policy.add_command(_command)
