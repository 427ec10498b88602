"""`kohoban status --line`: the office in one line, for the login of a shell, a prompt, and the head of the numbered line mode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from console.cli.command import text
from console.cli.drafts import state_words
from console.cli.link import Link, NoDaemon
from console.cli.outcome import FINE, Failure
from console.cli.place import TOKYO, now
from console.cli.standing import gate_alone, look_at, reason_words
from console.cli.terminal import clean, err, fit, out, paint
from daemon.gate import Look
from daemon.wire import Status, StatusAnswer, StopState

HASTE = 1.0
"""Seconds that a daemon gets for each of its answers here: a login must not wait for one that hangs."""

REASON = 60
"""Columns of a reason that the one line has room for."""

_WORK = ("to_fix", "waiting", "held", "unknown")
"""States in which somebody has to do something, the worst of them last."""


def banner(office: Path, operator: str) -> int:
    """Say in one line how the office stands. The exit code is that of `status`; what is not known is never said to be running."""
    look = look_at(office)
    try:
        with Link(office, operator, patience=HASTE) as link:
            answer = link.ask(Status(), StatusAnswer, timeout=HASTE)
    except NoDaemon as absent:
        out(_alone(look, absent, gate_alone(office)))
        return absent.code
    except Failure as refused:
        out("  ".join((_gate_words(look, told=None), *_stop_words(look, gate_alone(office)))))
        err(refused.sentence)
        return refused.code
    out(line(answer, look))
    return FINE


def line(answer: StatusAnswer, look: Look | None) -> str:
    """The one line: how the gate stands, in words and first; then whose office, and what there is to do."""
    mode = text("status.training" if answer.training else "status.real")
    counts = [text("status.line_count", state=state_words(s), count=n) for s in _WORK if (n := answer.queue.get(s))]
    alarms = [text("status.line_alarms", count=len(answer.alarms))] if answer.alarms else []
    at = f"{answer.now.astimezone(TOKYO):%H:%M}"
    stop = _stop_words(look, answer.gate)
    return "  ".join((_gate_words(look, told=answer), *stop, clean(answer.office), f"[{mode}]", *counts, *alarms, at))


def _alone(look: Look | None, absent: NoDaemon, gate: StopState) -> str:
    said = text("status.down" if absent.down else "status.unreached")
    return "  ".join((_gate_words(look, told=None), *_stop_words(look, gate), said, f"{now():%H:%M}"))


def _stop_words(look: Look | None, gate: StopState) -> Iterator[str]:
    """Who stopped, since when, and why, as far as anybody has said: of everything, else of the first part that is stopped."""
    stop = next(iter(gate.stops), None)
    by, since = (stop.by, stop.at) if stop else (gate.by, gate.since)
    if since is not None and (gate.stopped or gate.scopes or (look is not None and not look.open)):
        yield text("status.line_by", by=clean(by) or "-", since=f"{since.astimezone(TOKYO):%m-%d %H:%M}")
    if stop is not None:
        yield text("status.line_reason", reason=fit(reason_words(stop), REASON))


def _gate_words(look: Look | None, told: StatusAnswer | None) -> str:
    """How the gate stands: a stop is one whoever tells of it; it runs only where our own eyes and the daemon agree."""
    stopped = (look is not None and not look.open and not look.blind) or (told is not None and told.gate.stopped is True)
    if stopped:
        return paint("stop", text("status.line_stopped"))
    if look is None or look.blind or told is None or told.gate.stopped is None:
        return paint("stop", text("status.line_unknown"))
    if scopes := look.scopes or told.gate.scopes:
        return paint("warn", text("status.line_part", scopes=clean(" ".join(scopes))))
    return paint("pass", text("status.line_running"))
