"""Where an exception stands: a hold may be lifted only where its clause, or one that the rule names, gives somebody that power.

A clause of which a person judges whether it is met (ASSIST, HUMAN) is decided by lifting the hold, and what the office itself has added it
may also waive. Everything else needs 原則, a ただし書, or a power that the text states. さいたま 6-1 has none: no `lift`, whoever wants it.
How a text grants a power has more forms than any list: where none is found it is a warning, for whoever reads the text to decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Clause, Problem
from daemon.rulebook.parse import PolicyFile, Written
from daemon.rulebook.shape import suggest

_POWER = lazy_pattern(
    r"原則|ただし|但し|この限り|その限り|別に定め|認める|認めた|必要と判断|監督|場合があ[りる]|ことがあ[りる]|ことができ|できるものとする|許可|やむを得"
)
"""Words by which a text leaves something to somebody."""


def check_exceptions(file: PolicyFile, every: Sequence[Written]) -> Iterator[Problem]:
    """Every exception that no clause carries, and every rule that would suggest what only a person may name."""
    clauses = {clause.id: clause for _, clause in file.clauses}
    for written in every:
        rule = written.rule
        key = "exceptions" if written.added else "exception"
        if rule.exception and rule.exception not in file.clause_ids:
            what, what_en = suggest(rule.exception, tuple(file.clause_ids))
            yield written.problem(
                key,
                f"例外の条文「{rule.exception}」はこの要綱にありません。{what}",
                f"this policy has no clause '{rule.exception}' for its exception. {what_en}",
            )
        elif rule.exception and not rule.lift:
            yield written.problem(
                key,
                "例外の条文があるのに、認められる職（lift）がありません。",
                "there is a clause of the exception, but nobody who may make it (lift).",
            )
        elif rule.lift and not _granted(written, clauses):
            yield written.problem(
                "lift",
                f"条文 {rule.clause} に「原則」もただし書も読み取れません。例外を認める条文があれば {key} に書き、なければ lift を消してください。",
                f"no 原則 or ただし書 is seen in the clause {rule.clause}: name the clause that grants the exception ({key}), or drop lift.",
                warning=True,
            )
        for cited in (rule.clause, *rule.also):
            if cited in clauses and clauses[cited].never_suggested:
                yield written.problem(
                    "clause",
                    f"{cited} は包括の条項です。機械からは示さず、管理者が差戻しのときに理由を付けて挙げます。",
                    f"{cited} is a catch-all: no rule suggests it, a manager names it with a reason when returning a draft.",
                )


def _granted(written: Written, clauses: Mapping[str, Clause]) -> bool:
    rule = written.rule
    clause = clauses.get(rule.clause)
    if clause is None:  # the office's own, or a citation that another check refuses
        return True
    named = clauses.get(rule.exception)
    if named is not None:
        return _POWER.search(named.text) is not None
    return clause.class_ in ("ASSIST", "HUMAN") or _POWER.search(clause.text) is not None
