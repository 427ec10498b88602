"""The one writer: a thread with the only connection that writes and checkpoints, which puts whatever waits into one commit.

A commit costs a sync of the disk (0.1 to 20 ms); so acts that arrive while one is being made share the next. Each act has its own
savepoint: one that raises undoes only itself. Nobody is answered before the commit, and the bytes that it names, are on the disk.
Why a thread of our own: docs/decisions/0003-one-writer-thread.md.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from daemon.store import database, revisions
from daemon.store.anchor import Anchor, Mark, office_of
from daemon.store.audit import Chain
from daemon.store.faults import StoreBroken, StoreClosed, StoreError, StoreFull, broken_writing, disk_fault
from daemon.store.job import NUDGE, Job
from daemon.store.queued import Empty, Queued
from daemon.store.segments import Segments
from daemon.store.transaction import Tx

BATCH_ACTS = 512
BATCH_SECONDS = 0.02  # a batch stays open no longer than this, so that an operator's key never waits behind a burst
CARRIED_AT_ONCE = 64 << 10
CARRIED = 1 << 20
CARRIED_SECONDS = 0.25
"""A batch that appends more than so many bytes to the segments syncs them itself, and so does one when so much has gathered; after so
many seconds without an act it is done anyway."""
ANCHOR_ENTRIES = 1000
ANCHOR_SECONDS = 600.0
TRACES_SECONDS = 1.0
"""While readers keep old pages of the database in use, removing the traces of an erasure is tried as often as this."""


class Head(NamedTuple):
    """The last entry of the record that is durable."""

    seq: int
    hash: str


class Commits(NamedTuple):
    """How often the writer has committed, the seconds that all of it took on the disk, and those of the last time."""

    made: int
    seconds: float
    last: float


class Files(NamedTuple):
    """What the writer owns from here on, and closes."""

    db: sqlite3.Connection
    segments: Segments
    chain: Chain
    anchor: Anchor

    def close(self) -> None:
        """Close them all; the database last, so that its closing checkpoint finds nobody else."""
        self.anchor.close()
        self.segments.close()
        self.db.close()


class Writer(threading.Thread):
    """The writer thread. `submit` from any thread; `trouble` and `head` may be read from any."""

    def __init__(self, files: Files, clock: Callable[[], int], loop: asyncio.AbstractEventLoop, where: str) -> None:
        # A daemon thread: a crash elsewhere must never leave a process that cannot end. Dying mid-batch is what kill -9 does too.
        super().__init__(name="store-writer", daemon=True)
        self.trouble: StoreError | None = None
        self.unsealed: StoreError | None = None
        self.head = Head(*files.chain.mark())
        self.turns = 0
        self._idle = False
        self.commits = Commits(0, 0.0, 0.0)
        self._files = files
        self._clock = clock
        self._loop = loop
        self._where = where
        self._queue = Queued()
        self._gate = threading.Lock()  # held around "is it closed?" and "put": no job may slip in behind the last one
        self._closing = False
        self._record = ""
        self._carried = True  # rows of `segment_carried` may be there
        self._traces = False  # of an erased text, in the write-ahead log
        self._last = False
        self._anchored_at = time.monotonic() - ANCHOR_SECONDS  # due at the first entry, or for those that a crash left without

    @property
    def thread(self) -> threading.Thread:
        """The thread itself; `turns` grows with each of its acts, `doing` says whether there is one. For whoever sees whether it gets on."""
        return self

    @property
    def doing(self) -> Literal["idle", "work"]:
        """Nothing while it waits for an act and none waits for it."""
        return "idle" if self._idle and self._queue.empty() else "work"

    @property
    def anchored(self) -> Mark | None:
        """The last line of the anchor, if there is one. From any thread."""
        return self._files.anchor.last

    def nudge(self) -> None:
        """Have the thread take notice, though there is nothing to do."""
        if self.doing == "idle":
            self._queue.put(NUDGE)

    def submit(self, job: Job) -> None:
        """Queue an act. Raises StoreClosed."""
        with self._gate:
            if self._closing:
                raise StoreClosed
            self._queue.put(job)

    def close(self) -> None:
        """Take nothing more; carry out what is queued, write the last anchor, close the files, end. Join the thread to wait."""
        with self._gate:
            if not self._closing:
                self._closing = True
                self._queue.end()

    def run(self) -> None:
        """The thread's life."""
        try:
            while not self._last:
                job = self._next()
                if job is not None:
                    self._batch(job)
                if self._anchor_is_due():
                    self._anchor()
                if self._traces:
                    self._remove_traces()
        finally:
            self._end()

    def _end(self) -> None:
        """Close everything; should the thread end by a fault of its own, nobody is left waiting."""
        self.close()
        while not self._queue.empty():
            if job := self._queue.get():
                self._answer([(job, StoreClosed())])
        self._settle_segments()
        if self.head.seq > self._files.anchor.seq:
            self._anchor()
        if not isinstance(self.trouble, StoreBroken):
            with suppress(sqlite3.Error):  # then the next start finds in its place what it would put there
                revisions.carried_are_synced(self._files.db)
        self._files.close()

    def _next(self) -> Job | None:
        """Wait for an act; None when the anchor is due, or at the end."""
        wait = None
        if self._files.chain.seq > self._files.anchor.seq:
            wait = max(0.0, self._anchored_at + ANCHOR_SECONDS - time.monotonic())
        if self._traces:
            wait = TRACES_SECONDS
        if self._files.segments.unsynced:
            wait = CARRIED_SECONDS if wait is None else min(wait, CARRIED_SECONDS)
        until = None if wait is None else time.monotonic() + wait
        self._idle = True
        try:
            job = self._got(until)
            while job is NUDGE:
                self.turns += 1
                job = self._got(until)
        except Empty:
            self._idle = False
            self._settle_segments()
            return None
        self._idle = False
        self._last = job is None
        return job

    def _got(self, until: float | None) -> Job | None:
        """What stands next in the queue. Raises Empty where nothing comes until then."""
        return self._queue.get(None if until is None else max(0.0, until - time.monotonic()))

    def _arriving(self, first: Job) -> Iterator[Job]:
        """The acts of one batch: the first, and all that arrive while it is being carried out. Once one is among them that somebody waits
        for, only others of its kind."""
        yield first
        asked = first.asked
        until = time.monotonic() + BATCH_SECONDS
        for _ in range(BATCH_ACTS - 1):
            if time.monotonic() > until:
                return
            try:
                job = self._queue.get_at_once()
            except Empty:
                return
            if job is None:
                self._last = True
                return
            if job is NUDGE:
                continue
            if asked and not job.asked:
                self._queue.put_back(job)
                return
            asked = job.asked
            yield job

    def _batch(self, first: Job) -> None:
        """Carry out the acts that wait, commit once, then answer them all."""
        if isinstance(self.trouble, StoreBroken):
            self._answer([(first, self.trouble)])
            return
        db, segments, chain, _ = self._files
        before = chain.mark(), segments.mark()
        taken: list[Job] = []
        results: list[Any] = []
        anchored = False
        try:
            db.execute("BEGIN IMMEDIATE")
            tx = Tx(db, self._clock(), chain, segments)
            for job in self._arriving(first):
                taken.append(job)
                result = self._carry_out(job, tx)
                if not (job.instead and isinstance(result, BaseException)):
                    results.append(result)
                    continue
                taken[-1:] = job.instead
                for each in job.instead:
                    results.append(self._carry_out(each, tx))
            self._commit(before[1])
        except BaseException as error:  # whatever it is, everyone in the batch is told, and the store says so from now on
            self.trouble = disk_fault(error, self._where, writing=True) or broken_writing(self._where, error)
            self._undo(before)
            jobs = taken or [first]
            # Acts that had failed by themselves keep their own reason.
            own = [r if isinstance(r, BaseException) else self.trouble for r in results]
            self._answer(list(zip(jobs, own + [self.trouble] * (len(jobs) - len(own)), strict=True)))
        else:
            self.head = Head(*chain.mark())
            self.trouble = next((r for r in results if isinstance(r, StoreFull)), None)
            anchored = tx.anchored
            self._answer(list(zip(taken, results, strict=True)))
            self._traces = self._traces or tx.erased
        if anchored:
            self._anchor()

    def _commit(self, begin: tuple[int, int]) -> None:
        """Make this batch durable, and note how long the disk took. Raises OSError, sqlite3.Error."""
        started = time.perf_counter()
        self._keep_segments(begin)
        self._files.db.execute("COMMIT")
        took = time.perf_counter() - started
        self.commits = Commits(self.commits.made + 1, self.commits.seconds + took, took)

    def _keep_segments(self, begin: tuple[int, int]) -> None:
        """See to it that what this batch has appended to the segments is durable when it is committed: a little of it is carried by the
        commit itself, which saves a second sync; much of it, or what has gathered, is synced. Raises OSError, sqlite3.Error."""
        db, segments, _, _ = self._files
        end = segments.mark()
        if end == begin:
            return
        fresh = segments.since(begin)
        size = len(fresh[2])
        alone = segments.unsynced == size
        if size > CARRIED_AT_ONCE or segments.unsynced > CARRIED or segments.full:
            segments.sync()
            alone = True
        if alone and self._carried:
            revisions.carried_are_synced(db)
            self._carried = False
        if segments.unsynced:
            segments.flush()
            revisions.carry(db, *fresh)
            self._carried = True
        revisions.note_end(db, end)

    def _settle_segments(self) -> None:
        """Nothing is waiting: sync what commits have carried."""
        if isinstance(self.trouble, StoreBroken):
            return
        try:
            self._files.segments.sync()
        except OSError as error:
            self.trouble = disk_fault(error, self._where, writing=True) or broken_writing(self._where, error)

    def _carry_out(self, job: Job, tx: Tx) -> Any:
        """One act in its own savepoint: its value, or the exception that undid it. Raises when the whole batch is lost."""
        db, segments, chain, _ = self._files
        before = chain.mark(), segments.mark()
        self.turns += 1
        db.execute("SAVEPOINT act")
        try:
            value = job.op(tx)
        except BaseException as error:
            fault = disk_fault(error, self._where, writing=True) if isinstance(error, sqlite3.Error | StoreError) else None
            if isinstance(fault, StoreBroken) or not db.in_transaction:
                raise fault or error from error
            db.execute("ROLLBACK TO act")
            db.execute("RELEASE act")
            chain.rewind(before[0])
            segments.rewind(before[1])
            return fault or error
        db.execute("RELEASE act")
        return value

    def _undo(self, before: tuple[tuple[int, str], tuple[int, int]]) -> None:
        """Leave nothing of a batch that could not be committed; after a failure of the disk, write no more at all."""
        db, segments, chain, _ = self._files
        chain.rewind(before[0])
        self._carried = True
        # A disk that fails may refuse this too: then what is left is the torn tail that the next start cuts off.
        with suppress(sqlite3.Error, OSError):
            segments.rewind(before[1])
            if db.in_transaction:
                db.execute("ROLLBACK")
        if isinstance(self.trouble, StoreBroken):
            db.close()

    def _answer(self, settled: list[tuple[Job, Any]]) -> None:
        """Tell everyone, those in the loop's thread by one wake-up."""
        settled = [(each, result) for job, result in settled for each in job.told(result)]
        for job, result in settled:
            if job.here:
                job.done(result)
            if job.also is not None:
                job.also()
        waiting = [(job.done, result) for job, result in settled if not job.here]
        if not waiting:
            return
        try:
            self._loop.call_soon_threadsafe(_tell, self._loop, waiting)
        except RuntimeError:
            # The loop is gone, and with it everyone who could be told. What was written is durable all the same.
            if not self._loop.is_closed():
                raise

    def _anchor_is_due(self) -> bool:
        unanchored = self._files.chain.seq - self._files.anchor.seq
        return unanchored >= ANCHOR_ENTRIES or (unanchored > 0 and time.monotonic() - self._anchored_at >= ANCHOR_SECONDS)

    def _anchor(self) -> None:
        """Name the present head in the anchor file. A failure is shown, and tried again when the next anchor is due."""
        self._anchored_at = time.monotonic()
        try:
            self._files.anchor.append(*self.head, self._clock(), self._office())
            self.unsealed = None
        except StoreError as error:
            self.unsealed = error
        except OSError as error:
            self.trouble = self.trouble or disk_fault(error, self._where, writing=True)

    def _remove_traces(self) -> None:
        """Move all pages into the database and empty the write-ahead log, which holds what has been erased; tried again later where a
        reader is in the way. In the database itself, secure_delete has written zeros."""
        db = self._files.db
        if isinstance(self.trouble, StoreBroken):
            return
        db.execute("PRAGMA busy_timeout = 0")
        try:
            self._traces = bool(db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        except sqlite3.Error as error:
            self.trouble = self.trouble or disk_fault(error, self._where, writing=True)
        finally:
            db.execute(f"PRAGMA busy_timeout = {database.BUSY_MS}")

    def _office(self) -> str:
        """The short name of this record."""
        if not self._record:
            row = self._files.db.execute("SELECT hash FROM audit WHERE seq = 1").fetchone()
            self._record = office_of(row["hash"])
        return self._record


def _tell(loop: asyncio.AbstractEventLoop, waiting: list[tuple[Callable[[Any], None], Any]]) -> None:
    for done, result in waiting:
        try:
            done(result)
        except Exception as error:  # one listener's fault must not leave the others without their answer
            loop.call_exception_handler({"message": "a listener of the store failed", "exception": error})
