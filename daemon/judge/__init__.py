"""The one evaluator: `judge(item, situation, rulebook) → (findings, missing)`. There is no other door to a verdict.

Daemon, command line, tests and back-tests call it alike; `--only content` gives it an empty situation.
"""

from daemon.judge.approvers import No, approver_names, approvers, lines_of, may_approve, may_lift
from daemon.judge.evaluate import judge
from daemon.judge.situation import Approval, Judgement, Lift, Recent, Situation
from daemon.screening.screen import On

__all__ = [
    "Approval",
    "Judgement",
    "Lift",
    "No",
    "On",
    "Recent",
    "Situation",
    "approver_names",
    "approvers",
    "judge",
    "lines_of",
    "may_approve",
    "may_lift",
]
