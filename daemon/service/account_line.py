"""What every console shows of an account: open or not, stopped or not, what it has cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from daemon.rulebook.calendar import opening
from daemon.rulebook.channels import MILLION
from daemon.rulebook.model import Account, Rulebook
from daemon.rulebook.published import address_of
from daemon.wire.answers import AccountStatus


def account_status(
    account: Account, book: Rulebook, now: datetime, *, stopped: bool, spent: int, reading: Mapping[str, tuple[str, str]]
) -> AccountStatus:
    """One account as every console shows it: whether a stop covers it, what it has cost this month; `reading` says how far the comments
    to each have been read."""
    read, read_en = reading.get(account.id, ("", ""))
    state = opening(book.policies[account.policy], now, days=book.days, account=account)
    return AccountStatus(
        id=account.id,
        name=account.name,
        policy=account.policy,
        platform=account.platform,
        handle=account.handle,
        channel=account.channel,
        open=state.open,
        reason=state.reason,
        reason_en=state.reason_en,
        next_open=state.next_open,
        next_close=state.next_close,
        stopped=stopped,
        municipality=book.policies[account.policy].municipality,
        irreversible=account.irreversible,
        colour=book.colours[account.id],
        url=address_of(account),
        spent=spent,
        budget=budget_of(account),
        reading=read,
        reading_en=read_en,
    )


def budget_of(account: Account) -> int:
    """The budget of an account in millionths of a US dollar; 0: none."""
    return round(account.budget * MILLION)
