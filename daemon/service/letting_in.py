"""The daemon's view of credentials: it asks the releaser which there are, and never sees one. What changed is recorded, and is the day from which
their rotation is counted; what is missing or unusable is said before a job fails of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from daemon.desk.credentials import Had, changed, now_had, remembered
from daemon.refused import Refused
from daemon.release.hands import Releaser
from daemon.release.jobs import Holding
from daemon.release.secrets import folder_of
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.channels import capabilities
from daemon.rulebook.model import Account
from daemon.rulebook.published import same_handle, same_name
from daemon.service.asking import Asking
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.wire.answers import AnyAnswer
from daemon.wire.credentials import CheckCredentials, CredentialCheck, CredentialList, Credentials, CredentialSeen

ANEW = 3600.0
"""Seconds after which the releaser is asked again though nothing in its folder has moved …"""
AGAIN = 10.0
"""… and after which it is where it did not answer."""

UP_WITHIN = 15.0
"""Seconds for which a question waits for the rounds to begin."""

_ALARM = "credentials:"


class LettingIn:
    """The credentials of one office, as far as the daemon may know of them."""

    def __init__(self, office: Running, releaser: Releaser, asking: Asking) -> None:
        self._office, self._releaser, self._asking = office, releaser, asking
        self._mark: tuple[int, int] | None = None
        self._needed: frozenset[str] = frozenset()
        self._until = 0.0
        self._number = count(1)
        self._up = asyncio.Event()

    @property
    def handlers(self) -> dict[type, Callable[[Any, Session, str], Awaitable[AnyAnswer]]]:
        """What is asked of it over the socket."""
        return {Credentials: self.listed, CheckCredentials: self.check}

    async def look(self) -> None:
        """Once a round: ask anew where the folder has moved, the rules have changed, or an hour has passed."""
        self._up.set()
        needed = {account.id: account for account in self._in_need()}
        mark = await asyncio.to_thread(_mark, self._office.state)
        if (mark, frozenset(needed)) == (self._mark, self._needed) and time.monotonic() < self._until:
            return
        before = await remembered(self._office.store)
        if needed or before:
            held = await self._asked()
            if held is None:
                self._until = time.monotonic() + AGAIN
                return
            await self._note(held, before)
            self._say(held, needed)
        else:  # an account that was without them needs none any more
            self._say((), needed)
        self._mark, self._needed, self._until = mark, frozenset(needed), time.monotonic() + ANEW

    async def listed(self, query: Credentials, session: Session, request: str) -> CredentialList:
        """Which there are and which are needed."""
        await self._until_up()
        held = await self._asked() if self._in_need() or await remembered(self._office.store) else ()
        found = {each.account: each for each in held or ()}
        needed = {account.id: account.channel for account in self._in_need()}
        return CredentialList(
            credentials=tuple(_seen(name, needed.get(name, ""), found.get(name)) for name in dict.fromkeys((*needed, *found))),
            heard=held is not None,
        )

    async def check(self, query: CheckCredentials, session: Session, request: str) -> CredentialCheck:
        """Ask the platform; what that costs is written down like any question. Raises Refused."""
        if session.who.role == "viewer":
            raise Refused("role", "閲覧者は、媒体に尋ねることはできません。", "A viewer cannot have a platform asked.")
        account = self._office.current.rulebook.accounts.get(query.account)
        if account is None or "account" not in capabilities(account.channel).reads:
            raise Refused(
                "no_such",
                f"「{query.account}」は、認証情報を確かめられるアカウントではありません。",
                f"{query.account} is no account whose credentials can be checked.",
            )
        await self._until_up()
        told = await self._asking.ask(account, "account")
        said = told.facts.get("handle", "")
        ours = [told.facts[key] for key in ("handle", "premium") if key in told.facts]
        same = told.ok and (
            any(same_handle(one, account.handle) for one in ours) or same_name(told.facts.get("name", ""), account.handle)
        )
        result = "same" if same else "another" if told.ok else "unknown"
        await self._office.store.write(
            lambda tx: tx.record(session.who.login, "credentials_checked", None, account=account.id, outcome=result)
        )
        return CredentialCheck(account=account.id, handle=account.handle, said=said, same=same, why=told.why, why_en=told.why_en)

    async def _until_up(self) -> None:
        """A daemon answers before it has ended the hand that another one may have left: whatever is asked of the releaser waits for that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(UP_WITHIN):
                await self._up.wait()

    def _in_need(self) -> list[Account]:
        return [each for each in self._office.current.rulebook.accounts.values() if capabilities(each.channel).secret]

    async def _asked(self) -> tuple[Holding, ...] | None:
        return await self._releaser.inventory(f"inventory{next(self._number)}")

    async def _note(self, held: tuple[Holding, ...], known: Mapping[str, Had]) -> None:
        now = now_had(known, dict(_had(held, self._office.clock())))
        if now != known:
            await self._office.store.write(changed(known, now))
            await self._office.refresh_duties()
            self._office.hub.publish("clock")

    def _say(self, held: tuple[Holding, ...], needed: dict[str, Account]) -> None:
        alarms = self._office.alarms
        for key in [key for key in alarms if key.startswith(_ALARM)]:
            del alarms[key]
        found = {each.account: each for each in held}
        for name in needed:
            if name not in found:
                alarms[_ALARM + name] = (
                    f"{name} の認証情報がありません。発信係のログインで kohoban secrets set {name} を実行してください。",
                    f"There are no credentials of {name}: run kohoban secrets set {name} under the releaser's login.",
                )
            elif found[name].why:
                alarms[_ALARM + name] = f"{found[name].why}。", f"{found[name].why_en[:1].upper()}{found[name].why_en[1:]}."


def _mark(state: Path) -> tuple[int, int] | None:
    """What moves when somebody sets or removes credentials; the daemon can see the folder, and in an installation not into it."""
    try:
        seen = folder_of(state).stat()
    except OSError:
        return None
    return seen.st_ino, seen.st_mtime_ns


def _had(held: tuple[Holding, ...], now: datetime) -> Iterator[tuple[str, Had]]:
    for each in held:
        if not each.why:
            since = now if each.since is None else datetime.fromtimestamp(each.since, UTC)
            yield each.account, Had(each.where, each.kind, since, each.by, noted=each.since is not None)


def _seen(name: str, channel: str, held: Holding | None) -> CredentialSeen:
    if held is None:
        return CredentialSeen(account=name, channel=channel)
    return CredentialSeen(
        account=name,
        channel=channel,
        where=held.where,
        place=held.place,
        kind=held.kind,
        since=None if held.since is None else datetime.fromtimestamp(held.since, TOKYO),
        by=held.by,
        why=held.why,
        why_en=held.why_en,
    )
