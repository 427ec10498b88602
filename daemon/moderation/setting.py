"""What moderation needs to know of the world at one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account, Operator, Rulebook


@dataclass(frozen=True)
class Setting:
    """The rulebook in force, the time, and the gate: `stops` holds the scopes that are stopped (`all`, account ids, platforms, `actions`).
    `repeats` tells how many comments with findings came from one author lately, as far as that may be noticed at all."""

    book: Rulebook
    now: datetime
    stops: frozenset[str]
    repeats: Callable[[str, str], int] = lambda account, handle: 0

    @property
    def undo_until(self) -> datetime:
        """Until when what is decided now can be taken back before the machine begins it."""
        return self.now + timedelta(seconds=self.book.office.undo_seconds)

    @property
    def today(self) -> date:
        """The day in Japan."""
        return self.now.astimezone(TOKYO).date()

    def stopped(self, account: Account) -> bool:
        """True where a stop covers what is done about comments to this account."""
        return not self.stops.isdisjoint(("all", "actions", account.id, account.platform))

    def account(self, account_id: str) -> Account:
        """The account. Raises Refused for one that the office does not have (any more)."""
        account = self.book.accounts.get(account_id)
        if account is None:
            raise Refused(
                "no_such",
                f"アカウント {account_id} はこの部署にありません（rules.toml）。",
                f"This office has no account {account_id} (rules.toml).",
            )
        return account

    def name(self, login: str) -> str:
        """The name on the register, or the login of somebody who has left it."""
        who: Operator | None = self.book.operators.get(login)
        return who.name if who else login
