"""`kohoban blocklist`: who is blocked, under which ground, by whom, until which review (ブロックリスト)."""

from __future__ import annotations

import click

from console.cli.bench_words import carried_out, day_typed, named
from console.cli.block_files import export, import_blocks
from console.cli.command import Session, argument, command, listing, option, text
from console.cli.comparing_blocks import compare
from console.cli.outcome import FINDINGS, FINE
from console.cli.terminal import SCHEMA, clean, err, out, out_json, paint, room, table
from daemon.wire.blocks import BlockList, Blocks, BlockSeen
from daemon.wire.moderation import AddBlock, RemoveBlock, ReviewBlock


def _list(session: Session, account: str = "", removed: bool = False) -> int:
    """The entries; exit code 1 where a review is over due."""
    with session.link() as link:
        found = link.ask(Blocks(account=account, removed=removed), BlockList).blocks
    late = sum(each.late for each in found)
    if session.json:
        out_json({"schema": SCHEMA, "blocks": found})
    elif not found:
        out(text("blocklist.none"))
    else:
        columns = ("id", "account", "handle", "author", "cite", "judge", "review", "state", "reason")
        head = [text(f"blocklist.{name}") for name in columns]
        give = ((3, 0), (8, 8), (4, 10), (1, 10), (2, 10))
        for line in table([_cells(each) for each in found], head, room=room(), give=give):
            out(line)
        if late:
            err(paint("warn", text("blocklist.late", count=late)))
    return FINDINGS if late else FINE


def _cells(each: BlockSeen) -> tuple[str, ...]:
    review = each.review_on.isoformat() + (text("blocklist.over") if each.late else "")
    return (
        str(each.id),
        clean(each.account),
        f"@{clean(each.handle)}" if each.handle else text("blocklist.erased"),
        clean(each.author) or "-",
        clean(each.cite) or text("blocklist.no_ground"),
        clean(each.judge) or "-",
        "-" if each.state == "removed" else review,
        named(f"block_state.{each.state}"),
        clean(each.ended_why or each.reason) or "-",
    )


@listing("blocklist")
def blocklist(session: Session) -> int:
    """What stands."""
    return _list(session)


@command(
    "blocklist list",
    option("--account", key="account", metavar="ID", default=""),
    option("--removed", key="block_removed", is_flag=True),
)
def listed(session: Session, account: str, removed: bool) -> int:
    """What stands, and what was lifted."""
    return _list(session, account, removed)


@command(
    "blocklist add",
    argument("HANDLE"),
    option("--account", key="comment_account", metavar="ID", required=True),
    option("--clause", key="comment_clause", metavar="CLAUSE", required=True),
    option("--reason", metavar="TEXT", required=True),
    option("--author", key="comment_author", metavar="ID", default=""),
)
def add(session: Session, handle: str, account: str, clause: str, reason: str, author: str) -> int:
    """載せる."""
    return carried_out(session, AddBlock(account=account, handle=handle, clause=clause, reason=reason, author=author))


@command("blocklist remove", argument("ENTRY", type=click.IntRange(min=1)), option("--reason", metavar="TEXT", required=True))
def remove(session: Session, entry: int, reason: str) -> int:
    """解除."""
    return carried_out(session, RemoveBlock(entry=entry, reason=reason))


@command(
    "blocklist review",
    argument("ENTRY", type=click.IntRange(min=1)),
    option("--reason", metavar="TEXT", required=True),
    option("--until", key="block_until", metavar="DATE", default=""),
)
def review(session: Session, entry: int, reason: str, until: str) -> int:
    """見直し."""
    return carried_out(session, ReviewBlock(entry=entry, reason=reason, until=day_typed(until)))


for _command in (listed, add, remove, review, import_blocks, export, compare):
    blocklist.add_command(_command)

__all__ = ["blocklist"]
