"""Findings with their clause: no finding without the words under which it is made."""

from __future__ import annotations

from daemon.rulebook.model import Policy, Rule
from daemon.rulebook.verdict import Finding
from daemon.screening.hit import Hit

NO_BASIS = "根拠規定なし"
"""What stands in the place of a clause where the office adds a check and no article empowers it (taisho)."""


def citation(policy: Policy, clause_id: str, basis_id: str = "") -> tuple[str, str]:
    """How to cite a clause, and its verbatim text. For `office/…` the basis is cited with it, and the text is that of the basis."""
    if clause := policy.clause(clause_id):
        return clause.cite, clause.text
    if basis := policy.clause(basis_id):
        return f"{clause_id}（根拠 {basis.id}）", basis.text
    return f"{clause_id}（{NO_BASIS}）", f"（{NO_BASIS}）"


def finding(policy: Policy, rule: Rule, hit: Hit = Hit(0, 0)) -> Finding:  # noqa: B008 - immutable
    """What a rule has to say about one place. A rule in `shadow` only records: it says so as `info`."""
    cite, text = citation(policy, rule.clause, rule.basis)
    return Finding(
        clause=rule.clause,
        cite=cite,
        text=text,
        rule=rule.id,
        verdict="info" if rule.shadow else rule.level,
        start=hit.start,
        end=hit.end,
        message=hit.message or rule.message,
        message_en=hit.message_en or rule.message_en,
        fix=hit.fix,
        lift=rule.lift,
    )
