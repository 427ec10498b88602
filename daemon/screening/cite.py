"""A finding with its clause: id, citation and verbatim text; for what the office adds, the clause under which it does."""

from __future__ import annotations

from daemon.rulebook.model import Policy, RuleBase
from daemon.rulebook.verdict import Finding

NO_BASIS = "根拠規定なし"
LONGEST = 400
"""Characters of a message: one that quotes from a text must not grow with it."""


def finding(
    rule: RuleBase,
    policy: Policy,
    *,
    start: int = 0,
    end: int = 0,
    message: str = "",
    message_en: str = "",
    fix: str | None = None,
    fix_safe: bool = False,
) -> Finding:
    """What this rule says of a span of the source (none: of the whole draft). An empty message takes the rule's own."""
    clause, rests = policy.clause(rule.clause), ""
    if clause is not None:
        cite, text = clause.cite, clause.text
    else:
        basis = policy.clause(rule.basis) if rule.basis else None
        cite = f"{rule.clause}（根拠 {basis.cite}）" if basis else f"{rule.clause}（{NO_BASIS}）"
        text, rests = (basis.text, basis.cite) if basis else ("", "")
    return Finding(
        clause=rule.clause,
        cite=cite,
        text=text,
        rule=rule.id,
        verdict="info" if rule.shadow else rule.level,
        start=start,
        end=end,
        message=_at_length(message or rule.message),
        message_en=_at_length(message_en or rule.message_en),
        fix=fix,
        fix_safe=fix_safe,
        lift=rule.lift,
        shadow=rule.level if rule.shadow else None,
        basis=rests,
    )


def _at_length(message: str) -> str:
    """A message without the middle of what it quotes at length; how it ends says what to do."""
    return message if len(message) <= LONGEST else f"{message[: LONGEST // 4]} … {message[-LONGEST // 2 :]}"
