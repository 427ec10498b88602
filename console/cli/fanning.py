"""`kohoban fanout`: the sets of drafts by which an emergency goes out on all accounts of a policy."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import msgspec

from console.cli.command import Session, argument, command, listing, option, text
from console.cli.decisions import say_done, seen
from console.cli.drafts import find, state_words
from console.cli.link import Link
from console.cli.outcome import FINDINGS, FINE, WRONG, Failure
from console.cli.terminal import SCHEMA, clean, out, out_json, paint, room, table
from daemon.wire import DecideSet, Done, ExcuseMember, FanOutList, FanOuts, FanOutSeen, MemberSeen

_SET = re.compile(r"(?:一斉|set)\s*(\d+)")


@listing("fanout")
def fanout(session: Session) -> int:
    """The sets under way."""
    return _list(session, None)


@command("fanout show", argument("DRAFT"))
def show(session: Session, draft: str) -> int:
    """The set of a draft."""
    return _list(session, draft)


def _list(session: Session, draft: str | None) -> int:
    """The sets under way, or the one of a draft. Exit code 1 while one is out in part."""
    with session.link() as link:
        query = FanOuts(draft=None if draft is None else int(_member(link, draft)))
        found = link.ask(query, FanOutList).fan_outs
    if session.json:
        rows = [{**msgspec.structs.asdict(one), "lacking": one.lacking} for one in found]
        out_json({"schema": SCHEMA, "fan_outs": rows})
    elif not found:
        out(text("fanout.none") if draft is None else text("fanout.not_one", draft=clean(draft)))
    else:
        for one in found:
            for line in _lines(one):
                out(line)
            if any(each.state == "waiting" for each in one.members):
                out(text("fanout.how", id=one.id))
    return FINDINGS if any(one.broken for one in found) else FINE


def _lines(one: FanOutSeen) -> Iterator[str]:
    key = "over" if one.over else "broken" if one.broken else "open"
    count = len(one.members) - len(one.lacking)
    head = text(f"fanout.{key}", id=one.id, title=clean(one.title), clause=clean(one.clause), out=count, of=len(one.members))
    yield paint("stop" if one.broken else "bold", head)
    columns = [text(f"fanout.{name}") for name in ("account", "draft", "state", "note")]
    yield from table([_cells(each) for each in one.members], columns, room=room(), give=((3, 10),))


def _cells(each: MemberSeen) -> tuple[str, ...]:
    note = text("fanout.excused", who=clean(each.excused_by), reason=clean(each.reason)) if each.excused_by else ""
    return (
        clean(each.account),
        str(each.draft) if each.draft is not None else "-",
        state_words(each.state) if each.state else "-",
        note or ("" if each.same else text("fanout.differs")),
    )


def _member(link: Link, typed: str) -> str:
    """The number of a draft: as it was typed, or one of the set that `一斉1` (`set1`) names, as the lists mark it."""
    named = _SET.fullmatch(typed.strip())
    if named is None:
        return str(find(link, typed))
    sets = link.ask(FanOuts(), FanOutList).fan_outs
    drafts = [each.draft for one in sets if one.id == int(named[1]) for each in one.members if each.draft is not None]
    if not drafts:
        raise Failure(WRONG, text("fanout.no_set", id=named[1]))
    return str(drafts[0])


def _decide(session: Session, draft: str, what: str, reason: str) -> int:
    with session.link() as link:
        row = seen(link, _member(link, draft), None).row
        act = msgspec.convert({"act": "decide_set", "draft": row.id, "hash": row.hash, "what": what, "reason": reason}, DecideSet)
        done = link.ask(act, Done)
    return say_done(session, done)


@command("fanout approve", argument("DRAFT"), option("--reason", metavar="TEXT", default=""))
def approve(session: Session, draft: str, reason: str) -> int:
    """承認 for the whole set."""
    return _decide(session, draft, "approve", reason)


@command("fanout declare", argument("DRAFT"), option("--reason", metavar="TEXT", required=True))
def declare(session: Session, draft: str, reason: str) -> int:
    """緊急の宣言 for the whole set."""
    return _decide(session, draft, "declare", reason)


@command(
    "fanout excuse",
    argument("ID", type=click.IntRange(min=1)),
    argument("ACCOUNT"),
    option("--reason", metavar="TEXT", required=True),
)
def excuse(session: Session, id: int, account: str, reason: str) -> int:  # noqa: A002  the name of the argument
    """Why it does not go out on one account."""
    with session.link() as link:
        done = link.ask(ExcuseMember(fan_out=id, account=account, reason=reason), Done)
    return say_done(session, done)


for _command in (show, approve, declare, excuse):
    fanout.add_command(_command)

__all__ = ["fanout"]
