"""What one person could do with one draft now: what a console offers, and what it dims. The acts themselves check again."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.desk.acts import approved_by, serves
from daemon.desk.case import Case, Setting
from daemon.desk.refused import Refused
from daemon.desk.states import MOVES, Step
from daemon.judge import Judgement, may_approve, may_lift
from daemon.rulebook.model import Operator


def possible(case: Case, judgement: Judgement, who: Operator, setting: Setting) -> tuple[str, ...]:
    """The names of the acts that this person could carry out on this draft now (`approve`, `return`, `take`, …)."""
    return tuple(_possible(case, judgement, who, setting))


def _possible(case: Case, judgement: Judgement, who: Operator, setting: Setting) -> Iterator[str]:
    try:
        serves(who, case.account)
    except Refused:
        return

    def can(step: Step) -> bool:
        return case.state in MOVES[step]

    situation = case.situation(setting)
    asked = case.state in ("waiting", "held") and approved_by(case, who) is None
    if asked and may_approve(who, case.item, situation, setting.book) is None:
        yield "approve"
    if who.role == "manager" and can("return"):
        yield "return"
    if can("withdraw"):
        yield "withdraw"
    holds = (finding for finding in judgement.findings if finding.verdict == "hold" and not finding.lifted)
    if can("withdraw") and any(may_lift(who, finding, case.item, situation, setting.book) is None for finding in holds):
        yield "except"
    if can("set_time"):
        yield "schedule"
    manual = case.account.channel == "manual"
    if manual and can("begin") and not any(line.act != "take" for line in judgement.missing):
        yield "take"
    if manual and can("release"):
        yield "released"
    if can("not_released"):
        yield "settle"
