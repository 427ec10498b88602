"""Whose hand may post: where a clause leaves 発信 to a unit (品川区 第5条第1項), its operators alone take the release card."""

from __future__ import annotations

from daemon.judge.approvers import facts_of
from daemon.judge.situation import Situation
from daemon.rulebook.item import Item
from daemon.rulebook.model import Author, Policy
from daemon.screening.when import applies


def releasers(item: Item, situation: Situation, policy: Policy) -> Author | None:
    """The rule that leaves the release by hand to its units. None where there is none, or where an exception from it stands for this
    revision: what another unit was let make, it may post too."""
    lifted = {lift.rule for lift in situation.lifts if lift.stands(situation.now)}
    rules = (rule for rule in policy.rules if isinstance(rule, Author) and rule.releases and rule.id not in lifted)
    facts = facts_of(item, situation, policy)
    return next((rule for rule in rules if applies(rule.when, facts)), None)
