"""What the platforms charge: a row for each release, measure and question that cost something, and the sum of an account's month.

A price is what the channel's table says (`rulebook.channels`), in millionths of a US dollar, not what a bill says. What is 不明 counts until
it is known. The month is Japan's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from daemon.desk.case import Case
from daemon.judge import cost_of
from daemon.rulebook.calendar import TOKYO
from daemon.store import Tx, to_db

What = Literal["release", "measure", "ask"]


def charge(tx: Tx, what: What, ref: str, account: str, channel: str, kind: str, micros: int, now: datetime) -> None:
    """Write that this has cost so much; once, however often it is told. Nothing is written of what costs nothing."""
    if micros:
        tx.db.execute(
            "INSERT OR IGNORE INTO charges (what, ref, account, channel, kind, month, at, micros) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (what, ref, account, channel, kind, month_of(now), to_db(now), micros),
        )


def uncharge(tx: Tx, what: What, ref: str) -> None:
    """It certainly did not go out after all."""
    tx.db.execute("DELETE FROM charges WHERE what = ? AND ref = ?", (what, ref))


def spent(db: sqlite3.Connection, month: str) -> Mapping[str, int]:
    """What each account has cost in a month."""
    rows = db.execute("SELECT account, sum(micros) AS sum FROM charges WHERE month = ? GROUP BY account", (month,))
    return {row["account"]: int(row["sum"]) for row in rows}


def by_kind(db: sqlite3.Connection, month: str) -> tuple[tuple[str, str, str, int, int], ...]:
    """What a month has cost, by account, what and kind: how many, and how much."""
    rows = db.execute(
        "SELECT account, what, kind, count(*) AS n, sum(micros) AS sum FROM charges WHERE month = ? GROUP BY account, what, kind "
        "ORDER BY account, what, kind",
        (month,),
    )
    return tuple((row["account"], row["what"], row["kind"], int(row["n"]), int(row["sum"])) for row in rows)


def month_of(moment: datetime) -> str:
    """The month of a moment in Japan, `2026-11`."""
    return f"{moment.astimezone(TOKYO):%Y-%m}"


def release_ended(tx: Tx, release: int, case: Case, outcome: str, now: datetime) -> None:
    """What a release has cost, when its end is written: what went out, and what may have (不明), until that is settled."""
    ref = str(release)
    if outcome not in ("released", "unknown"):
        uncharge(tx, "release", ref)
        return
    row = tx.db.execute("SELECT channel FROM releases WHERE id = ?", (release,)).fetchone()
    channel = row["channel"] if row else case.channel
    charge(tx, "release", ref, case.account.id, channel, case.item.kind, cost_of(case.item, channel), now)
