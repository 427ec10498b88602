"""Papers at the console: 決裁記録, 引継簿, 委員会報告, 公式アカウント一覧, the public page of a policy. Each is shown as text, and its HTML lies in
a file of the operator's own, which the screen names."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.link import LinkDown
from console.text import DisplayText
from console.tui.part import Part
from console.tui.sets import sets_sheet
from console.tui.sheet_board import folders_sheet
from console.tui.sheets import blank, line
from console.tui.tell import NEWLINE, tell
from console.tui.views import SheetView
from console.words import language, word
from daemon.papers.accounts import accounts_paper
from daemon.papers.as_html import as_html
from daemon.papers.as_text import as_text
from daemon.papers.dossier import dossier_paper
from daemon.papers.handover import handover_paper
from daemon.papers.report import report_paper
from daemon.papers.retention import retention_paper
from daemon.papers.sheet import Paper
from daemon.wire import FanOutList, FanOuts, Refusal, SheetFolderList, SheetFolders
from daemon.wire.papers import (
    AccountList,
    AccountsListed,
    Dossier,
    DossierSeen,
    Handover,
    HandoverSeen,
    Kept,
    KeptList,
    PaperQuery,
    PublicPage,
    PublicText,
    Report,
    ReportSeen,
)

if TYPE_CHECKING:
    from console.tui.app import Console

FOLDER = "KOHOBAN_PAPERS"
"""The folder for papers, where the operator names one; else `kohoban-papers` in their home."""
_LONGEST = 200_000
"""Characters of a paper that are shown; the file has all of them."""


class Printing:
    """The paper that was asked for last, and the view that shows it."""

    def __init__(self, console: Console) -> None:
        self.view = SheetView("paper")
        self._console = console
        self._parts: list[Part] = []
        self._title = DisplayText("")

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The papers by the names of their commands."""
        return {
            "dossier": self.dossier,
            "handover": self.handover,
            "report": self.report,
            "listing": self.listing,
            "public_page": self.public_page,
            "retention": self.retention,
            "sets": self.sets,
            "sheet_folders": self.sheet_folders,
        }

    async def dossier(self, argument: str) -> None:
        """決裁記録 of the draft that is chosen, or of the one whose number is typed."""
        row = self._console.row()
        number = int(argument) if argument.isascii() and argument.isdigit() and len(argument) < 18 else row.id if row else None
        if number is None:
            self._console.notice(tell("notice.no_draft"), "warn")
            return
        seen = await self._asked(Dossier(draft=number))
        if isinstance(seen, DossierSeen):
            await self._show(dossier_paper(seen, word, language()), f"dossier-{number}")

    async def handover(self, argument: str) -> None:
        """引継簿 of all accounts, or of the one that is typed."""
        seen = await self._asked(Handover(account=argument))
        if isinstance(seen, HandoverSeen):
            await self._show(handover_paper(seen, word, language()), "handover")

    async def report(self, argument: str) -> None:
        """委員会報告 of the days that are typed; where none are, the list of all papers, with its periods."""
        if not argument:
            await self._console.places.go("reports")
            return
        try:
            days = [date.fromisoformat(each) for each in argument.split()]
        except ValueError:
            days = []
        if len(days) != 2:
            self._console.notice(tell("notice.no_period", typed=DisplayText.of(argument)), "warn")
            return
        since, until = days
        self._console.notice(tell("notice.asking"), "dim", keep=False)
        seen = await self._asked(Report(since=since, until=until), patience=90)
        if isinstance(seen, ReportSeen):
            await self._show(report_paper(seen, word, language()), f"report-{since}-{until}")

    async def listing(self, argument: str) -> None:
        """公式アカウント一覧."""
        seen = await self._asked(AccountsListed())
        if isinstance(seen, AccountList):
            await self._show(accounts_paper(seen, word, language()), "accounts")

    async def retention(self, argument: str) -> None:
        """保存年限: what is past its period, entry by entry."""
        seen = await self._asked(Kept(due=True))
        if isinstance(seen, KeptList):
            await self._show(retention_paper(seen, language()), "retention")

    async def sets(self, argument: str) -> None:
        """一斉発信: the sets under way, and on which accounts each still lacks. No paper is written of it."""
        seen = await self._asked(FanOuts())
        if isinstance(seen, FanOutList):
            self._title, self._parts = tell("sets.heading", count=len(seen.fan_outs)), sets_sheet(seen.fan_outs)
            await self._console.places.go("paper")

    async def sheet_folders(self, argument: str) -> None:
        """決裁フォルダ: what lies where. No paper is written of it."""
        seen = await self._asked(SheetFolders())
        if isinstance(seen, SheetFolderList):
            self._title, self._parts = tell("folders.heading", count=len(seen.folders)), folders_sheet(seen.folders)
            await self._console.places.go("paper")

    async def public_page(self, argument: str) -> None:
        """The public page of the policy that is typed, or of the account that the first row names."""
        account = self._console.bar.account or next(
            iter(self._console.seen.status.accounts if self._console.seen.status else ()), None
        )
        policy = argument or (account.policy if account else "")
        seen = await self._asked(PublicPage(policy=policy, language=language()))
        if isinstance(seen, PublicText):
            await self._shown(seen.title, seen.text, seen.html, f"policy-{policy}")

    async def _asked(self, query: PaperQuery | FanOuts | SheetFolders, patience: float = 15) -> object:
        """The daemon's answer; a refusal, and that none came, are said here."""
        try:
            answer = await self._console.link.ask(query, patience=patience)
        except LinkDown:
            self._console.notice(tell("notice.no_link"), "warn")
            return None
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            return None
        return answer

    async def _show(self, paper: Paper, name: str) -> None:
        await self._shown(paper.title, as_text(paper), as_html(paper), name)

    async def _shown(self, title: str, text: str, page: str, name: str) -> None:
        try:
            place = await asyncio.to_thread(put, name, page, self._console.now())
            where = Part(tell("paper.where", file=DisplayText.of(str(place))), "good")
        except OSError as error:
            where = Part(tell("paper.nowhere", why=DisplayText.of(error.strerror or str(error))), "warn")
        self._title = DisplayText.of(title)
        shown = DisplayText.of(text, block=True, limit=_LONGEST)
        self._parts = [*line(where), *blank(), Part(shown), Part(NEWLINE)]
        await self._console.places.go("paper")

    def show(self) -> None:
        """Paint it, from the beginning."""
        self.view.heading.show([Part(self._title, "strong")])
        self.view.sheet.show(self._parts, top=True)


def papers_folder() -> Path:
    """Where this operator's papers are written."""
    return Path(os.environ.get(FOLDER) or Path.home() / "kohoban-papers")


def put(name: str, page: str, now: datetime) -> Path:
    """Write a paper into a new file that only its owner can read. Raises OSError."""
    folder = papers_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for more in range(100):
        path = folder / f"{name}-{now:%Y%m%d-%H%M%S}{f'-{more}' if more else ''}.html"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(page)
        return path
    raise FileExistsError(f"{name}: {folder}")
