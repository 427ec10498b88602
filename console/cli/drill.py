"""`kohoban drill` and `kohoban duties`: a drill of the stop by this process's own system calls, and what is due by when."""

from __future__ import annotations

import select
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from console.cli.command import Session, command, text
from console.cli.outcome import FINDINGS, FINE, INTERRUPTED, REFUSED, Failure
from console.cli.place import TOKYO, office_here
from console.cli.terminal import SCHEMA, clean, err, out, out_json, paint, room, table
from console.words import choose
from daemon.gate import Gate
from daemon.wire import Done, DrillEnd, DrillOn, DrillReport, DrillStart, Duties, DutyList, DutySeen

STARTS_WITHIN = 20.0
"""Seconds in which hand and platform of a drill have to be there."""


@command("drill")
def drill(session: Session) -> int:
    """訓練: Enter is the stop. Exit code 1 where it did not show that everything stops."""
    office = office_here(session.office)
    with session.link() as link:
        on = link.ask(DrillStart(), DrillOn, timeout=STARTS_WITHIN)
        err(text("drill.on", until=f"{on.until.astimezone(TOKYO):%H:%M:%S}"))
        try:
            pressed = _pressed(on)
        except KeyboardInterrupt:
            err(clean(_said(link.ask(DrillEnd(), Done))))
            return INTERRUPTED
        shut = Gate(_place(office, on)).shut(by=link.welcome.login)
        end = DrillEnd(pressed_ns=pressed, latched_ms=shut.latched_ms, silent_ms=shut.silent_ms)
        report = link.ask(end, DrillReport, timeout=STARTS_WITHIN)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(report)})
    else:
        out(paint("pass" if report.passed else "stop", clean(choose(report.message, report.message_en))))
    return FINE if report.passed else FINDINGS


def _pressed(on: DrillOn) -> int:
    """The moment of the press: Enter, or the end of the input. Raises Failure when the drill's time is over."""
    left = (on.until - datetime.now(UTC)).total_seconds()
    if not select.select([sys.stdin], [], [], max(0.0, left))[0]:
        raise Failure(REFUSED, text("drill.over"))
    pressed = time.monotonic_ns()
    sys.stdin.readline()
    return pressed


def _place(office: Path, on: DrillOn) -> Path:
    return office / "state" / on.place


def _said(done: Done) -> str:
    return choose(done.message, done.message_en)


@command("duties")
def duties(session: Session) -> int:
    """What is due by when; exit code 1 where something is overdue."""
    with session.link() as link:
        found = link.ask(Duties(), DutyList).duties
    if session.json:
        out_json({"schema": SCHEMA, "duties": found})
    elif not found:
        out(text("duties.none"))
    else:
        head = [text(f"duties.{name}") for name in ("due", "title", "last", "basis")]
        for line in table([_cells(duty) for duty in found], head, room=room()):
            out(line)
    return FINDINGS if any(duty.overdue for duty in found) else FINE


def _cells(duty: DutySeen) -> tuple[str, ...]:
    due = f"{duty.due.astimezone(TOKYO):%Y-%m-%d}"
    return (
        text("duties.overdue", due=due) if duty.overdue else due,
        clean(choose(duty.title, duty.title_en)),
        f"{duty.last.astimezone(TOKYO):%Y-%m-%d %H:%M}" if duty.last else "-",
        clean(choose(duty.basis, duty.basis_en)),
    )
