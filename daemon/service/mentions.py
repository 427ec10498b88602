"""Comments by owned mentions: what names an account is read at an interval, screened like an export, and forgotten where it is clean.

How far it has been read is kept in the transaction that keeps the comments, so that nothing is read twice or left out by a crash. What the
platform no longer has (it keeps some eight hundred) is a gap, and is said.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
import structlog

from daemon.desk import declaring
from daemon.moderation import keeping
from daemon.release.jobs import Heard, Told
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account
from daemon.service.asking import Asking
from daemon.service.comment_watch import CommentWatch, Trouble
from daemon.service.judging import encode
from daemon.service.running import Running
from daemon.service.sifting import Wanted
from daemon.service.spending import may_read

log = structlog.get_logger()

MOST = 800
"""Posts that are asked for at once: as many as X keeps of those that name somebody."""
FIRST = 100
"""Posts of the first reading, which begins now and not years ago."""
URGENT = timedelta(minutes=2)
"""The interval while an emergency has been declared for the account lately …"""
LATELY = timedelta(hours=12)
"""… within so long."""
RETRY = timedelta(minutes=1)
"""After how long it is tried again where the platform, or the releaser, gave no answer …"""
LONGEST_RETRY = timedelta(hours=1)
"""… twice as long each time, up to this, where what was not kept has been paid for: the same would be bought every minute."""
GAP_SHOWN = timedelta(hours=24)
_NUMBER = re.compile("[0-9]{1,30}")
"""What can be the number of a post, on whatever platform."""
OWN_MOST = 5_000
"""Posts of our own among which the one is looked for under which a comment stands."""


class Mentions:
    """What names the accounts of one office."""

    def __init__(self, office: Running, asking: Asking, watch: CommentWatch) -> None:
        self._office, self._asking, self._watch = office, asking, watch
        self._read_at: dict[str, datetime] = {}
        self._not_before: dict[str, datetime] = {}
        self._in_vain: Counter[str] = Counter()
        """How often in a row something was paid for of which nothing was kept."""
        self._readers: dict[str, asyncio.Task[None]] = {}
        self.lines: dict[str, tuple[str, str]] = {}
        """How far each account has been read, or why it is not, in both languages."""

    async def close(self) -> None:
        """What was not kept is read again at the next start."""
        for reader in self._readers.values():
            reader.cancel()
        await asyncio.gather(*self._readers.values(), return_exceptions=True)

    async def look(self) -> None:
        """A round: read what is due. Each account has a reader of its own, so that a platform that hangs keeps nobody waiting."""
        office, now = self._office, self._office.clock()
        accounts = office.current.rulebook.accounts
        for name in self.lines.keys() - accounts.keys():
            del self.lines[name]
        for account in accounts.values():
            if not account.mentions_minutes or not self._asking.can(account, "mentions"):
                self.lines.pop(account.id, None)
                continue
            running = self._readers.get(account.id)
            if (running is not None and not running.done()) or office.disk_full or not await self._is_due(account, now):
                continue
            self._readers[account.id] = asyncio.get_running_loop().create_task(self._read_well(account, now))

    async def _is_due(self, account: Account, now: datetime) -> bool:
        """Whether it is time; sooner in an emergency, and not at all where the month's budget is nearly spent."""
        if now < self._not_before.get(account.id, now):
            return False
        last = self._read_at.get(account.id, now - timedelta(days=1))
        if now < last + min(URGENT, interval := timedelta(minutes=account.mentions_minutes)):
            return False
        if await self._office.store.read(lambda db: declaring.declared_since(db, account.id, now - LATELY)):
            return True
        if now < last + interval:
            return False
        if may_read(self._office, account):
            return True
        self.lines[account.id] = (
            "コメントの読み取りを止めています（今月の予算の残りが少ないため）",
            "comments are not read: the month's budget is nearly spent",
        )
        return False

    async def _read_well(self, account: Account, now: datetime) -> None:
        key = f"mentions:{account.id}"
        try:
            await self._read(account, now)
        except Exception as error:  # the store's, or of the process that screens: everything is read again
            self._not_before[account.id] = now + self._pause(account, paid=True)
            why = (error.message, error.message_en) if isinstance(error, Trouble) else (str(error), str(error))
            self._office.alarms[key] = (
                f"{account.id} へのコメントを読めません: {why[0]}",
                f"Comments to {account.id} cannot be read: {why[1]}",
            )
            log.error("mentions", account=account.id, error=type(error).__name__)
        else:
            self._office.alarms.pop(key, None)

    async def _read(self, account: Account, now: datetime) -> None:
        office = self._office
        rows = await office.store.fetch("SELECT since FROM mention_cursor WHERE account = ?", (account.id,))
        since = rows[0]["since"] if rows else ""
        told = await self._asking.ask(account, "mentions", since=since, most=MOST if since else FIRST)
        if not told.ok:
            self._not_now(account, now, told)
            return
        gap = bool(since) and (not told.whole or len(told.heard) >= MOST)
        newest = str(max((int(each.number) for each in told.heard if _NUMBER.fullmatch(each.number)), default=0))
        newest = max(newest, since, key=int) if since else newest
        theirs = [each for each in told.heard if not self._ours(each, account)]
        policy_hash = office.current.rulebook.policies[account.policy].hash
        own = await self._own_posts(account)
        kept, tally = await self._screened(account, theirs, own) if theirs else ((), keeping.Tally(0, 0, 0))
        new = await office.store.write(keeping.keep_heard(account.id, kept, tally, newest, policy_hash, gap=gap))
        at = f"{now.astimezone(TOKYO):%H:%M}"
        self._read_at[account.id] = now
        self._in_vain.pop(account.id, None)
        self.lines[account.id] = (
            f"コメントを {at} に読みました（{len(theirs)} 件、残したもの {new} 件）",
            f"comments read at {at} ({len(theirs)}, of which {new} kept)",
        )
        self._say_gaps(account, await self._gap_at(account), now)
        if new:
            office.hub.publish("comment", account=account.id)
        log.info("mentions read", account=account.id, heard=len(theirs), kept=new, clean=tally.clean, gap=gap)

    def _not_now(self, account: Account, now: datetime, told: Told) -> None:
        """The platform, or the releaser, gave no answer: it is said on the account's line, and tried again when it may be."""
        at = now + self._pause(account, paid=told.rows > 0)
        if told.again_at is not None:
            at = max(at, datetime.fromtimestamp(told.again_at, UTC))
        self._not_before[account.id] = at
        moment = f"{at.astimezone(TOKYO):%H:%M}"
        self.lines[account.id] = (
            f"コメントを読めません（{told.why}）。{moment} にもう一度読みます",
            f"comments cannot be read ({told.why_en}); tried again at {moment}",
        )

    def _pause(self, account: Account, *, paid: bool) -> timedelta:
        if not paid:
            return RETRY
        self._in_vain[account.id] += 1
        return min(RETRY * (1 << min(self._in_vain[account.id] - 1, 10)), LONGEST_RETRY)

    def _ours(self, heard: Heard, account: Account) -> bool:
        """Whether it is a post of an account of our own on this platform: no citizen's comment."""
        own = (each.handle for each in self._office.current.rulebook.accounts.values() if each.platform == account.platform)
        return heard.handle.lstrip("@").casefold() in {handle.lstrip("@").casefold() for handle in own}

    async def _own_posts(self, account: Account) -> dict[str, str]:
        """The addresses of the account's own posts, by their number: a comment in one of these conversations stands under our own."""
        rows = await self._office.store.fetch(
            "SELECT url FROM releases WHERE account = ? AND state = 'released' AND url <> '' ORDER BY id DESC LIMIT ?",
            (account.id, OWN_MOST),
        )
        return {row["url"].rpartition("/")[2]: row["url"] for row in rows}

    async def _screened(
        self, account: Account, heard: Iterable[Heard], own: dict[str, str]
    ) -> tuple[tuple[keeping.Kept, ...], keeping.Tally]:
        """By a process of its own, as an export is; it is given them in memory, and nothing of them is written. Raises Trouble."""
        lines = b"".join(msgspec.json.encode(_line(each, own)) + b"\n" for each in heard)
        fd = os.memfd_create("comments", os.MFD_CLOEXEC)
        try:
            os.write(fd, lines)
            office = self._office
            wanted = Wanted(account.id, ".jsonl", office.clock(), office.setting().recent(account.id))
            kept, tally = await self._watch.sift(account, fd, 0, encode(office.current.rulebook), wanted, "")
            return tuple(kept), tally
        finally:
            os.close(fd)

    async def _gap_at(self, account: Account) -> datetime | None:
        rows = await self._office.store.fetch("SELECT gap_at FROM mention_cursor WHERE account = ?", (account.id,))
        return datetime.fromtimestamp(rows[0]["gap_at"] / 1e6, UTC) if rows and rows[0]["gap_at"] else None

    def _say_gaps(self, account: Account, gap_at: datetime | None, now: datetime) -> None:
        key = f"mentions-gap:{account.id}"
        if gap_at is None or now - gap_at > GAP_SHOWN:
            self._office.alarms.pop(key, None)
            return
        at = f"{gap_at.astimezone(TOKYO):%m/%d %H:%M}"
        self._office.alarms[key] = (
            f"{account.id}: {at} に読んだコメントは、媒体が出す件数（約 {MOST} 件）を超えていました。それより古いものは読めていません。媒体の画面で確かめてください。",
            f"{account.id}: at {at} there were more comments than the platform gives (some {MOST}): older ones were not read. Look there.",
        )


def _line(heard: Heard, own: dict[str, str]) -> dict[str, str]:
    """A comment as an export would have it."""
    return {
        "id": heard.number,
        "text": heard.text,
        "author": heard.handle,
        "author_id": heard.author,
        "at": _when(heard.at),
        "conversation": own.get(heard.conversation, heard.conversation),
        "url": heard.url,
    }


def _when(at: float) -> str:
    """A moment as an export has it; empty where it lies beyond all calendars."""
    try:
        return datetime.fromtimestamp(at, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
