"""Closed days and extra openings made at the desk: checked, written to the overrides, in force at once, and in the record."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from daemon.desk.case import Setting
from daemon.desk.month import month
from daemon.refused import Refused, given
from daemon.rulebook.calendar import LAST_YEAR, TOKYO, hours_of_day
from daemon.rulebook.days import Closure, Extra, Special
from daemon.rulebook.lint.days import DaysLint
from daemon.rulebook.model import Account, Hours, Operator
from daemon.rulebook.overrides import FILE, Overrides, write_overrides
from daemon.service.once import once
from daemon.service.promises import Promises
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.standing import words
from daemon.store import Tx
from daemon.wire.answers import Done
from daemon.wire.calendar import (
    AddClosure,
    AddOpening,
    Month,
    MonthOf,
    RemoveOverride,
    SpecialDayList,
    SpecialDays,
    SpecialDaySeen,
)

FARTHEST = timedelta(days=730)
"""How far ahead an override may lie: what is to last longer is an edit of rules.toml."""


class Closures:
    """The calendar's acts and queries."""

    def __init__(self, office: Running, promises: Promises) -> None:
        self._office, self._promises = office, promises

    async def close(self, act: AddClosure, session: Session, request: str) -> Done:
        """臨時閉庁."""
        setting = self._office.setting()
        accounts = self._concerned(act.accounts, session.who, setting)
        last = act.to or act.from_
        self._in_time(last, setting)
        new = Closure(
            id=self._office.current.overrides.new_id(act.from_),
            author=session.who.login,
            reason=given(act.reason),
            from_=act.from_,
            to=None if last == act.from_ else last,
            accounts=tuple(account.id for account in accounts),
            basis=act.clause,
            until=act.until or self._next_day(last, accounts, setting),
        )
        self._sound(self._lint(setting).closure(new))
        said = f"{act.from_}〜{last}" if last != act.from_ else f"{act.from_}"
        return await self._put(new, session, request, "add_closure", (f"閉庁日にしました（{said}）。", f"Closed: {said}."))

    async def open(self, act: AddOpening, session: Session, request: str) -> Done:
        """臨時の開庁."""
        setting = self._office.setting()
        accounts = self._concerned(act.accounts, session.who, setting)
        self._in_time(act.day, setting)
        if not act.clause:
            clauses = "、".join(self._exceptions(accounts, setting)) or "—"
            raise Refused(
                "reason",
                f"臨時の開庁は要綱の時間を広げるので、根拠の条文が要ります（--clause）。例外を定める条文: {clauses}",
                f"An extra opening goes beyond the policy's hours: name the clause that allows it (--clause). Such are: {clauses}",
            )
        new = Extra(
            id=self._office.current.overrides.new_id(act.day),
            author=session.who.login,
            reason=given(act.reason),
            day=act.day,
            open=act.open,
            close=act.close,
            accounts=tuple(account.id for account in accounts),
            basis=act.clause,
            until=act.until or self._next_day(act.day, accounts, setting),
        )
        self._sound(self._lint(setting).extra(new))
        if shut := next((c for a in accounts if (c := setting.book.days.closure(act.day, a.id)) is not None), None):
            raise Refused(
                "state",
                f"{act.day} は閉庁日です（{shut.words[0]}）。先にそれを取り消してください（kohoban closure remove）。",
                f"{act.day} is a closed day ({shut.words[1]}): remove that first (kohoban closure remove).",
            )
        said = f"{act.day} {act.open:%H:%M}〜{act.close:%H:%M}"
        return await self._put(new, session, request, "add_opening", (f"臨時の開庁にしました（{said}）。", f"Open: {said}."))

    async def remove(self, act: RemoveOverride, session: Session, request: str) -> Done:
        """上書きの取消: never of what stands in rules.toml."""
        reason = given(act.reason)
        async with self._promises.turn:
            self._readable()
            before = self._office.current.overrides
            old = next((each for each in before.all if each.id == act.id), None)
            if old is None:
                there = "、".join(each.id for each in before.all) or "—"
                raise Refused(
                    "no_such",
                    f"上書き {act.id} はありません。あるのは: {there}（rules.toml に書かれたものは、そこで直します）",
                    f"There is no override {act.id}. There are: {there} (what stands in rules.toml is mended there).",
                )
            self._concerned(old.accounts, session.who, self._office.setting())
            await self._written(before.without([act.id]))
            return await self._recorded(
                session,
                request,
                "remove_override",
                old,
                reason,
                (f"上書き {act.id} を取り消しました。", f"Override {act.id} removed."),
            )

    async def listed(self, query: SpecialDays, session: Session, request: str) -> SpecialDayList:
        """All special days."""
        days = self._office.current.rulebook.days
        today = self._office.clock().astimezone(TOKYO).date()
        rows = [_closure_seen(each, today) for each in days.closures] + [_extra_seen(each, today) for each in days.extras]
        rows.sort(key=lambda each: each.first or date.min)
        rows += [
            SpecialDaySeen(
                what="hours",
                first=None,
                last=None,
                open=f"{each.open:%H:%M}",
                close=f"{each.close:%H:%M}",
                accounts=each.accounts,
                reason=each.reason,
                clause=each.basis,
            )
            for each in days.narrowed
        ]
        return SpecialDayList(days=tuple(rows), last_year=LAST_YEAR)

    async def month(self, query: MonthOf, session: Session, request: str) -> Month:
        """A month of the calendar."""
        return await month(self._office.store, query, self._office.setting())

    # What is checked

    def _concerned(self, named: tuple[str, ...], who: Operator, setting: Setting) -> tuple[Account, ...]:
        """The accounts with hours that are meant: those named, or all that this person serves. Raises Refused."""
        book = setting.book
        for account in named:
            if account not in book.accounts:
                known = "、".join(book.accounts)
                raise Refused(
                    "no_such",
                    f"アカウント {account} はありません。あるのは: {known}",
                    f"There is no account {account}. There are: {known}",
                )
        served = [a for a in book.accounts.values() if a.policy in who.policies and (not named or a.id in named)]
        if len(named) > len(served):
            raise Refused(
                "role",
                f"{who.name}さんの担当でないアカウントが含まれています。",
                f"{who.login} does not serve all of these accounts.",
            )
        ruled = [a for a in served if named or any(isinstance(rule, Hours) for rule in book.policies[a.policy].rules)]
        if not ruled:
            raise Refused(
                "hours",
                "担当のアカウントの要綱に運用時間の定めがないため、開庁・閉庁の日は効きません。出さないためには停止を使ってください。",
                "The policies of your accounts have no hours, so closed and open days mean nothing there; to keep one silent, stop it.",
            )
        return tuple(ruled)

    def _in_time(self, last: date, setting: Setting) -> None:
        today = setting.now.astimezone(TOKYO).date()
        if last < today:
            raise Refused("time", f"{last} は過ぎています。", f"{last} has passed.")
        if last - today > FARTHEST:
            raise Refused(
                "time",
                f"{last} は先すぎます（2年以内）。長く続くものは rules.toml に書いてください。",
                f"{last} is too far ahead (two years): write what is to last into rules.toml.",
            )

    def _lint(self, setting: Setting) -> DaysLint:
        return DaysLint(tuple(setting.book.accounts.values()), self._office.current.policy_files)

    @staticmethod
    def _sound(problems: Iterator[tuple[str, str, str]]) -> None:
        for _, ja, en in problems:
            raise Refused("time", ja, en[:1].upper() + en[1:])

    def _exceptions(self, accounts: tuple[Account, ...], setting: Setting) -> list[str]:
        """The clauses of these accounts' policies that speak of exceptions."""
        policies = dict.fromkeys(account.policy for account in accounts)
        return [c.id for p in policies for c in setting.book.policies[p].clauses.values() if "desk.exception" in c.held_by]

    def _next_day(self, last: date, accounts: tuple[Account, ...], setting: Setting) -> date:
        """The next opening day of these accounts after that day; where the calendar knows none, a week later."""
        for ahead in range(1, 60):
            day = last + timedelta(days=ahead)
            for account in accounts:
                found = hours_of_day(setting.book.policies[account.policy], day, days=setting.book.days, account=account)
                if found is not None and found.stretches:
                    return day
        return last + timedelta(days=7)

    # What is done

    async def _put(self, new: Closure | Extra, session: Session, request: str, act: str, said: tuple[str, str]) -> Done:
        async with self._promises.turn:
            self._readable()
            overrides = self._office.current.overrides
            new = replace(new, id=overrides.new_id(new.from_ if isinstance(new, Closure) else new.day))
            await self._written(overrides.with_(new))
            return await self._recorded(session, request, act, new, new.reason, said)

    def _readable(self) -> None:
        """Raises Refused where the files as they are now cannot be put in force: a new override would not count."""
        if self._office.current.broken:
            raise Refused(
                "state",
                f"設定ファイル（rules.toml、要綱、{FILE}）に誤りがあり、新しい上書きは効きません。先に直してください（kohoban policy lint）。",
                f"The rules (rules.toml, policies, {FILE}) are broken, so an override would not count: mend them first (kohoban policy lint).",
            )

    async def _written(self, overrides: Overrides) -> None:
        """Write and put in force. Raises Refused where the disk does not take it; then the old ones stay in force."""
        try:
            await asyncio.to_thread(write_overrides, self._office.folder, overrides)
        except OSError as error:
            ja, en = words(error)
            raise Refused("internal", f"{FILE} を書けません（{ja}）。", f"{FILE} cannot be written ({en}).") from None
        await self._promises.adopt(at_once=True)

    async def _recorded(
        self, session: Session, request: str, act: str, each: Special, reason: str, said: tuple[str, str]
    ) -> Done:
        book, who = self._office.current.rulebook, session.who
        first, last = (each.from_, each.last) if isinstance(each, Closure) else (_day(each), _day(each))
        policies = dict.fromkeys(book.accounts[a].policy for a in each.accounts if a in book.accounts)

        def op(tx: Tx) -> Done:
            head = tx.record(
                who.login,
                act,
                None,
                override=each.id,
                accounts=list(each.accounts),
                first=first.isoformat(),
                last=last.isoformat(),
                clause=each.basis,
                reason=reason,
                titles=list(who.titles),
                until=each.until.isoformat() if each.until else "",
                policies=[book.policies[policy].hash for policy in policies],
            )
            tail, tail_en = (f"（上書き {each.id}）", f" (override {each.id})") if act != "remove_override" else ("", "")
            return Done(message=said[0] + tail, message_en=said[1] + tail_en, audit_head=head)

        return await once(self._office.store, op, who, request)


def _day(each: Special) -> date:
    assert isinstance(each, Extra)
    return each.day


def _closure_seen(each: Closure, today: date) -> SpecialDaySeen:
    return SpecialDaySeen(
        what="closure",
        first=each.from_,
        last=each.last,
        accounts=each.accounts,
        reason=each.reason,
        clause=each.basis,
        id=each.id,
        author=each.author,
        until=each.until,
        over=each.last < today,
    )


def _extra_seen(each: Extra, today: date) -> SpecialDaySeen:
    return SpecialDaySeen(
        what="opening",
        first=each.day,
        last=each.day,
        open=f"{each.open:%H:%M}",
        close=f"{each.close:%H:%M}",
        accounts=each.accounts,
        reason=each.reason,
        clause=each.basis,
        id=each.id,
        author=each.author,
        until=each.until,
        over=each.day < today,
    )
