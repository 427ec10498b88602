"""The scripted daemon of the console's tests, in a thread beside a program on a pseudo-terminal."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from daemon.release.permit import Keeper
from tests.console.scripted_peer import Peer

T = TypeVar("T")


class PeerBeside:
    """An office whose gate is open, and its daemon's end of the socket."""

    def __init__(self, office: Path) -> None:
        state = office / "state"
        (state / "gate").mkdir(parents=True)
        keeper = Keeper(state)
        keeper.know(("saitama-x", "x"))
        assert keeper.grant(1).open
        self.peer = Peer(state)
        self._loop = asyncio.new_event_loop()
        self._up, self._end = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def __enter__(self) -> PeerBeside:
        self._thread.start()
        assert self._up.wait(60)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        self._loop.close()

    def do(self, what: Callable[[Peer], T]) -> T:
        """Have something done where the daemon's end lives."""

        async def now() -> T:
            return what(self.peer)

        return asyncio.run_coroutine_threadsafe(now(), self._loop).result(60)

    async def _serve(self) -> None:
        async with self.peer:
            self._up.set()
            await self._end.wait()
        await lines_ended()


async def lines_ended() -> None:
    """Every connection has seen its end: a loop that is closed before leaves open ones behind, which are told of in some later test."""
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others, timeout=60)
