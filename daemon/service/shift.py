"""The change of shift: when an account's hours end, its handover (引継簿) is written into its folder, for those who only have the share.

An account without hours has no end of hours: for it the office may name a time of day (`[office] handover`), and else nothing is written.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from daemon.desk.handover import handover
from daemon.desk.states import WORDS
from daemon.intake.beside import write_notice
from daemon.intake.names import HANDOVER
from daemon.papers.as_text import as_text
from daemon.papers.handover import handover_paper
from daemon.rulebook.calendar import TOKYO, opening
from daemon.rulebook.hours import hours_rule
from daemon.rulebook.model import Account
from daemon.service.running import Running

log = structlog.get_logger()

_SAYS = (
    "（広報番が、運用時間の終わりに書き換えるファイルです。ここを直しても何も変わりません。 Written by Kohoban at the end of the hours; "
    "editing it changes nothing.）\n\n"
)
_SCOPES = {"all": "すべて", "actions": "措置"}


class Shift:
    """The handovers of one office."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._looked = office.started

    async def look(self) -> None:
        """Write the handover of every account whose hours have ended since the last look."""
        before, now = self._looked, self._office.clock()
        self._looked = now
        for account in self._office.current.rulebook.accounts.values():
            if self._is_over(account, before, now):
                await self._write(account)

    def _is_over(self, account: Account, before: datetime, now: datetime) -> bool:
        """Whether this account's hours ended between these two moments."""
        book = self._office.current.rulebook
        policy = book.policies[account.policy]
        if hours_rule(policy, account=account) is not None:
            then, later = (opening(policy, at, days=book.days, account=account).open for at in (before, now))
            return then and not later
        if book.office.handover is None:
            return False
        return before < datetime.combine(now.astimezone(TOKYO).date(), book.office.handover, TOKYO) <= now

    async def _write(self, account: Account) -> None:
        office = self._office
        seen = await handover(office.store, office.setting(), account.id, [*office.alarms.values()])
        text = _SAYS + as_text(handover_paper(seen, _word))
        folder = office.folder / "drafts" / account.id
        problem = await asyncio.to_thread(write_notice, folder, HANDOVER, text)
        key = f"handover:{account.id}"
        office.alarms.pop(key, None)
        if problem is not None:
            office.alarms[key] = problem
            log.warning("handover", account=account.id, why=problem[1])


def _word(table: str, value: str) -> str:
    """The words that a handover needs, in Japanese: everything on the share is."""
    if table == "state":
        return next((ja for state, (ja, _) in WORDS.items() if state == value), value)
    return _SCOPES.get(value, value) if table == "scope" else value
