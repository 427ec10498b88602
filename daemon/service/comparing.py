"""Two revisions of a draft held against each other, from the bytes that the store keeps."""

from __future__ import annotations

import asyncio
import sqlite3

from daemon.desk import differing
from daemon.desk.board import front_matter
from daemon.desk.case import pictures_of
from daemon.intake.frontmatter import read_item
from daemon.refused import Refused
from daemon.rulebook.item import Item
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store import RevisionDamaged
from daemon.wire.approving import Compare, Differences


class Comparing:
    """Compares the revisions of one office's drafts."""

    def __init__(self, office: Running) -> None:
        self._office = office

    async def compare(self, query: Compare, session: Session, request: str) -> Differences:
        """The answer. Raises Refused where there is no such draft or revision, or only one."""
        rows = {
            row["n"]: row
            for row in await self._office.store.fetch("SELECT * FROM draft_revisions WHERE draft = ? ORDER BY n", (query.draft,))
        }
        old, new = _which(query, rows)
        before, after = await self._item(rows[old]), await self._item(rows[new])
        unread = tuple(n for n, item in ((old, before), (new, after)) if item is None)
        if before is None or after is None:
            return Differences(draft=query.draft, old=old, new=new, returned=rows[old]["returned"], unread=unread)
        lines = await asyncio.to_thread(differing.lines, before.text, after.text)
        images = differing.pictures(pictures_of(rows[old]["pictures"]), pictures_of(rows[new]["pictures"]))
        return Differences(
            draft=query.draft,
            old=old,
            new=new,
            returned=rows[old]["returned"],
            lines=lines,
            matter=(*differing.matter(front_matter(before), front_matter(after)), *images),
        )

    async def _item(self, row: sqlite3.Row) -> Item | None:
        try:
            return read_item(await self._office.store.bytes_of(row["bytes"]))
        except RevisionDamaged:
            return None


def _which(query: Compare, rows: dict[int, sqlite3.Row]) -> tuple[int, int]:
    """The two revisions that are meant."""
    if not rows:
        raise Refused("no_such", f"下書き {query.draft} はありません。", f"There is no draft {query.draft}.")
    new = query.new or max(rows)
    earlier = [n for n in rows if n < new]
    returned = [n for n in earlier if rows[n]["returned"]]
    old = query.old or (max(returned) if returned else max(earlier, default=0))
    wrong = next((n for n in (old, new) if n not in rows), None)
    if old == 0:
        raise Refused(
            "no_such", "この下書きには、まだ一つの版しかありません。", "There is only one revision of this draft so far."
        )
    if wrong is not None:
        there = ", ".join(map(str, rows))
        raise Refused(
            "no_such", f"第{wrong}版はありません。あるのは: {there}", f"There is no revision {wrong}. There are: {there}"
        )
    return old, new
