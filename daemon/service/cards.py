"""The manual channel, where the wire is a person: taking a release card, recording its URL, settling what nobody knows."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from daemon.desk import guard, releasing
from daemon.desk.releasing import Ticket
from daemon.refused import Refused, serves
from daemon.release import cards
from daemon.release.card import card_text, card_text_en, check_url, delete_text, delete_text_en
from daemon.release.jobs import Job, Report
from daemon.rulebook.model import Account, Operator
from daemon.service import sealed
from daemon.service.outgoing import DEADLINE, Outgoing
from daemon.service.running import Running
from daemon.store import Tx
from daemon.wire.acts import Released, Settle, Take
from daemon.wire.answers import Done, Taken

log = structlog.get_logger()


class Cards:
    """The release cards of one office."""

    def __init__(self, office: Running, outgoing: Outgoing) -> None:
        self._office, self._outgoing = office, outgoing

    async def take(self, act: Take, who: Operator, handles: set[str], request: str) -> Taken:
        """発信カード: journal it, pass the gate, and only then show the text. Raises Refused."""
        account, book = await self._outgoing.account_of(act.draft), self._office.current.rulebook
        known = account in book.accounts and guard.confirmed(handles, book.accounts[account], act.handle)
        ticket, report = await self._outgoing.begin(act.draft, act.hash, who, handle_known=known)
        try:
            return await self._card(ticket, report, who, request)
        finally:
            self._outgoing.let_go(ticket)

    async def _card(self, ticket: Ticket, report: Report, who: Operator, request: str) -> Taken:
        """The card, once the gate was passed and the lease is in the journal. Raises Refused."""
        if report.outcome == "passed" and self._office.setting().stopped(ticket.account):  # a stop came: the card is not shown
            report = msgspec.structs.replace(report, outcome="prevented")
        if report.outcome != "passed":
            await self._outgoing.ended(ticket, report)
            raise _not_begun(report)
        where = (ticket.account.platform, ticket.account.handle, ticket.account.name)
        taken = Taken(
            draft=ticket.draft,
            text=ticket.text,
            hash=ticket.hash,
            account=ticket.account.id,
            platform=ticket.account.platform,
            handle=ticket.account.handle,
            name=ticket.account.name,
            lease_until=ticket.lease_until,
            holder=who.login,
            checklist=delete_text(*where, ticket.deletes) if ticket.deletes else card_text(*where),
            checklist_en=delete_text_en(*where, ticket.deletes) if ticket.deletes else card_text_en(*where),
            images=tuple(picture.file for picture in ticket.pictures),
            folder=str(cards.place(job := self._sealed(ticket))),
        )

        def leased(tx: Tx) -> None:
            releasing.lease(ticket)(tx)
            tx.remember(request, who.login, msgspec.json.encode(taken))

        await self._office.store.write(leased)
        laid = await self._lay(job)
        if laid and self._office.setting().stopped(ticket.account):  # after the round that puts away what lies there
            await self._over(ticket.release, ticket.account)
            laid = False
        return taken if laid else msgspec.structs.replace(taken, folder="")

    def _sealed(self, ticket: Ticket) -> Job:
        at, folder = self._outgoing.platform_at, self._folder(ticket.account.id)
        return sealed.job(self._office, ticket, at, DEADLINE.total_seconds(), folder)

    async def _lay(self, job: Job) -> bool:
        """The text as a plain file, the images beside it. False where that is not possible: the card on the screen says the same."""
        key = f"card:{job.account}"
        try:
            await asyncio.to_thread(cards.lay, job)
        except OSError as error:
            self._office.alarms[key] = (
                f"発信カードのファイルを置けません（{error.filename}: {error.strerror}）。画面のカードは有効です。",
                f"The files of a release card cannot be laid out ({error.filename}: {error.strerror}); the card on the screen is good.",
            )
            return False
        self._office.alarms.pop(key, None)
        return True

    async def released(self, act: Released, who: Operator) -> Done:
        """発信済: a person has posted it. The URL must lie under the account's own handle."""
        release, state, holder = await releasing.open_release(self._office.store, act.draft)
        account = await self._check_url(act.draft, act.url, who)
        _not_begun_now(state)
        case = await self._outgoing.end(
            release, "released", by=who.login, url=act.url, detail="" if holder == who.login else f"カードを持つ人 {holder}"
        )
        await self._over(release, account)
        words = _DELETED if case.item.kind == "delete" else _SETTLED[case.state]
        return Done(message=words[0], message_en=words[1], draft=case.id, state=case.state)

    async def settle(self, act: Settle, who: Operator) -> Done:
        """不明の決着: a person has looked at the platform. That a card was not used says only who holds it: anybody else could see
        nothing yet, and a second card would be a second post."""
        release, state, holder = await releasing.open_release(self._office.store, act.draft)
        account = await self._serving(act.draft)
        serves(who, account)
        _not_begun_now(state)
        if act.outcome == "released":
            await self._check_url(act.draft, act.url, who)
        elif state == "leased" and holder != who.login:
            raise Refused(
                "lease",
                f"発信カードは {holder} さんが持っています。本人に確かめるか、期限が過ぎてから媒体を見て記録してください。",
                f"{holder} holds the release card: ask them, or wait until it has run out and look at the platform.",
            )
        case = await self._outgoing.end(release, act.outcome, by=who.login, url=act.url, detail=act.note)
        await self._over(release, account)
        words = _SETTLED[case.state]
        return Done(message=words[0], message_en=words[1], draft=case.id, state=case.state)

    async def expire(self) -> None:
        """Cards that were held too long: 不明, until somebody looks."""
        for release, account in await releasing.expired(self._office.store, self._office.clock()):
            if found := self._office.current.rulebook.accounts.get(account):  # one that has left is looked at when it comes back
                why = "the lease ran out without a URL"
                with suppress(Refused):  # its holder was faster
                    await self._outgoing.end(release, "unknown", by=releasing.MACHINE, detail=why, found=("leased",))
                await self._over(release, found)

    async def put_away(self) -> None:
        """A stop stands: nobody at another desk must post what still lies there as a file. The holder keeps the card on the screen, which
        says that it is stopped."""
        setting = self._office.setting()
        for each in await releasing.still_open(self._office.store, "leased"):
            account = setting.book.accounts.get(each.account)
            if account is not None and setting.stopped(account):
                await self._over(each.release, account)

    async def clear(self) -> None:
        """At the start: what lies there of cards that are over goes away."""
        held = {each.release for each in await releasing.still_open(self._office.store, "leased")}
        for account in self._office.current.rulebook.accounts.values():
            if account.channel == "manual":
                await asyncio.to_thread(cards.clear, self._folder(account.id), held)

    async def _over(self, release: int, account: Account) -> None:
        await asyncio.to_thread(cards.take_away, release, self._folder(account.id))

    def _folder(self, account: str) -> Path:
        return self._office.folder / "cards" / account

    async def _check_url(self, draft: int, url: str, who: Operator) -> Account:
        account = await self._serving(draft)
        serves(who, account)
        problem = check_url(url, account.platform, account.handle)
        if problem is not None:
            raise Refused("url", problem.message, problem.message_en)
        return account

    async def _serving(self, draft: int) -> Account:
        account = self._office.current.rulebook.accounts.get(await self._outgoing.account_of(draft))
        if account is None:
            raise Refused("no_such", f"下書き {draft} のアカウントがありません。", f"The account of draft {draft} is not there.")
        return account


def _not_begun(report: Report) -> Refused:
    if report.outcome == "prevented":
        ja, en = releasing.stopped_words()
        return Refused("stopped", f"{ja}（{report.why}）", f"{en} ({report.why_en})")
    return Refused("lease", f"発信カードを出せませんでした: {report.why}", f"No release card: {report.why_en}")


_DELETED = ("削除したことを記録しました。", "Recorded as deleted.")
_SETTLED = {
    "released": ("発信済にしました。", "Recorded as released."),
    "held": ("未発信として保留に戻しました。確認のうえ承認し直してください。", "Back to held: approve it again to go on."),
    "withdrawn": (
        "未発信として記録しました。ファイルが消されているため、取下げになりました。",
        "Recorded as not released; its file has been removed, so it is withdrawn.",
    ),
}


def _not_begun_now(state: str) -> None:
    """Raises Refused while the hand has the job: its report says what became of it, no person can yet."""
    if state == "begun":
        raise Refused("state", "この発信は今まさに行われています。", "This release is under way right now.")
