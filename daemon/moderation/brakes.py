"""The brakes: so many measures a day and no more; and one author's repeats, noticed in memory alone, and not where a policy forbids that."""

from __future__ import annotations

import sqlite3
from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from hashlib import blake2b
from os import urandom

from daemon.moderation.setting import Setting
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account, Rulebook
from daemon.rulebook.powers import unwatched
from daemon.store import to_db


def begun_today(db: sqlite3.Connection, account: str, setting: Setting) -> int:
    """The measures of this account that were asked for today (Japan); taking them back does not count."""
    since = to_db(datetime.combine(setting.today, time(), TOKYO))
    (count,) = db.execute(
        "SELECT count(*) FROM measures WHERE account = ? AND at >= ? AND reverses IS NULL AND state NOT IN ('impossible', 'dropped')",
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
    """How often one author's comments had findings lately. In memory, for minutes, under a key that is made anew with every start: nothing of
    it is written anywhere, and nothing of it can be asked for by name."""

    def __init__(self) -> None:
        self._key = urandom(16)
        self._seen: dict[tuple[str, bytes], deque[datetime]] = defaultdict(deque)

    def note(self, account: Account, authors: Iterable[tuple[str, datetime]], book: Rulebook) -> None:
        """Notice these authors of comments with findings, each with the comment's time."""
        if unwatched(account, book) is not None or not book.moderation.terms.repeats:
            return
        for author, at in authors:
            if author:
                self._seen[account.id, self._hidden(author)].append(at)
        self._forget(book)

    def of(self, account: Account, author: str, book: Rulebook) -> int:
        """How many in the densest window of so many minutes, from the number on that the office has named; else 0."""
        terms = book.moderation.terms
        if unwatched(account, book) is not None or not terms.repeats or not author:
            return 0
        times = sorted(self._seen.get((account.id, self._hidden(author)), ()))
        window, most, begin = timedelta(minutes=terms.repeat_minutes), 0, 0
        for end, at in enumerate(times):
            while at - times[begin] > window:
                begin += 1
            most = max(most, end - begin + 1)
        return most if most >= terms.repeats else 0

    def _hidden(self, author: str) -> bytes:
        return blake2b(author.casefold().encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()

    def _forget(self, book: Rulebook) -> None:
        """What is older than the window before the newest, and whatever has grown beyond reason."""
        window = timedelta(minutes=book.moderation.terms.repeat_minutes)
        for key in [key for key, times in self._seen.items() if not times]:
            del self._seen[key]
        newest = max((times[-1] for times in self._seen.values()), default=None)
        if newest is None:
            return
        for key, times in list(self._seen.items()):
            while times and newest - times[0] > 2 * window:
                times.popleft()
            if not times:
                del self._seen[key]
