"""The task that tells people: gathers what there is to tell, puts it into letters, has them carried, and says what could not be.

It has its own round beside the others: a command that hangs holds up neither the desk nor a release.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import suppress
from datetime import datetime

import structlog

from daemon.desk import board, mailbag, tidings
from daemon.desk.case import Setting
from daemon.desk.digest import as_json, as_mail, at_work, due_digest
from daemon.desk.duties import working_hours
from daemon.desk.slices import little_by_little
from daemon.refused import Refused
from daemon.rulebook.model import Operator
from daemon.rulebook.notices import URGENT, NoticeRules
from daemon.service import comment_tidings
from daemon.service.carrier import POSTMAN, Carrier
from daemon.service.comment_watch import CommentWatch
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store import StoreError, from_db
from daemon.wire.answers import Done
from daemon.wire.notices import NoticeList, Notices, NoticeTest

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between two rounds."""

OFFICE_EVERY = 30.0
"""Seconds between two looks at what has a date."""

_FAILING, _UNATTENDED = "notices:letters", "unattended:"


class Telling:
    """The notices of one office."""

    def __init__(self, office: Running, comments: CommentWatch) -> None:
        self._office, self._comments = office, comments
        self._carrier = Carrier(os.environ.get(POSTMAN, ""))
        self._carrying = asyncio.Lock()
        self._ending = False
        self._looked: datetime | None = None
        self._gathered: set[tuple[str, str]] = set()
        """The stops and comments that have been gathered, and for whom: they are looked for in every round, and written down once."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to tell."""
        self._task = asyncio.get_running_loop().create_task(self._go())

    async def close(self) -> None:
        """Stop. What is being carried has a moment to get there; else it is carried again at the next start."""
        self._ending = True
        await asyncio.to_thread(self._carrier.close)
        if self._task is not None:
            async with self._carrying:
                self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def listed(self, query: Notices, session: Session, request: str) -> NoticeList:
        """The last notices."""
        rules = self._office.current.rulebook.notices
        return await mailbag.listed(self._office.store, query, rules.command[0] if rules else "")

    async def test(self, act: NoticeTest, session: Session, request: str) -> Done:
        """A trial, carried now. Raises Refused where it cannot be, with the reason."""
        office, who = self._office, session.who
        to = office.current.rulebook.operators.get(act.login)
        rules = office.current.rulebook.notices
        if to is None:
            raise Refused("no_such", f"{act.login} さんは名簿にいません。", f"{act.login} is not on the register.")
        if to.login != who.login and who.role != "manager":
            raise Refused(
                "role", "ほかの人への試し送りは管理者が行います。", "Only a manager tries it with somebody else's address."
            )
        if rules is None:
            raise Refused(
                "missing",
                "rules.toml に [notices] がないため、通知はコンソールにだけ出ます。手引の「通知」を見て書いてください。",
                "There is no [notices] in rules.toml: notices stand in the console only. See the handbook.",
            )
        now = office.clock()
        trial = tidings.Tiding("test", to.login, "", "", f"test:{request}", now)
        await office.store.write(mailbag.gather([trial], None, now, leaves=True))
        (row,) = await office.store.fetch("SELECT id FROM notices WHERE key = ? AND login = ?", (trial.key, to.login))
        letter = await office.store.write(mailbag.put_together(to.login, [row["id"]], now, urgent=True))
        await office.store.write(lambda tx: tx.record(who.login, "notice_test", None, login=to.login, letter=letter))
        (made,) = await office.store.fetch("SELECT * FROM letters WHERE id = ?", (letter,))
        if (why := await self._carry(made, rules)) is not None:
            raise Refused("missing", f"送れませんでした: {why[0]}", f"It could not be sent: {why[1]}")
        return Done(
            message=f"{to.name}さんへの試し送りを渡しました（{rules.command[0]}）。届いたか本人に確かめてください。",
            message_en=f"A trial for {to.login} was handed to {rules.command[0]}: ask them whether it has come.",
        )

    async def _go(self) -> None:
        with suppress(StoreError):
            await self._office.store.write(mailbag.recover)
        while True:
            try:
                await self._round()
            except Exception as error:  # whatever it is: a task that ends tells nobody any more
                ja, en = (error.message, error.message_en) if isinstance(error, StoreError) else (str(error), str(error))
                self._office.alarms["round:notices"] = f"通知の見回りに失敗しました: {ja}", f"The round of notices failed: {en}"
                log.error("round failed", round="notices", exc_info=error)
            else:
                self._office.alarms.pop("round:notices", None)
            await asyncio.sleep(EVERY)

    async def _round(self) -> None:
        office = self._office
        setting = office.setting()
        rules = setting.book.notices
        await self._gather(setting, leaves=rules is not None)
        if rules is not None:
            await self._put_together(setting, rules)
            for row in await mailbag.to_send(office.store, setting.now):
                if await self._carry(row, rules) is not None:
                    break  # what fails for one fails for all, mostly: the others wait for the next round
        await self._say_failures()

    async def _gather(self, setting: Setting, *, leaves: bool) -> None:
        store = self._office.store
        before = await mailbag.cursor(store)
        found, reached = await tidings.of_drafts(store, setting, before)
        if self._looked is None or not 0 <= (setting.now - self._looked).total_seconds() < OFFICE_EVERY:
            self._looked = setting.now
            found += await tidings.of_office(store, setting)
            found += await self._unattended(setting)
        comments = self._comments.setting(setting.now)
        at_once = [*await tidings.of_stops(store, setting), *await store.read(lambda db: comment_tidings.found(db, comments))]
        new = [each for each in at_once if (each.key, each.login) not in self._gathered]
        told = list(tidings.wanted([*found, *new], setting.book, setting.now))
        if told or reached != before:
            await store.write(mailbag.gather(told, reached, setting.now, leaves=leaves))
        self._gathered = {(each.key, each.login) for each in at_once}

    async def _unattended(self, setting: Setting) -> list[tidings.Tiding]:
        """A queue that nobody attends is an alarm on every screen, and the managers are told (港区 4条7号)."""
        office = self._office
        found = await tidings.unattended(office.store, setting, office.hub.listening())
        for key in [key for key in office.alarms if key.startswith(_UNATTENDED) and key.removeprefix(_UNATTENDED) not in found]:
            del office.alarms[key]
        for account, since in found.items():
            at = f"{since.astimezone(setting.now.tzinfo):%m/%d %H:%M}"
            office.alarms[f"{_UNATTENDED}{account}"] = (
                f"{account}: {at} から待っているものを、誰も見ていません",
                f"{account}: what waits since {at} is attended by nobody",
            )
        return tidings.of_unattended(found, setting)

    async def _put_together(self, setting: Setting, rules: NoticeRules) -> None:
        """Letters of what has gathered: urgent things at once; the rest once it is due, and while the office works."""
        store, book = self._office.store, setting.book
        for login, rows in (await mailbag.open_by_person(store)).items():
            to = book.operators.get(login)
            if to is None or not (rules.hook or to.mail):
                await store.write(mailbag.settle([row["id"] for row in rows], "console"))
                continue
            still = await self._still(rows, setting)
            over = [row["id"] for row in rows if row not in still]
            if over:
                await store.write(mailbag.settle(over))
            urgent = [row["id"] for row in still if row["kind"] in URGENT]
            if urgent:
                await store.write(mailbag.put_together(login, urgent, setting.now, urgent=True))
            calm = [row for row in still if row["kind"] not in URGENT and self._awake(row["account"], setting)]
            if calm and due_digest(from_db(calm[0]["gathered_at"]), setting.now, rules.digest_minutes):
                await store.write(mailbag.put_together(login, [row["id"] for row in calm], setting.now, urgent=False))

    def _awake(self, account: str, setting: Setting) -> bool:
        known = setting.book.accounts.get(account)
        return at_work(working_hours(known, setting.book), setting.now, known, setting.book.days)

    async def _still(self, rows: list[sqlite3.Row], setting: Setting) -> list[sqlite3.Row]:
        """Those that are still so: what somebody else has settled meanwhile is not told."""
        numbers = [int(row["ref"][1:]) for row in rows if row["key"].startswith("draft:")]
        cases = await board.cases(self._office.store, numbers, setting)
        asked = dict(await little_by_little(lambda case: ((f"#{case.id}", case.state), tidings.asked_of(case, setting)), cases))
        comments = [row["key"] for row in rows if row["key"].startswith("comment:")]
        waiting = await self._office.store.read(lambda db: {key for key in comments if comment_tidings.still(db, key)})

        def so(row: sqlite3.Row) -> bool:
            key = row["key"]
            if key.startswith("draft:"):
                return row["login"] in asked.get((row["ref"], key.split(":")[3]), ())
            return key in waiting or not key.startswith("comment:")

        return [row for row in rows if so(row)]

    async def _carry(self, row: sqlite3.Row, rules: NoticeRules) -> tuple[str, str] | None:
        """Have one letter carried; why it was not, where it was not."""
        office = self._office
        to = office.current.rulebook.operators.get(row["login"])
        async with self._carrying:
            if self._ending:
                return "デーモンが終了します", "the daemon ends"
            await office.store.write(mailbag.begin(row["id"]))
            why = await self._handed_over(row, to, rules)
            if why is None:
                await office.store.write(mailbag.sent(row["id"]))
            else:
                log.warning("notice not sent", letter=row["id"], why=why[1])
                await office.store.write(mailbag.failed(row["id"], why, office.clock()))
        return why

    async def _handed_over(self, row: sqlite3.Row, to: Operator | None, rules: NoticeRules) -> tuple[str, str] | None:
        if to is None or not (rules.hook or to.mail):
            return f"{row['login']} さんの mail が rules.toml にありません", f"{row['login']} has no mail in rules.toml"
        letter = await mailbag.letter_of(self._office.store, row, to, self._office.current.rulebook.office.name)
        try:
            data = as_json(letter) if rules.hook else as_mail(letter, rules.from_)
        except ValueError as error:
            return f"宛先を書けません: {error}", f"its head cannot be written: {error}"
        return await asyncio.to_thread(self._carrier.carry, rules.command, data, float(rules.seconds))

    async def _say_failures(self) -> None:
        failing = await mailbag.in_trouble(self._office.store)
        if not failing:
            self._office.alarms.pop(_FAILING, None)
            return
        last = failing[-1]
        self._office.alarms[_FAILING] = (
            f"通知を {len(failing)} 通送れていません（{last['login']} 宛て: {last['why']}）。kohoban notices --failed",
            f"{len(failing)} notices could not be sent (to {last['login']}: {last['why_en']}). kohoban notices --failed",
        )
