"""`kohoban policy`: the published text and the rules that carry it out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from console.cli.amendments import versions
from console.cli.answers import version_of
from console.cli.command import Group, Session, argument, command, common, option, text
from console.cli.differing import diff
from console.cli.editions import NoWording, all_ids, policies_at, policy_at, say_no_wording
from console.cli.explained import explain
from console.cli.guards import show_canaries, show_conflicts
from console.cli.importing import import_policy
from console.cli.outcome import FINE, WRONG, Failure
from console.cli.papering import PRIVATE, PUBLIC, deliver, in_form, in_language, to_file
from console.cli.place import moment, now
from console.cli.promised import office_if_any, policy_of, problems_said
from console.cli.tallying import backtest
from console.cli.terminal import SCHEMA, clean, err, fields, fit, out, out_json, paint, room, table
from console.cli.trying import test
from console.words import choose
from daemon.papers.policy_page import policy_page
from daemon.rulebook.coverage import Covered, coverage
from daemon.rulebook.example import example_of
from daemon.rulebook.lint import lint_office, lint_policy
from daemon.rulebook.load import bundled, resolve_policy
from daemon.rulebook.model import Clause, Policy, Problem, RulebookError
from daemon.rulebook.page import pieces
from daemon.rulebook.proved import known_proofs, own_tests

_HELD = 44
"""Columns for what holds a clause; the JSON has all of it."""

_EXAMPLE = 100
"""Columns of an example that are shown."""

_STATUSES = ("enforced", "asked", "due", "shown", "unmapped")

policy = Group(name="policy", params=common(), help=text("help.policy"), context_settings={"help_option_names": ["-h", "--help"]})


def _all(session: Session, names: Sequence[str]) -> list[Policy]:
    """The policies named; without a name, the program's and the office's own."""
    return [policy_of(name, session.office) for name in names or all_ids(session.office)]


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


@command("policy show", argument("POLICY"), argument("CLAUSE", required=False), option("--at", key="as_of", metavar="DATE"))
def show(session: Session, policy: str, clause: str | None, at: str | None) -> int:
    """A policy's clauses, verbatim, with what holds each."""
    try:
        found = policy_at(policy, session.office, at)
    except NoWording as missing:
        return say_no_wording(session, [missing])
    covered = {line.id: line for line in coverage(found)}
    clauses = [c for c in found.clauses.values() if clause in (None, c.id, c.id.partition("/")[2])]
    if not clauses:
        raise Failure(WRONG, text("policy.no_clause", clause=clause or "-", policy=found.id))
    if session.json:
        said = [
            {**msgspec.to_builtins(c), **msgspec.to_builtins(covered[c.id]), "examples": _examples(found, c)} for c in clauses
        ]
        out_json({"schema": SCHEMA, **_policy_said(found), "clauses": said})
        return FINE
    if clause is None:
        out(paint("bold", f"{clean(found.municipality)}  {clean(found.title)}"))
    for one in clauses:
        for line in (*_clause_lines(one, covered[one.id]), *_example_lines(found, one)):
            out(line)
    return FINE


def _examples(policy: Policy, clause: Clause) -> list[dict[str, Any]]:
    rules = (rule for rule in policy.rules if rule.clause == clause.id and (rule.must_fire or rule.must_pass))
    return [{"rule": rule.id, "must_fire": rule.must_fire, "must_pass": rule.must_pass} for rule in rules]


def _clause_lines(clause: Clause, covered: Covered) -> Iterator[str]:
    held = " ".join(covered.held_by) or "-"
    yield ""
    yield f"{paint('bold', clean(clause.id))}  {clean(clause.cite)}  [{clause.class_}]  {text(f'covered.{covered.status}')}: {clean(held)}"
    yield from textwrap.indent(clean(clause.text.strip(), block=True), "    ").split("\n")
    if clause.note:
        yield "    " + paint("dim", text("policy.note", note=clean(clause.note)))


def _example_lines(policy: Policy, clause: Clause) -> Iterator[str]:
    """The examples of the rules that carry a clause out: what must fire, and what must pass."""
    for rule in (rule for rule in policy.rules if rule.clause == clause.id):
        for key, examples in (("fire", rule.must_fire), ("pass", rule.must_pass)):
            for each in map(example_of, examples):
                yield f"    {text(f'policy_test.must_{key}')} [{clean(rule.id)}] {fit(clean(each.text), _EXAMPLE)}"


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
    option("--at", key="as_of", metavar="DATE"),
    option("--prove", is_flag=True),
)
def show_coverage(
    session: Session, policy: Sequence[str], tests: str | None, status: Sequence[str], at: str | None, prove: bool
) -> int:
    """Each clause, what holds it, and the tests that prove it."""
    try:
        proved = known_proofs(Path(tests) if tests else None) or {}
    except RulebookError as error:
        raise Failure(WRONG, problems_said(error)) from None
    policies, missing = policies_at(policy or all_ids(session.office), session.office, at)
    if missing and not policies:
        return say_no_wording(session, missing)
    for none in missing:
        err(none.sentence)
    clauses = [line for one in policies for line in coverage(one, proved) if not status or line.status in status]
    if prove:
        from console.cli.prove import prove as prove_all

        return prove_all(session, clauses, (own_tests() or Path("no-checkout/tests")).parent)
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


@command(
    "policy render",
    argument("POLICY"),
    option("--at", key="render_at", metavar="DATE"),
    in_form("html", "md", "txt", default="html"),
    option("--notes", key="render_notes", is_flag=True),
    option("--with-rules", key="render_rules", is_flag=True),
    to_file(),
)
def render(session: Session, policy: str, at: str | None, form: str, notes: bool, with_rules: bool, file: str | None) -> int:
    """The public page: the published text, word for word."""
    day = moment(at).date() if at else now().date()
    try:
        found = policy_at(policy, session.office, at)
    except NoWording as missing:
        raise Failure(WRONG, missing.sentence) from None
    page = policy_page(found, found.version, language=in_language(), notes=notes, rules=with_rules)
    clauses = [{"clause": piece.clause, "text": piece.text} for piece in pieces(found)]
    data = {"schema": SCHEMA, **_policy_said(found), "at": day.isoformat(), "text": clauses}
    return deliver(session, page, form, file, data=data, mode=PRIVATE if with_rules else PUBLIC)


for _command in (
    list_policies,
    show,
    lint,
    show_coverage,
    render,
    import_policy,
    versions,
    diff,
    show_conflicts,
    show_canaries,
    test,
    explain,
    backtest,
):
    policy.add_command(_command)
