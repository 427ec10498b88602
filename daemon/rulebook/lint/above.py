"""Policies one above the other: an account's own below the one for the whole body (全庁のガイドライン)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from daemon.rulebook.model import Problem
from daemon.rulebook.parse import PolicyFile
from daemon.rulebook.shape import suggest


def put_under(file: PolicyFile, known: Mapping[str, PolicyFile]) -> Iterator[Problem]:
    """Give this policy those above it, the nearest first; yields what is wrong with that."""
    if file.header is None:
        return
    file.above, missing, round_about = _above(file, known)
    for policy_id in missing:
        what, what_en = suggest(policy_id, tuple(known))
        line = file.source.line("policy", key="under")
        yield file.source.problem(
            line, f"上位の要綱「{policy_id}」がありません。{what}", f"There is no policy '{policy_id}' above this one. {what_en}"
        )
    if round_about:
        yield file.source.problem(
            file.source.line("policy", key="under"),
            "要綱が互いの上位になっています。under をたどると元に戻ります。",
            "The policies stand above each other in a circle (under).",
        )
    clauses = {clause.id for above in file.above for _, clause in above.clauses}
    for clause_id in file.header.replaces:
        if clause_id not in clauses:
            what, what_en = suggest(clause_id, tuple(clauses))
            place = file.source.line("policy", key="replaces")
            yield file.source.problem(
                place,
                f"replaces の条文「{clause_id}」は上位の要綱にありません。{what}",
                f"No policy above has the clause '{clause_id}' (replaces). {what_en}",
            )


def _above(file: PolicyFile, known: Mapping[str, PolicyFile]) -> tuple[list[PolicyFile], list[str], bool]:
    """The policies above, level by level; the names that nobody knows; and whether the way up leads back."""
    found: dict[str, PolicyFile] = {}
    missing: list[str] = []
    round_about = False
    level = [file]
    while level:
        names = dict.fromkeys(name for each in level if each.header for name in each.header.under)
        level = []
        for name in names:
            if name == file.id:
                round_about = True
            elif name not in known:
                missing.append(name)
            elif name not in found:
                found[name] = known[name]
                level.append(known[name])
    return list(found.values()), missing, round_about
