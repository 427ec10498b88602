"""`kohoban comments measures`, `take`, `done`, `not-done`, `drop`, `send`: what judgements ask for, and what is really done on the platform."""

from __future__ import annotations

import click
import msgspec

from console.cli.bench_words import at, carried_out, named
from console.cli.command import Session, argument, command, option, text
from console.cli.comment_page import measure_lines
from console.cli.outcome import FINE
from console.cli.terminal import SCHEMA, clean, err, out, out_json, room
from console.words import choose, choose_each, word
from daemon.wire.bench import MeasureCard, MeasureList, Measures
from daemon.wire.moderation import DropMeasure, MeasureDone, SendMeasure, TakeMeasure


def _number() -> click.Argument:
    return argument("MEASURE", type=click.IntRange(min=1))


@command(
    "comments measures",
    option("--account", key="account", metavar="ID", default=""),
    option("--done", key="measures_done", is_flag=True),
)
def measures(session: Session, account: str, done: bool) -> int:
    """The measures that are due, or in somebody's hands."""
    with session.link() as link:
        found = link.ask(Measures(account=account, done=done), MeasureList).measures
    if session.json:
        out_json({"schema": SCHEMA, "measures": found})
    elif not found:
        out(text("measures.none"))
    else:
        for line in measure_lines(found, room()):
            out(line)
    return FINE


@command("comments take", _number())
def take(session: Session, measure: int) -> int:
    """措置に着手: pass the gate, and get the check-list."""
    with session.link() as link:
        card = link.ask(TakeMeasure(measure=measure), MeasureCard)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(card)})
        return FINE
    seen = card.measure
    asked, really = named(f"action.{seen.asked}"), named(f"action.{seen.really}")
    platform = clean(word("platform", seen.platform))
    out(text("measures.card", id=seen.id, account=clean(seen.account), platform=platform, asked=asked, really=really))
    for step, line in enumerate(choose_each(card.steps, card.steps_en), start=1):
        out(f"  [ ] {step}  {clean(line)}")
    out("  [ ] " + text("measures.confirm", confirm=clean(choose(card.confirm, card.confirm_en))))
    if seen.until is not None:
        err(text("measures.yours", until=at(seen.until)[-5:], id=seen.id))
    return FINE


@command("comments done", _number(), option("--proof", key="measure_proof", metavar="TEXT", required=True))
def done(session: Session, measure: int, proof: str) -> int:
    """措置を実施した."""
    return carried_out(session, MeasureDone(measure=measure, done=True, proof=proof))


@command("comments not-done", _number(), option("--reason", metavar="TEXT", required=True))
def not_done(session: Session, measure: int, reason: str) -> int:
    """措置ができなかった."""
    return carried_out(session, MeasureDone(measure=measure, done=False, proof=reason))


@command("comments drop", _number(), option("--reason", metavar="TEXT", required=True))
def drop(session: Session, measure: int, reason: str) -> int:
    """措置の取消し."""
    return carried_out(session, DropMeasure(measure=measure, reason=reason))


@command("comments send", _number())
def send(session: Session, measure: int) -> int:
    """自動に戻す."""
    return carried_out(session, SendMeasure(measure=measure))


COMMANDS = (measures, take, done, not_done, drop, send)
