"""What runs out on a draft that has just been decided: the seconds until it goes out by itself, and those in which its decision can be taken
back (取消). Both moments are the daemon's own; the console only counts down to them, and where nothing ticks it names them instead."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import NamedTuple

from console.text import DisplayText
from console.tui.commands import by_command, keys_of
from console.tui.office import OfficeSeen
from console.tui.tell import TOKYO, tell
from daemon.wire import QueueRow


class Left(NamedTuple):
    """The moments that lie ahead: of the release, and of the end of taking back; None where there is none."""

    begins: datetime | None
    undo: datetime | None

    def __bool__(self) -> bool:
        return self.begins is not None or self.undo is not None


def left_of(row: QueueRow, seen: OfficeSeen, now: datetime) -> Left:
    """What runs out on a draft. Nothing is on its way while anything is stopped, and nothing can be taken back of which nobody answers."""
    account = seen.account(row.account)
    goes_on = seen.connected and seen.condition == "running" and not (account is not None and account.stopped)
    begins = row.begins_at if goes_on and row.state == "approved" else None
    undo = row.undo_until if seen.connected and "undo" in row.can else None
    return Left(begins if begins is not None and begins > now else None, undo if undo is not None and undo > now else None)


def possible_now(row: QueueRow, now: datetime) -> set[str]:
    """What the daemon said that could be done with a draft, without what its own moment has ended since."""
    over = row.undo_until is not None and row.undo_until <= now
    return set(row.can) - ({"undo"} if over else set())


def told(row: QueueRow, seen: OfficeSeen, now: datetime, *, ticks: bool) -> DisplayText | None:
    """The whole sentence, 「あと 23 秒で発信・z で取り消し」; None where nothing runs out. Without a clock that `ticks`, the moments themselves."""
    left = left_of(row, seen, now)
    if not left:
        return None
    key = keys_of(by_command("undo"))[0]
    kind = "both" if left.begins and left.undo else "undo" if left.undo else "hold" if "hold" in row.can else "begins"
    if ticks:
        return tell(f"running_out.{kind}", left=_seconds(left.begins or left.undo, now), key=key)
    return tell(f"running_out.{kind}_at", at=_clock(left.begins or left.undo), until=_clock(left.undo), key=key)


def in_short(row: QueueRow, seen: OfficeSeen, now: datetime) -> DisplayText | None:
    """The same for a column of a list."""
    left = left_of(row, seen, now)
    if not left:
        return None
    kind = "both" if left.begins and left.undo else "undo" if left.undo else "begins"
    return tell(f"running_out.{kind}_short", left=_seconds(left.begins or left.undo, now), key=keys_of(by_command("undo"))[0])


def _seconds(until: datetime | None, now: datetime) -> int:
    return ceil((until - now).total_seconds()) if until is not None else 0


def _clock(at: datetime | None) -> str:
    return f"{at.astimezone(TOKYO):%H:%M:%S}" if at is not None else ""
