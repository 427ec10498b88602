"""A running office, measured from outside: drop to verdict, a burst, a restart with many drafts.

    python -m benchmarks.office [--drafts 200] [--burst 10000] [--bursts 3] [--many 100000] [--folder DIR]
    python -m benchmarks.office --slow-disk [--drafts 2000]      200 drafts a second on a disk that takes 5 ms longer for every sync
    python -m benchmarks.office --years DIR                      a restart with 10^6 drafts and 10^7 entries (benchmarks/years.py)

Real daemon, real folder, real socket. "pushed" is the moment at which a client has the event that follows the durable verdict. The
processor time is that of the daemon and of the processes that judge for it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.machine import about, kill, spread, yardstick
from benchmarks.years import office_of_years
from daemon.service.spawn import start_detached
from daemon.wire import Ask, Event, Hello, Reply, Status, StatusAnswer, decode_frame, encode_frame
from daemon.wire.place import address

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT = "minato-x"

BODY = """+++
author = "{author}"
topic = "区政情報"
+++
【お知らせ{n}】区立図書館の年末年始の開館時間についてお知らせします。
詳しくは区ホームページをご覧ください。https://www.city.minato.tokyo.jp/
"""


WRITER = """
import sys, time
from pathlib import Path
folder, n, body = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
begun = time.perf_counter() + 0.1
for i in range(n):
    time.sleep(max(0.0, begun + i / 200 - time.perf_counter()))
    (folder / f"steady-{i:06}.txt").write_text(body.format(n=i, author="akasaka"), encoding="utf-8")
    print(f"steady-{i:06}.txt", time.perf_counter())
"""


class Listener:
    """A client that hears every event."""

    def __init__(self, state: Path, *, events: bool = True, operator: str = "") -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with address(state) as place:
            self.socket.connect(place)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(encode_frame(Hello(client="benchmark", events=events, operator=operator)))
        self.file.readline()

    def event(self) -> Event | Reply:
        while True:
            frame = decode_frame(self.file.readline())
            if isinstance(frame, Event | Reply):
                return frame

    def status(self) -> StatusAnswer:
        self.socket.sendall(encode_frame(Ask(id=os.urandom(8).hex(), query=Status())))
        while True:
            frame = self.event()
            if isinstance(frame, Reply) and isinstance(frame.answer, StatusAnswer):
                return frame.answer

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def office(folder: Path) -> Path:
    """A fresh training office in `folder`."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "rules.toml", folder / "rules.toml")
    (folder / "drafts" / ACCOUNT).mkdir(parents=True)
    return folder


def drop(folder: Path, n: int) -> tuple[str, float]:
    """Write and close one draft; returns its path and the moment after the close."""
    name = f"drafts/{ACCOUNT}/bench-{n:06}.txt"
    (folder / name).write_text(BODY.format(n=n, author="akasaka"), encoding="utf-8")
    return name, time.perf_counter()


def latency(folder: Path, listener: Listener, first: int, n: int, pause: float) -> list[float]:
    """Seconds from the close of a file to its event at a client, for `n` drafts, `pause` seconds apart."""
    took = []
    for i in range(first, first + n):
        path, closed = drop(folder, i)
        while True:
            event = listener.event()
            if isinstance(event, Event) and event.path == path:
                break
        took.append(time.perf_counter() - closed)
        time.sleep(max(0.0, pause - took[-1]))
    return took


def burst(folder: Path, n: int) -> float:
    """Durable verdicts a second for `n` more drafts moved in at once, from before the first until the office counts the last."""
    waiting = folder / "waiting"
    waiting.mkdir()
    listener = Listener(folder / "state", events=False)
    before = sum(listener.status().queue.values())
    for i in range(before, before + n):
        (waiting / f"burst-{before}-{i:06}.txt").write_text(BODY.format(n=i, author="akasaka"), encoding="utf-8")
    started = time.perf_counter()
    for file in waiting.iterdir():
        file.rename(folder / "drafts" / ACCOUNT / file.name)
    waiting.rmdir()
    while sum(listener.status().queue.values()) < before + n:
        time.sleep(0.02)
    listener.close()
    return n / (time.perf_counter() - started)


def tree(pid: int) -> list[int]:
    """A process and those that it has started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [pid, *(int(child) for task in tasks for child in (task / "children").read_text().split())]


def cpu(pid: int) -> float:
    """Processor seconds that a daemon and its processes have used."""
    used = 0
    for each in tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


def steadily(folder: Path, listener: Listener, n: int) -> list[float]:
    """Seconds from the close of each of `n` files to its event, the files written by a process of its own at 200 a second."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder / "drafts" / ACCOUNT), str(n), BODY], stdout=subprocess.PIPE, text=True
    )
    heard: dict[str, float] = {}
    while len(heard) < n:
        event = listener.event()
        if isinstance(event, Event) and "/steady-" in event.path:
            heard.setdefault(event.path.rpartition("/")[2], time.perf_counter())
    closed, _ = writer.communicate()
    return [heard[name] - float(at) for name, at in (line.split() for line in closed.splitlines())]


def restart(folder: Path, pid: int) -> tuple[float, float, int]:
    """Seconds from the start of the daemon's process to the first answer, of what is known at once, and to the first that knows all; and the
    new pid."""
    kill(pid)
    first: list[float] = []
    with ThreadPoolExecutor(1) as beside:
        started = time.perf_counter()
        starting = beside.submit(start_detached, folder)
        while True:
            try:
                listener = Listener(folder / "state", events=False)
            except OSError:  # of the one that was killed
                time.sleep(0.002)
                continue
            answer = listener.status()
            first.append(time.perf_counter() - started)
            listener.close()
            if not answer.starting:
                return first[0], first[-1], starting.result()
            time.sleep(0.005)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drafts", type=int, default=200)
    parser.add_argument("--burst", type=int, default=10_000)
    parser.add_argument("--bursts", type=int, default=3)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--slow-disk", action="store_true")
    parser.add_argument("--years", type=Path, default=None)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="kohoban-bench-", dir=options.folder))
    print(about(base))
    try:
        if options.years is not None:
            after_years(office_of_years(options.years))
        elif options.slow_disk:
            slowly(office(base / "office"), base, options)
        else:
            measure(office(base / "office"), options)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def measure(folder: Path, options: argparse.Namespace) -> None:
    pid = start_detached(folder)
    try:
        listener = Listener(folder / "state")
        latency(folder, listener, 0, 10, 0.1)
        print(spread("file closed -> verdict pushed, idle (3/s)", latency(folder, listener, 10, options.drafts, 0.33)))
        print(spread("file closed -> verdict pushed, 20/s", latency(folder, listener, 1000, options.drafts, 0.05)))
        listener.close()
        for _ in range(options.bursts):
            before = cpu(pid)
            rate = burst(folder, options.burst)
            each = (cpu(pid) - before) / options.burst * 1e3
            print(
                f"{'burst of ' + str(options.burst) + ' drafts':<52} {rate:,.0f} durable verdicts/s, {each:.2f} ms of processor a draft, "
                f"loop {yardstick():.0f} ns"
            )
            time.sleep(5)  # their verdict files are written behind them
        if options.many:
            listener = Listener(folder / "state", events=False)
            more = options.many - sum(listener.status().queue.values())
            listener.close()
            rate = burst(folder, max(more, 1))
            print(f"{'burst of ' + str(more) + ' drafts':<52} {rate:,.0f} durable verdicts/s")
            took, whole = [], []
            for _ in range(5):
                seconds, all_known, pid = restart(folder, pid)
                took.append(seconds)
                whole.append(all_known)
            print(spread(f"restart after kill -9 with {options.many} drafts", took))
            print(spread("… until everything is known", whole))
    finally:
        kill(pid)


def slowly(folder: Path, base: Path, options: argparse.Namespace) -> None:
    """200 drafts a second on a slow disk, once the judging processes are ready."""
    library = base / "slow_disk.so"
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", library, ROOT / "benchmarks" / "slow_disk.c", "-ldl"], check=True)
    os.environ["LD_PRELOAD"] = str(library)
    pid = start_detached(folder)
    del os.environ["LD_PRELOAD"]
    try:
        for _ in range(2):
            burst(folder, 400)
            time.sleep(8)
        listener = Listener(folder / "state")
        print(spread("file closed -> verdict pushed, 200/s, fsync + 5 ms", steadily(folder, listener, options.drafts)))
        listener.close()
    finally:
        kill(pid)


def after_years(folder: Path) -> None:
    """Restarts of a large office, with its pages in memory and, for root, without."""
    pid = start_detached(folder)
    try:
        for name, cold in (("warm", False), ("cold", True)):
            if cold and os.geteuid() != 0:
                return
            took, whole, used = [], [], []
            for _ in range(7):
                if cold:
                    os.sync()
                    Path("/proc/sys/vm/drop_caches").write_text("3")
                seconds, all_known, pid = restart(folder, pid)
                took.append(seconds)
                whole.append(all_known)
                used.append(cpu(pid))
                time.sleep(1)
            print(spread(f"restart after years, {name}, first answer", took))
            print(spread("… until everything is known", whole) + f"   {min(used):.2f} s of processor at the least")
    finally:
        kill(pid)


if __name__ == "__main__":
    main()
