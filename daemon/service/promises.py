"""The rules of a running office: read again when a file changes, and turned to another edition at the midnight at which an amendment
begins (施行日). What changes is written down, and every draft in hand is judged again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
import structlog

from daemon.desk import closing, resuming
from daemon.rulebook.model import Policy, Rulebook
from daemon.service.backtest import Backtests
from daemon.service.guarding import Guarding
from daemon.service.incoming import Incoming
from daemon.service.running import Running
from daemon.store import Tx

log = structlog.get_logger()

IN_FORCE = "policies"
"""Under this name the database keeps which editions were in force when the daemon last looked: a midnight may pass while none runs."""


class Promises:
    """The look at the rules, once a round."""

    def __init__(self, office: Running, incoming: Incoming) -> None:
        self._office, self._incoming = office, incoming
        self.backtests = Backtests(office)
        self.guarding = Guarding(office, self.backtests)
        self._known: Mapping[str, str] | None = None
        self._begun = False
        self.turn = asyncio.Lock()
        """Held by whoever puts rules in force: a round and an override that somebody makes may come together."""

    async def start(self) -> None:
        """Before anybody may ask for anything: hold what is on its way for accounts that came back while no daemon ran."""
        await self._hold_returned(self._office.current.rulebook)

    async def look(self) -> None:
        """Put in force what is to be in force now. A broken file leaves the last good rules."""
        async with self.turn:
            await self.adopt()

    async def adopt(self, *, at_once: bool = False) -> None:
        """The same for whoever holds `turn`; `at_once` for whoever has just written the file themselves."""
        office = self._office
        before = office.current.rulebook
        changed = office.current.turn()
        if await asyncio.to_thread(office.current.changed_on_disk if at_once else office.current.written):
            changed = await asyncio.to_thread(office.current.reload) or changed
            office.hub.publish("policy")
            if office.current.broken:
                log.warning("rules refused", problems=[f"{p.file}:{p.line}: {p.message_en}" for p in office.current.problems])
        if changed or not self._begun:
            await self._put_in_force(before, office.current.rulebook)
            self._begun = True
        if changed:
            await asyncio.to_thread(office.current.keep)

    async def _put_in_force(self, before: Rulebook, book: Rulebook) -> None:
        """Write down what is in force from now on, and judge by it what is in hand; at the start only where it is not what it was."""
        office = self._office
        known = self._known if self._begun else await self._remembered()
        now = {policy_id: policy.hash for policy_id, policy in book.policies.items()}
        turned = [
            policy for policy_id, policy in book.policies.items() if known and known.get(policy_id) not in (None, policy.hash)
        ]

        # Before anything else: what was approved for an account that was gone must not go out because it is back.
        await self._hold_returned(book)

        def op(tx: Tx) -> None:
            tx.db.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (IN_FORCE, msgspec.json.encode(now)),
            )
            if before.hash != book.hash:
                tx.record("daemon", "policy", None, before=before.hash, after=book.hash)
            for policy in turned:
                tx.record("daemon", "in_force", None, **_version_said(policy))

        if known != now or before.hash != book.hash:
            await office.store.write(op)
        self._known = now
        if before.hash == book.hash and not turned:
            return
        office.hub.publish("policy")
        for account in book.accounts:
            await office.refresh_recent(account)
        await asyncio.to_thread(office.name_scopes)
        self._incoming.set_accounts(book)
        await self._incoming.judge_again()
        if before.days != book.days:
            await self._closed_over()

    async def _hold_returned(self, book: Rulebook) -> None:
        rows = await self._office.store.fetch("SELECT value FROM meta WHERE key = ?", (resuming.ACCOUNTS,))
        known = frozenset(msgspec.json.decode(rows[0]["value"], type=list[str])) if rows else None
        if known != frozenset(book.accounts):
            for account in await self._office.store.write(resuming.accounts_are(self._office.setting(), known)):
                self._office.hub.publish("draft", account=account)

    async def _closed_over(self) -> None:
        """Days have been closed or opened: what was set for a moment that is closed now is asked about again."""
        office = self._office
        for case in await office.store.write(closing.closed_over(office.setting())):
            office.hub.publish("draft", draft=case.id, account=case.account.id, state=case.state, verdict=case.verdict)
            self._incoming.note(case.account.id, case.id)

    async def _remembered(self) -> Mapping[str, str] | None:
        rows = await self._office.store.fetch("SELECT value FROM meta WHERE key = ?", (IN_FORCE,))
        return msgspec.json.decode(rows[0]["value"], type=dict[str, str]) if rows else None


def _version_said(policy: Policy) -> dict[str, str]:
    """The version of a policy as the record has it."""
    begins = policy.version.from_
    return {
        "policy": policy.id,
        "version": begins.isoformat() if begins else "",
        "cite": policy.version.cite,
        "hash": policy.hash,
    }
