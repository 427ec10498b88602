"""The brakes: so many measures a day and no more; and one author's repeats, noticed in memory alone, and not where a policy forbids that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from hashlib import blake2b
from os import urandom
from typing import NamedTuple

from daemon.moderation.setting import Setting
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account, Rulebook
from daemon.rulebook.powers import unwatched
from daemon.store import to_db

REMEMBERED = timedelta(hours=12)
"""For so long repeats are remembered: until what an export brought has been worked through."""
_TIMES = 200
_AUTHORS = 20_000


class Flagged(NamedTuple):
    """A comment with findings, to be noticed and not to be written: its author (id or name), its time, its hash."""

    author: str
    at: datetime
    hash: str


class _Lately(NamedTuple):
    """When one author was noted last, and the times of the comments, by the beginning of their hash."""

    noted: datetime
    times: dict[str, datetime]


def begun_today(db: sqlite3.Connection, account: str, setting: Setting) -> int:
    """The measures of this account that were asked for today (Japan); taking them back does not count."""
    since = to_db(datetime.combine(setting.today, time(), TOKYO))
    (count,) = db.execute(
        "SELECT count(*) FROM measures WHERE account = ? AND at >= ? AND reverses IS NULL AND state NOT IN ('impossible', 'dropped') "
        "AND asked NOT IN ('unhide', 'unblock', 'unmute')",
        (account, since),
    ).fetchone()
    return int(count)


def braked(db: sqlite3.Connection, account: Account, more: int, setting: Setting) -> None:
    """Raises Refused where so many more measures would be too many for one day."""
    limit, done = setting.book.moderation.terms.daily_limit, begun_today(db, account.id, setting)
    if done + more > limit:
        raise Refused(
            "pace",
            f"{account.name} の措置は今日 {done} 件です。1日 {limit} 件までなので、あと {max(0, limit - done)} 件です。続きは明日にするか、"
            "管理者が rules.toml の [moderation] daily_limit を見直してください。",
            f"{done} measures of {account.id} were begun today; the most is {limit}. Go on tomorrow, or have the manager look at daily_limit "
            "in [moderation] of rules.toml.",
        )


class Repeats:
    """How often one author's comments had findings lately. In memory, for a day's work at the most, under a key that is made anew with every
    start: nothing of it is written anywhere, and nothing of it can be asked for by name."""

    def __init__(self) -> None:
        self._key = urandom(16)
        self._seen: dict[tuple[str, bytes], _Lately] = {}

    def note(self, account: Account, flagged: Iterable[Flagged], book: Rulebook, now: datetime) -> None:
        """Notice the authors of these comments with findings. One that is read again counts once."""
        self._forget(now)
        if unwatched(account, book) is not None or not book.moderation.terms.repeats:
            return
        for each in flagged:
            if each.author:
                key = account.id, self._hidden(each.author)
                lately = self._seen.pop(key, None) or _Lately(now, {})
                lately.times[each.hash[:16]] = each.at
                if len(lately.times) > _TIMES:
                    del lately.times[min(lately.times, key=lately.times.__getitem__)]
                self._seen[key] = lately._replace(noted=now)  # the last that was noted stands last

    def of(self, account: Account, author: str, book: Rulebook, now: datetime) -> int:
        """How many in the densest window of so many minutes, from the number on that the office has named; else 0."""
        terms = book.moderation.terms
        if unwatched(account, book) is not None or not terms.repeats or not author:
            return 0
        lately = self._seen.get((account.id, self._hidden(author)))
        if lately is None or now - lately.noted > REMEMBERED:
            return 0
        times = sorted(lately.times.values())
        window, most, begin = timedelta(minutes=terms.repeat_minutes), 0, 0
        for end, at in enumerate(times):
            while at - times[begin] > window:
                begin += 1
            most = max(most, end - begin + 1)
        return most if most >= terms.repeats else 0

    def _hidden(self, author: str) -> bytes:
        return blake2b(author.casefold().encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()

    def _forget(self, now: datetime) -> None:
        """What was noted too long ago, and whatever has grown beyond reason."""
        for key, lately in list(self._seen.items()):
            if now - lately.noted <= REMEMBERED and len(self._seen) <= _AUTHORS:
                break
            del self._seen[key]
