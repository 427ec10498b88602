"""`kohoban comments`: what waits on the bench (コメント), and the commands that work on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
import msgspec

from console.cli import commenting, marking, measures, reactions, why_page
from console.cli.bench_words import named
from console.cli.command import Group, Session, argument, command, listing, option, text
from console.cli.comment_page import comment_lines, rows_lines
from console.cli.importing_comments import import_comments
from console.cli.judging_comments import guided, judge
from console.cli.link import Link
from console.cli.outcome import FINE
from console.cli.terminal import SCHEMA, clean, out, out_json, room, table
from console.words import choose
from daemon.wire.bench import (
    AccountBench,
    BenchCounts,
    BenchOpened,
    BenchPage,
    BenchRows,
    BenchTally,
    CommentDetail,
    CommentRow,
    OpenBench,
    ShowComment,
)

STATES = ("open", "proposed", "second", "escalated", "judged", "left", "guided", "gone")
IN_HAND = STATES[:4]
PAGE = 500


def _counts(session: Session) -> int:
    with session.link() as link:
        tally = link.ask(BenchCounts(), BenchTally)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(tally)})
        return FINE
    head = [text("comments.account"), *(named(f"comment_state.{state}") for state in IN_HAND)]
    head += [text(f"comments.{name}") for name in ("due", "taken", "today", "remark")]
    for line in table([_tally_cells(each) for each in tally.accounts], head, room=room(), give=((8, 8), (0, 12))):
        out(line)
    for each in tally.accounts:
        if each.powerless:
            out(f"{clean(each.account)}: {clean(choose(each.powerless, each.powerless_en))}")
    if tally.reactions:
        out(text("comments.reactions_wait", count=len(tally.reactions)))
    return FINE


def _tally_cells(each: AccountBench) -> tuple[str, ...]:
    remark = [text("comments.election", name=clean(each.election))] if each.election else []
    remark += [text("comments.powerless")] if each.powerless else []
    return (
        clean(each.account),
        *(str(each.states.get(state, 0)) for state in IN_HAND),
        str(each.measures.get("due", 0)),
        str(each.measures.get("taken", 0)),
        f"{each.today}/{each.limit}",
        " ".join(remark) or "-",
    )


@listing("comments")
def comments(session: Session) -> int:
    """What waits, by account."""
    return _counts(session)


@command("comments counts")
def counts(session: Session) -> int:
    """The same, by name."""
    return _counts(session)


@command(
    "comments list",
    option("--account", key="accounts", multiple=True, metavar="ID"),
    option("--state", key="comment_state", multiple=True, metavar="STATE", type=click.Choice(STATES)),
    option("--clause", key="comment_suggested", metavar="CLAUSE", default=""),
    option("--guidance", key="comment_guidance", is_flag=True),
    option("--text", key="comment_text", metavar="TEXT", default=""),
    option("--mine", key="comment_mine", is_flag=True),
)
def listed(
    session: Session, account: Sequence[str], state: Sequence[str], clause: str, guidance: bool, text: str, mine: bool
) -> int:
    """The bench as a list, what needs somebody first."""
    query = OpenBench(
        accounts=tuple(account),
        states=tuple(state) or IN_HAND,
        clause=clause,
        guidance=guidance or None,
        text=text,
        mine=mine,
    )
    with session.link() as link:
        opened = link.ask(query, BenchOpened)
        if session.json:
            rows = [msgspec.structs.asdict(row) for row in rows_of(link, opened)]
            condition = {"condition": opened.condition, "condition_en": opened.condition_en}
            out_json({"schema": SCHEMA, **condition, "count": opened.count, "comments": rows})
            return FINE
        for line in rows_lines(list(rows_of(link, opened)), opened, room()):
            out(line)
    return FINE


def rows_of(link: Link, opened: BenchOpened) -> Iterator[CommentRow]:
    """All rows of a frozen list, as they stand when their page is read."""
    for offset in range(0, opened.count, PAGE):
        yield from link.ask(BenchPage(view=opened.view, offset=offset, limit=PAGE), BenchRows).rows


@command("comments show", argument("COMMENT", type=click.IntRange(min=1)))
def show(session: Session, comment: int) -> int:
    """One comment: words, findings, this account's own grounds, what can be done here, what was said and done."""
    with session.link() as link:
        detail = link.ask(ShowComment(comment=comment), CommentDetail)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(detail)})
        return FINE
    for line in comment_lines(detail):
        out(line)
    return FINE


def _gather(group: Group) -> None:
    for found in (import_comments, listed, show, counts, judge, guided, why_page.why):
        group.add_command(found)
    for each in (*commenting.COMMANDS, *marking.COMMANDS, *measures.COMMANDS):
        group.add_command(each)
    group.add_command(reactions.reactions, "reactions")


_gather(comments)

__all__ = ["comments"]
