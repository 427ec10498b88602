"""The index of texts catches up: a database from before it, or one that a repair made anew, is worked through in slices, beside whatever
goes on. Searching meanwhile looks through the rest letter by letter, and says so."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from daemon.service.beside import Beside
from daemon.store import Store, StoreError, Tx, texts

log = structlog.get_logger()

SLICE = 500
"""Drafts of one transaction: about 30 ms, which is the longest that an act has to wait for it."""
PAUSE = 0.05
"""Seconds between two of them, for others."""


class Indexing:
    """The work of catching up; over as soon as all is in."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._beside = Beside()

    def start(self) -> None:
        """Begin, where there is something to do."""
        self._beside.begin(self._go())

    async def close(self) -> None:
        """End; the next start goes on where this one was."""
        await self._beside.end()

    async def _go(self) -> None:
        with suppress(StoreError):  # a store in trouble says so by itself; the next start goes on
            if not await self._store.read(texts.behind):
                return
            log.info("index of texts: catching up")
            while left := await self._store.write(_slice):
                log.debug("index of texts", left=left)
                await asyncio.sleep(PAUSE)
            log.info("index of texts: complete")


def _slice(tx: Tx) -> int:
    return texts.catch_up(tx.db, SLICE)
