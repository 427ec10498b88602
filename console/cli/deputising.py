"""`kohoban declare`, `kohoban endorse`, `kohoban deputies`: 緊急の宣言, 後閲, 代決."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from console.cli.command import Session, argument, command, option, text
from console.cli.decisions import decide, say_done
from console.cli.drafts import find
from console.cli.link import Link
from console.cli.outcome import FINDINGS, FINE, REFUSED, WRONG, Failure
from console.cli.place import TOKYO
from console.cli.terminal import SCHEMA, clean, out, out_json, room, table
from console.whom import whom
from console.words import word
from console.words.marks import aside
from daemon.wire import (
    CloseObjection,
    Declare,
    Deputies,
    DeputyList,
    DeputySeen,
    Done,
    Endorse,
    LiftSeen,
    ReviewList,
    Reviews,
    ReviewSeen,
)


@command(
    "declare",
    argument("DRAFT"),
    option("--reason", metavar="TEXT", required=True),
    option("--revision", type=click.IntRange(min=1), metavar="N"),
)
def declare(session: Session, draft: str, reason: str, revision: int | None) -> int:
    """緊急の宣言."""
    return decide(session, draft, revision, lambda d: Declare(draft=d.row.id, hash=d.row.hash, reason=reason))


@command(
    "endorse",
    argument("DRAFT", required=False),
    option("--note", key="endorse_note", metavar="TEXT", default=""),
    option("--object", "objection", key="object", metavar="TEXT"),
    option("--settled", key="objection_settled", metavar="TEXT"),
    option("--all", "everything", key="endorse_all", is_flag=True),
)
def endorse(session: Session, draft: str | None, note: str, objection: str | None, settled: str | None, everything: bool) -> int:
    """後閲: without a draft what is open (exit code 1 where something is late or objected to); else one decision."""
    if draft is None:
        if note or objection is not None or settled is not None:
            raise Failure(WRONG, text("endorse.which"))
        return _list(session, everything)
    if objection is not None and settled is not None:
        raise Failure(WRONG, text("endorse.one_of"))
    with session.link() as link:
        one = _meant(link, draft, settled=settled is not None)
        act = (
            CloseObjection(review=one.id, note=settled)
            if settled is not None
            else Endorse(review=one.id, objects=objection is not None, note=objection if objection is not None else note)
        )
        done = link.ask(act, Done)
    return say_done(session, done)


def _meant(link: Link, name: str, *, settled: bool) -> ReviewSeen:
    """By `R3` the one of that number, else the one that the draft has open. Raises Failure where there is none, or several."""
    found = link.ask(Reviews(done=True), ReviewList).reviews
    number = name.strip().upper().removeprefix("R")
    if name.strip().upper().startswith("R") and number.isascii() and number.isdigit():
        found = tuple(one for one in found if one.id == int(number))
    else:
        draft = find(link, name)
        wanted = "objected" if settled else "open"
        of_draft = tuple(one for one in found if one.draft == draft)
        found = tuple(one for one in of_draft if one.state == wanted) or of_draft[-1:]
    if not found:
        raise Failure(REFUSED, text("endorse.nothing", draft=clean(name)))
    if len(found) > 1:
        raise Failure(WRONG, text("endorse.several", numbers=" ".join(f"R{one.id}" for one in found)))
    return found[0]


def _list(session: Session, everything: bool) -> int:
    with session.link() as link:
        answer = link.ask(Reviews(done=everything), ReviewList)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(answer)})
    else:
        for line in _lines(answer):
            out(line)
    return FINDINGS if answer.late or answer.objected else FINE


def _lines(answer: ReviewList) -> Iterator[str]:
    if not answer.reviews:
        yield text("endorse.none")
    else:
        head = [text(f"endorse.{name}") for name in ("id", "draft", "state", "due", "what", "by", "who")]
        yield from table([_review_cells(one) for one in answer.reviews], head, room=room(), give=((6, 8), (5, 8)))
        if any(one.state == "open" for one in answer.reviews):
            yield text("endorse.next")
    if answer.exceptions:
        head = [text(f"endorse.{name}") for name in ("draft", "until", "rule", "under", "by", "reason")]
        yield ""
        yield text("endorse.exceptions")
        yield from table([_lift_cells(one) for one in answer.exceptions], head, room=room(), give=((5, 8), (2, 8)))


def _review_cells(one: ReviewSeen) -> tuple[str, ...]:
    state = "late" if one.state == "open" and one.late else one.state
    by = aside(one.by_name, one.on_behalf)
    return (
        f"R{one.id}",
        f"{one.draft}",
        text(f"endorse.{state}"),
        f"{one.due.astimezone(TOKYO):%m-%d %H:%M}",
        clean(f"{text(f'endorse.{one.cause}')} {word('recorded', one.act)}"),
        clean(by),
        clean(whom(one) if one.done_at is None else f"{one.done_by} {one.note}"),
    )


def _lift_cells(one: LiftSeen) -> tuple[str, ...]:
    until = "-" if one.until is None else f"{one.until.astimezone(TOKYO):%m-%d %H:%M}"
    return (
        f"{one.draft}",
        text("endorse.ended", until=until) if one.ended else until,
        clean(one.rule),
        clean(one.under),
        clean(one.by_name),
        clean(one.reason),
    )


@command("deputies")
def deputies(session: Session) -> int:
    """Who stands in for whom."""
    with session.link() as link:
        found = link.ask(Deputies(), DeputyList).deputies
    if session.json:
        out_json({"schema": SCHEMA, "deputies": found})
    elif not found:
        out(text("deputies.none"))
    else:
        head = [text(f"deputies.{name}") for name in ("now", "deputy", "whom", "days", "limits", "emergencies", "basis")]
        for line in table([_deputy_cells(one) for one in found], head, room=room(), give=((6, 8), (4, 8), (2, 12))):
            out(line)
    return FINE


def _deputy_cells(one: DeputySeen) -> tuple[str, ...]:
    return (
        text("deputies.in_force" if one.in_force else "deputies.not_now"),
        clean(f"{one.name} ({one.login})"),
        clean(one.whom),
        f"{one.from_:%Y-%m-%d}~{one.until:%Y-%m-%d}",
        clean(" ".join((*one.accounts, *one.kinds, *one.topics))) or "-",
        text(f"deputies.{one.emergencies}"),
        clean(one.basis) or text("deputies.no_basis"),
    )
