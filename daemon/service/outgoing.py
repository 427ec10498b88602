"""From an approved draft to a release: journal, hand, report. Nothing else in the house talks to the releaser."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import msgspec
import structlog

from daemon.desk import releasing
from daemon.desk.acts import serves
from daemon.desk.case import Case
from daemon.desk.refused import Refused
from daemon.desk.releasing import Ticket
from daemon.intake.frontmatter import read_item
from daemon.intake.notice import move_done
from daemon.release import outbox
from daemon.release.card import card_text, card_text_en, check_url
from daemon.release.hands import Releaser
from daemon.release.jobs import Attached, Job, Report, body_hash
from daemon.rulebook.model import Account, Operator
from daemon.service.running import Running
from daemon.store import RevisionDamaged, Tx
from daemon.wire.acts import Released, Settle, Take
from daemon.wire.answers import Done, Taken

log = structlog.get_logger()

DEADLINE = timedelta(seconds=30)
"""How long a job may lie before the hand must not begin it any more."""


class Outgoing:
    """All releases of one office, one after the other."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._releaser = Releaser(office.state)
        self._one_at_a_time = asyncio.Lock()
        self._under_way: set[int] = set()

    async def start(self) -> None:
        """Start the hand, and settle what a crash has left open."""
        await self._releaser.start()
        await self.settle_begun()

    async def close(self) -> None:
        """End the hand. What is in flight stays in the journal."""
        await self._releaser.close()

    async def take(self, act: Take, who: Operator, handles: set[str], request: str) -> Taken:
        """発信カード: journal it, pass the gate, and only then show the text. Raises Refused."""
        account = await self._account_of(act.draft)
        if act.handle and account:
            wanted = self._office.current.rulebook.accounts[account].handle
            if act.handle.strip().lstrip("@").casefold() != wanted.casefold():
                raise Refused(
                    "handle",
                    f"入力された @{act.handle.strip().lstrip('@')} は、この下書きの投稿先 @{wanted} と違います。投稿先を確かめてください。",
                    f"@{act.handle.strip().lstrip('@')} is not the account of this draft, @{wanted}: look again where it goes.",
                )
            handles.add(f"{account}@{wanted}")
        known = account and f"{account}@{self._office.current.rulebook.accounts[account].handle}" in handles
        ticket, report = await self._begin(act.draft, act.hash, who, handle_known=bool(known))
        try:
            return await self._card(ticket, report, who, request)
        finally:
            self._under_way.discard(ticket.release)

    async def _card(self, ticket: Ticket, report: Report, who: Operator, request: str) -> Taken:
        """The card, once the gate was passed and the lease is in the journal. Raises Refused."""
        if report.outcome != "passed":
            await self._ended(ticket, report)
            raise self._not_begun(report)
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
            checklist=card_text(*where),
            checklist_en=card_text_en(*where),
            images=tuple(image.file for image in ticket.images),
        )

        def leased(tx: Tx) -> Taken:
            releasing.lease(ticket)(tx)
            tx.remember(request, who.login, msgspec.json.encode(taken))
            return taken

        return await self._office.store.write(leased)

    async def send_out(self, draft: int, digest: str) -> bool:
        """Release an approved draft of an outbox account: True once it has begun. What is still missing keeps it where it is."""
        try:
            ticket, report = await self._begin(draft, digest, None, handle_known=True)
        except Refused as refused:
            log.debug("not released", draft=draft, why=refused.refusal.message_en)
            return False
        try:
            await self._ended(ticket, report)
        finally:
            self._under_way.discard(ticket.release)
        return True

    async def released(self, act: Released, who: Operator) -> Done:
        """発信済: a person has posted it. The URL must lie under the account's own handle."""
        release, state, holder = await releasing.open_release(self._office.store, act.draft)
        await self._check_url(act.draft, act.url, who)
        _not_begun_now(state)
        case = await self._end(release, "released", by=who.login, url=act.url, detail=f"holder {holder}")
        return Done(message="発信済にしました。", message_en="Recorded as released.", draft=case.id, state=case.state)

    async def settle(self, act: Settle, who: Operator) -> Done:
        """不明の決着: a person has looked at the platform. That a card was not used says only who holds it: anybody else could see
        nothing yet, and a second card would be a second post."""
        release, state, holder = await releasing.open_release(self._office.store, act.draft)
        serves(who, await self._serving(act.draft))
        _not_begun_now(state)
        if act.outcome == "released":
            await self._check_url(act.draft, act.url, who)
        elif state == "leased" and holder != who.login:
            raise Refused(
                "lease",
                f"発信カードは {holder} さんが持っています。本人に確かめるか、期限が過ぎてから媒体を見て記録してください。",
                f"{holder} holds the release card: ask them, or wait until it has run out and look at the platform.",
            )
        case = await self._end(release, act.outcome, by=who.login, url=act.url, detail=act.note)
        words = _SETTLED[case.state]
        return Done(message=words[0], message_en=words[1], draft=case.id, state=case.state)

    async def expire_leases(self) -> None:
        """Cards that were held too long: 不明, until somebody looks."""
        for release, account in await releasing.expired(self._office.store, self._office.clock()):
            if account in self._office.current.rulebook.accounts:  # one that has left is looked at when it comes back
                await self._end(release, "unknown", by=releasing.MACHINE, detail="the lease ran out without a URL")

    async def _begin(self, draft: int, digest: str, who: Operator | None, *, handle_known: bool) -> tuple[Ticket, Report]:
        """Journal a release and hand it over. One at a time: the journal and the hand must agree on the order."""
        office = self._office
        async with self._one_at_a_time:
            body = await self._exact_text(digest)
            begin = releasing.begin(draft, digest, who, office.epoch, office.setting(), handle_known=handle_known)
            ticket = await office.store.write(begin)
            self._under_way.add(ticket.release)
            try:
                if ticket.text != body:
                    report = Report(
                        job=str(ticket.release),
                        outcome="failed",
                        why="保存した原稿と一致しません",
                        why_en="the text differs",
                        at=0.0,
                    )
                else:
                    report = await self._releaser.send(self._job(ticket), DEADLINE.total_seconds())
                await office.refresh_recent(ticket.account.id)
            except BaseException:
                self._under_way.discard(ticket.release)
                raise
        office.hub.publish("draft", draft=draft, account=ticket.account.id, state="releasing")
        return ticket, report

    async def _exact_text(self, digest: str) -> str:
        """The text of the stored bytes, checked against their hash. Raises Refused where the disk has changed them."""
        try:
            return read_item(await self._office.store.bytes_of(digest)).text
        except RevisionDamaged as damaged:
            raise Refused(
                "internal", f"保存した原稿が壊れています: {damaged}", f"The stored revision is damaged: {damaged}"
            ) from None

    def _job(self, ticket: Ticket) -> Job:
        office = self._office
        account = ticket.account
        drafts = office.folder / "drafts" / account.id
        body = ticket.text.encode()
        return Job(
            id=str(ticket.release),
            draft=ticket.draft,
            hash=ticket.hash,
            body=body,
            body_hash=body_hash(body),
            account=account.id,
            platform=account.platform,
            handle=account.handle,
            channel=account.channel,
            epoch=ticket.epoch,
            deadline=(office.clock() + DEADLINE).timestamp(),
            outbox=str(office.folder / "outbox" / account.id),
            slug=Path(os.fsdecode(ticket.name)).stem,
            card={
                "approved_under": office.current.rulebook.policy_of(account.id).hash,
            },
            images=tuple(Attached(path=str(drafts / image.file)) for image in ticket.images),
        )

    async def _ended(self, ticket: Ticket, report: Report) -> None:
        outcome = report.outcome if report.outcome != "passed" else "unknown"
        await self._end(ticket.release, outcome, by=releasing.MACHINE, detail=report.why_en)

    async def _end(self, release: int, outcome: str, *, by: str, url: str = "", detail: str = "") -> Case:
        office = self._office
        case = await office.store.write(releasing.end(release, outcome, office.setting(), by=by, url=url, detail=detail))
        await office.refresh_recent(case.account.id)
        if case.state == "released":
            problem = await asyncio.to_thread(move_done, office.folder / "drafts" / case.account.id, case.name, case.hash)
            if problem is not None:
                office.alarms[f"done:{case.id}"] = problem
        office.hub.publish(
            "draft", draft=case.id, account=case.account.id, state=case.state, verdict=case.verdict, digest=case.hash
        )
        return case

    async def _check_url(self, draft: int, url: str, who: Operator) -> None:
        account = await self._serving(draft)
        serves(who, account)
        problem = check_url(url, account.platform, account.handle)
        if problem is not None:
            raise Refused("url", problem.message, problem.message_en)

    async def _serving(self, draft: int) -> Account:
        account = self._office.current.rulebook.accounts.get(await self._account_of(draft))
        if account is None:
            raise Refused("no_such", f"下書き {draft} のアカウントがありません。", f"The account of draft {draft} is not there.")
        return account

    async def _account_of(self, draft: int) -> str:
        rows = await self._office.store.fetch("SELECT account FROM drafts WHERE id = ?", (draft,))
        return str(rows[0]["account"]) if rows and rows[0]["account"] in self._office.current.rulebook.accounts else ""

    async def settle_begun(self) -> None:
        """What the journal calls begun and nobody carries out (after a crash, or where its end could not be written) either reached its
        folder, or certainly did not, or is 不明. An account that has left the office is settled when it comes back."""
        async with self._one_at_a_time:
            under_way = set(self._under_way)  # before the question: what ends meanwhile must not look abandoned
            rows = await self._office.store.fetch("SELECT id, account, channel FROM releases WHERE state = 'begun'", ())
        for row in rows:
            if row["id"] in under_way or row["account"] not in self._office.current.rulebook.accounts:
                continue
            outcome = "not_released"  # a manual card is shown only after the lease is in the journal
            if row["channel"] == "outbox":
                folder = self._office.folder / "outbox" / row["account"]
                outcome = await asyncio.to_thread(outbox.settle, str(row["id"]), folder)
            await self._end(row["id"], outcome, by=releasing.MACHINE, detail="found open, and nobody at it")

    @staticmethod
    def _not_begun(report: Report) -> Refused:
        if report.outcome == "prevented":
            ja, en = releasing.stopped_words()
            return Refused("stopped", f"{ja}（{report.why}）", f"{en} ({report.why_en})")
        return Refused("lease", f"発信カードを出せませんでした: {report.why}", f"No release card: {report.why_en}")


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
