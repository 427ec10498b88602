"""Duties with a date: what has to be done every so often, when it was last done, and whether it is overdue.

No clause names the interval: it is the office's own (`[office] drill_months`).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import datetime

from daemon.desk.case import Setting
from daemon.rulebook.calendar import TOKYO
from daemon.store import Store, Tx, from_db
from daemon.wire.following import DrillReport, DutySeen


async def duties(store: Store, setting: Setting) -> tuple[DutySeen, ...]:
    """Every duty of this office, the one that is due first at the top."""
    drill = await _drill(store, setting)
    return (drill,) if drill else ()


def drilled(by: str, report: DrillReport) -> Callable[[Tx], str]:
    """The operation that writes down a drill and what it has shown; returns the head of the record."""

    def op(tx: Tx) -> str:
        counts = (report.before, report.meanwhile, report.after)
        tx.db.execute(
            "INSERT INTO drills (at, by, latched_us, silent_us, begun_before, begun_meanwhile, begun_after, passed) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (tx.now, by, _us(report.latched_ms), _us(report.silent_ms), *counts, report.passed),
        )
        head = tx.record(
            by,
            "drill",
            None,
            outcome="passed" if report.passed else "failed",
            latched_us=_us(report.latched_ms),
            silent_us=_us(report.silent_ms),
            before=report.before,
            meanwhile=report.meanwhile,
            after=report.after,
        )
        tx.anchor()
        return head

    return op


async def _drill(store: Store, setting: Setting) -> DutySeen | None:
    """訓練 of the stop: due so many months after the last that showed what it should; in a new office, after its first day."""
    months = setting.book.office.drill_months
    if months <= 0:
        return None
    done = (await store.fetch("SELECT max(at) AS at FROM drills WHERE passed = 1", ()))[0]["at"]
    first = (await store.fetch("SELECT at FROM audit ORDER BY seq LIMIT 1", ())) if done is None else []
    since = setting.now if done is None and not first else from_db(first[0]["at"] if done is None else done)
    due = months_after(since.astimezone(TOKYO), months)
    return DutySeen(
        id="drill",
        title="停止の訓練（:訓練、kohoban drill）",
        title_en="A drill of the stop (:drill, kohoban drill)",
        basis=f"rules.toml の drill_months = {months}（条文に間隔の定めはありません）",
        basis_en=f"drill_months = {months} in rules.toml (no clause names an interval)",
        last=None if done is None else from_db(done).astimezone(TOKYO),
        due=due,
        overdue=setting.now > due,
    )


def alarm(duty: DutySeen) -> tuple[str, str]:
    """What everybody is told of a duty that is overdue."""
    at = f"{duty.due:%Y-%m-%d}"
    return f"期限（{at}）を過ぎています: {duty.title}", f"Overdue since {at}: {duty.title_en}"


def months_after(at: datetime, months: int) -> datetime:
    """The same day so many months later; the last day of that month where it has no such day."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def _us(ms: float | None) -> int | None:
    return None if ms is None else round(ms * 1000)
