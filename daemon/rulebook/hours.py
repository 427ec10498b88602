"""Which of a policy's rules of hours counts: for an account, an act and a day."""

from __future__ import annotations

from datetime import date

from daemon.rulebook.item import Kind
from daemon.rulebook.model import Account, Hours, Policy, When
from daemon.rulebook.season import dated, holds_on


def hours_rule(
    policy: Policy,
    *,
    account: Account | None = None,
    topic: str = "",
    kind: Kind = "post",
    emergency: bool = False,
    day: date | None = None,
) -> Hours | None:
    """The rule of hours that counts for this account and kind of act on that day (left out: on an ordinary one); None where the policy has
    none (規定なし)."""
    topic = (account.topic if account else "") or topic
    found = (
        rule
        for rule in policy.rules
        if isinstance(rule, Hours) and not rule.shadow and _concerns(rule.when, account, topic, kind, emergency)
    )
    if day is not None:
        return next((rule for rule in found if holds_on(rule.when, day)), None)
    every = tuple(found)
    return next((rule for rule in every if not dated(rule.when)), every[0] if every else None)


def _concerns(when: When, account: Account | None, topic: str, kind: Kind, emergency: bool) -> bool:
    return (
        (not when.topics or topic in when.topics)
        and (not when.kinds or kind in when.kinds)
        and when.emergency in (None, emergency)
        and (account is None or _of_account(when, account))
    )


def _of_account(when: When, account: Account) -> bool:
    return (
        (not when.platforms or account.platform in when.platforms)
        and (not when.accounts or account.id in when.accounts)
        and (not when.units or account.unit in when.units)
        and when.irreversible in (None, account.final)
    )
