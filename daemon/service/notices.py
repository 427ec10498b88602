"""The files that people with nothing but the share read: a verdict file beside every draft, `_広報番.txt` in every folder.

They follow the database by a moment: while drafts pour in, deciding comes first and the notices after, each draft's once. Writing
them happens on a thread of its own; what cannot be written is an alarm, never an error of the draft.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from daemon.desk import board
from daemon.desk.case import Case, Setting
from daemon.desk.slices import little_by_little
from daemon.desk.states import ENDED, WORDS
from daemon.desk.waiting_for import why_not_yet
from daemon.intake.names import FOLDER_NOTICE, file_of, notice_name
from daemon.intake.notice import folder_text, refused_text, remove_notice, verdict_text, write_notice
from daemon.service.astray import Astray, pictures_in
from daemon.service.beside import Beside
from daemon.service.running import Running
from daemon.store import StoreError

log = structlog.get_logger()

FOLDERS_EVERY = 20.0
"""Seconds between two writings of `_広報番.txt`, so that it is never a minute old."""
AT_ONCE = 25
"""Drafts whose notices are written in one go."""
QUIET = 0.15
"""Seconds without an arrival after which the notices are written …"""
PATIENCE = 3.0
"""… and the seconds after which they are written all the same …"""
REST = 9.0
"""… in a tenth of the time while drafts pour in: judging them comes first."""

Write = Callable[[], tuple[str, str] | None]
Place = tuple[str, bytes]
"""A notice: the account in whose folder it lies, and its name."""


class Notices:
    """Everything that is to be written into the folders of one office."""

    def __init__(self, office: Running, looked: Callable[[], datetime | None]) -> None:
        self._office, self._looked = office, looked
        self._astray = Astray(office.folder / "drafts", office.store)
        self._drafts: dict[int, None] = {}
        self._direct: list[tuple[Place, Write]] = []
        self._problems: dict[str, dict[bytes, tuple[str, str]]] = {}
        self._since = self._last = 0.0
        self._folders_due = 0.0
        self._wake = asyncio.Event()
        self._beside = Beside()

    def start(self) -> None:
        """Begin to write."""
        self._beside.begin(self._go())

    async def close(self) -> None:
        """Write what is due, then a last word into every folder: from now on nobody is looking."""
        if await self._beside.end():
            while self._drafts or self._direct:
                await self._write_some()
        with suppress(StoreError):
            await self._write_folders(running=False)

    def draft(self, draft: int) -> None:
        """This draft's verdict file is out of date."""
        now = time.monotonic()
        if not self._drafts:
            self._since = now
        self._drafts[draft] = None
        self._last = now
        self._wake.set()

    def gone(self, account: str, name: bytes) -> None:
        """This file is gone, and its verdict file goes with it."""
        folder = self._office.folder / "drafts" / account
        place = notice_name(name)
        self._direct.append(((account, place), partial(remove_notice, folder, place)))
        self._wake.set()

    def unreadable(self, account: str, name: bytes, message: str) -> None:
        """This thing cannot be read as a draft: say so beside it."""
        folder = self._office.folder / "drafts" / account
        text = refused_text(name=name, message=message, written=self._office.clock())
        place = notice_name(name)
        self._direct.append(((account, place), partial(write_notice, folder, place, text)))
        self._wake.set()

    def folders(self) -> None:
        """Every folder's notice is out of date (a stop, a resume)."""
        self._folders_due = 0.0
        self._wake.set()

    async def _go(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.05, self._folders_due - time.monotonic())):
                    await self._wake.wait()
            self._wake.clear()
            try:
                if time.monotonic() >= self._folders_due:
                    self._folders_due = time.monotonic() + FOLDERS_EVERY
                    await self._write_folders(running=True)
                while self._drafts or self._direct:
                    await self._wait_for_quiet()
                    started = time.monotonic()
                    await self._write_some()
                    if self._drafts and self._last >= started:
                        await asyncio.sleep(REST * (time.monotonic() - started))
            except (StoreError, OSError) as error:
                self._office.alarms["notices"] = f"判定ファイルを書けません: {error}", f"Verdict files cannot be written: {error}"
                log.error("notices", exc_info=error)
                await asyncio.sleep(1.0)

    async def _wait_for_quiet(self) -> None:
        while self._drafts:
            left = min(self._last + QUIET, self._since + PATIENCE) - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(left)

    async def _write_some(self) -> None:
        ids = list(self._drafts)[:AT_ONCE]
        for draft in ids:
            del self._drafts[draft]
        direct, self._direct = self._direct, []
        writes = [*direct, *await self._verdicts(ids)]
        answers = await asyncio.to_thread(lambda: [(place, write()) for place, write in writes])
        for (account, name), problem in answers:
            self._note(account, name, problem)

    def _note(self, account: str, name: bytes, problem: tuple[str, str] | None) -> None:
        """What became of one notice. The account's alarm stands until the last of its notices that could not be written can be."""
        problems = self._problems.setdefault(account, {})
        problems.pop(name, None)
        if problem is not None:
            problems[name] = problem
            log.warning("notice", account=account, why=problem[1])
        if not problems:
            self._office.alarms.pop(f"notice:{account}", None)
            return
        (ja, en), others = next(iter(problems.values())), len(problems) - 1
        if others:
            ja, en = f"{ja}ほかに {others} 件あります。", f"{en} And {others} more."
        self._office.alarms[f"notice:{account}"] = ja, en

    async def _verdicts(self, ids: list[int]) -> list[tuple[Place, Write]]:
        """The verdict files of these drafts, as they stand now. One that has ended keeps none, unless its file still lies there (a
        withdrawal by a person): then its author reads there what became of it."""
        if not ids:
            return []
        setting = self._office.setting()
        cases = await board.cases(self._office.store, ids, setting)
        return await little_by_little(partial(self._verdict, setting=setting), cases)

    def _verdict(self, case: Case, setting: Setting) -> tuple[Place, Write]:
        self._astray.named(case.account.id, (image.file for image in case.item.images))
        folder = self._office.folder / "drafts" / case.account.id
        place = notice_name(case.name)
        judgement = case.judged(setting)
        text = verdict_text(
            name=case.name,
            account=case.account.name,
            state=WORDS[case.state][0],
            verdict=judgement.verdict,
            revision=case.revision,
            text=case.item.text,
            findings=judgement.findings,
            missing=why_not_yet(case, judgement, setting),
            since=case.changed_at,
            written=setting.now,
            note=case.returned,
        )
        write = partial(_last_word, case.name) if case.state in ENDED else write_notice
        return (case.account.id, place), partial(write, folder, place, text)

    async def _write_folders(self, *, running: bool) -> None:
        office = self._office
        setting, look = office.setting(), office.look()
        drafts, accounts = office.folder / "drafts", tuple(setting.book.accounts)
        counts = await board.counts_by_account(office.store)
        lying = await asyncio.to_thread(lambda: {account: pictures_in(drafts / account) for account in accounts})
        unnamed = await self._astray.pictures(lying)
        writes: list[Write] = []
        for account in setting.book.accounts.values():
            states = counts.get(account.id, {})
            text = folder_text(
                account=account.name,
                running=running,
                stopped=setting.stopped(account),
                why=look.why,
                looked=self._looked(),
                written=setting.now,
                counts={WORDS[state][0]: n for state, n in states.items()},
                alarms=(*(ja for ja, _ in office.alarms.values()), *filter(None, [unnamed.get(account.id)])),
            )
            writes.append(partial(write_notice, drafts / account.id, FOLDER_NOTICE, text))
        await asyncio.to_thread(lambda: [write() for write in writes])
        await asyncio.to_thread(self._astray.tell, accounts, setting.now)


def _last_word(name: bytes, folder: Path, place: bytes, text: str) -> tuple[str, str] | None:
    """The notice of a draft that has ended: only where its file still lies beside it."""
    file = folder / os.fsdecode(file_of(name))
    if file.is_symlink() or file.exists():
        return write_notice(folder, place, text)
    return remove_notice(folder, place)
