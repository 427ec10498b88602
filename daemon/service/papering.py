"""What papers are made of: the dossier of a draft, the handover, the report of a period, the list of accounts, what is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from daemon.desk import attesting, listing
from daemon.desk.dossier import dossier
from daemon.desk.handover import handover
from daemon.desk.kept import kept
from daemon.desk.reporting import Asked, posts_of, span_of
from daemon.papers.as_html import as_html
from daemon.papers.as_text import as_text
from daemon.papers.policy_page import policy_page
from daemon.program import program
from daemon.refused import Refused
from daemon.rulebook.days import Special
from daemon.rulebook.office import Account
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.wire.answers import AnyAnswer
from daemon.wire.papers import (
    AccountList,
    AccountsListed,
    Dossier,
    DossierSeen,
    Handover,
    HandoverSeen,
    Kept,
    KeptList,
    PostsOf,
    PublicPage,
    PublicText,
    Report,
    ReportPosts,
    ReportSeen,
    ReportTable,
)

PATIENCE = 60.0
"""Seconds after which a report is given up."""

_tables: msgspec.json.Decoder[tuple[ReportTable, ...]] = msgspec.json.Decoder(tuple[ReportTable, ...])


def _concerns(each: Special, asked: Asked) -> bool:
    return not each.accounts or not set(each.accounts).isdisjoint(asked.accounts)


class Papering:
    """The handlers of one office."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._counting = asyncio.Semaphore(1)
        self.handlers: dict[type, Callable[[Any, Session, str], Awaitable[AnyAnswer]]] = {
            Dossier: self.dossier,
            Handover: self.handover,
            AccountsListed: self.accounts,
            Report: self.report,
            PostsOf: self.posts,
            Kept: self.kept,
            PublicPage: self.public_page,
        }
        """By the query that each answers."""

    async def dossier(self, query: Dossier, session: Session, request: str) -> DossierSeen:
        """One draft's whole story. Raises Refused."""
        return await dossier(self._office.store, query.draft, self._office.setting())

    async def handover(self, query: Handover, session: Session, request: str) -> HandoverSeen:
        """What whoever comes next has to know. Raises Refused."""
        return await handover(self._office.store, self._office.setting(), query.account, [*self._office.alarms.values()])

    async def accounts(self, query: AccountsListed, session: Session, request: str) -> AccountList:
        """The official accounts as the homepage lists them."""
        return listing.accounts(self._office.setting())

    async def report(self, query: Report, session: Session, request: str) -> ReportSeen:
        """The figures of a period, counted in a process of their own; one at a time. Raises Refused."""
        office, asked = self._office, self._asked(query)
        started = time.monotonic()
        async with self._counting:
            tables = await self._counted(asked)
        tables = (*tables[:-1], await self._duties(asked), self._closures(query, asked), *tables[-1:])
        book = office.current.rulebook
        cites = {c.id: c.cite for policy in book.policies.values() for c in policy.clauses.values()}
        named = {str(cell) for table in tables if "clause" in table.columns for row in table.rows for cell in row}
        return ReportSeen(
            office=book.office.name,
            since=query.since,
            until=query.until,
            made=office.clock(),
            accounts=asked.accounts,
            tables=tables,
            names={each: book.accounts[each].name for each in asked.accounts},
            cites={clause: cite for clause, cite in cites.items() if clause in named},
            head=office.store.head.hash,
            entries=office.store.head.seq,
            seconds=round(time.monotonic() - started, 3),
        )

    async def posts(self, query: PostsOf, session: Session, request: str) -> ReportPosts:
        """A page of what was released in the period. Raises Refused."""
        return await posts_of(self._office.store, self._asked(query), query.after)

    async def kept(self, query: Kept, session: Session, request: str) -> KeptList:
        """What is kept, and what is past its period."""
        return await kept(self._office.store, self._office.setting(), due=query.due)

    async def public_page(self, query: PublicPage, session: Session, request: str) -> PublicText:
        """The public page of a policy in force. Raises Refused."""
        policies = self._office.current.rulebook.policies
        if (policy := policies.get(query.policy)) is None:
            there = "、".join(sorted(policies))
            raise Refused(
                "no_such", f"要綱 {query.policy} はありません。あるのは: {there}", f"No policy {query.policy}. There are: {there}"
            )
        page = policy_page(policy, policy.version, language=query.language)
        return PublicText(policy=policy.id, title=policy.title, text=as_text(page), html=as_html(page))

    def _asked(self, query: Report | PostsOf) -> Asked:
        if query.until < query.since:
            raise Refused("time", "期間の終わりが始まりより前です。", "The period ends before it begins.")
        if (query.until - query.since).days > 3700 or query.until.year > 2999 or query.since.year < 2000:
            raise Refused("time", "期間は2000年から、10年までです。", "A period is of the years from 2000, ten of them at most.")
        wanted = self._wanted(query.accounts, query.policies)
        book = self._office.current.rulebook
        since, until = span_of(query.since, query.until)
        return Asked(
            since=since,
            until=until,
            accounts=tuple(account.id for account in wanted),
            platforms=tuple(sorted({account.platform for account in wanted})),
            whole=len(wanted) == len(book.accounts),
        )

    def _wanted(self, accounts: Sequence[str], policies: Sequence[str]) -> list[Account]:
        book = self._office.current.rulebook
        for name, known, what, what_en in (
            *((each, book.accounts, "アカウント", "account") for each in accounts),
            *((each, book.policies, "要綱", "policy") for each in policies),
        ):
            if name not in known:
                there = "、".join(sorted(known))
                raise Refused(
                    "no_such", f"{what} {name} はありません。あるのは: {there}", f"No {what_en} {name}. There are: {there}"
                )
        every = book.accounts.values()
        return [a for a in every if (not accounts or a.id in accounts) and (not policies or a.policy in policies)]

    async def _duties(self, asked: Asked) -> ReportTable:
        """What was attested in the period, duty by duty, and what is overdue now."""
        store = self._office.store
        ticks = await store.fetch(
            "SELECT duty, account, count(*) AS n FROM duty_ticks WHERE undone_at IS NULL AND at >= ? AND at < ? GROUP BY duty, account",
            (asked.since, asked.until),
        )
        done = {(row["duty"], row["account"]): row["n"] for row in ticks}
        book = self._office.current.rulebook
        policies = {book.accounts[each].policy for each in asked.accounts}
        standing = [
            duty
            for duty in await attesting.listed(store, self._office.setting())
            if (duty.account in asked.accounts if duty.account else asked.whole or duty.id.partition("/")[0] in policies)
        ]
        rows = tuple(
            (duty.title, duty.account, duty.cite, done.get((duty.id, duty.account), 0), int(duty.overdue)) for duty in standing
        )
        return ReportTable(id="duties", columns=("duty", "account", "cite", "done", "overdue"), rows=rows)

    def _closures(self, query: Report, asked: Asked) -> ReportTable:
        """Closures and extra openings of the period, as the rules have them now."""
        special = self._office.current.rulebook.days
        rows = [
            (f"{each.from_} – {each.last}", "closed", each.reason, each.basis)
            for each in special.closures
            if each.from_ <= query.until and each.last >= query.since and _concerns(each, asked)
        ]
        rows += [
            (f"{each.day} {each.open:%H:%M}–{each.close:%H:%M}", "opened", each.reason, each.basis)
            for each in special.extras
            if query.since <= each.day <= query.until and _concerns(each, asked)
        ]
        return ReportTable(id="closures", columns=("day", "what", "why", "basis"), rows=tuple(sorted(rows)))

    async def _counted(self, asked: Asked) -> tuple[ReportTable, ...]:
        process = await asyncio.create_subprocess_exec(
            *program("daemon.desk.report_main", str(self._office.store.state)),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(PATIENCE):
                said, trouble = await process.communicate(msgspec.json.encode(asked))
        except (TimeoutError, asyncio.CancelledError) as error:
            process.kill()
            await process.wait()
            if isinstance(error, asyncio.CancelledError):
                raise
            raise Refused(
                "busy", "集計が終わりません。期間を短くしてください。", "The counting does not end: ask for less."
            ) from None
        if process.returncode:
            why = trouble.decode(errors="replace").strip().rpartition("\n")[2]
            raise Refused("internal", f"集計できませんでした（{why}）。", f"It could not be counted ({why}).")
        return _tables.decode(said)
