"""The machine that a figure was measured on, what its disk takes for an fsync, and how figures are printed."""

from __future__ import annotations

import os
import platform
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path


def spread(name: str, seconds: Sequence[float]) -> str:
    """A line: median, 99th percentile, least and most, in milliseconds."""
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return (
        f"{name:<52} p50 {statistics.median(ordered) * 1e3:8.2f} ms   p99 {p99 * 1e3:8.2f} ms   "
        f"min {ordered[0] * 1e3:7.2f}   max {ordered[-1] * 1e3:8.2f}   n {len(ordered)}"
    )


def each(work: Callable[[], object], count: int, rounds: int) -> list[float]:
    """CPU microseconds that one of `count` texts takes, round by round, after one round to warm up."""
    work()
    took = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        took.append((time.process_time() - start) / count * 1e6)
    return took


def rate(name: str, took: Sequence[float]) -> float:
    """Print what `each` measured, a line; the median comes back."""
    middle = statistics.median(took)
    print(
        f"{name:<44} {1e6 / middle:>11,.0f}/s   median {middle:7.2f} µs   min {min(took):7.2f}   max {max(took):7.2f}   n {len(took)}"
    )
    return middle


def fsyncs(folder: Path, n: int = 100) -> list[float]:
    """How long an fsync of a small append takes here, paced as a quiet office would."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(n):
            file.write(b"x" * 512)
            file.flush()
            started = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - started)
            time.sleep(0.002)
    return took


def yardstick() -> float:
    """Nanoseconds that one turn of an empty loop costs now: how fast the machine is at this moment, whoever else is on it."""
    start = time.process_time()
    for _ in range(1_000_000):
        pass
    return (time.process_time() - start) * 1e3


def about(folder: Path) -> str:
    """The machine in four lines."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return "\n".join(
        (
            f"machine  {os.cpu_count()} x {model}, Linux {platform.release()}",
            f"python   {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, load {os.getloadavg()[0]:.2f}",
            f"loop     {yardstick():.0f} ns a turn (about 15 where an idle machine of this kind is at its best)",
            spread("fsync of this disk", fsyncs(folder)),
        )
    )


def kill(pid: int) -> None:
    """Kill a process that was started here, and see it gone."""
    os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):  # whoever started it may wait for it, too
        os.waitpid(pid, 0)
