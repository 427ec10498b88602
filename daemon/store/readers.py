"""The threads that read: each has a connection of its own that cannot write.

A question is a function that is handed over whole: what it asks is of one moment, and costs one trip between the threads however many
statements it takes. While the interpreter is busy with a burst, each trip waits for it twice; an act that asked in eight trips waited
longer for them than for the disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from daemon.store import database

T = TypeVar("T")
READERS = 2
WALKERS = 2
"""Threads for what takes long (10⁶ rows): whoever only looks something up does not wait behind it."""


class Readers:
    """Reading threads over one database."""

    def __init__(self, path: Path, threads: int = READERS, name: str = "store-reader") -> None:
        """Raises StoreError where it cannot be opened."""
        self._free: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        try:
            for _ in range(threads):
                self._free.put(database.open_reader(path))
        except BaseException:
            self._close_connections()
            raise
        self._threads = ThreadPoolExecutor(threads, name)

    async def read(self, op: Callable[[sqlite3.Connection], T]) -> T:
        """What `op` makes of the database: all that it asks is of one moment. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._carry_out, op)

    def close(self) -> None:
        """Answer what has been asked, then close. Blocks meanwhile."""
        self._threads.shutdown()
        self._close_connections()

    def _carry_out(self, op: Callable[[sqlite3.Connection], T]) -> T:
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

    def _close_connections(self) -> None:
        while not self._free.empty():
            self._free.get().close()
