"""The threads that read: each has a connection of its own that cannot write.

A question is a function that is handed over whole: what it asks is of one moment, and costs one trip between the threads however many
statements it takes. While the interpreter is busy with a burst, each trip waits for it twice; an act that asked in eight trips waited
longer for them than for the disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal, NamedTuple, TypeVar

from daemon.store import database
from daemon.store.job import settable

T = TypeVar("T")
READERS = 2
WALKERS = 2
"""Threads for what takes long (10⁶ rows): whoever only looks something up does not wait behind it."""


class Reading:
    """One of the threads, for whoever looks whether it gets on (`service/alive.py`): `turns` are the questions that it has answered. At a question
    it may wait for what others have in hand (a module that is being imported, a dictionary that is being read): that is no hang of its own."""

    def __init__(
        self, number: int, name: str, life: Callable[[Reading, sqlite3.Connection], None], db: sqlite3.Connection
    ) -> None:
        # A daemon thread, as the writer is one: a crash elsewhere must never leave a process that cannot end.
        self.thread = threading.Thread(target=life, args=(self, db), name=f"{name}_{number}", daemon=True)
        self.turns = 0
        self.asked = False

    @property
    def doing(self) -> Literal["idle", "waits"]:
        """What it is at."""
        return "waits" if self.asked else "idle"

    def nudge(self) -> None:
        """It shares its questions with the others: nobody can be asked by name. That it lives is seen."""


class Readers:
    """Reading threads over one database. `threads` are there from the beginning, so that each can be watched. A thread hands its answer straight
    to the loop: the futures of an executor, chained to those of the loop, cost more than the questions."""

    def __init__(self, path: Path, threads: int = READERS, name: str = "store-reader") -> None:
        """Raises StoreError where it cannot be opened."""
        self._asked: SimpleQueue[_Question | None] = SimpleQueue()
        connections: list[sqlite3.Connection] = []
        try:
            for _ in range(threads):
                connections.append(database.open_reader(path))
        except BaseException:
            for db in connections:
                db.close()
            raise
        self.threads = [Reading(n, name, self._read, db) for n, db in enumerate(connections)]
        for each in self.threads:
            each.thread.start()

    async def read(self, op: Callable[[sqlite3.Connection], T]) -> T:
        """What `op` makes of the database: all that it asks is of one moment. Raises what it raises."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._asked.put(_Question(op, answer, loop))
        return await answer

    def close(self) -> None:
        """Answer what has been asked, then close. Blocks meanwhile."""
        for _ in self.threads:
            self._asked.put(None)
        for each in self.threads:
            each.thread.join()

    def _read(self, me: Reading, db: sqlite3.Connection) -> None:
        """The life of a thread."""
        try:
            while (question := self._asked.get()) is not None:
                me.asked = True
                if not question.answer.cancelled():
                    question.tell(*_carried_out(question.op, db))
                del question  # and with it the answer, which may be large
                me.turns, me.asked = me.turns + 1, False
        finally:
            db.close()


class _Question(NamedTuple):
    """What to ask, and who waits for the answer, in which loop."""

    op: Callable[[sqlite3.Connection], Any]
    answer: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop

    def tell(self, value: object, error: BaseException | None) -> None:
        """Have the loop answer. One that has ended has nobody left in it who waits."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(_settle, self.answer, value, error)


def _carried_out(op: Callable[[sqlite3.Connection], T], db: sqlite3.Connection) -> tuple[T | None, BaseException | None]:
    """The value of a question, or what it raised."""
    try:
        db.execute("BEGIN")
        try:
            return op(db), None
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
    except BaseException as error:
        return None, error


def _settle(answer: asyncio.Future[Any], value: object, error: BaseException | None) -> None:
    if answer.cancelled():
        return
    if error is None:
        answer.set_result(value)
    else:
        answer.set_exception(settable(error))
