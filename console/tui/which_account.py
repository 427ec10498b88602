"""Which account a list about comments is of: turned through one after the other, or asked for in a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.text import DisplayText
from console.tui.tell import tell

if TYPE_CHECKING:
    from console.tui.app import Console


def every_account(console: Console) -> list[str]:
    """The ids of the office's accounts, as it was last told."""
    status = console.seen.status
    return [account.id for account in (status.accounts if status else ())]


async def accounts_read(console: Console) -> list[str]:
    """The same, asked for where nothing has been told yet: the list of drafts is there a moment before the office's status."""
    if console.seen.status is None:
        await console.read_status()
    return every_account(console)


def turned(console: Console, now: str, step: int) -> str:
    """The account after this one, or before it; "" stands for all of them, and comes after the last one and for one that is gone."""
    names = ["", *every_account(console)]
    return names[(names.index(now) + step) % len(names)] if now in names else ""


async def asked_account(console: Console, typed: str, default: str) -> str | None:
    """The account that is typed (`typed` already, or in answer to the question; nothing means `default`, or the first one). None where the
    dialog was left, or where there is no such account, which is then said."""
    accounts = await accounts_read(console)
    default = default or next(iter(accounts), "")
    answer = typed or await console.bottom.ask(tell("ask.mark_account", default=DisplayText.of(default)))
    if answer is None:
        return None
    account = answer.strip() or default
    if account not in accounts:
        console.notice(tell("notice.no_account", typed=DisplayText.of(account)), "warn")
        return None
    return account
