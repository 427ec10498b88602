"""A moment that has passed: what was to go out at a time that is over is asked again, never sent late."""

from __future__ import annotations

from datetime import datetime

from daemon.desk.case import Case
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.store import Store, to_db


def passed(case: Case, now: datetime) -> datetime | None:
    """The moment for which this draft was meant, if that is over: the time that was set for it, else its author's."""
    at = case.release_at or case.item.release_at
    return at.astimezone(TOKYO) if at is not None and at <= now else None


def ask_again(at: datetime) -> Refused:
    """The question whether it may still go out, to whoever confirms a held draft: answered by a reason."""
    return Refused(
        "time",
        f"{said(at)[0]}。今からでも出してよければ、理由を添えて承認してください（--reason）。別の日時にするなら、下書きの release_at を直します。",
        f"{said(at)[1]}. If it may still go out now, approve it with a reason (--reason); for another time, mend the draft's release_at.",
    )


def said(at: datetime) -> tuple[str, str]:
    """That the moment is over, in both languages."""
    return f"{at:%m/%d %H:%M} の予定は過ぎました", f"it was meant for {at:%m/%d %H:%M}, which has passed"


async def count_passed(store: Store, now: datetime, states: tuple[str, ...]) -> int:
    """How many drafts in these states were set for a time that is over."""
    marks = ",".join("?" * len(states))
    rows = await store.fetch(
        f"SELECT count(*) AS n FROM drafts WHERE release_at <= ? AND live = 1 AND state IN ({marks})", (to_db(now), *states)
    )
    return int(rows[0]["n"])
