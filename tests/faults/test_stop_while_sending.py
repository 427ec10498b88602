"""A stop while a send is due every ten milliseconds: after "silent" nothing begins, counted by whoever receives it.

The moment of an arrival is the kernel's own, taken on loopback within the sender's call: no trial depends on how soon anybody gets to run.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.release.hands import Releaser
from daemon.release.jobs import Job, Report, body_hash, moment
from daemon.release.permit import Keeper

ACCOUNT = "minato-x"
DUE = 0.01
"""Seconds between two sends."""


class Receiver:
    """The platform that counts."""

    def __init__(self, root: Path, late: float) -> None:
        program = [sys.executable, str(Path(__file__).with_name("counting_receiver.py")), str(late)]
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root)
        assert self._process.stdout is not None
        self.at = f"127.0.0.1:{int(self._process.stdout.readline())}"

    def counted(self) -> list[tuple[int, str]]:
        """The end: everything that arrived, by the moment."""
        said, _ = self._process.communicate()
        return sorted((at, text) for at, text in map(json.loads, said.splitlines()))


@pytest.fixture
def receiver(root: Path) -> Iterator[Receiver]:
    receiver = Receiver(root, 0.005)
    yield receiver
    receiver.counted()


@pytest.fixture
def state() -> Iterator[Path]:
    """In memory where there is such a folder: what is tried here is the order of things, not the disk."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="kohoban-", dir=memory if memory.is_dir() else None))
    (folder / "state" / "gate").mkdir(parents=True)
    Keeper(folder / "state").know((ACCOUNT, "x"))
    yield folder / "state"
    shutil.rmtree(folder)


class Stopper:
    """The other process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._orders, self._answers = process.stdin, process.stdout
        self.latched: list[float] = []
        self.silent: list[float] = []

    async def stop(self, after: float, scope: str) -> int:
        """Let it stop after so many seconds; the moment at which it was silent, nanoseconds since 1970."""
        self._orders.write(f"{after} {scope}\n".encode())
        moment, latched, silent, why = json.loads(await self._answers.readline())
        assert silent is not None, why
        self.latched.append(latched)
        self.silent.append(silent)
        return int(moment)


@contextmanager
def running(task: asyncio.Task[None]) -> Iterator[None]:
    yield
    task.cancel()


class Sending:
    """A hand to which a post is given every ten milliseconds, whether it may go out or not."""

    def __init__(self, releaser: Releaser, at: str) -> None:
        self._releaser, self._at = releaser, at
        self._under_way: set[asyncio.Task[None]] = set()
        self.epoch = 0
        self.reports: dict[str, Report] = {}

    async def go(self) -> None:
        number = 0
        while True:
            number += 1
            sending = asyncio.ensure_future(self._send(number))
            self._under_way.add(sending)
            sending.add_done_callback(self._under_way.discard)
            await asyncio.sleep(DUE)

    async def _send(self, number: int) -> None:
        body = f"{number}番目のお知らせです。".encode()
        job = Job(
            id=str(number),
            draft=number,
            hash="ab" * 32,
            body=body,
            body_hash=body_hash(body),
            account=ACCOUNT,
            platform="x",
            handle="minato_kunren",
            channel="simulated",
            epoch=self.epoch,
            deadline=moment() + 60,
            platform_at=self._at,
        )
        self.reports[body.decode()] = await self._releaser.send(job)

    async def ended(self) -> None:
        await asyncio.gather(*self._under_way)


def in_silence(arrived: list[tuple[int, str]], silences: list[tuple[int, int]]) -> list[tuple[int, str]]:
    """What arrived between the end of a stop and the beginning of its resume."""
    begins = [begin for begin, _ in silences]
    return [(at, text) for at, text in arrived if (n := bisect_right(begins, at) - 1) >= 0 and at < silences[n][1]]


@pytest.mark.timeout(1200)
async def test_nothing_begins_once_a_stop_is_silent_however_often_one_stops(
    state: Path, receiver: Receiver, trials: Callable[[int], int]
) -> None:
    dice, keeper, silences = random.Random(20261121), Keeper(state), []
    releaser = Releaser(state)
    assert keeper.grant(1).open
    await releaser.start()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("stopper.py")),
        str(state),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    stopper, sending = Stopper(process), Sending(releaser, receiver.at)
    sending.epoch = 1
    goal = trials(10_000)

    def some() -> bool:
        """Posts went out, and stops kept others in: how many are sent between two stops is for the machine to say."""
        ends = Counter(report.outcome for report in sending.reports.values())
        return min(ends["released"], ends["prevented"]) > goal // 10

    with running(asyncio.ensure_future(sending.go())):
        while len(silences) < goal or (not some() and len(silences) < 20 * goal):
            scope = dice.choice(("all", "all", "all", ACCOUNT, "x"))
            silent = await stopper.stop(dice.random() * DUE, scope)
            await asyncio.sleep(dice.random() * DUE / 4)
            silences.append((silent, time.time_ns()))
            if scope == "all":
                sending.epoch += 1
                keeper.grant(sending.epoch)
            else:
                keeper.lift(scope)
    await sending.ended()
    await releaser.close()
    process.stdin.close()  # type: ignore[union-attr]
    await process.wait()
    arrived = receiver.counted()

    ends = Counter(report.outcome for report in sending.reports.values())
    for what, took in (("closed", stopper.latched), ("silent", stopper.silent)):
        cuts = statistics.quantiles(took, n=100)
        print(f"{what}: p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms, most {max(took):.1f} ms")
    print(f"{len(silences)} stops, {len(sending.reports)} sends due: {dict(ends)}")
    assert in_silence(arrived, silences) == []
    texts = Counter(text for _, text in arrived)
    assert set(texts.values()) == {1}
    assert {text for text, report in sending.reports.items() if report.outcome == "released"} <= texts.keys()
    assert not {text for text, report in sending.reports.items() if report.outcome in ("prevented", "failed")} & texts.keys()
    assert some(), ends
