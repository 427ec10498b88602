"""What the calendar's own time brings: a holiday table that ends, and overrides whose day has come."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from daemon.rulebook.calendar import LAST_YEAR, TOKYO
from daemon.rulebook.model import Hours
from daemon.rulebook.overrides import named, write_overrides
from daemon.service.jumps import JUMPED
from daemon.service.promises import Promises
from daemon.service.running import Running

HOLIDAYS = "holidays"
"""The alarm of a holiday table that ends."""

WARN_AHEAD = timedelta(days=90)
"""How long before the end of the last announced year it is said that the table ends."""


class Announced:
    """The calendar's look, once a round."""

    def __init__(self, office: Running, promises: Promises) -> None:
        self._office, self._promises = office, promises

    async def look(self) -> None:
        """Say what ends, and let go what has ended."""
        self._holidays()
        await self._expire()

    async def _expire(self) -> None:
        """Overrides whose day has come no longer stand in the file, so that the policies have their own hash again."""
        office = self._office
        today = office.clock().astimezone(TOKYO).date()
        # A clock that has just jumped may be set right again, and then a closure that lies ahead must not be gone.
        if office.current.broken or JUMPED in office.alarms or not (gone := office.current.overrides.expired(today)):
            return
        said = [named(each) for each in office.current.overrides.all if each.id in gone]
        async with self._promises.turn:
            await asyncio.to_thread(write_overrides, office.folder, office.current.overrides.without(gone))
            await office.store.write(lambda tx: tx.record("daemon", "override_expired", None, overrides=said))
            await self._promises.adopt(at_once=True)

    def _holidays(self) -> None:
        """Say in time that the holiday table ends; with it ended, that everything is closed."""
        office = self._office
        today = office.clock().astimezone(TOKYO).date()
        book = office.current.rulebook
        asked = any(isinstance(rule, Hours) for a in book.accounts.values() for rule in book.policies[a.policy].rules)
        if not asked or (today + WARN_AHEAD).year <= LAST_YEAR:
            office.alarms.pop(HOLIDAYS, None)
        elif today.year <= LAST_YEAR:
            office.alarms[HOLIDAYS] = (
                f"祝日表は {LAST_YEAR} 年までです。{LAST_YEAR + 1} 年は平日も閉じたものとして扱います。広報番を新しい版にしてください。",
                f"The holiday table ends with {LAST_YEAR}; every day of {LAST_YEAR + 1} will count as closed. Update Kohoban in time.",
            )
        else:
            office.alarms[HOLIDAYS] = (
                f"祝日表は {LAST_YEAR} 年で終わっています。運用時間の定めのあるアカウントは閉じたままです（例外と臨時の開庁はできます）。",
                f"The holiday table ended with {LAST_YEAR}: accounts with hours stay closed (exceptions and extra openings are possible).",
            )
