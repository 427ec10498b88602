"""What has been released leaves the folder in which people work."""

from __future__ import annotations

import asyncio

from daemon.desk.case import Case
from daemon.intake.names import file_of, is_row, notice_name
from daemon.intake.notice import move_done, remove_notice
from daemon.service.running import Running


async def put_away(office: Running, case: Case) -> tuple[str, str] | None:
    """Move the file of a released draft to `done/`: that of a row when nothing in its sheet is in hand any more. Why it cannot be, in both
    languages; None where it was."""
    folder = office.folder / "drafts" / case.account.id
    digest = case.item.origin.hash if case.item.origin is not None else case.digest
    if not is_row(case.name):
        return await asyncio.to_thread(move_done, folder, case.name, digest)
    sheet = file_of(case.name)
    rows = await office.store.fetch(
        "SELECT 1 FROM drafts WHERE account = ? AND name > ? AND name < ? AND live = 1 LIMIT 1",
        (case.account.id, sheet + b"/", sheet + b"0"),
    )
    problem = await asyncio.to_thread(remove_notice, folder, notice_name(case.name))
    return problem if rows else await asyncio.to_thread(move_done, folder, sheet, digest)
