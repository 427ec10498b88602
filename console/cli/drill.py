"""`kohoban drill`: a drill of the stop by this process's own system calls."""

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
from console.cli.terminal import SCHEMA, clean, err, out, out_json, paint
from console.words import choose
from daemon.gate import Gate
from daemon.wire import Done, DrillEnd, DrillOn, DrillReport, DrillStart

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
