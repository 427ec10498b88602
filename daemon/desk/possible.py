"""What one person could do with one draft now: what a console offers, and what it dims. The acts themselves check again."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.desk import by_hand
from daemon.desk.acts import manages
from daemon.desk.approved import approved_by
from daemon.desk.case import Case, Setting, hours_rules
from daemon.desk.declaring import DECLARABLE
from daemon.desk.states import MOVES, Step
from daemon.judge import Capacity, Judgement, declaring_as, may_approve, may_lift
from daemon.refused import Refused, serves
from daemon.rulebook.model import Operator


def possible(case: Case, judgement: Judgement, who: Operator, setting: Setting) -> tuple[str, ...]:
    """The names of the acts that this person could carry out on this draft now (`approve`, `return`, `take`, …)."""
    return tuple(_possible(case, judgement, who, setting))


def awaits(case: Case, who: Operator, setting: Setting) -> bool:
    """Whether this draft, as it stands, waits for this person's approval, by whichever way it is given."""
    asked = case.state in ("waiting", "held") and approved_by(case, who, setting) is None
    return asked and may_approve(who, case.item, case.situation(setting), setting.book) is None


def _own_hand(case: Case, who: Operator, setting: Setting) -> bool:
    try:
        by_hand.allowed(who, case, setting)
    except Refused:
        return False
    return True


def liftable(case: Case, judgement: Judgement, who: Operator, setting: Setting) -> tuple[str, ...]:
    """The rules whose holds this person may lift and that keep the draft in until somebody does. Not the hours: what is approved outside
    them goes out at the next opening."""
    waits = hours_rules(case.policy(setting.book))
    holds = (each for each in judgement.findings if each.verdict == "hold" and not each.lifted and each.rule not in waits)
    situation = case.situation(setting)
    return tuple(dict.fromkeys(each.rule for each in holds if may_lift(who, each, case.item, situation, setting.book) is None))


def _possible(case: Case, judgement: Judgement, who: Operator, setting: Setting) -> Iterator[str]:
    try:
        serves(who, case.account)
    except Refused:
        return

    def can(step: Step) -> bool:
        return case.state in MOVES[step]

    situation = case.situation(setting)
    at_the_console = "console" in case.account.decide
    if at_the_console and awaits(case, who, setting):
        yield "approve"
    if at_the_console and can("return") and manages(who, case, setting) is not None:
        yield "return"
    if can("withdraw"):
        yield "withdraw"
        yield "claim"
    if can("hold"):
        yield "hold"
    if can("reopen"):
        yield "reopen"
    holds = (finding for finding in judgement.findings if finding.verdict == "hold" and not finding.lifted)
    if can("withdraw") and any(may_lift(who, finding, case.item, situation, setting.book) is None for finding in holds):
        yield "except"
    undeclared = case.item.emergency and case.declaration is None and case.state in DECLARABLE
    if undeclared and isinstance(declaring_as(who, case.item, situation, setting.book), Capacity):
        yield "declare"
    if can("set_time"):
        yield "schedule"
    manual = case.channel == "manual"
    if (
        manual
        and can("begin")
        and _own_hand(case, who, setting)
        and not any(line.act != "take" and (line.act != "wait" or line.rule) for line in judgement.missing)
    ):
        yield "take"
    if manual and can("release"):
        yield "released"
    if can("not_released"):
        yield "settle"
