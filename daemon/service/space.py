"""Room on the disk, looked at in every round: a warning in time, and when it is full a state of its own that can still be written down.

A full disk loses nothing: drafts stay in their folder, no release begins, what people ask for is refused with what to do. The ballast
is what makes room for the last words: that the disk is full, and a stop.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from daemon.service.running import Running
from daemon.store import StoreError, StoreFull, Tx
from daemon.store.ballast import BALLAST_BYTES, Ballast

log = structlog.get_logger()

FULL, SCARCE = "disk:full", "disk:scarce"
"""The alarms."""

_ENOUGH = 3 * BALLAST_BYTES
"""Bytes that must be free before a disk that was full counts as having room."""


class Space:
    """The room of one office's store."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._ballast = Ballast(office.store.state)
        self._doubted = False

    async def look(self) -> None:
        """One look: warn, give the ballast up, or take it back. Raises StoreError, OSError where the disk cannot even be asked."""
        free = await asyncio.to_thread(self._ballast.free)
        if self._office.disk_full:
            await self._look_for_room(free)
        elif not isinstance(self._office.store.trouble, StoreFull):
            self._doubted = False
            await asyncio.to_thread(self._ballast.take)
        elif free >= _ENOUGH and not self._doubted:
            # What was refused a moment ago may have been the last of it; a quota is full whatever the disk says: ask once more.
            self._doubted = True
            await self._office.store.write(_nothing)
        else:
            await self._ran_full()
        await asyncio.to_thread(self._warn, free)

    async def _ran_full(self) -> None:
        office = self._office
        office.disk_full = True
        office.alarms[FULL] = (
            f"ディスクがいっぱいです（{office.store.state}）。発信を始めず、届いた下書きはフォルダーに置いたまま待っています。空きを作ってください。",
            f"The disk is full ({office.store.state}): no release begins, and drafts wait in their folders. Make room.",
        )
        await asyncio.to_thread(self._ballast.give_up)
        log.error("disk full")
        with suppress(StoreError):  # it stands on every screen, whether or not it can be written down
            await office.store.write(lambda tx: tx.record("daemon", "disk_full", None))
        office.hub.publish("gate")

    async def _look_for_room(self, free: int) -> None:
        office = self._office
        if free < _ENOUGH:
            return
        await asyncio.to_thread(self._ballast.take)
        try:
            await office.store.write(lambda tx: tx.record("daemon", "disk_room", None))
        except StoreFull:
            return
        office.disk_full = False
        office.alarms.pop(FULL, None)
        log.info("room again")
        office.hub.publish("gate")

    def _warn(self, free: int) -> None:
        office = self._office
        if self._ballast.scarce() and not office.disk_full:
            office.alarms[SCARCE] = (
                f"ディスクの空きが少なくなっています（{office.store.state}: 残り {free >> 20:,} MiB）。空きを作ってください。",
                f"Little room is left on the disk ({office.store.state}: {free >> 20:,} MiB). Make some.",
            )
        else:
            office.alarms.pop(SCARCE, None)


def _nothing(tx: Tx) -> None:
    """Whether the writer takes anything at all."""
