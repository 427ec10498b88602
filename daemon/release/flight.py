"""What is in flight, for whoever stops: `state/flight`, which anybody with business in `state/` can read, database or not.

The journal of releases is in the database, and that is the daemon's alone. So what it calls begun stands in this file too, durably
and before the hand gets a job: after a stop, `kohoban stop` can say for whom to wait, whatever has become of the daemon.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from daemon.release.permit import put

FLIGHT = "flight"


class Flying(NamedTuple):
    """One release that had begun: its draft, who has it in hand (a login, or the machine), the head of its text, since when."""

    draft: int
    holder: str
    title: str
    since: datetime


class Underway(NamedTuple):
    """One measure on a comment that the machine has begun: its number, account, who has it in hand, since when."""

    measure: int
    account: str
    holder: str
    since: datetime


def note(state: Path, flying: Iterable[Flying], measures: Iterable[Underway] = ()) -> None:
    """Replace the file by this, durably. Raises OSError; then the old one stands."""
    listed = [
        {"draft": one.draft, "holder": one.holder, "title": one.title, "since": one.since.isoformat(timespec="seconds")}
        for one in flying
    ]
    beside = [
        {"measure": one.measure, "account": one.account, "holder": one.holder, "since": one.since.isoformat(timespec="seconds")}
        for one in measures
    ]
    whole = {"schema": 1, "in_flight": listed, "measures": beside}
    put(state / FLIGHT, json.dumps(whole, ensure_ascii=False).encode(errors="replace") + b"\n")
