"""`kohoban status` and `kohoban resume`: how the office stands, and the way back after a stop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from console.cli.command import Session, command, option, text
from console.cli.decisions import say_done
from console.cli.drafts import state_words
from console.cli.link import Link, NoDaemon
from console.cli.outcome import FINE, REFUSED, Failure
from console.cli.place import TOKYO, office_here
from console.cli.terminal import SCHEMA, clean, err, fields, out, out_json, paint, room, table
from console.money import dollars
from console.record import short_hash
from console.words import choose, choose_each, word
from daemon.gate import Gate, Look
from daemon.standing import last_mark
from daemon.wire import (
    AccountStatus,
    ConfirmResume,
    ConfirmStop,
    Done,
    Resume,
    ResumeCode,
    Status,
    StatusAnswer,
    StopSeen,
    StopState,
)


@command("status", option("--line", "one_line", key="status_line", is_flag=True))
def status(session: Session, one_line: bool) -> int:
    """The office at a glance; without a daemon, what the gate alone can tell."""
    office = office_here(session.office)
    if one_line:
        from console.cli.banner import banner

        return banner(office, session.operator)
    try:
        with Link(office, session.operator) as link:
            answer = link.ask(Status(), StatusAnswer)
            who = f"{link.welcome.name} ({link.welcome.login})"
    except NoDaemon as absent:
        return _without_daemon(session, office, absent)
    if session.json:
        out_json(_said(answer))
        return FINE
    for line in status_lines(answer, who):
        out(line)
    return FINE


def _without_daemon(session: Session, office: Path, absent: NoDaemon) -> int:
    gate = gate_alone(office)
    if session.json:
        nothing: dict[str, Any] = {"policy": None, "accounts": [], "queue": {}}
        out_json({"schema": SCHEMA, "daemon": "down", "stopped": gate.stopped, **nothing, "gate": msgspec.structs.asdict(gate)})
    else:
        out(paint("stop", text("status.down" if absent.down else "status.unreached")))
        if gate.stopped is False and not gate.scopes:
            out(paint("warn", text("status.permit_alone")))
        else:
            is_open = None if gate.stopped is None else not gate.stopped
            out(gate_line(is_open, choose(gate.why, gate.why_en), gate))
    err(absent.sentence)
    return absent.code


def gate_alone(office: Path) -> StopState:
    """The stop as its own marks tell of it."""
    look = look_at(office)
    if look is None:
        return StopState(stopped=None)
    mark = last_mark(Gate(office / "state"))
    since = None if mark is None else datetime.fromtimestamp(mark.at, TOKYO)
    by = mark.by if mark else ""
    return StopState(
        stopped=None if look.blind else not look.open,
        why=look.why,
        why_en=look.why_en,
        by=by,
        since=since,
        scopes=look.scopes,
        epoch=look.epoch,
    )


def look_at(office: Path) -> Look | None:
    """The gate of an office as anybody can see it; None where the office has no `state/` to look into."""
    state = office / "state"
    return Gate(state).look() if state.is_dir() else None


def _said(answer: StatusAnswer) -> dict[str, Any]:
    accounts = [msgspec.structs.asdict(account) for account in answer.accounts]
    rest = {k: v for k, v in msgspec.structs.asdict(answer).items() if k not in ("accounts", "queue")}
    return {
        "schema": SCHEMA,
        "daemon": "up",
        "stopped": answer.gate.stopped,
        "policy": {"hash": answer.policy_hash, "since": answer.policy_since, "problems": answer.problems},
        "accounts": accounts,
        "queue": answer.queue,
        **rest,
    }


def status_lines(answer: StatusAnswer, who: str) -> Iterator[str]:
    """The office as people read it. The state of the gate stands first, in words."""
    gate = answer.gate
    mode = text("status.training" if answer.training else "status.real")
    yield f"{paint('bold', clean(answer.office))}  [{mode}]  {answer.now.astimezone(TOKYO):%Y-%m-%d %H:%M}"
    yield gate_line(None if gate.stopped is None else not gate.stopped, choose(gate.why, gate.why_en), gate)
    yield from _stop_lines(gate)
    yield from _confirmation_lines(gate)
    yield from _in_flight_lines(gate)
    for each in answer.countdowns:
        left = max(0, int((each.begins_at - answer.now).total_seconds()))
        yield paint("warn", text("status.countdown", left=left, draft=each.draft, name=clean(each.name)))
    until = text("status.holidays_until", year=answer.holidays_until)
    yield from fields(
        {text("status.who"): clean(who), text("status.policy"): _rules_words(answer), text("status.holidays"): until}
    )
    for problem in choose_each(answer.problems, answer.problems_en):
        yield paint("warn", text("status.problem", problem=clean(problem)))
    for alarm in choose_each(answer.alarms, answer.alarms_en):
        yield paint("warn", text("status.alarm", alarm=clean(alarm)))
    for duty in answer.duties:
        if duty.due is not None and not duty.overdue:
            due = f"{duty.due.astimezone(TOKYO):%Y-%m-%d}"
            title = f"{choose(duty.title, duty.title_en)} {duty.account}".rstrip()
            yield text("status.duty", title=clean(title), due=due)
    head = [text(f"status.{name}") for name in ("account", "channel", "open", "next", "reason")]
    yield from ("", *table([_account_cells(account) for account in answer.accounts], head, room=room()))
    for account in answer.accounts:
        yield from _account_lines(account)
    counts = "  ".join(f"{state_words(state)} {count}" for state, count in answer.queue.items() if count)
    yield from ("", text("status.queue", counts=counts or "0"))


def _rules_words(answer: StatusAnswer) -> str:
    since = f"{answer.policy_since.astimezone(TOKYO):%m-%d %H:%M}"
    return text("status.policy_since", hash=clean(short_hash(answer.policy_hash)), since=since)


def gate_line(is_open: bool | None, why: str, gate: StopState | None = None) -> str:
    if is_open is None:
        return paint("stop", text("status.gate_unknown"))
    if is_open:
        scopes = " ".join(gate.scopes) if gate else ""
        return (
            paint("warn", text("status.part_stopped", scopes=clean(scopes), first=clean(gate.scopes[0] if gate else "")))
            if scopes
            else paint("pass", text("status.running"))
        )
    if gate is not None and gate.stops:
        return f"{paint('stop', text('status.stopped'))}  {text('status.stopped_why', why=clean(why))}"
    if gate is None or not (gate.by or gate.since):
        return f"{paint('stop', text('status.closed'))}  {clean(why)}"
    by = clean(gate.by) or "-"
    since = f"{gate.since.astimezone(TOKYO):%m-%d %H:%M:%S}" if gate.since else "-"
    return f"{paint('stop', text('status.stopped'))}  {text('status.stopped_by', why=clean(why), by=by, since=since)}"


def _stop_lines(gate: StopState) -> Iterator[str]:
    """The stops that stand, each with who made it, when and why, as the daemon's record has them."""
    for each in gate.stops:
        said = {"scope": scope_words(each.scope), "by": clean(each.by) or "-", "reason": reason_words(each)}
        yield text("status.stop", since=f"{each.at.astimezone(TOKYO):%m-%d %H:%M:%S}", **said)


def scope_words(scope: str) -> str:
    """What is stopped, as people call it."""
    return clean(word("scope", scope))


def reason_words(stop: StopSeen) -> str:
    """Why it was stopped; that nobody has said is said."""
    return clean(stop.reason) or text("status.no_reason")


def _confirmation_lines(gate: StopState) -> Iterator[str]:
    """Whether a manager has confirmed the stop that stands."""
    if gate.unconfirmed:
        command = "kohoban confirm-stop" + ("" if "all" in gate.unconfirmed else f" --scope {clean(gate.unconfirmed[0])}")
        yield paint("warn", text("status.provisional", scopes=clean(" ".join(gate.unconfirmed)), command=command))
    elif gate.confirmed_by:
        yield text("status.confirmed", by=clean(gate.confirmed_by))


def _in_flight_lines(gate: StopState) -> Iterator[str]:
    for flight in gate.in_flight:
        line = text("status.in_flight", draft=flight.draft, holder=clean(flight.holder), title=clean(flight.title))
        yield paint("warn", line)


def _account_lines(account: AccountStatus) -> Iterator[str]:
    """What its channel has cost this month, and how far the posts that name it have been read."""
    if account.spent or account.budget:
        budget = text("status.budget", budget=dollars(account.budget)) if account.budget else ""
        yield text("status.spent", account=clean(account.id), spent=dollars(account.spent), budget=budget)
    if account.reading:
        yield text("status.reading", account=clean(account.id), reading=clean(choose(account.reading, account.reading_en)))


def _account_cells(account: AccountStatus) -> tuple[str, ...]:
    change = account.next_close if account.open else account.next_open
    now = text("status.stopped" if account.stopped else "hours.open" if account.open else "hours.closed")
    return (
        clean(account.id),
        clean(account.channel),
        now,
        f"{change.astimezone(TOKYO):%m-%d %H:%M}" if change else "-",
        clean(choose(account.reason, account.reason_en)),
    )


@command(
    "resume",
    option("--code", metavar="CODE", default=""),
    option("--reason", metavar="TEXT", default=""),
    option("--scope", metavar="SCOPE", default="all"),
    option("--confirm", is_flag=True),
)
def resume(session: Session, code: str, reason: str, scope: str, confirm: bool) -> int:
    """再開. Without a code it only shows the one to type, and that is no resume: exit code 4; where nothing is stopped, 0."""
    with session.link() as link:
        if code:
            act = ConfirmResume(code=code) if confirm else Resume(code=code, reason=reason, scope=scope)
            return say_done(session, link.ask(act, Done))
        state = link.ask(ResumeCode(), StopState)
    idle = state.stopped is False and not state.scopes
    if not (state.code or state.asked or idle):
        raise Failure(REFUSED, text("resume.not_manager"))
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(state)})
        return FINE if idle else REFUSED
    if idle:
        out(text("resume.nothing"))
        return FINE
    out(gate_line(None if state.stopped is None else not state.stopped, choose(state.why, state.why_en), state))
    for lines in (_stop_lines(state), _in_flight_lines(state), _next_step(state)):
        for line in lines:
            out(line)
    return REFUSED


def _next_step(state: StopState) -> Iterator[str]:
    """What the one who asks has to type, or whom to ask."""
    if (asked := state.asked) is not None:
        until = f"{asked.until.astimezone(TOKYO):%H:%M}"
        yield text("resume.asked", by=clean(asked.by), reason=clean(asked.reason), until=until)
        yield text("resume.confirm", code=state.code) if state.code else text("resume.wait")
        return
    part = state.scopes[0] if state.stopped is False else ""
    yield text("resume.code_part" if part else "resume.code", code=state.code, held=state.held, scope=clean(part))
    if state.passed:
        yield text("resume.passed", passed=state.passed)


@command(
    "confirm-stop",
    option("--scope", key="stop_scope", metavar="SCOPE", default="all"),
    option("--note", key="stop_note", metavar="TEXT", default=""),
)
def confirm_stop(session: Session, scope: str, note: str) -> int:
    """停止の確認 by a manager."""
    with session.link() as link:
        return say_done(session, link.ask(ConfirmStop(scope=scope, note=note), Done))
