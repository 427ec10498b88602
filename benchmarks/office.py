"""A running office, measured from outside: drop to verdict, a burst, a restart with many drafts.

    python -m benchmarks.office [--drafts 200] [--burst 10000] [--many 100000] [--folder DIR]

Real daemon, real folder, real socket. "pushed" is the moment at which a client has the event that follows the durable verdict.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import tempfile
import time
from pathlib import Path

from benchmarks.machine import about, kill, spread
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


class Listener:
    """A client that hears every event."""

    def __init__(self, state: Path, *, events: bool = True) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with address(state) as place:
            self.socket.connect(place)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(encode_frame(Hello(client="benchmark", events=events)))
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


def burst(folder: Path, listener: Listener, n: int) -> float:
    """Durable verdicts a second for `n` more drafts dropped at once, from before the first is moved in until the last event."""
    waiting = folder / "waiting"
    waiting.mkdir()
    before = sum(listener.status().queue.values())
    for i in range(before, before + n):
        (waiting / f"burst-{before}-{i:06}.txt").write_text(BODY.format(n=i, author="akasaka"), encoding="utf-8")
    started = time.perf_counter()
    for file in waiting.iterdir():
        file.rename(folder / "drafts" / ACCOUNT / file.name)
    waiting.rmdir()
    seen: set[str] = set()
    behind = False
    while len(seen) < n and not behind:
        event = listener.event()
        if isinstance(event, Event):
            behind = event.kind == "resync"
            if "burst-" in event.path:
                seen.add(event.path)
    while behind and sum(listener.status().queue.values()) < before + n:
        time.sleep(0.02)
    return n / (time.perf_counter() - started)


def cpu(pid: int) -> float:
    """Processor seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def restart(folder: Path, pid: int) -> tuple[float, int]:
    """Seconds from the start of the daemon's process to the first answer of a query; and the new pid."""
    kill(pid)
    started = time.perf_counter()
    pid = start_detached(folder)
    listener = Listener(folder / "state", events=False)
    listener.status()
    took = time.perf_counter() - started
    listener.close()
    return took, pid


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--drafts", type=int, default=200)
    parser.add_argument("--burst", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="kohoban-bench-", dir=options.folder))
    print(about(base))
    try:
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
        before = cpu(pid)
        rate = burst(folder, listener, options.burst)
        each = (cpu(pid) - before) / options.burst * 1e3
        print(
            f"{'burst of ' + str(options.burst) + ' drafts':<52} {rate:,.0f} durable verdicts/s, {each:.2f} ms of processor a draft"
        )
        if options.many:
            more = options.many - sum(listener.status().queue.values())
            rate = burst(folder, listener, max(more, 1))
            print(f"{'burst of ' + str(more) + ' drafts':<52} {rate:,.0f} durable verdicts/s")
            listener.close()
            took = []
            for _ in range(5):
                seconds, pid = restart(folder, pid)
                took.append(seconds)
            print(spread(f"restart after kill -9 with {options.many} drafts", took))
    finally:
        kill(pid)


if __name__ == "__main__":
    main()
