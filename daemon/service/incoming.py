"""From the folder to the desk: what intake brings is judged on its thread, kept by the writer, and said to everybody."""

from __future__ import annotations

import asyncio
import functools
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import structlog

from daemon.desk import board
from daemon.desk.again import judge_again
from daemon.desk.arrivals import Landed, as_it_stands, receive, receive_all, remove, rename
from daemon.desk.case import Setting
from daemon.desk.opinion import Opinion, judge_paper
from daemon.desk.rows import Came, receive_sheet, remove_sheet, rename_sheet
from daemon.intake.arrival import Rows
from daemon.intake.intake import Arrival, Brought, Gone, Intake, Refused, Renamed, Settled
from daemon.intake.names import file_of, is_row, is_sheet
from daemon.rulebook.model import Rulebook
from daemon.service.judges import Judged, Judges
from daemon.service.judging import paper_of
from daemon.service.notices import Notices
from daemon.service.running import Running
from daemon.store import StoreError, Tx
from daemon.store.faults import full
from daemon.store.job import Job, all_at_once

log = structlog.get_logger()

JUDGING_SECONDS = 0.25
"""After so long, what has been judged is handed over: texts that take long must not keep back the verdicts of those before them."""

AT_ONCE = 25
"""Drafts that are kept in one piece: 5 ms of the writer, after which it turns to whoever waits for an answer."""

Operation = Callable[[Tx], Landed | list[Landed] | None]
Done = Callable[[Any], None]


class Incoming:
    """The folder's side of one office."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._notices = Notices(office, lambda: self._intake.last_scan if self._intake is not None else None)
        self._intake: Intake | None = None
        self._judges = Judges(office.folder / "drafts", office.setting, book=lambda: office.current.now(office.clock()))
        self._keeping = threading.Lock()
        """Held from the moment at which a batch learns of the rules until it is kept."""

    async def start(self) -> None:
        """Start watching; what was read before the restart and has not changed since is not read again."""
        office = self._office
        self._loop = asyncio.get_running_loop()
        known = await office.store.read(_known)
        book = office.current.rulebook
        self._intake = await asyncio.to_thread(  # beside the loop, which must show that it gets on
            Intake,
            office.folder / "drafts",
            tuple(book.accounts),
            known,
            self._batch,
            remote=book.office.remote_folders,
            elsewhere=self._judges,
        )
        self._intake.start()
        self._notices.start()

    async def close(self) -> None:
        """Stop watching. What was brought and not yet kept is found again at the next start."""
        if self._intake is not None:
            self._judges.interrupt()
            await asyncio.to_thread(self._intake.stop)
            await asyncio.to_thread(self._judges.close)
        await self._notices.close()

    @property
    def worker(self) -> Intake | None:
        """Who watches the folder, once it has begun."""
        return self._intake

    def alarms(self) -> tuple[tuple[str, str], ...]:
        """What is wrong with the folder now."""
        return tuple(self._intake.alarms) if self._intake is not None else ()

    def note(self, account: str, draft: int) -> None:
        """This draft's verdict file is to be written again."""
        self._notices.draft(draft)

    async def moved(self, draft: int) -> None:
        """Something has become of this draft: everybody is told, and its verdict file is written again. What cannot be read now is read by
        whoever asks next."""
        with suppress(StoreError):
            if (landed := await self._office.store.read(lambda db: as_it_stands(db, draft))) is not None:
                self.tell(landed)

    def tell(self, landed: Landed, *, paper: bool = True) -> None:
        """Tell everybody of this draft as it stands now, and have its verdict file written again; without `paper` nothing has changed of what
        stands in that."""
        self._office.hub.publish(
            "draft",
            draft=landed.draft,
            account=landed.account,
            state=landed.state,
            verdict=landed.verdict,
            path=f"drafts/{landed.account}/{board.shown(landed.name)}",
            digest=landed.hash,
        )
        if paper:
            self._notices.draft(landed.draft)

    def note_folders(self) -> None:
        """Every account's `_広報番.txt` is to be written again."""
        self._notices.folders()

    def set_accounts(self, book: Rulebook) -> None:
        """The rules have changed: watch the folders of these accounts."""
        if self._intake is not None:
            self._intake.set_accounts(tuple(book.accounts))

    async def judge_again(self) -> None:
        """The policy has changed: every draft in hand is put into the state that the new one gives it."""
        await asyncio.to_thread(self._old_rules_are_kept)
        async for landed in judge_again(self._office.store, self._office.setting):
            self.tell(landed)

    def read_again(self, account: str, name: bytes) -> None:
        """Have the file of this draft read again, though it has not changed itself. From any thread."""
        if self._intake is not None:
            self._intake.forget(account, file_of(name))
            self._intake.poke()

    # On intake's thread

    def _batch(self, things: Sequence[Brought]) -> None:
        """Judge what came, hand it to the writer, and wait until it is kept: intake is never ahead of the disk, and the two threads do
        not take the interpreter from each other at every call, which cost a burst half of its speed (decision 0006)."""
        with self._keeping:
            self._keep(things, self._office.setting())

    def _keep(self, things: Sequence[Brought], setting: Setting) -> None:
        left = list(reversed(things))
        while left:
            jobs: list[Job] = []
            received: list[tuple[Opinion, Done]] = []
            until = time.monotonic() + JUDGING_SECONDS
            while left and time.monotonic() < until:
                thing = left.pop()
                if (
                    isinstance(thing, Settled)
                    and not is_sheet(thing.name)
                    and (opinion := self._opinion(thing, setting)) is not None
                ):
                    received.append((opinion, functools.partial(self._landed, thing)))
                elif (other := self._other(thing, setting)) is not None:
                    jobs += [*_jobs(received), Job(*other)]
                    received = []
            self._office.store.post_blocking([*jobs, *_jobs(received)])

    def _opinion(self, thing: Settled, setting: Setting) -> Opinion | None:
        """What is to be kept of a file that has come; None where nothing is to be kept of it now."""
        if thing.account not in setting.book.accounts or self._office.disk_full:
            return None
        if isinstance(thing, Judged) and thing.book is setting.book:
            return thing.opinion
        return judge_paper(paper_of(thing, self._office.folder / "drafts"), setting) if isinstance(thing, Arrival) else None

    def _other(self, thing: Brought, setting: Setting) -> tuple[Operation, Done] | None:
        """What the writer is to do with anything else, and who is told; None where no account has it any more."""
        if isinstance(thing, Refused):
            # Through the writer, though nothing is written: its notice must not overtake what was brought before it.
            return _nothing, functools.partial(self._refused, thing)
        if thing.account not in setting.book.accounts:
            return None
        done = functools.partial(self._landed, thing)
        if self._office.disk_full:
            return functools.partial(_no_room, store=str(self._office.store.state)), done
        if isinstance(thing, Renamed):
            both = rename_sheet if is_sheet(thing.old) and is_sheet(thing.new) else rename
            return both(thing.account, thing.old, thing.new), done
        if isinstance(thing, Gone):
            return (remove_sheet if is_sheet(thing.name) else remove)(thing.account, thing.name, setting), done
        if isinstance(thing, Rows | Arrival):
            return receive_sheet(self._came(thing, setting), setting), done
        # Judged by rules that are not in force any more: once more, by those that are.
        self.read_again(thing.account, thing.name)
        return None

    def _came(self, thing: Rows | Arrival, setting: Setting) -> Came:
        """A sheet with its rows judged; or, where it could not be read, itself."""
        drafts = self._office.folder / "drafts"
        state = (thing.dev, thing.ino, thing.ctime_ns, thing.mtime_ns, thing.size)
        if isinstance(thing, Arrival):
            whole = judge_paper(paper_of(thing, drafts), setting)
            return Came(thing.account, thing.name, thing.data, state, whole=whole)
        rows = tuple(judge_paper(paper_of(row, drafts), setting) for row in thing.rows)
        return Came(thing.account, thing.name, thing.data, state, rows)

    def _old_rules_are_kept(self) -> None:
        """Wait until no batch is on its way that was judged by the rules of before."""
        with self._keeping:
            pass

    # On the loop

    def _landed(self, thing: Settled | Gone | Renamed, result: Landed | list[Landed] | BaseException | None) -> None:
        name = thing.new if isinstance(thing, Renamed) else thing.name
        key = f"file:{thing.account}/{os.fsdecode(name)}"
        if isinstance(result, BaseException):
            if self._intake is not None:
                for known in (name, thing.old) if isinstance(thing, Renamed) else (name,):
                    self._intake.forget(thing.account, known)
            why = (result.message, result.message_en) if isinstance(result, StoreError) else (str(result), str(result))
            place = f"{thing.account}/{board.shown(name)}"
            self._office.alarms[key] = f"{place} を記録できませんでした: {why[0]}", f"{place} could not be kept: {why[1]}"
            log.error("not kept", account=thing.account, name=board.shown(name), exc_info=result)
            return
        self._office.alarms.pop(key, None)
        if isinstance(thing, Gone):
            self._notices.gone(thing.account, name)
        if isinstance(thing, Renamed):
            self._notices.gone(thing.account, thing.old)
        for landed in result if isinstance(result, list) else [result] if result is not None else []:
            if landed.later and self._intake is not None:
                self._intake.forget(thing.account, name)
            if landed.changed:
                self.tell(landed)

    def _refused(self, thing: Refused, _: object) -> None:
        self._notices.unreadable(thing.account, thing.name, thing.message)
        log.warning("not a draft", account=thing.account, name=board.shown(thing.name), why=thing.message_en)


def _known(db: sqlite3.Connection) -> dict[tuple[str, bytes], tuple[int, int, int, int, int]]:
    """The files that have been read, as they were then. Gathered beside the loop: a large office has 10^6 of them."""
    rows = db.execute("SELECT account, name, dev, ino, ctime_ns, mtime_ns, size FROM seen")
    # Of a row in a sheet, its sheet's own state says whether it is to be read again.
    return {(row[0], row[1]): (row[2], row[3], row[4], row[5], row[6]) for row in rows if not is_row(row[1])}


def _jobs(received: Sequence[tuple[Opinion, Done]]) -> Iterator[Job]:
    """The writer's acts for drafts that have come and been judged."""
    for first in range(0, len(received), AT_ONCE):
        some = received[first : first + AT_ONCE]
        each = [(receive(opinion), done) for opinion, done in some]
        yield all_at_once(receive_all([opinion for opinion, _ in some]), each) if len(each) > 1 else Job(*each[0])


def _nothing(tx: Tx) -> None:
    """An operation that only keeps its place in the order."""


def _no_room(tx: Tx, store: str) -> None:
    """On a full disk what arrives stays in its folder and is brought again: the room that is left is for a stop."""
    raise full(store)
