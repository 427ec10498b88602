"""Whose hand posts, where a policy leaves that to a unit."""

from __future__ import annotations

from daemon.desk.case import Case, Setting
from daemon.judge import releasers
from daemon.refused import Refused
from daemon.rulebook.model import Operator


def allowed(who: Operator, case: Case, setting: Setting) -> None:
    """Raises Refused (`role`) where the policy leaves what is posted by hand to operators of other units."""
    rule = releasers(case.item, case.situation(setting), case.policy(setting.book))
    if rule is not None and who.unit not in rule.units:
        units = "・".join(rule.units)
        raise Refused(
            "role",
            f"このアカウントの発信は {units} が行います。{units}の担当者に発信カードを取ってもらってください。",
            f"{', '.join(rule.units)} posts for this account: let one of its operators take the release card.",
            clause=rule.clause,
        )
