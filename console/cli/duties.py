"""`kohoban duties`: what is due by when and what an account still lacks; attesting it, taking a wrong tick back, and what was done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from console.cite import cite_words
from console.cli.command import Session, argument, command, listing, option, text
from console.cli.decisions import say_done
from console.cli.outcome import FINDINGS, FINE, WRONG, Failure
from console.cli.place import TOKYO
from console.cli.terminal import SCHEMA, clean, out, out_json, paint, room, table
from console.words import choose
from daemon.wire import Done, Duties, DutyDone, DutyHistory, DutyList, DutyPast, DutySeen, DutyTick, DutyUndo
from daemon.wire.acts import AnyAct

_INK = {"needed": "block", "overdue": "block", "soon": "warn"}


@listing("duties")
def duties(session: Session) -> int:
    """What is due by when; exit code 1 where something is overdue, or keeps an account from releasing."""
    with session.link() as link:
        found = link.ask(Duties(), DutyList).duties
    if session.json:
        out_json({"schema": SCHEMA, "duties": found})
    elif not found:
        out(text("duties.none"))
    else:
        for line in _lines(found):
            out(line)
    return FINDINGS if any(duty.standing in ("needed", "overdue") for duty in found) else FINE


def _lines(found: tuple[DutySeen, ...]) -> Iterator[str]:
    head = [text(f"duties.{name}") for name in ("due", "id", "account", "title", "last", "basis")]
    yield from table([_cells(duty) for duty in found], head, room=room(), give=((5, 10), (3, 16)))
    pressing = next((duty for duty in found if duty.standing in ("needed", "overdue", "soon") and "done" in duty.can), None)
    if pressing is not None:
        account = f" --account {pressing.account}" if pressing.account else ""
        yield ""
        yield f"{clean(pressing.id)}: {clean(choose(pressing.how, pressing.how_en))} [{clean(cite_words(pressing.cite))}]"
        yield text("duties.next", duty=clean(pressing.id), account=clean(account))


def _cells(duty: DutySeen) -> tuple[str, ...]:
    return (
        paint(_INK.get(duty.standing, "dim"), _due(duty)),
        clean(duty.id),
        clean(duty.account) or "-",
        clean(choose(duty.title, duty.title_en)),
        _day(duty.last),
        clean(choose(duty.basis, duty.basis_en)),
    )


def _due(duty: DutySeen) -> str:
    """The day, in words where it is over or the account waits for it: colour alone says nothing."""
    if duty.standing in ("needed", "done"):
        return text(f"duties.{duty.standing}")
    day = _day(duty.due)
    return text(f"duties.{duty.standing}", due=day) if duty.standing in ("overdue", "soon") else day


def _day(at: datetime | None) -> str:
    return f"{at.astimezone(TOKYO):%Y-%m-%d}" if at else "-"


_ACCOUNT = {"key": "duty_account", "metavar": "ID", "default": ""}


@command(
    "duties done",
    argument("DUTY"),
    option("--account", **_ACCOUNT),
    option("--note", key="duty_note", metavar="TEXT", required=True),
    option("--proof", key="duty_proof", metavar="URL", default=""),
    option("--on", key="duty_on", metavar="DATE", default=""),
)
def done(session: Session, duty: str, account: str, note: str, proof: str, on: str) -> int:
    """済."""
    return _put(session, DutyDone(duty=duty, account=account, note=note, proof=proof, on=_typed_day(on)))


@command("duties undo", argument("DUTY"), option("--account", **_ACCOUNT), option("--reason", metavar="TEXT", required=True))
def undo(session: Session, duty: str, account: str, reason: str) -> int:
    """A wrong tick taken back."""
    return _put(session, DutyUndo(duty=duty, account=account, reason=reason))


@command("duties history", argument("DUTY", required=False, default=""), option("--account", **_ACCOUNT))
def history(session: Session, duty: str, account: str) -> int:
    """Who attested what, and what was taken back."""
    with session.link() as link:
        past = link.ask(DutyHistory(duty=duty, account=account), DutyPast)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(past)})
    elif not past.ticks:
        out(text("duties.no_ticks"))
    else:
        head = [text(f"duties.{name}") for name in ("on", "id", "account", "by", "note")]
        for line in table([_tick_cells(tick) for tick in past.ticks], head, room=room(), give=((4, 16),)):
            out(line)
    return FINE


def _tick_cells(tick: DutyTick) -> tuple[str, ...]:
    said = " ".join(filter(None, (clean(tick.note), clean(tick.proof))))
    if tick.undone_at is not None:
        said = text("duties.undone", by=clean(tick.undone_by), reason=clean(tick.undone_reason), said=said)
    return tick.on.isoformat(), clean(tick.duty), clean(tick.account) or "-", clean(tick.by), said


def _typed_day(typed: str) -> date | None:
    if not typed:
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Failure(WRONG, text("duties.no_day", value=clean(typed))) from None


def _put(session: Session, act: AnyAct) -> int:
    with session.link() as link:
        answer = link.ask(act, Done)
    return say_done(session, answer)


for _command in (done, undo, history):
    duties.add_command(_command)

__all__ = ["duties"]
