"""代決: in what capacity a person decides about an item: in their own right, or in the place of somebody else."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from daemon.judge.situation import Situation
from daemon.rulebook import deputies
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.model import Deputy, Operator, Rulebook


class Capacity(NamedTuple):
    """`who` decides, and the posts of `holder` count: their own, or those of whoever they stand in for under `entry`."""

    who: Operator
    holder: Operator
    entry: Deputy | None = None


def capacities(who: Operator, item: Item, situation: Situation, rulebook: Rulebook, *, declaring: bool = False) -> list[Capacity]:
    """Every capacity in which this person may decide about this item now, their own first. `declaring` asks for those in which they may
    declare an emergency: there it need not be one yet."""
    found = [Capacity(who, who)]
    account = situation.account
    if account is None or not rulebook.deputies or who.role == "viewer":
        return found
    for entry in in_force(item, situation, rulebook, declaring=declaring):
        if entry.login == who.login and (capacity := _lent(who, entry, situation, rulebook)) is not None:
            found.append(capacity)
    return found


def capacity_under(
    who: Operator, entry_id: str, at: datetime, item: Item, situation: Situation, rulebook: Rulebook
) -> Capacity | None:
    """The capacity of a decision that was made at that moment: `entry_id` is empty for one's own right. None where the register no longer
    has that entry, or it does not reach this item: the decision counts no more."""
    if not entry_id:
        return Capacity(who, who)
    entry = next((each for each in rulebook.deputies if each.id == entry_id and each.login == who.login), None)
    if entry is None or not deputies.on(entry, at.astimezone(TOKYO).date()) or not _reaches(entry, item, situation):
        return None
    return _lent(who, entry, situation, rulebook)


def in_force(item: Item, situation: Situation, rulebook: Rulebook, *, declaring: bool = False) -> tuple[Deputy, ...]:
    """The entries by which somebody may stand in for somebody else in deciding about this item today, in the office's order."""
    if not rulebook.deputies or situation.now is None:
        return ()
    today = situation.now.astimezone(TOKYO).date()
    return tuple(
        entry
        for entry in rulebook.deputies
        if deputies.on(entry, today)
        and _reaches(entry, item, situation)
        and (declaring or entry.emergencies != "only" or (item.emergency and situation.declaration is not None))
        and not (declaring and entry.emergencies == "never")
    )


def _reaches(entry: Deputy, item: Item, situation: Situation) -> bool:
    account = situation.account
    assert account is not None
    topic = item.topic or account.topic
    return (
        (not entry.accounts or account.id in entry.accounts)
        and (not entry.kinds or item.kind in entry.kinds)
        and (not entry.topics or topic in entry.topics)
    )


def _lent(who: Operator, entry: Deputy, situation: Situation, rulebook: Rulebook) -> Capacity | None:
    account = situation.account
    assert account is not None
    if account.policy not in who.policies or who.role == "viewer":
        return None
    holder = deputies.lent(entry, rulebook.operators, rulebook.policies[account.policy])
    return None if holder is None else Capacity(who, holder, entry)
