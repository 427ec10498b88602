"""The committee's report of a year: how long 20,000 drafts with their decisions take to be counted, and what the loop feels meanwhile.

    python -m benchmarks.report [--drafts 20000] [--others 20000] [--folder DIR]

The drafts and entries are of the daemon's own form; `--others` are drafts of other years, which the indexes keep out of the way.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from benchmarks.machine import about
from daemon.desk.reporting import Asked, span_of
from daemon.store import Store, Tx

DRAFT = (
    "INSERT INTO drafts (id, account, name, live, state, verdict, revision, hash, title, body, item, findings, author, author_verified, "
    "policy_hash, received_at, changed_at) VALUES (?, ?, ?, 0, 'released', 'hold', 1, ?, '工事のお知らせ', '工事が終わりました。', ?, ?, 'akasaka', "
    "1, 'sha256:0', ?, ?)"
)
ACCOUNTS = ("minato-x", "minato-facebook", "minato-line", "saitama-cvc", "shinagawa-koho")
ITEM = b'{"text":"","kind":"post","topic":"%s","emergency":false,"target":""}'
FINDING = {
    "clause": "minato/7-2(5)",
    "cite": "第7条第2項第5号",
    "text": "一度ネットワーク上に公開された情報は完全には削除できないことを理解し、発信する情報は正確を期する。" * 2,
    "rule": "weekday",
    "verdict": "warn",
    "message": "日付と曜日が合っているか確認してください。",
}
SPACING = 31_536_000_000_000


def year(first: int, count: int, start: int) -> Callable[[Tx], None]:
    """The operation that puts so many drafts of a year into the database, each received, approved, begun and released."""

    def op(tx: Tx) -> None:
        findings = msgspec.json.encode([FINDING, {**FINDING, "clause": "minato/7-2(8)エ", "verdict": "info"}])
        rows = []
        for n in range(count):
            at, number = start + n * SPACING // count, first + n
            digest = sha256(str(number).encode()).hexdigest()
            item = ITEM % f"分野{n % 4}".encode()
            rows.append((number, ACCOUNTS[n % 5], f"{number}.txt".encode(), digest, item, findings, at, at + 3_600_000_000))
        tx.db.executemany(DRAFT, rows)
        for number, account, _, digest, *_, at, _ in rows:
            told = {"account": account, "hash": digest}
            for act, actor, after, detail in (
                (
                    "receive",
                    "file",
                    0,
                    {"name": "x", "revision": 1, "verdict": "hold", "clauses": ["minato/7-2(5)", "minato/7-1"]},
                ),
                (
                    "approve",
                    "shibata",
                    1_200_000_000,
                    {"state": "approved", "titles": ["課長"], "reason": "", "policy": "sha256:0"},
                ),
                ("begin", "akasaka", 1_800_000_000, {"release": number}),
                ("released", "akasaka", 1_900_000_000, {"release": number, "url": "https://x.com/a/status/1"}),
            ):
                tx.now = at + after
                tx.record(actor, act, number, **told, **detail)

    return op


async def fill(store: Store, drafts: int, others: int) -> None:
    """The year that is asked about, and years before it."""
    start = int(datetime(2025, 12, 31, 15, tzinfo=UTC).timestamp()) * 1_000_000
    for first in range(0, others, 5000):
        await store.write(year(first + 1, min(5000, others - first), start - SPACING * (1 + first // 40_000)))
    await store.write(year(others + 1, drafts, start))


async def felt() -> tuple[float, float]:
    """The longest and the mean delay of a loop that wants to turn every millisecond, until cancelled."""
    longest = total = 0.0
    turns = 0
    try:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            late = time.perf_counter() - before - 0.001
            longest, total, turns = max(longest, late), total + late, turns + 1
    except asyncio.CancelledError:
        return longest, total / max(1, turns)


async def measure(folder: Path, drafts: int, others: int) -> None:
    """Fill a store, count its last year three times."""
    async with await Store.open(folder / "store") as store:
        started = time.perf_counter()
        await fill(store, drafts, others)
        print(f"filled in {time.perf_counter() - started:.0f} s: {drafts:,} drafts of the year, {others:,} of other years")
        since, until = span_of(date(2026, 1, 1), date(2026, 12, 31))
        asked = msgspec.json.encode(Asked(since=since, until=until, accounts=ACCOUNTS))
        for _ in range(3):
            feeling = asyncio.get_running_loop().create_task(felt())
            started = time.perf_counter()
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "daemon.desk.report_main", str(store.state),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
            said, _ = await process.communicate(asked)
            took = time.perf_counter() - started
            feeling.cancel()
            longest, mean = await feeling
            tables = {each["id"]: len(each["rows"]) for each in msgspec.json.decode(said)}
            print(
                f"counted in {took:.2f} s; {len(said):,} bytes; tables {tables}; the loop was late by {longest * 1e3:.1f} ms at most, {mean * 1e3:.2f} ms in the mean"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, default=20_000)
    parser.add_argument("--others", type=int, default=20_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    print(about(asked.folder or Path(tempfile.gettempdir())))
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        asyncio.run(measure(Path(folder), asked.drafts, asked.others))


if __name__ == "__main__":
    main()
