"""Which clause is held by what: no article that nobody accounts for.

A clause is held by the rules that cite it, by its duties and by the mechanisms of the house that its `held_by` names. What nothing holds is
`unmapped`, which is honest; what holds it is proved by the tests that carry its id.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from daemon.rulebook.duty import full_id
from daemon.rulebook.model import Approvers, Clause, Policy, Powers, Problem, RuleBase, RulebookError, Terminals, Unwatched

Status = Literal["enforced", "asked", "due", "shown", "unmapped"]
"""enforced: the machine holds it. asked: the right person is asked, and the answer recorded. due: a duty with a date. shown: the
text can be read where it matters. unmapped: nothing holds it yet."""

MECHANISMS: Mapping[str, Status] = {
    "board.shown": "shown",
    "gate.stop": "enforced",
    "desk.approval": "asked",
    "desk.emergency": "asked",
    "desk.exception": "asked",
    "desk.follow_ups": "asked",
    "desk.correction": "asked",
    "desk.register": "enforced",
    "desk.return": "asked",
    "rulebook.basis": "enforced",
    "rulebook.version": "enforced",
    "service.identity": "enforced",
    "service.secrets": "due",
}
"""The mechanisms of the house that may hold a clause, and what each gives it: the clause board, the stop, approvals, declared
emergencies and lifted holds at the desk, the check-list after a stop, the register of operators, a return under a clause that no machine
suggests, the basis that every rule of the office's own names, the version and hash in every decision, who is speaking by the kernel's
word, credentials that nobody else can read."""

_STRONGEST: tuple[Status, ...] = ("unmapped", "shown", "due", "asked", "enforced")


class Covered(Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """One clause and what holds it: ids of rules and of duties, names of mechanisms; `tests` are the ids of the tests that prove it."""

    id: str
    cite: str
    class_: str
    held_by: tuple[str, ...]
    status: Status
    tests: tuple[str, ...]


def coverage(policy: Policy, tests: Mapping[str, tuple[str, ...]] | None = None) -> tuple[Covered, ...]:
    """Every clause of the policy in the order of its text, with what holds it. `tests`: see `proofs`."""
    rules: dict[str, list[RuleBase]] = {}
    for rule in policy.rules:
        if not rule.shadow:
            exception = (rule.exception,) if rule.exception else ()
            grounds = rule.grounds if isinstance(rule, Powers) else ()
            for clause_id in dict.fromkeys((rule.clause, *rule.also, *exception, *grounds)):
                rules.setdefault(clause_id, []).append(rule)
    return tuple(_covered(clause, rules.get(clause.id, []), policy, tests or {}) for clause in policy.clauses.values())


def _covered(clause: Clause, rules: list[RuleBase], policy: Policy, tests: Mapping[str, tuple[str, ...]]) -> Covered:
    duties = [full_id(policy.id, duty) for duty in policy.duties if duty.clause == clause.id]
    statuses: list[Status] = ["due"] * len(duties)
    statuses += [_status_by(rule, clause) for rule in rules] + [MECHANISMS[name] for name in clause.held_by]
    return Covered(
        id=clause.id,
        cite=clause.cite,
        class_=clause.class_,
        held_by=(*(rule.id for rule in rules), *duties, *clause.held_by),
        status=max(statuses, key=_STRONGEST.index, default="unmapped"),
        tests=tests.get(clause.id, ()),
    )


def _status_by(rule: RuleBase, clause: Clause) -> Status:
    """What this rule gives its clause.

    A power over comments asks whoever judges them. A hold that someone may lift asks that person; where the clause leaves the decision to the machine (AUTO), the hold itself is
    the enforcement and the lift its written exception. A warning asks the author's eye where the clause wants a person to decide,
    and elsewhere only shows.
    """
    if isinstance(rule, Approvers | Powers):
        return "asked"
    if isinstance(rule, Unwatched):
        return "enforced"
    if rule.level == "block" or isinstance(rule, Terminals):  # what a terminal may not is refused; its exception is no question
        return "enforced"
    if rule.level == "hold":
        return "asked" if rule.lift and clause.class_ != "AUTO" else "enforced"
    if rule.level in ("act", "look"):
        return "asked"
    return "asked" if clause.class_ == "ASSIST" else "shown"


def proofs(tests_dir: Path) -> dict[str, tuple[str, ...]]:
    """The tests that prove each clause, by its id: every `@pytest.mark.clause("saitama/4", …)` in `tests_dir`, on a function, a class,
    a module (`pytestmark`) or one case of a parametrised test. Empty where there is no such folder.

    Test ids begin with the folder's own name, as pytest prints them from the checkout's root. Raises RulebookError for a test
    file that is not Python.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(tests_dir.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.clause" not in text:
            continue
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            problem = Problem(
                str(path), error.lineno or 1, f"Python として読めません: {error.msg}", f"Not valid Python: {error.msg}"
            )
            raise RulebookError((problem,)) from None
        file = f"{tests_dir.name}/{path.relative_to(tests_dir).as_posix()}"
        for clause_id, test in _marked(tree.body, file, _module_marks(tree)):
            if test not in found.setdefault(clause_id, []):
                found[clause_id].append(test)
    return {clause_id: tuple(tests) for clause_id, tests in sorted(found.items())}


def _marked(body: list[ast.stmt], owner: str, inherited: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(clause, test id) of every test among these statements, classes included."""
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _marked(node.body, f"{owner}::{node.name}", (*inherited, *_clauses_in(node.decorator_list)))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            for clause_id in (*inherited, *_clauses_in(node.decorator_list)):
                yield clause_id, f"{owner}::{node.name}"


def _module_marks(tree: ast.Module) -> tuple[str, ...]:
    marks: list[ast.expr] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
    ]
    return tuple(_clauses_in(marks))


def _clauses_in(expressions: list[ast.expr]) -> Iterator[str]:
    """The clause ids of every `….mark.clause(…)` in these expressions, those inside `pytest.param(…, marks=…)` too."""
    for expression in expressions:
        for node in ast.walk(expression):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.clause"):
                yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))
