"""The process that tests/faults/test_kill_store.py kills: writes without end, and prints each act once it has been acknowledged."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from daemon.store import Store, Tx


def act(worker: int, n: int, tx: Tx) -> str:
    """One act as the desk makes them: bytes, a row, an entry of the record; every seventh refuses after it has begun."""
    digest = tx.keep(f"{worker}-{n}-".encode() * (1 + n % 50))
    tx.db.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (f"{os.getpid()}-{worker}-{n}", digest))
    head = tx.record("yamada", "note", digest=digest)
    if n % 7 == 3:
        raise PermissionError("refused half-way")
    return f"{os.getpid()}-{worker}-{n} {digest} {head}\n"


async def write(store: Store, worker: int) -> None:
    """Write on and on; a line on stdout is an acknowledgement."""
    n = 0
    while True:
        n += 1
        try:
            line = await store.write(lambda tx, n=n: act(worker, n, tx))
        except PermissionError:
            continue
        os.write(1, line.encode())


async def main(state: Path) -> None:
    """Eight writers at once, so that batches hold several acts."""
    store = await Store.open(state)
    await asyncio.gather(*(write(store, worker) for worker in range(8)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
