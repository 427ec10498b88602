"""`kohoban followups`: what has to be done on the platforms after a stop, line by line, and each tick of it."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from console.cite import cite_words
from console.cli.command import Session, argument, command, listing, option, text
from console.cli.decisions import say_done
from console.cli.link import Link
from console.cli.outcome import FINE, REFUSED, WRONG, Failure
from console.cli.place import TOKYO
from console.cli.terminal import SCHEMA, clean, err, fields, out, out_json, room, table
from console.words import choose
from daemon.wire import (
    AgreeFollowUp,
    Done,
    DoneFollowUp,
    FollowUpList,
    FollowUps,
    FollowUpSeen,
    SkipFollowUps,
    UndoFollowUp,
)
from daemon.wire.acts import AnyAct


@listing("followups")
def followups(session: Session) -> int:
    """What is open, the next one in full, then what is settled."""
    with session.link() as link:
        answer = link.ask(FollowUps(), FollowUpList)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(answer)})
        return FINE
    for line in _lines(answer):
        out(line)
    return FINE


def _lines(answer: FollowUpList) -> Iterator[str]:
    if not answer.follow_ups:
        yield text("followups.none")
        return
    head = [text(f"followups.{name}") for name in ("id", "account", "state", "title", "who")]
    rows = [
        (str(one.id), clean(one.account), text(f"followups.{one.state}"), clean(choose(one.title, one.title_en)), _who(one))
        for one in answer.follow_ups
    ]
    yield from table(rows, head, room=room(), give=((4, 12), (3, 20)))
    yield ""
    yield text("followups.count", open=answer.open, count=len(answer.follow_ups))
    if answer.open:
        yield text("followups.next", id=answer.follow_ups[0].id)


def _who(one: FollowUpSeen) -> str:
    if one.settled_at is not None:
        return f"{clean(one.settled_by)} {one.settled_at.astimezone(TOKYO):%m/%d %H:%M} {clean(one.proof)}"
    return text("followups.agreed", who=clean(one.agreed_by)) if one.agreed_by else "-"


@command("followups show", argument("ID", type=click.IntRange(min=1)))
def show(session: Session, id: int) -> int:  # noqa: A002  the name of the argument
    """One line: whom it is for and why on stderr, the prepared text alone on stdout, so that it can go into a file."""
    with session.link() as link:
        one = _find(link, id)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(one)})
        return FINE
    about = {
        text("followups.title"): clean(choose(one.title, one.title_en)),
        text("followups.account"): f"{clean(one.name)}  @{clean(one.handle.lstrip('@'))}  {clean(one.platform)}",
        text("followups.clause"): clean(cite_words(one.cite)),
        text("followups.state"): f"{text(f'followups.{one.state}')}  {_who(one)}",
    }
    for line in fields(about):
        err(line)
    if one.text:
        out(clean(one.text, block=True))
    else:
        err(text("followups.no_text"))
    return FINE


def _find(link: Link, number: int) -> FollowUpSeen:
    found = next((one for one in link.ask(FollowUps(), FollowUpList).follow_ups if one.id == number), None)
    if found is None:
        raise Failure(REFUSED, text("followups.no_such", id=number))
    return found


_HANDLE = option("--handle", key="follow_up_handle", metavar="HANDLE", default="")


@command(
    "followups done",
    argument("ID", type=click.IntRange(min=1)),
    option("--proof", metavar="TEXT", required=True),
    _HANDLE,
)
def done(session: Session, id: int, proof: str, handle: str) -> int:  # noqa: A002
    """済."""
    return _put(session, DoneFollowUp(follow_up=id, proof=proof, handle=handle))


@command("followups agree", argument("ID", type=click.IntRange(min=1)), _HANDLE)
def agree(session: Session, id: int, handle: str) -> int:  # noqa: A002
    """The first of the two people who delete an account."""
    return _put(session, AgreeFollowUp(follow_up=id, handle=handle))


@command(
    "followups skip",
    argument("ID", type=click.IntRange(min=1), nargs=-1, required=False),
    option("--account", "accounts", key="follow_up_account", multiple=True, metavar="ID"),
    option("--all", "everything", key="follow_up_all", is_flag=True),
    option("--reason", metavar="TEXT", required=True),
)
def skip(session: Session, id: tuple[int, ...], accounts: tuple[str, ...], everything: bool, reason: str) -> int:  # noqa: A002
    """不要: by number, for whole accounts, or all that is open."""
    if not (id or accounts or everything):
        raise Failure(WRONG, text("followups.which"))
    with session.link() as link:
        numbers = list(id)
        if accounts or everything:
            listed = link.ask(FollowUps(settled=False), FollowUpList).follow_ups
            numbers += [one.id for one in listed if "skip" in one.can and (everything or one.account in accounts)]
        if not numbers:
            raise Failure(REFUSED, text("followups.none_to_skip"))
        answer = link.ask(SkipFollowUps(follow_ups=tuple(numbers), reason=reason), Done)
    return say_done(session, answer)


@command("followups undo", argument("ID", type=click.IntRange(min=1)), option("--reason", metavar="TEXT", required=True))
def undo(session: Session, id: int, reason: str) -> int:  # noqa: A002
    """A wrong tick taken back."""
    return _put(session, UndoFollowUp(follow_up=id, reason=reason))


def _put(session: Session, act: AnyAct) -> int:
    with session.link() as link:
        answer = link.ask(act, Done)
    return say_done(session, answer)


for _command in (show, done, agree, skip, undo):
    followups.add_command(_command)

__all__ = ["followups"]
