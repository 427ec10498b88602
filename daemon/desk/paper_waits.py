"""Decisions on paper that have been entered and wait for their countersignature: their rows, and the line that says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from daemon.rulebook.verdict import Missing
from daemon.store import from_db
from daemon.wire.deciding import PaperEntry


def entered(rows: Iterable[Mapping[str, Any] | sqlite3.Row]) -> tuple[PaperEntry, ...]:
    """Decisions on paper from their rows: those that still wait for their countersignature."""
    return tuple(
        PaperEntry(
            decided_by=r["decided_by"],
            decision=r["decision"],
            reference=r["reference"],
            on=r["on_day"],
            reason=r["reason"],
            scan=r["scan"],
            entered_by=r["entered_by"],
            at=from_db(r["at"]),
        )
        for r in rows
        if r["state"] == "open"
    )


def unsigned(entry: PaperEntry) -> Missing:
    """A decision on paper counts only when another person has countersigned it, and holds the draft until then: it may be a return."""
    return Missing(
        what=f"紙の決裁（{entry.reference}、{entry.decided_by}、入力 {entry.entered_by}）の副署",
        what_en=f"the countersignature of a decision on paper ({entry.reference} by {entry.decided_by}, entered by {entry.entered_by})",
        who="入力した人と作成者以外の担当者",
        clause="",
        act="countersign",
    )
