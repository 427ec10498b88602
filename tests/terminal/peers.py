"""The scripted other end of the line (tests/console/scripted_peer.py) for a console in a process of its own: served by a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from beside import lines_ended

from tests.console.scripted_peer import Peer, row


@contextmanager
def served(state: Path) -> Iterator[Peer]:
    """A peer at the socket of this state, as long as the block lasts."""
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    states = ("waiting", "waiting", "approved", "to_fix", "held")
    verdicts = ("warn", "pass", "pass", "block", "hold")
    peer = Peer(state, [row(n, title=f"お知らせ{n}", state=states[n % 5], verdict=verdicts[n % 5]) for n in range(300, 0, -1)])

    async def serve() -> None:
        async with peer:
            ready.set()
            await over.wait()
        await lines_ended()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(60)
    try:
        yield peer
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
