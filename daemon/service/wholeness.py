"""What a person reads, approves and takes is what was kept: the stored bytes have their hash, and the database says the same as they do.

SQLite's own checks notice fewer than half of the pages that a disk has changed, so every draft that is shown, or decided about, is held
against its bytes first. Where they differ it is never shown as if it were fine, and an alarm names it.
"""

from __future__ import annotations

import asyncio

import msgspec
from msgspec.structs import replace

from daemon.desk.refused import Refused
from daemon.intake.frontmatter import read_item
from daemon.rulebook.item import Item
from daemon.service.running import Running
from daemon.store import RevisionDamaged
from daemon.wire.answers import DraftDetail, MissingSeen

_item: msgspec.json.Decoder[Item] = msgspec.json.Decoder(Item)
_READ_ALIKE = ("troubles", "encoding", "declared")
"""What a later version of this program may read otherwise from the same bytes, without anything that goes out being another."""


class Wholeness:
    """Holds drafts of one office against their bytes."""

    def __init__(self, office: Running) -> None:
        self._office = office

    async def proved(self, draft: int) -> None:
        """Raises Refused where this draft is not what was kept; nothing may be decided about it then."""
        if (wrong := await self._wrong(draft)) is not None:
            raise Refused("internal", *wrong)

    async def shown(self, detail: DraftDetail) -> DraftDetail:
        """The draft as it may be shown: where it is not what was kept, that, in the place of its text, and nothing that could be done."""
        wrong = await self._wrong(detail.row.id)
        if wrong is None:
            return detail
        line = MissingSeen(what=wrong[0], what_en=wrong[1], who="管理者", clause="", act="edit")
        row = replace(detail.row, title="〔損傷〕 damaged", waiting=(line,), can=())
        return replace(detail, row=row, text=f"{wrong[0]}\n{wrong[1]}", item={}, findings=(), lengths={}, can=())

    async def _wrong(self, draft: int) -> tuple[str, str] | None:
        office, key = self._office, f"damaged:{draft}"
        rows = await office.store.fetch("SELECT hash, body, item FROM drafts WHERE id = ?", (draft,))
        if not rows:
            return None  # whoever asked is told so by the desk
        try:
            data = await office.store.bytes_of(rows[0]["hash"])
        except RevisionDamaged as damaged:
            wrong = (f"下書き {draft}: {damaged.message}", f"Draft {draft}: {damaged.message_en}")
        else:
            if await asyncio.to_thread(_agree, data, rows[0]["body"], rows[0]["item"]):
                office.alarms.pop(key, None)
                return None
            wrong = (
                f"下書き {draft}: データベースの本文が、保存した原文と一致しません。承認も発信もできません。"
                "デーモンを終えて kohoban repair を実行するか、控えから戻してください。",
                f"Draft {draft}: the database's text is not that of the bytes kept. It can be neither approved nor released: end the "
                "daemon and run kohoban repair, or restore a backup.",
            )
        office.alarms[key] = wrong
        return wrong


def _agree(data: bytes, body: str, item: bytes) -> bool:
    """Whether the database says of a draft what its bytes say."""
    read = read_item(data)
    try:
        stored = _item.decode(item)
    except msgspec.DecodeError:
        return False
    alike = {name: getattr(read, name) for name in _READ_ALIKE}
    return read.text == body and replace(read, text="") == replace(stored, text="", **alike)
