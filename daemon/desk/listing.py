"""公式アカウント一覧: what the policies want to be read on the homepage, from the office's own rules and nothing else."""

from __future__ import annotations

from daemon.desk.case import Setting
from daemon.rulebook.model import Policy
from daemon.rulebook.office import Account
from daemon.rulebook.published import address_of
from daemon.wire.papers import AccountList, AccountSeen


def accounts(setting: Setting) -> AccountList:
    """The accounts in the order of `rules.toml`."""
    book = setting.book
    return AccountList(
        office=book.office.name,
        made=setting.now,
        training=book.office.training,
        accounts=tuple(_seen(account, book.policies[account.policy]) for account in book.accounts.values()),
    )


def _seen(account: Account, policy: Policy) -> AccountSeen:
    return AccountSeen(
        id=account.id,
        name=account.name,
        platform=account.platform,
        handle=account.handle,
        url=address_of(account),
        unit=account.unit,
        municipality=policy.municipality,
        policy=policy.id,
        policy_title=policy.title,
        policy_from=policy.version.from_,
        purpose=account.purpose,
        contact=account.contact,
        policy_url=account.policy_url,
        since=account.since,
    )
