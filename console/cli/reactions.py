"""`kohoban comments reactions`: reports of hostile reactions to a post of our own (港区 7-2(7)), and what was decided about them."""

from __future__ import annotations

import click
import msgspec

from console.cli.bench_words import at, carried_out
from console.cli.command import Session, argument, command, listing, option, text
from console.cli.outcome import FINE
from console.cli.terminal import SCHEMA, clean, out, out_json, room, table
from daemon.wire.bench import BenchCounts, BenchTally
from daemon.wire.moderation import EndReaction, ReportReaction

OUTCOMES = ("pause", "correct", "watch", "none")


@listing("comments reactions")
def reactions(session: Session) -> int:
    """The reports that nobody has dealt with."""
    with session.link() as link:
        found = link.ask(BenchCounts(), BenchTally).reactions
    if session.json:
        out_json({"schema": SCHEMA, "reactions": found})
    elif not found:
        out(text("reactions.none"))
    else:
        head = [text(f"reactions.{name}") for name in ("id", "account", "at", "by", "post", "note")]
        rows = [
            (str(each.id), clean(each.account), at(each.at), clean(each.by), clean(each.post) or "-", clean(each.note))
            for each in found
        ]
        for line in table(rows, head, room=room(), give=((4, 16), (1, 10))):
            out(line)
    return FINE


@command(
    "comments reactions report",
    option("--account", key="comment_account", metavar="ID", required=True),
    option("--post", key="reaction_post", metavar="URL", required=True),
    option("--note", key="reaction_note", metavar="TEXT", required=True),
)
def report(session: Session, account: str, post: str, note: str) -> int:
    """報告する."""
    return carried_out(session, ReportReaction(account=account, post=post, note=note))


@command(
    "comments reactions end",
    argument("REPORT", type=click.IntRange(min=1)),
    option("--outcome", key="reaction_outcome", type=click.Choice(OUTCOMES), required=True),
    option("--note", key="comment_note", metavar="TEXT", default=""),
)
def end(session: Session, report: int, outcome: str, note: str) -> int:
    """対応を決める."""
    made = {"act": "end_reaction", "reaction": report, "outcome": outcome, "note": note}
    return carried_out(session, msgspec.convert(made, EndReaction))


reactions.add_command(report)
reactions.add_command(end)
