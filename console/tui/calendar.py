"""Screen 4, 時間: the hours of every account, and a month day by day with what is planned, gaps and clashes; closing and opening days."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from datetime import date, time
from typing import TYPE_CHECKING, Any

from console.link import LinkDown
from console.text import DisplayText
from console.tui.accounts import Accounts
from console.tui.acting import put
from console.tui.hours import HoursView
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.rows import STATE_INK, state_word
from console.tui.sheets import headline, line
from console.tui.tell import SPACE, either, tell
from daemon.wire import (
    AddClosure,
    AddOpening,
    DaySeen,
    Month,
    MonthOf,
    Refusal,
)
from daemon.wire.acts import AnyAct

if TYPE_CHECKING:
    from console.tui.app import Console

_DAY, _OPEN, _PLANNED, _ACCOUNT = 11, 12, 6, 17
"""Columns of the day, of how many are open, of how much is planned, of an account's id."""


class Calendar:
    """The screen. The month is that of all accounts, or of one."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-calendar")
        self.accounts = Accounts(console)
        self.view = HoursView(self.accounts.list, self.list)
        self.list.chosen = self.accounts.list.chosen = self._chosen
        self._console = console
        self._wanted, self._account = "", ""
        self._month: Month | None = None

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """What can be done here, by the names of the commands."""
        return {"calendar": self.go, "accounts": self.go_to_accounts, "close_day": self.close, "open_day": self.open_day}

    @property
    def possible(self) -> set[str]:
        """The commands that this operator could carry out here: days are a manager's."""
        me = self._console.link.welcome
        return {"left", "right"} | ({"close_day", "open_day", "remove_override"} if me and me.role == "manager" else set())

    async def go(self, argument: str) -> None:
        """Show the month: that of 2026-12, and of one account, where they are named."""
        words = argument.split()
        if words:
            self._wanted = next((word for word in words if word[:4].isdecimal()), "")
            self._account = next((word for word in words if not word[:4].isdecimal()), "")
        self.view.turn_to(self.list)
        await self._console.places.go("hours")

    async def go_to_accounts(self, argument: str) -> None:
        """Show the accounts."""
        self.view.turn_to(self.accounts.list)
        await self._console.places.go("hours")

    def narrow(self) -> None:
        """The month of the account under the cursor alone; once more, of all. On a day there is nothing to open."""
        one = self.accounts.chosen
        if self.view.active is self.accounts.list and one is not None:
            self._account = "" if self._account == one.id else one.id
            self._console.spawn(self._console.places.reopen())

    def account(self) -> str:
        """The account that the screen is about: the one under the cursor, or the one whose month it is."""
        one = self.accounts.chosen
        return one.id if self.view.active is self.accounts.list and one is not None else self._account

    def paint(self) -> None:
        """The hours as they were last told."""
        if self.accounts.show():
            self.view.holds(self.accounts.count)
            self.view.heading.show(
                [Part(tell("hours.heading", count=self.accounts.count), "strong"), Part(SPACE), Part(tell("hours.how"), "dim")]
            )

    async def open(self) -> None:
        """Read the month. Raises LinkDown."""
        self.paint()
        answer = await self._console.link.ask(MonthOf(month=self._wanted, account=self._account))
        if isinstance(answer, Refusal):
            self._wanted, self._account = "", ""
            self._console.refused(answer)
            return
        if not isinstance(answer, Month):
            raise LinkDown
        fresh = self._month is None or self._month.month != answer.month
        self._month = answer
        days = [day.day for day in answer.days]
        cursor = (days.index(answer.today) if answer.today in days else 0) if fresh else self.list.cursor
        whose = DisplayText.of(self._account) if self._account else tell("calendar.everybody")
        heading = tell("calendar.heading", month=answer.month, account=whose, year=answer.last_year)
        self.view.month.show([Part(heading, "head"), Part(SPACE), Part(tell("calendar.turn"), "dim")])
        self.list.show(Lines([self._line(day, answer) for day in answer.days]), cursor)
        self._chosen()

    def turn(self, step: int) -> None:
        """The next month, or the one before."""
        if self._month is not None:
            year, month = divmod(int(self._month.month[:4]) * 12 + int(self._month.month[5:]) - 1 + step, 12)
            self._wanted = f"{year:04}-{month + 1:02}"

    def _line(self, day: DaySeen, month: Month) -> list[Part]:
        ruled = [each for each in day.accounts if not each.free]
        is_open = sum(each.open for each in ruled)
        if not ruled:
            words = tell("calendar.free")
        elif len(day.accounts) == 1:
            words = DisplayText.of(day.accounts[0].hours) if is_open else tell("accounts.closed")
        else:
            words = tell("calendar.count", open=is_open, of=len(ruled))
        reason = next((each for each in ruled if each.special), None) or next((each for each in ruled if not each.open), None)
        clashes = sum(each.at.date() == day.day for each in month.clashes)
        parts = [Part(_named(day.day, month.today), "strong" if day.day == month.today else "plain", _DAY)]
        parts += [Part(words, "good" if is_open or not ruled else "warn", _OPEN), Part(SPACE)]
        parts.append(Part(tell("calendar.planned", count=len(day.planned)) if day.planned else SPACE, "plain", _PLANNED))
        if clashes:
            parts += [Part(tell("calendar.clashes", count=clashes), "alert"), Part(SPACE)]
        if reason is not None:
            parts.append(Part(either(reason.reason, reason.reason_en), "live" if reason.special else "dim"))
        return parts

    def _chosen(self) -> None:
        """Everything about the account under the cursor; or what is planned on the day under it, its hours, and what to look out for."""
        if self.view.active is self.accounts.list:
            self._console.look_at_draft()
            self.view.right.show(self.accounts.sheet(), top=True)
            return
        month = self._month
        if month is None or self.list.cursor >= len(month.days):
            return
        day = month.days[self.list.cursor]
        parts: list[Part] = []
        for clash in month.clashes:
            if clash.at.date() == day.day:
                parts += line(Part(either(clash.message, clash.message_en), "alert"))
        for each in day.planned:
            parts += line(
                DisplayText.of(f"{each.at:%H:%M}"),
                Part(state_word(each.state), STATE_INK.get(each.state, "plain")),
                DisplayText(f"#{each.draft}"),
                DisplayText.of(each.account),
                DisplayText.of(each.title),
            )
        parts += headline(tell("calendar.hours"))
        for account in day.accounts:
            words = tell("calendar.free") if account.free else DisplayText.of(account.hours) or tell("accounts.closed")
            why = either(account.reason, account.reason_en) if not account.free else SPACE
            parts += line(Part(DisplayText.of(account.account), "plain", _ACCOUNT), words, Part(why, "dim"))
        for gap in month.gaps:
            if gap.first <= day.day <= gap.last:
                span = f"{gap.first:%m/%d}~{gap.last:%m/%d}"
                words = tell("calendar.gap", account=DisplayText.of(gap.account), span=span, days=gap.days, working=gap.working)
                parts += line(Part(words, "warn"))
        self.view.right.show(parts, top=True)

    # -- acts -----------------------------------------------------------------------------------------------------------

    async def close(self, argument: str) -> None:
        """臨時閉庁: the day under the cursor, or the one that is named (2026-12-28, or 2026-12-28..2026-12-30), with its reason."""
        typed = argument or await self._day_typed()
        first, _, reason = typed.strip().partition(" ")
        span = [_date(each) for each in first.split("..")]
        if None in span or len(span) > 2:
            self._say("notice.no_day", typed)
        elif reason := reason or await self._asked("ask.close_reason", day=first):
            days = [each for each in span if each is not None]
            if await self._sure("sure.close_day", day=first, reason=reason, accounts=self._whose()):
                await self._put(AddClosure(from_=days[0], to=days[-1], accounts=self._accounts(), reason=reason))

    async def open_day(self, argument: str) -> None:
        """臨時の開庁: day, from-to, clause, reason."""
        typed = argument or await self._asked("ask.open_day", day=self._day_words())
        words = typed.split(maxsplit=3)
        hours = [_time(each) for each in re.split("[-~〜～–]", words[1])] if len(words) > 1 else []
        day = _date(words[0]) if words else None
        if day is None or len(words) < 4 or len(hours) != 2 or hours[0] is None or hours[1] is None:
            self._say("notice.no_day", typed)
            return
        if await self._sure("sure.open_day", day=" ".join(words[:2]), clause=words[2], accounts=self._whose()):
            act = AddOpening(day=day, open=hours[0], close=hours[1], accounts=self._accounts(), clause=words[2], reason=words[3])
            await self._put(act)

    def _accounts(self) -> tuple[str, ...]:
        return (self._account,) if self._account else ()

    def _whose(self) -> str:
        """For which accounts a day is closed or opened, in words: one, or all with hours that this operator serves."""
        return self._account or tell("calendar.all_mine").plain

    def day(self) -> date | None:
        """The day under the cursor."""
        month = self._month
        return month.days[self.list.cursor].day if month and self.list.cursor < len(month.days) else None

    def _day_words(self) -> str:
        return day.isoformat() if (day := self.day()) else ""

    async def _day_typed(self) -> str:
        """The day to close: the one under the cursor where nothing is typed; "" when it was cancelled."""
        typed = await self._console.bottom.ask(tell("ask.close_day", day=self._day_words()))
        return "" if typed is None else typed.strip() or self._day_words()

    async def _asked(self, key: str, **values: object) -> str:
        return (await self._console.bottom.ask(tell(key, **values)) or "").strip()

    async def _sure(self, key: str, **values: str) -> bool:
        return await self._console.bottom.confirm(tell(key, **{name: DisplayText.of(value) for name, value in values.items()}))

    def _say(self, key: str, typed: str) -> None:
        if typed:
            self._console.notice(tell(key, typed=DisplayText.of(typed)), "warn")

    async def _put(self, act: AnyAct) -> None:
        console = self._console
        if await put(console, act) is None:
            return
        await console.places.reopen()


def _named(day: date, today: date) -> DisplayText:
    mark = "*" if day == today else " "
    return DisplayText(f"{mark}{day.month}/{day.day}(") + tell(f"weekday.{day.weekday()}") + DisplayText(")")


def _date(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.replace("/", "-"))
    except ValueError:
        return None


def _time(typed: str) -> time | None:
    hour, _, minute = typed.partition(":")
    try:
        return time(int(hour), int(minute))
    except ValueError:
        return None
