"""A releaser under a login of its own: it finds the daemon, takes orders from nobody else, and nobody else reports in its name."""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.release import hands
from daemon.release.at_service import SOCKET
from daemon.release.hands import Releaser
from daemon.release.jobs import Job
from daemon.wire.place import address
from tests.service.live_office import PATIENCE

Make = Callable[..., Job]
NOBODY = 65534
ROOT = Path(__file__).resolve().parents[2]
AS_ANOTHER = """
import os, sys
from pathlib import Path
import daemon.release.hand, daemon.release.outbox  # a channel is read when its first job comes
from daemon.release.at_service import serve_daemons
os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
serve_daemons(Path(sys.argv[2]))
"""
"""The releaser's `main`, having become another login first: that one may have no right to read the program's folder here."""


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("processes of two logins need root")


@pytest.fixture
async def releaser(as_root: None, state: Path, tmp_path: Path) -> AsyncIterator[Releaser]:
    """The daemon's side, waiting for the releaser of the login `nobody`."""
    for folder in (*state.parents, state, state / "gate"):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(0o755)
    (state / "releaser").mkdir()
    os.chown(state / "releaser", NOBODY, NOBODY)
    (tmp_path / "outbox").mkdir()
    os.chown(tmp_path / "outbox", NOBODY, NOBODY)
    releaser = Releaser(state, pwd.getpwuid(NOBODY).pw_name)
    await releaser.start()
    yield releaser
    await releaser.close()


@pytest.fixture
def serving(releaser: Releaser, state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a releaser as this uid, for which the daemon waits however long it takes to start; what still runs at the end is ended."""
    monkeypatch.setattr(hands, "COME_WITHIN", PATIENCE)
    started: list[subprocess.Popen[bytes]] = []

    def serve(uid: int = NOBODY) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", AS_ANOTHER, str(uid), str(state)], cwd=ROOT))
        return started[-1]

    yield serve
    for process in started:
        process.kill()
        process.wait()


# The tests look at small folders of their own between two messages: that blocks nobody.
# ruff: noqa: ASYNC240


async def test_it_comes_on_the_line_and_sends_under_its_own_login(
    releaser: Releaser, serving: Callable[..., subprocess.Popen[bytes]], job: Make, state: Path, outbox_dir: Path
) -> None:
    process = serving()
    report = await releaser.send(job(1))
    assert report.outcome == "released", report.why_en
    assert outbox_dir.owner() == pwd.getpwuid(NOBODY).pw_name
    assert (state / "hand.pid").read_text().split()[0] == str(process.pid)


async def test_without_it_nothing_begins_and_the_reason_names_it(releaser: Releaser, job: Make, outbox_dir: Path) -> None:
    report = await releaser.send(job(1))
    assert report.outcome == "failed"
    assert "nobody" in report.why
    assert not outbox_dir.exists()


async def test_one_that_was_killed_is_replaced_by_the_next_that_comes_and_what_it_began_is_looked_up(
    releaser: Releaser, serving: Callable[..., subprocess.Popen[bytes]], job: Make, outbox_dir: Path
) -> None:
    first = serving()
    assert (await releaser.send(job(1))).outcome == "released"
    first.send_signal(signal.SIGSTOP)
    sending = asyncio.ensure_future(releaser.send(job(2)))
    await asyncio.sleep(0.2)
    first.kill()
    first.wait()
    serving()
    report = await sending
    there = [path.name for path in outbox_dir.iterdir()]
    assert report.outcome == ("released" if any(name.startswith("2-") for name in there) else "failed")
    assert (await releaser.send(job(3))).outcome == "released"


async def test_two_never_serve_at_once(
    releaser: Releaser, serving: Callable[..., subprocess.Popen[bytes]], job: Make, state: Path
) -> None:
    first = serving()
    assert (await releaser.send(job(1))).outcome == "released"
    second = serving()
    assert await asyncio.to_thread(second.wait, PATIENCE) != 0
    assert (await releaser.send(job(2))).outcome == "released"
    assert (state / "hand.pid").read_text().split()[0] == str(first.pid)


async def test_a_stranger_on_the_line_gets_no_orders(releaser: Releaser, job: Make, state: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stranger, address(state, SOCKET) as place:  # root is not the releaser either
        stranger.connect(place)
        stranger.settimeout(PATIENCE)
        assert await asyncio.to_thread(stranger.recv, 100) == b""
    assert (await releaser.send(job(1))).outcome == "failed"


async def test_a_stop_by_somebody_who_may_not_kill_it_is_a_stop_all_the_same(
    releaser: Releaser, serving: Callable[..., subprocess.Popen[bytes]], job: Make, state: Path
) -> None:
    serving()
    assert (await releaser.send(job(1))).outcome == "released"
    assert (await asyncio.to_thread(Gate(state).shut)).silent_ms is not None
    assert (await releaser.send(job(2))).outcome == "prevented"
