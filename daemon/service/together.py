"""One answer for many: whoever asks while it is being made gets the next one, which knows all that had happened when they asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Together(Generic[T]):
    """What `make` answers, made once for all who ask meanwhile: ten consoles that hear of the same event ask for the same status."""

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self._make = make
        self._now: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def ask(self) -> T:
        """An answer that was begun after this question. Raises what `make` raises."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_task(self._after(self._now))
        return await asyncio.shield(self._next)  # whoever hangs up takes it from nobody else

    async def _after(self, before: asyncio.Task[T] | None) -> T:
        if before is not None:
            await asyncio.wait({before})
        self._now, self._next = self._next, None
        return await self._make()
