"""`kohoban paper`: the 決裁記録 to be stamped, and what was decided on it, entered by one person and countersigned by another."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from console.cli.command import Group, Session, argument, command, common, option, text
from console.cli.decisions import say_done, seen
from console.cli.drafts import find
from console.cli.outcome import FINE, WRONG, Failure, system_words
from console.cli.papering import new_file, to_file
from console.cli.terminal import SCHEMA, out, out_json
from daemon.wire import Countersign, Done, EnterPaper, PaperOf, PaperPage

_TO_PRINT = "print"


class Paper(Group):
    """`kohoban paper DRAFT` prints; the other words are commands of it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line: what is no command is the draft to be printed."""
        first = next((arg for arg in args if not arg.startswith("-")), "")
        if first and first not in self.commands:
            args = [_TO_PRINT, *args]
        return super().parse_args(ctx, args)


@command("paper print", argument("DRAFT"), to_file())
def to_print(session: Session, draft: str, file: str | None) -> int:
    """The 決裁記録 of one draft, as HTML for A4."""
    with session.link() as link:
        page = link.ask(PaperOf(draft=find(link, draft)), PaperPage)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(page)})
        return FINE
    name = file or text("paper.name", number=page.number)
    new_file(Path(name), page.html.encode())
    out(text("paper.print", file=name, check=page.check))
    return FINE


@command(
    "paper enter",
    argument("DRAFT"),
    option("--check", key="paper_check", metavar="NUMBER", required=True),
    option("--decided-by", key="paper_decided_by", metavar="LOGIN", required=True),
    option("--decision", key="paper_decision", type=click.Choice(("approve", "return")), required=True),
    option("--number", key="paper_number", metavar="NUMBER", required=True),
    option("--date", "on", key="paper_date", metavar="DATE", required=True),
    option("--scan", key="paper_scan", metavar="FILE", required=True),
    option("--reason", metavar="TEXT", default=""),
)
def enter(
    session: Session, draft: str, check: str, decided_by: str, decision: str, number: str, on: str, scan: str, reason: str
) -> int:
    """入力."""
    try:
        data = Path(scan).read_bytes()
    except OSError as error:
        raise Failure(WRONG, text("paper.unread", file=scan, why=system_words(error))) from None
    with session.link() as link:
        act = EnterPaper(
            draft=find(link, draft),
            check=check,
            decided_by=decided_by,
            decision="approve" if decision == "approve" else "return",
            reference=number,
            on=on,
            scan=data,
            reason=reason,
        )
        done = link.ask(act, Done)
    return say_done(session, done)


@command(
    "paper countersign",
    argument("DRAFT"),
    option("--strike", key="paper_strike", is_flag=True),
    option("--reason", metavar="TEXT", default=""),
    option("--revision", type=click.IntRange(min=1), metavar="N"),
)
def countersign(session: Session, draft: str, strike: bool, reason: str, revision: int | None) -> int:
    """副署."""
    with session.link() as link:
        row = seen(link, draft, revision).row
        done = link.ask(Countersign(draft=row.id, hash=row.hash, agrees=not strike, reason=reason), Done)
    return say_done(session, done)


paper = Paper(
    name="paper",
    commands={each.name or "": each for each in (to_print, enter, countersign)},
    params=common(),
    help=text("help.paper"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
