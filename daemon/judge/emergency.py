"""緊急: that a draft calls itself an emergency is only a claim; declared one by somebody who may, it is freed from the hours, and from nothing
else: not from approvals, nor from any rule on its content, the account guard or the stop.
"""

from __future__ import annotations

from typing import NamedTuple

from daemon.judge.approvers import Asked, No, asked, holds, own_titles
from daemon.judge.deputies import Capacity, capacities, in_force
from daemon.judge.situation import Situation
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.hours import hours_rule
from daemon.rulebook.item import Item
from daemon.rulebook.model import Operator, Policy, Rulebook
from daemon.rulebook.titles import APPROVER

OFFICE = "office/emergency"
"""What a declaration cites where the policy's hours know no exception, or the policy no hours."""


class Declaring(NamedTuple):
    """Who may declare an emergency, under which clause, and whether that clause names the person alone (no 代決)."""

    titles: tuple[str, ...]
    clause: str
    in_person: bool


def declared(item: Item, situation: Situation) -> bool:
    """True where the hours do not bind this item: it is an emergency, and somebody has declared it one."""
    return item.emergency and situation.declaration is not None


def declaring(item: Item, situation: Situation, policy: Policy) -> Declaring:
    """Who may declare it: whom the clause of the hours lets make exceptions, and the policy's managers; else whoever approves the item."""
    day = situation.now.astimezone(TOKYO).date() if situation.now is not None else None
    hours = hours_rule(policy, account=situation.account, topic=item.topic, kind=item.kind, emergency=item.emergency, day=day)
    own = own_titles(item, situation, policy)
    if hours is None or not hours.lift:
        return Declaring(tuple(dict.fromkeys((*own, *policy.manager))), OFFICE, False)
    named = (title for each in hours.lift for title in (own if each == APPROVER else (each,)))
    return Declaring(tuple(dict.fromkeys((*named, *policy.manager))), hours.exception or hours.clause, hours.in_person)


def declarers(item: Item, situation: Situation, rulebook: Rulebook) -> Asked:
    """Everybody who may declare it, by post and name."""
    account = situation.account
    assert account is not None
    by = declaring(item, situation, rulebook.policies[account.policy])
    entries = () if by.in_person else in_force(item, situation, rulebook, declaring=True)
    return asked(by.titles, account, rulebook, entries=entries)


def declaring_as(who: Operator, item: Item, situation: Situation, rulebook: Rulebook) -> Capacity | No:
    """In what capacity this person may declare the item an emergency; else why not. A clerk never may in their own right."""
    account = situation.account
    assert account is not None
    by = declaring(item, situation, rulebook.policies[account.policy])
    for capacity in capacities(who, item, situation, rulebook, declaring=True):
        if capacity.entry is not None and by.in_person:
            continue
        if capacity.holder.role == "manager" and holds(capacity.holder, by.titles, account):
            return capacity
    whom = declarers(item, situation, rulebook).who
    return No(
        "not_approver",
        f"{who.name}さんは緊急の宣言をできません。できるのは {whom} です。",
        f"{who.login} cannot declare an emergency here; {whom} can.",
        by.clause,
    )
