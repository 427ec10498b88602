"""Work of the loop's own that goes on from a start to an end, beside whatever is asked meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


class Beside:
    """One such work, kept so that nobody collects it while it runs."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let it go on from now."""
        self._task = asyncio.get_running_loop().create_task(work)

    async def end(self) -> bool:
        """End it, and see it ended. False where it never began. Raises what it has raised."""
        if self._task is None:
            return False
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        return True
