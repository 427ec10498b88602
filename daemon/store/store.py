"""The store: what the other rooms hold in their hands. Writes go to the one writer thread, reads to connections that only read."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from daemon.store import database, moments, revisions, segments, verifying
from daemon.store.anchor import ANCHOR, Anchor, Mark
from daemon.store.audit import Chain
from daemon.store.faults import Notice, StoreBusy, StoreClosed, StoreDamaged, StoreError, disk_fault, told
from daemon.store.job import Job, settable
from daemon.store.readers import WALKERS, Readers, Reading
from daemon.store.seal import OwnSeal
from daemon.store.transaction import Tx
from daemon.store.verifying import Against, Verified
from daemon.store.writer import Files, Head, Writer

T = TypeVar("T")


class Store:
    """What is remembered, under one folder (`state/store/`: the daemon's alone, while operators may put a STOP into `state/`). Open it with `Store.open`, in the event loop that will use it."""

    notices: tuple[Notice, ...]
    """What was found or mended at the opening, for people to know."""

    def __init__(
        self, state: Path, lock: int, writer: Writer, readers: tuple[Readers, Readers], notices: Sequence[Notice]
    ) -> None:
        self.state = state
        self.notices = tuple(notices)
        self._lock = lock
        self._writer = writer
        self._readers, self._walkers = readers
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._closed = False
        self._damaged: StoreDamaged | None = None

    @classmethod
    async def open(cls, state_dir: Path, *, clock: Callable[[], int] = moments.now) -> Store:
        """Open, or make, the store in `state_dir`. `clock` gives microseconds since 1970.

        Raises StoreBusy when another process has it open, StoreNewer, StoreUnfit, StoreFull or StoreBroken: always a sentence.
        """
        lock, files, notices = await asyncio.to_thread(_open_files, state_dir, clock())
        try:
            readers = await asyncio.to_thread(_open_readers, state_dir / database.DATABASE)
        except BaseException:
            files.close()
            os.close(lock)
            raise
        writer = Writer(files, clock, asyncio.get_running_loop(), str(state_dir))
        writer.start()
        return cls(state_dir, lock, writer, readers, notices)

    async def close(self) -> None:
        """Carry out what is queued, write the last anchor, close everything. Calling it again does nothing."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._readers.close)
        await asyncio.to_thread(self._walkers.close)
        self._writer.close()
        await asyncio.to_thread(self._writer.join)
        os.close(self._lock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    @property
    def trouble(self) -> StoreError | None:
        """What is wrong with writing at present: StoreFull or StoreBusy until a write succeeds again, StoreBroken until a restart,
        StoreDamaged from the first damaged page that a read has met."""
        return self._writer.trouble or self._damaged

    @property
    def head(self) -> Head:
        """The last durable entry of the record: its number and hash."""
        return self._writer.head

    @property
    def writer(self) -> Writer:
        """The writer's thread, for whoever looks whether it gets on. Acts are given to it by `write` and `post`."""
        return self._writer

    @property
    def reading(self) -> dict[str, Reading]:
        """The threads that read, by names, as the writer's."""
        return {
            f"{name}-{n}": each
            for name, pool in (("reader", self._readers), ("walker", self._walkers))
            for n, each in enumerate(pool.threads, 1)
        }

    @property
    def unsealed(self) -> StoreError | None:
        """Why the last line of the anchor could not be signed; None where it was."""
        return self._writer.unsealed

    @property
    def anchored(self) -> Mark | None:
        """The last line of the anchor; None before the first entry."""
        return self._writer.anchored

    async def write(self, op: Callable[[Tx], T]) -> T:
        """Carry out `op` in the writer's thread and return its value once it is durable.

        Raises what `op` raised (then nothing of it is kept), StoreFull, StoreBusy, StoreBroken, StoreClosed. A caller that is
        cancelled while waiting does not undo the act.
        """
        future: asyncio.Future[T] = self._loop.create_future()

        def settle(result: T | BaseException) -> None:
            if future.cancelled():
                return
            if isinstance(result, BaseException):
                future.set_exception(settable(result))
            else:
                future.set_result(result)

        self._writer.submit(Job(op, settle, asked=True))
        return await future

    def post(self, job: Job) -> None:
        """From any thread: carry this out without waiting. It tells its own listener, in the loop's thread, its value once it is durable, or the
        exception (an exception object that it returns is taken for one that it raised). Raises StoreClosed."""
        self._writer.submit(job)

    def post_blocking(self, jobs: Sequence[Job]) -> None:
        """From a thread that is neither the loop's nor the writer's: post these, one after the other, and come back when the last is settled,
        whatever has come of it. Raises StoreClosed, and RuntimeError from the wrong thread."""
        self._not_in_its_way()
        if jobs:
            settled = threading.Event()
            for job in jobs[:-1]:
                self.post(job)
            self.post(jobs[-1].waited_for(settled.set))
            settled.wait()

    def write_blocking(self, op: Callable[[Tx], T]) -> T:
        """From a thread that is neither the loop's nor the writer's: as `write`, waiting in place, so that whoever reads files is
        never far ahead of the disk. Raises as `write` does, and RuntimeError from the wrong thread."""
        self._not_in_its_way()
        future: Future[T] = Future()

        def settle(result: T | BaseException) -> None:
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)

        self._writer.submit(Job(op, settle, here=True))
        return future.result()

    def _not_in_its_way(self) -> None:
        if threading.get_ident() in {self._loop_thread, self._writer.ident}:
            raise RuntimeError("this would stop the thread that it waits for: use write or post")

    async def fetch(self, sql: str, params: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Read rows. As `read`."""
        return await self.read(lambda db: db.execute(sql, params).fetchall())

    async def read(self, op: Callable[[sqlite3.Connection], T]) -> T:
        """Carry out `op` in a thread with a connection that only reads: everything durable at this moment is seen, and all that `op`
        asks is of this one moment. Raises sqlite3.Error for bad SQL, StoreBroken, StoreClosed, and what `op` raises."""
        return await self._read(self._readers, op)

    async def walk(self, op: Callable[[sqlite3.Connection], T]) -> T:
        """As `read`, for what takes long: in a thread behind which no `read` waits."""
        return await self._read(self._walkers, op)

    async def _read(self, readers: Readers, op: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise StoreClosed
        try:
            return await readers.read(op)
        except sqlite3.Error as error:
            fault = disk_fault(error, str(self.state), writing=False)
            if fault is None:
                raise
            if isinstance(fault, StoreDamaged):
                self._damaged = fault
            raise fault from error

    async def bytes_of(self, digest: str) -> bytes:
        """The exact bytes kept under this sha256, checked against it. Raises RevisionDamaged where they are not what they were."""
        return await self.read(lambda db: self.kept(db, digest))

    def kept(self, db: sqlite3.Connection, digest: str) -> bytes:
        """As `bytes_of`, for an operation that reads. From any thread."""
        return revisions.bytes_of(self.state / segments.FOLDER, db, digest)

    async def verify(self, progress: Callable[[int], None] | None = None) -> Verified:
        """Recompute the whole record in a thread, beside whatever goes on; `progress` is called there every 10,000 entries.
        Raises StoreError where it cannot be read."""
        against = Against(segments=self.state / segments.FOLDER)
        return await asyncio.to_thread(verifying.verify, self.state / database.DATABASE, self.state / ANCHOR, progress, against)

    async def rebuild_index(self) -> int:
        """Make the index of the revisions again from the segments; returns how many are kept. A repair: other writes wait for it."""
        folder = self.state / segments.FOLDER
        return await self.write(lambda tx: revisions.rebuild_index(folder, tx.db, tx.now))


def _open_readers(path: Path) -> tuple[Readers, Readers]:
    """Those for short questions, and those for long ones. Raises StoreError."""
    readers = Readers(path)
    try:
        return readers, Readers(path, WALKERS, "store-walker")
    except BaseException:
        readers.close()
        raise


def _open_files(state: Path, now: int) -> tuple[int, Files, list[Notice]]:
    """Everything the writer owns, opened and mended, and the lock that makes it the only writer. Raises StoreError."""
    folder = state / segments.FOLDER
    with told(str(state)):
        state.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        database.sync_folder(state)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _be_alone(lock, state)
        db = database.open_writer(state / database.DATABASE)
        try:
            with told(str(state)):
                found = revisions.open_segments(folder, db, now)
                chain = Chain.of(db)
            anchor = Anchor(state / ANCHOR, OwnSeal(state).sign)
        except BaseException:
            db.close()
            raise
    except BaseException:
        os.close(lock)
        raise
    if anchor.seq > chain.seq:
        found.notices.append(_cut(chain.seq, anchor.seq))
    elif found.uncommitted:
        found.segments.append_cut(*chain.mark())
    return lock, Files(db, found.segments, chain, anchor), found.notices


def _be_alone(lock: int, state: Path) -> None:
    """Hold the folder for this process alone; the kernel lets go of it however the process ends. Raises StoreBusy."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StoreBusy(
            f"{state} は別の広報番が使用中です。二つ同時には動かせません。動いているほうを使ってください。",
            f"{state} is in use by another Kohoban. Two cannot run at once: use the one that runs.",
        ) from error


def _cut(last: int, anchored: int) -> Notice:
    return Notice(
        f"記録の末尾が欠けています（{last} 番まで。控えの印には {anchored} 番まであります）。控えから戻したのでなければ、調べてください。",
        f"The tail of the record is missing (it ends at {last}, the anchor names {anchored}). Unless a backup was restored, inquire.",
    )
