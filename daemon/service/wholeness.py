"""What a person reads, approves and takes is what was kept: the stored bytes have their hash, and the database says the same as they do.

SQLite's own checks notice fewer than half of the pages that a disk has changed, so every draft that is shown, decided about or released is
held against its bytes first, and its seal against them and its images. Where they differ it is never shown as if it were fine, and an
alarm names it. Whoever lets it out also has its images looked at as they lie there (`as_sealed`).
"""

from __future__ import annotations

import asyncio
import sqlite3

import msgspec
from msgspec.structs import replace

from daemon.desk.case import pictures_of
from daemon.intake.frontmatter import read_item
from daemon.intake.pictures import read_pictures
from daemon.refused import Refused
from daemon.rulebook.item import Item
from daemon.rulebook.picture import seal
from daemon.service.running import Running
from daemon.store import RevisionDamaged, Store
from daemon.wire.answers import DraftDetail
from daemon.wire.seen import MissingSeen

_item: msgspec.json.Decoder[Item] = msgspec.json.Decoder(Item)
_APART = ("troubles", "encoding", "declared", "looked", "origin")
"""What need not agree: the first three a later version of this program may read otherwise from the same bytes, without anything that goes
out being another; the other two were never in these bytes."""


class Wholeness:
    """Holds drafts of one office against their bytes."""

    def __init__(self, office: Running) -> None:
        self._office = office

    async def proved(self, draft: int) -> None:
        """Raises Refused where this draft is not what was kept; nothing may be decided about it then."""
        self.heed(draft, await self._wrong(draft))

    def heed(self, draft: int, wrong: tuple[str, str] | None) -> None:
        """Let everybody know what is wrong with a draft, or that nothing is any more. Raises Refused where something is."""
        self._known(draft, wrong)
        if wrong is not None:
            raise Refused("internal", *wrong)

    async def as_sealed(self, draft: int) -> None:
        """Raises Refused where an image of this draft is no longer the one that was approved. (The hand that sends it looks once more.)"""
        rows = await self._office.store.fetch("SELECT account, pictures FROM drafts WHERE id = ?", (draft,))
        if not rows or not rows[0]["pictures"]:
            return
        account, before = rows[0]["account"], pictures_of(rows[0]["pictures"])
        files = [picture.file for picture in before]
        now = await asyncio.to_thread(read_pictures, self._office.folder / "drafts", account, files)
        other = [a.file for a, b in zip(before, now.pictures, strict=True) if (a.hash, a.size) != (b.hash, b.size) or not a.hash]
        if other:
            raise Refused(
                "stale",
                f"画像（{'、'.join(other)}）が、承認されたものと違います。差し替えたのであれば、新しい版として承認を受けてください。",
                f"These images are not the ones that were approved: {', '.join(other)}. If they were replaced, the new revision needs "
                "approval.",
            )

    async def shown(self, detail: DraftDetail) -> DraftDetail:
        """The draft as it may be shown: where it is not what was kept, that, in the place of its text, and nothing that could be done."""
        wrong = await self._wrong(detail.row.id)
        self._known(detail.row.id, wrong)
        if wrong is None:
            return detail
        line = MissingSeen(what=wrong[0], what_en=wrong[1], who="管理者", who_en="a manager", clause="", act="edit")
        row = replace(detail.row, title="〔損傷〕 damaged", waiting=(line,), can=())
        return replace(detail, row=row, text=f"{wrong[0]}\n{wrong[1]}", item={}, findings=(), lengths={}, can=())

    async def _wrong(self, draft: int) -> tuple[str, str] | None:
        store = self._office.store
        return await store.read(lambda db: wrong_with(db, store, draft))

    def _known(self, draft: int, wrong: tuple[str, str] | None) -> None:
        if wrong is None:
            self._office.alarms.pop(f"damaged:{draft}", None)
        else:
            self._office.alarms[f"damaged:{draft}"] = wrong


def wrong_with(db: sqlite3.Connection, store: Store, draft: int) -> tuple[str, str] | None:
    """What is wrong with a draft, in both languages; None where it is what was kept, and where there is none: whoever asked is told so
    by the desk."""
    row = db.execute("SELECT hash, bytes, pictures, body, item FROM drafts WHERE id = ?", (draft,)).fetchone()
    if row is None:
        return None
    try:
        data = store.kept(db, row["bytes"])
    except RevisionDamaged as damaged:
        return f"下書き {draft}: {damaged.message}", f"Draft {draft}: {damaged.message_en}"
    if _sealed(row) and _agree(data, row["body"], row["item"]):
        return None
    return (
        f"下書き {draft}: データベースの本文が、保存した原文と一致しません。承認も発信もできません。"
        "デーモンを終えて kohoban repair を実行するか、控えから戻してください。",
        f"Draft {draft}: the database's text is not that of the bytes kept. It can be neither approved nor released: end the "
        "daemon and run kohoban repair, or restore a backup.",
    )


def _sealed(row: sqlite3.Row) -> bool:
    """Whether the database says of file and images what the seal says of them."""
    try:
        return seal(row["bytes"], pictures_of(row["pictures"])) == str(row["hash"])
    except msgspec.DecodeError:
        return False


def _agree(data: bytes, body: str, item: bytes) -> bool:
    """Whether the database says of a draft what its bytes say."""
    read = read_item(data)
    try:
        stored = _item.decode(item)
    except msgspec.DecodeError:
        return False
    alike = {name: getattr(read, name) for name in _APART}
    return read.text == body and replace(read, text="") == replace(stored, text="", **alike)
