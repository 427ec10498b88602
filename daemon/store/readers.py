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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Literal, TypeVar

from daemon.store import database

T = TypeVar("T")
READERS = 2
WALKERS = 2
"""Threads for what takes long (10⁶ rows): whoever only looks something up does not wait behind it."""


class Reading:
    """One of the threads, for whoever looks whether it gets on (`service/alive.py`): `turns` are the questions that it has answered. At a question
    it may wait for what others have in hand (a module that is being imported, a dictionary that is being read): that is no hang of its own."""

    def __init__(self) -> None:
        self.thread = threading.current_thread()
        self.turns = 0
        self.asked = False

    @property
    def doing(self) -> Literal["idle", "waits"]:
        """What it is at."""
        return "waits" if self.asked else "idle"

    def nudge(self) -> None:
        """It shares its questions with the others: nobody can be asked by name. That it lives is seen."""


class Readers:
    """Reading threads over one database. `threads` are there from the beginning, so that each can be watched."""

    def __init__(self, path: Path, threads: int = READERS, name: str = "store-reader") -> None:
        """Raises StoreError where it cannot be opened."""
        self._free: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        try:
            for _ in range(threads):
                self._free.put(database.open_reader(path))
        except BaseException:
            self._close_connections()
            raise
        self.threads: list[Reading] = []
        self._here = threading.local()
        self._pool = ThreadPoolExecutor(threads, name, self._begin)
        all_there = threading.Barrier(threads + 1)
        for _ in range(threads):
            self._pool.submit(all_there.wait)
        all_there.wait()

    async def read(self, op: Callable[[sqlite3.Connection], T]) -> T:
        """What `op` makes of the database: all that it asks is of one moment. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._carry_out, op)

    def close(self) -> None:
        """Answer what has been asked, then close. Blocks meanwhile."""
        self._pool.shutdown()
        self._close_connections()

    def _begin(self) -> None:
        self._here.me = Reading()
        self.threads.append(self._here.me)

    def _carry_out(self, op: Callable[[sqlite3.Connection], T]) -> T:
        me: Reading = self._here.me
        me.asked = True
        db = self._free.get()  # there are as many as threads
        try:
            db.execute("BEGIN")
            try:
                return op(db)
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
        finally:
            self._free.put(db)
            me.turns, me.asked = me.turns + 1, False

    def _close_connections(self) -> None:
        while not self._free.empty():
            self._free.get().close()
