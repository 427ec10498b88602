"""The store: an act from its asking until it is durable, one at a time and many at once; how fast a large store opens and verifies.

    python -m benchmarks.store [--acts 20000] [--drafts 100000] [--entries 1000000] [--folder DIR]

Beside our writer thread stands what aiosqlite's own interface allows (docs/decisions/0003-one-writer-thread.md): a commit an act, and
a batch a commit with a call a statement. An act here is what a decision is: one row and one entry of the record.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiosqlite

from benchmarks.machine import about, spread
from daemon.store import Store, Tx, audit
from daemon.store.database import DATABASE
from daemon.store.verify_main import verify_all

ROW = "INSERT INTO meta (key, value) VALUES (?, ?)"
ENTRY = "INSERT INTO audit (seq, at, actor, act, draft, record, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
DRAFT = """INSERT INTO drafts (account, name, live, state, verdict, revision, hash, title, body, item, findings, author,
    author_verified, policy_hash, received_at, changed_at) VALUES ('minato-x', ?, 1, 'waiting', 'hold', 1, ?, '工事のお知らせ', ?,
    x'7b7d', x'5b5d', 'kato', 1, 'sha256:0', ?, ?)"""
BODY = "公園のトイレの改修工事が終わりました。11月24日（火）から使えます。" * 4

Act = Callable[[int], Awaitable[object]]


def decision(n: int) -> Callable[[Tx], str]:
    """A row and an entry of the record."""

    def op(tx: Tx) -> str:
        tx.db.execute(ROW, (str(n), n))
        return tx.record("kato", "approve", n, reason="確認しました")

    return op


def draft(n: int) -> Callable[[Tx], str]:
    """A draft that arrives: its bytes, its row, its entry."""

    def op(tx: Tx) -> str:
        digest = tx.keep(f"{n} {BODY}".encode())
        tx.db.execute(DRAFT, (f"{n}.txt".encode(), digest, BODY, tx.now, tx.now))
        return tx.record("kato", "received", n, hash=digest)

    return op


class Plain:
    """aiosqlite through its own interface: a commit an act, or, from a queue, a batch a commit. No savepoints: the least it costs."""

    def __init__(self, db: aiosqlite.Connection) -> None:
        self.db = db
        self.seq = 0
        self.head = audit.GENESIS
        self.waiting: list[tuple[int, asyncio.Future[None]]] = []
        self.some = asyncio.Event()
        self.alone = asyncio.Lock()

    async def statements(self, n: int) -> None:
        """What a decision writes."""
        at = time.time_ns() // 1000
        record = audit.canonical(self.seq + 1, at, "kato", "approve", n, {"reason": "確認しました"}, self.head)
        prev, self.head, self.seq = self.head, audit.chained(self.head, record), self.seq + 1
        await self.db.execute(ROW, (str(n), n))
        await self.db.execute(ENTRY, (self.seq, at, "kato", "approve", n, record, prev, self.head))

    async def commit_each(self, n: int) -> None:
        """One act, one commit."""
        async with self.alone:
            await self.db.execute("BEGIN IMMEDIATE")
            await self.statements(n)
            await self.db.execute("COMMIT")

    async def queued(self, n: int) -> None:
        """One act among those of the next commit."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((n, future))
        self.some.set()
        await future

    async def batches(self) -> None:
        """Put whatever waits into one commit, for ever."""
        while True:
            await self.some.wait()
            self.some.clear()
            batch, self.waiting = self.waiting[:512], self.waiting[512:]
            if self.waiting:
                self.some.set()
            await self.db.execute("BEGIN IMMEDIATE")
            for n, _ in batch:
                await self.statements(n)
            await self.db.execute("COMMIT")
            for _, future in batch:
                future.set_result(None)


async def paced(name: str, act: Act, first: int) -> None:
    """Acts one after the other with a pause between, as a quiet office asks them."""
    took = []
    for n in range(first, first + 300):
        started = time.perf_counter()
        await act(n)
        took.append(time.perf_counter() - started)
        await asyncio.sleep(0.01)
    print(spread(f"{name}: alone, every 10 ms", took))


async def crowd(name: str, act: Act, first: int, acts: int) -> None:
    """A hundred askers, each asking again as soon as it is answered."""
    took: list[float] = []
    numbers = iter(range(first, first + acts))

    async def asker() -> None:
        for n in numbers:
            started = time.perf_counter()
            await act(n)
            took.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(asker() for _ in range(100)))
    rate = acts / (time.perf_counter() - started)
    print(spread(f"{name}: 100 askers, {rate:,.0f} acts/s", took))


async def one_writer(folder: Path, acts: int) -> None:
    """Our writer thread."""
    async with await Store.open(folder / "own") as store:
        await paced("writer thread", lambda n: store.write(decision(n)), 0)
        await crowd("writer thread", lambda n: store.write(decision(n)), 1000, acts)
        started = time.perf_counter()
        await asyncio.gather(*(store.write(decision(n)) for n in range(10**6, 10**6 + acts)))
        print(f"writer thread: {acts} acts asked at once: {acts / (time.perf_counter() - started):,.0f} acts/s durable")
        started = time.perf_counter()
        await asyncio.gather(*(store.write(draft(n)) for n in range(10_000)))
        print(
            f"writer thread: 10000 drafts with bytes asked at once: {10_000 / (time.perf_counter() - started):,.0f} drafts/s durable"
        )


async def aiosqlite_alone(folder: Path, acts: int) -> None:
    """What aiosqlite's own interface allows, on the same tables and settings."""
    for name in ("a commit an act", "batched"):
        state = folder / name
        await (await Store.open(state)).close()
        async with aiosqlite.connect(state / DATABASE, isolation_level=None) as db:
            await db.execute("PRAGMA synchronous = FULL")
            plain = Plain(db)
            act = plain.commit_each if name == "a commit an act" else plain.queued
            collector = asyncio.ensure_future(plain.batches())
            await paced(f"aiosqlite, {name}", act, 0)
            await crowd(f"aiosqlite, {name}", act, 1000, acts // 4)
            collector.cancel()


def forget(state: Path) -> None:
    """Let the kernel drop what it has of these files from memory, as after a boot."""
    for path in [*state.glob("*"), *state.glob("*/*")]:
        if path.is_file():
            fd = os.open(path, os.O_RDONLY)
            os.fsync(fd)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)


async def large(folder: Path, drafts: int, entries: int) -> None:
    """Open and verify a store of years."""
    state = folder / "large"
    async with await Store.open(state) as store:
        for start in range(0, drafts, 1000):
            await store.write(lambda tx, start=start: [draft(n)(tx) for n in range(start, min(drafts, start + 1000))])
        rest = entries - drafts
        for start in range(0, rest, 5000):
            count = min(5000, rest - start)
            await store.write(
                lambda tx, count=count: [tx.record("kato", "approve", 1, reason="確認しました") for _ in range(count)]
            )
    size = sum(path.stat().st_size for path in [*state.glob("*"), *state.glob("*/*")] if path.is_file())
    name = f"{drafts:,} drafts, {entries:,} entries, {size >> 20} MiB"
    for what, cold in (("open, warm", False), ("open, cold", True)):
        took = []
        for _ in range(20):
            if cold:
                forget(state)
            started = time.perf_counter()
            store = await Store.open(state)
            took.append(time.perf_counter() - started)
            await store.close()
        print(spread(f"{what}: {name}", took))
    for jobs in (1, len(os.sched_getaffinity(0))):
        started = time.perf_counter()
        found = verify_all(state, [], None, jobs=jobs)
        took = time.perf_counter() - started
        print(f"verify with texts and copies, {jobs} processes: {found.entries:,} entries in {took:.1f} s, ok {found.ok}")


def main() -> None:
    """Measure, and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--acts", type=int, default=20_000)
    arguments.add_argument("--drafts", type=int, default=100_000)
    arguments.add_argument("--entries", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to be measured")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="store-bench-") as name:
        folder = Path(name)
        print(about(folder))
        asyncio.run(one_writer(folder, asked.acts))
        asyncio.run(aiosqlite_alone(folder, asked.acts))
        asyncio.run(large(folder, asked.drafts, asked.entries))


if __name__ == "__main__":
    main()
