"""Images that change beside their drafts: a draft whose image is another one is read again, which makes it a new revision without approval.

The folder's own scan passes images in silence, so they are looked at from the drafts that name them: once a second, by their times and
sizes only. Only a state seen twice counts, so that an upload under way does not make a revision a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from daemon.desk.case import pictures_of
from daemon.intake.pictures import changed
from daemon.rulebook.picture import Picture
from daemon.service.incoming import Incoming
from daemon.service.running import Running

State = tuple[tuple[int, ...], ...]


class _Named(NamedTuple):
    """A draft in hand and its images as they were read."""

    draft: int
    account: str
    name: bytes
    pictures: tuple[Picture, ...]


class Pictures:
    """The images of one office's drafts."""

    def __init__(self, office: Running, incoming: Incoming) -> None:
        self._office, self._incoming = office, incoming
        self._seen: dict[int, State] = {}
        """How the images of a draft stood at the last look, where that is not how they were read …"""
        self._told: dict[int, State] = {}
        """… and in which state intake was told to read it again."""

    async def look(self) -> None:
        """Look once at the images of every draft in hand."""
        rows = await self._office.store.fetch(
            "SELECT id, account, name, pictures FROM drafts WHERE pictures <> x'' AND live = 1", ()
        )
        named = [_Named(row["id"], row["account"], row["name"], pictures_of(row["pictures"])) for row in rows]
        now = await asyncio.to_thread(self._changed, named) if named else {}
        for each in named:
            state = now.get(each.draft)
            if state is not None and self._seen.get(each.draft) == state != self._told.get(each.draft):
                self._told[each.draft] = state
                self._incoming.read_again(each.account, each.name)
        self._seen = now
        self._told = {draft: state for draft, state in self._told.items() if draft in now}

    def _changed(self, named: Sequence[_Named]) -> dict[int, State]:
        drafts = self._office.folder / "drafts"
        looked = {each.draft: changed(drafts, each.account, each.pictures) for each in named}
        return {draft: state for draft, state in looked.items() if state}
