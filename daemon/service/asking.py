"""Questions to a platform that change nothing there: mentions, whom an account blocks. What they cost is written down."""

from __future__ import annotations

import uuid

from msgspec.structs import replace

from daemon.desk import costs
from daemon.release.jobs import Ask, Told
from daemon.rulebook.channels import Reading, capabilities
from daemon.rulebook.model import Account
from daemon.service.outgoing import Outgoing
from daemon.service.running import Running
from daemon.store import Tx


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
        if micros := told.rows * capabilities(account.channel).prices.get(what, 0):

            def op(tx: Tx) -> None:
                costs.charge(tx, "ask", number, account.id, account.channel, what, micros, self._office.clock())

            await self._office.store.write(op)
            await self._office.refresh_spent()
        return replace(told, job=number)
