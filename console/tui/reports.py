"""Screen 9, 報告: every paper that this office can print, for which days, and where the last one was written."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from console.text import DisplayText
from console.tui.commands import by_command
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.printing import papers_folder
from console.tui.sheets import blank, line
from console.tui.tell import SPACE, tell
from console.tui.views import PairView
from console.words import language

if TYPE_CHECKING:
    from console.tui.app import Console

PERIODS = ("quarter", "this_month", "last_month", "year_to_date", "last_year")
"""The periods that ← and → go through; a year is a fiscal one (年度)."""
_NAME, _WHAT = 22, 24


class Entry(NamedTuple):
    """A paper: the command that prints it, what it is about where it is about one thing, and whether it has a period."""

    name: str
    argument: str = ""
    period: bool = False


class Reports:
    """The list, and the chosen paper beside it."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-reports")
        self.list.chosen = self._chosen
        self.view = PairView("reports", self.list)
        self.view.add_class("brief")
        self._console = console
        self._period = 0
        self._entries: tuple[Entry, ...] = ()

    @property
    def period(self) -> tuple[date, date]:
        """The days that a report with a period is about, both included."""
        return span(PERIODS[self._period], self._console.now().date())

    async def open(self) -> None:
        """Show what can be printed; nothing is asked for that."""
        status = self._console.seen.status
        policies = sorted({account.policy for account in status.accounts}) if status else []
        self._entries = (
            Entry("report", period=True),
            Entry("handover"),
            Entry("listing"),
            *(Entry("public_page", policy) for policy in policies),
            Entry("retention"),
            Entry("sets"),
            Entry("sheet_folders"),
            Entry("dossier"),
        )
        self._paint()

    def turn(self, step: int) -> None:
        """Another period."""
        self._period = (self._period + step) % len(PERIODS)
        self._paint()

    async def print(self) -> None:
        """Print the paper under the cursor."""
        if self.list.cursor >= len(self._entries):
            return
        console, one = self._console, self._entries[self.list.cursor]
        if one.name == "dossier":
            typed = await console.bottom.ask(tell("ask.dossier"))
            one = one._replace(argument=(typed or "").strip().lstrip("#"))
            if not one.argument:
                return
        table: dict[str, Callable[[str], Coroutine[Any, Any, None]]] = console.printing.table()
        await table[one.name](" ".join(day.isoformat() for day in self.period) if one.period else one.argument)

    def _paint(self) -> None:
        first, last = self.period
        words = tell("reports.heading", period=tell(f"reports.{PERIODS[self._period]}"), first=first, last=last)
        self.view.heading.show([Part(words, "strong"), Part(SPACE), Part(tell("reports.turn"), "dim")])
        self.list.show(Lines([self._line(each) for each in self._entries]), self.list.cursor)

    def _line(self, one: Entry) -> list[Part]:
        first, last = self.period
        about = DisplayText(f"{first}~{last}") if one.period else DisplayText.of(one.argument)
        return [
            Part(tell(f"command.{one.name}"), "plain", _NAME),
            Part(SPACE),
            Part(about, "dim", _WHAT),
            Part(SPACE),
            Part(tell(f"reports.what_{one.name}"), "dim"),
        ]

    def _chosen(self) -> None:
        """What the paper is, its name on the `:` line, and where it was written last."""
        if self.list.cursor >= len(self._entries):
            return
        one = self._entries[self.list.cursor]
        parts = line(Part(tell(f"command.{one.name}"), "strong"), tell(f"help.{one.name}"))
        parts += line(Part(tell("reports.line", line=DisplayText.of(self._typed(one))), "dim"))
        stem = {"listing": "accounts", "public_page": f"policy-{one.argument}"}.get(one.name, one.name)
        if one.name in ("sets", "sheet_folders"):
            self.view.right.show([*parts, *blank(), *line(Part(tell("reports.only_here"), "dim"))], top=True)
            return
        written = sorted(papers_folder().glob(f"{stem}-*.html"), key=_written, reverse=True)
        parts += [*blank(), *line(Part(tell("reports.written"), "dim"), DisplayText.of(str(papers_folder())))]
        for path in written[:5]:
            parts += line(DisplayText.of(path.name))
        if not written:
            parts += line(Part(tell("reports.never"), "dim"))
        self.view.right.show(parts, top=True)

    def _typed(self, one: Entry) -> str:
        first, last = self.period
        aliases = by_command(one.name).aliases
        alias = next((each for each in aliases if each.isascii() == (language() == "en")), aliases[0])
        return f":{alias} {f'{first} {last}' if one.period else one.argument}".rstrip()


def span(period: str, today: date) -> tuple[date, date]:
    """The first and the last day of a period. Of one that still runs the last day is today. A fiscal year begins on the first of April."""
    this_month = today.replace(day=1)
    before = this_month - timedelta(days=1)
    april = date(today.year if today.month >= 4 else today.year - 1, 4, 1)
    match period:
        case "this_month":
            return this_month, today
        case "last_month":
            return before.replace(day=1), before
        case "year_to_date":
            return april, today
        case "last_year":
            return april.replace(year=april.year - 1), april - timedelta(days=1)
        case _:
            return today - timedelta(days=91), today


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
