"""Who works at a draft, who looks at it, and what whoever asks could take back: what a row says besides the draft itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from msgspec.structs import replace

from daemon.desk import board
from daemon.desk.case import Setting
from daemon.desk.claiming import claimed
from daemon.desk.undoing import undoable_by
from daemon.rulebook.model import Operator
from daemon.store import Store, from_db
from daemon.wire.answers import QueueRow

Looking = Callable[[int, str], tuple[str, ...]]
"""The names of those who have a draft open now, without one login."""


async def with_people(
    store: Store, rows: Sequence[QueueRow], setting: Setting, who: Operator, looking: Looking
) -> tuple[QueueRow, ...]:
    """The rows, each with its claim, those who look at it, and 取消 where this person could."""
    marks = ",".join("?" * len(rows))
    ids = tuple(row.id for row in rows)
    claims = {row["draft"]: row for row in await store.fetch(f"SELECT * FROM claims WHERE draft IN ({marks})", ids)}
    mine = await store.fetch(f"SELECT * FROM last_decisions WHERE login = ? AND draft IN ({marks})", (who.login, *ids))
    last = {row["draft"]: row for row in mine}
    window = timedelta(seconds=setting.book.office.undo_seconds)
    undo = {
        case.id: from_db(last[case.id]["at"]) + window
        for case in (await board.cases(store, tuple(last), setting) if last else ())
        if undoable_by(last[case.id], case, who, setting)
    }
    seen = []
    for row in rows:
        claim = claimed(claims.get(row.id), setting)
        seen.append(
            replace(
                row,
                can=(*row.can, "undo") if row.id in undo else row.can,
                claimed_by=claim.who.login if claim is not None else "",
                claimed_name=claim.who.name if claim is not None else "",
                claimed_until=claim.until if claim is not None else None,
                watching=looking(row.id, who.login),
                undo_until=undo.get(row.id),
            )
        )
    return tuple(seen)
