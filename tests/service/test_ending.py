"""A daemon that is told to end does, whatever comes at that moment."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from daemon.intake.names import FOLDER_NOTICE
from daemon.rulebook.current import Current
from daemon.service.clock import Clock
from daemon.service.hub import Hub
from daemon.service.identity import identify
from daemon.service.notices import Notices
from daemon.service.running import Running
from daemon.service.server import Server
from daemon.store import Store
from daemon.wire import Hello, encode_frame
from tests.service.live_office import PATIENCE, ROOT, until

TURNS = 6
"""Turns of the loop between something that wakes a task and the end: in one of them the waiting is over and the task does not know it."""


async def ends(closing: asyncio.Future[None]) -> bool:
    done, _ = await asyncio.wait({closing}, timeout=PATIENCE)
    return bool(done)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.toml").write_bytes((ROOT / "rules.toml").read_bytes())
    (tmp_path / "state").mkdir()
    return tmp_path


async def test_notices_end_also_when_there_is_something_new_to_write_at_that_moment(folder: Path) -> None:
    clock = Clock()
    async with await Store.open(folder / "state" / "store") as store:
        office = Running(folder, Current(folder, clock), store, clock)
        await office.prepare()
        files = [folder / "drafts" / account / FOLDER_NOTICE.decode() for account in office.current.rulebook.accounts]
        for file in files:
            file.parent.mkdir(parents=True)
        for turns in range(TURNS):
            notices = Notices(office, lambda: None)
            notices.start()
            await asyncio.to_thread(until, lambda: all(file.exists() for file in files), "a word in every folder")
            await asyncio.sleep(0.1)  # it waits for something to do
            notices.folders()
            for _ in range(turns):
                await asyncio.sleep(0)
            assert await ends(asyncio.ensure_future(notices.close())), f"{turns} turns after"
            for file in files:
                file.unlink()


async def test_the_door_closes_also_when_somebody_says_hello_at_that_moment(folder: Path) -> None:
    state = folder / "state"
    book = Current(folder, Clock()).rulebook

    async def silence(ask: object, session: object) -> None:
        """Nobody asks anything."""

    for turns in range(TURNS):
        server = Server(state, Hub(), lambda uid, plays: identify(uid, plays, uid, book), silence, lambda: book.office)  # type: ignore[arg-type]
        await server.start()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
            caller.connect(str(state / "socket"))
            await asyncio.sleep(0.1)  # it is let in, and may introduce itself
            caller.sendall(encode_frame(Hello(client="test")))
            for _ in range(turns):
                await asyncio.sleep(0)
            assert await ends(asyncio.ensure_future(server.close())), f"{turns} turns after"
