"""From a closed file to `on_batch`: latency idle and at 20 files a second, a burst of 10,000, a scan of 100,000, and idling.

    .venv/bin/python -m benchmarks.intake [--folder DIR]

What comes after `on_batch` (judging, the store, the socket) is measured by benchmarks/office.py. Files are written by a process of its
own, as by an author.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import about, spread
from daemon.intake.arrival import Identity
from daemon.intake.frontmatter import read_item
from daemon.intake.intake import Arrival, Brought, Intake
from daemon.intake.ledger import Ledger
from daemon.intake.scan import scan

BODY = "【お知らせ】中央図書館は、11月24日（火）に設備点検のため休館します。\n" * 3
BURST = 10_000
MANY = 100_000

WRITER = """
import sys, time
from pathlib import Path
folder, hertz, count, body = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4].encode()
for number in range(count):
    with open(folder / f"{hertz:g}-{number}.txt", "wb") as file:
        file.write(body)
    print(f"{hertz:g}-{number}.txt", time.monotonic(), flush=True)
    time.sleep(1 / hertz)
"""
MOVER = """
import os, sys
source, target = sys.argv[1:]
for name in os.listdir(source):
    os.rename(f"{source}/{name}", f"{target}/{name}")
"""


class Clock:
    """When each name arrived first (seconds, monotonic)."""

    def __init__(self) -> None:
        self.at: dict[bytes, float] = {}

    def receive(self, batch: Sequence[Brought]) -> None:
        now = time.monotonic()
        for thing in batch:
            if isinstance(thing, Arrival):
                self.at.setdefault(thing.name, now)

    def wait(self, count: int) -> None:
        while len(self.at) < count:
            time.sleep(0.002)


@contextmanager
def watched(folder: Path) -> Iterator[tuple[Path, Clock]]:
    """An account's folder under watch, armed, and the clock of its arrivals."""
    drafts = folder / "drafts"
    clock = Clock()
    intake = Intake(drafts, ("koho",), {}, clock.receive)
    intake.start()
    time.sleep(1.0)
    try:
        yield drafts / "koho", clock
    finally:
        intake.stop()


def latency(folder: Path, hertz: float, count: int) -> None:
    with watched(folder) as (koho, clock):
        command = [sys.executable, "-c", WRITER, str(koho), str(hertz), str(count), BODY]
        written = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        clock.wait(count)
        took = [clock.at[name.encode()] - float(at) for name, at in (line.split() for line in written)]
    print(spread(f"file closed → on_batch, {hertz:g} a second", took))


def burst(folder: Path) -> None:
    with watched(folder) as (koho, clock):
        ready = folder / "ready"
        ready.mkdir()
        for number in range(BURST):
            (ready / f"{number}.txt").write_text(BODY, encoding="utf-8")
        begun = time.monotonic()
        subprocess.run([sys.executable, "-c", MOVER, str(ready), str(koho)], check=True)
        moved = time.monotonic() - begun
        clock.wait(BURST)
        took = max(clock.at.values()) - begun
    print(
        f"{f'burst of {BURST:,} renamed into the folder':<52} {BURST / took:,.0f} a second (moving alone took {moved:.2f} of {took:.2f} s)"
    )


def scans(folder: Path) -> None:
    koho = folder / "drafts/koho"
    koho.mkdir(parents=True)
    for number in range(MANY):
        (koho / f"{number}.txt").touch()
    dev = koho.stat().st_dev
    all_known = Ledger({("koho", os.fsencode(entry.name)): Identity.of(entry.stat(), dev) for entry in os.scandir(koho)})
    for name, ledger in (("all of them new", Ledger({})), ("none of them changed", all_known)):
        took = []
        for _ in range(5):
            begun = time.monotonic()
            for _thing in scan(folder / "drafts", ("koho",), ledger.known, ledger.aside):
                pass
            took.append(time.monotonic() - begun)
        print(spread(f"scan of {MANY:,} files, {name}", took))


def reading() -> None:
    front = '+++\nauthor = "sato"\ntopic = "イベント"\nrelease_at = 2026-11-24T09:00:00+09:00\n+++\n'
    for name, data in (
        ("without front matter", BODY.encode()),
        ("with front matter", (front + BODY).encode()),
        ("in CP932", BODY.encode("cp932")),
    ):
        took = []
        for _ in range(2_000):
            begun = time.perf_counter()
            read_item(data)
            took.append(time.perf_counter() - begun)
        print(spread(f"reading a draft {name}", took))


def idling(folder: Path) -> None:
    with watched(folder):
        begun, used = time.monotonic(), time.process_time()
        time.sleep(20)
        share = (time.process_time() - used) / (time.monotonic() - begun)
    print(f"{'idle, one empty folder':<52} {share:.2%} of one processor over 20 s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default=None)
    with tempfile.TemporaryDirectory(prefix="intake-", dir=parser.parse_args().folder) as name:
        folder = Path(name)
        print(about(folder))
        latency(folder / "idle", 2, 100)
        latency(folder / "steady", 20, 600)
        burst(folder / "burst")
        scans(folder / "scan")
        idling(folder / "quiet")
    reading()


if __name__ == "__main__":
    main()
