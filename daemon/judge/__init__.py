"""The one evaluator: `judge(item, situation, rulebook) → (findings, missing)`. There is no other door to a verdict.

Daemon, command line, tests and back-tests call it alike; `--only content` gives it an empty situation.
"""

from daemon.judge.approvers import (
    No,
    approvers,
    approvers_asked,
    approving,
    lapsed,
    lifting,
    lines_of,
    may_approve,
    may_lift,
    step_now,
)
from daemon.judge.comments import judge_comments
from daemon.judge.costing import cost_of
from daemon.judge.deputies import Capacity
from daemon.judge.emergency import Declaring, declared, declaring, declaring_as
from daemon.judge.evaluate import judge
from daemon.judge.releasers import releasers
from daemon.judge.situation import Approval, Declaration, InSet, Judgement, Lift, Recent, Situation
from daemon.screening.screen import On

__all__ = [
    "Approval",
    "Capacity",
    "Declaration",
    "Declaring",
    "InSet",
    "Judgement",
    "Lift",
    "No",
    "On",
    "Recent",
    "Situation",
    "approvers",
    "approvers_asked",
    "approving",
    "cost_of",
    "declared",
    "declaring",
    "declaring_as",
    "judge",
    "judge_comments",
    "lifting",
    "lapsed",
    "lines_of",
    "may_approve",
    "may_lift",
    "releasers",
    "step_now",
]
