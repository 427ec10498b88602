"""Questions to a platform that change nothing there: mentions, whom an account blocks. What they cost is written down."""

from __future__ import annotations

import uuid

from msgspec.structs import replace

from daemon.release.jobs import Ask, Told
from daemon.rulebook.channels import Reading, capabilities
from daemon.rulebook.model import Account
from daemon.service.charging import charge_reading
from daemon.service.outgoing import Outgoing
from daemon.service.running import Running


class Asking:
    """Whoever wants to know something of a platform asks here."""

    def __init__(self, office: Running, outgoing: Outgoing) -> None:
        self._office, self._outgoing = office, outgoing

    def can(self, account: Account, what: Reading) -> bool:
        """Whether the account's channel can be asked this."""
        return what in capabilities(account.channel).reads

    async def ask(self, account: Account, what: Reading, *, since: str = "", most: int = 100) -> Told:
        """What the platform says. Never raises for it; StoreError where the cost cannot be written down."""
        number = f"a{uuid.uuid4().hex}"
        question = Ask(
            id=number,
            channel=account.channel,
            account=account.id,
            handle=account.handle,
            what=what,
            since=since,
            most=most,
            platform_at=self._outgoing.platform_at,
        )
        told = await self._outgoing.releaser.ask(question)
        await charge_reading(self._office, number, account.id, account.channel, {what: told.rows})
        return replace(told, job=number)
