"""What a person decides about one draft, each command one act: approve, return, withdraw, schedule, except, take, released, settle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import msgspec

from console.cli.command import Session, argument, command, option, text
from console.cli.drafts import find
from console.cli.link import Link, Refused
from console.cli.outcome import FINE, REFUSED, WRONG, Failure
from console.cli.place import TOKYO, moment
from console.cli.terminal import SCHEMA, clean, err, err_on, fields, out, out_json
from console.guard import words
from console.words import choose, choose_each, word
from daemon.wire import (
    Approve,
    Done,
    DraftDetail,
    Except,
    QueueRow,
    Released,
    Return,
    Schedule,
    Settle,
    Show,
    Status,
    StatusAnswer,
    Take,
    Taken,
    Withdraw,
)
from daemon.wire.acts import AnyAct

_REASON = {"metavar": "TEXT", "default": ""}


def _revision() -> click.Option:
    return option("--revision", type=click.IntRange(min=1), metavar="N")


def seen(link: Link, name: str, revision: int | None) -> DraftDetail:
    """The draft that a person means, as it is now. With `--revision` it must still be the one they saw: a decision is bound to
    exact bytes. Raises Failure (refused) where a newer one has come."""
    detail = link.ask(Show(draft=find(link, name)), DraftDetail)
    if revision is not None and detail.row.revision != revision:
        raise Failure(REFUSED, text("draft.stale", draft=detail.row.id, seen=revision, now=detail.row.revision))
    return detail


def decide(session: Session, name: str, revision: int | None, make: Callable[[DraftDetail], AnyAct]) -> int:
    """One act on the draft that a person means, as they have seen it."""
    with session.link() as link:
        done = link.ask(make(seen(link, name, revision)), Done)
    return say_done(session, done)


def say_done(session: Session, done: Done) -> int:
    """What has been carried out, in the daemon's own words."""
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(done)})
    else:
        number = f"{done.draft}: " if done.draft is not None else ""
        out(number + clean(choose(done.message, done.message_en)))
    return FINE


@command(
    "approve", argument("DRAFT"), option("--reason", **_REASON), option("--handle", metavar="HANDLE", default=""), _revision()
)
def approve(session: Session, draft: str, reason: str, handle: str, revision: int | None) -> int:
    """承認."""
    with session.link() as link:
        row = seen(link, draft, revision).row
        guarded(link, row)
        with told_handle(link, row, "approve.type"):
            done = link.ask(Approve(draft=row.id, hash=row.hash, reason=reason, handle=handle.removeprefix("@")), Done)
    return say_done(session, done)


def guarded(link: Link, row: QueueRow) -> None:
    """Say where it goes, on the account's own colour where the terminal has any, before anything is let out."""
    accounts = link.ask(Status(), StatusAnswer).accounts
    if (account := next((each for each in accounts if each.id == row.account), None)) is not None:
        err_on(account.colour, words(account))


@contextmanager
def told_handle(link: Link, row: QueueRow, next_step: str) -> Iterator[None]:
    """Each command is a session of its own, so the account guard asks for the handle each time; the refusal then says what to type
    once the person has looked where the text would go."""
    try:
        yield
    except Refused as refused:
        if refused.refusal.code != "handle":
            raise
        accounts = link.ask(Status(), StatusAnswer).accounts
        wanted = next((account.handle for account in accounts if account.id == row.account), "")
        raise Failure(REFUSED, f"{refused.sentence} {text(next_step, draft=row.id, handle=clean(wanted))}") from None


@command(
    "return",
    argument("DRAFT"),
    option("--reason", metavar="TEXT", required=True),
    option("--clause", key="return_clause", metavar="CLAUSE", default=""),
    _revision(),
)
def give_back(session: Session, draft: str, reason: str, clause: str, revision: int | None) -> int:
    """差戻し."""
    return decide(session, draft, revision, lambda d: Return(draft=d.row.id, hash=d.row.hash, reason=reason, clause=clause))


@command("withdraw", argument("DRAFT"), option("--reason", **_REASON))
def withdraw(session: Session, draft: str, reason: str) -> int:
    """取下げ."""
    return decide(session, draft, None, lambda d: Withdraw(draft=d.row.id, reason=reason))


@command("schedule", argument("DRAFT"), option("--at", "--until", "at", key="release_at", metavar="TIME"), _revision())
def schedule(session: Session, draft: str, at: str | None, revision: int | None) -> int:
    """予約."""
    when = moment(at) if at else None
    return decide(session, draft, revision, lambda d: Schedule(draft=d.row.id, hash=d.row.hash, at=when))


@command(
    "except",
    argument("DRAFT"),
    option("--rule", metavar="RULE"),
    option("--reason", metavar="TEXT", required=True),
    option("--until", key="except_until", metavar="TIME"),
    _revision(),
)
def lift(session: Session, draft: str, rule: str | None, reason: str, until: str | None, revision: int | None) -> int:
    """例外."""
    end = moment(until) if until else None
    return decide(
        session,
        draft,
        revision,
        lambda d: Except(draft=d.row.id, hash=d.row.hash, rule=rule or _only_hold(d), reason=reason, until=end),
    )


def _only_hold(detail: DraftDetail) -> str:
    """The rule of the one hold that stands. Raises Failure where there is none, or several to choose from."""
    rules = list(dict.fromkeys(f.rule for f in detail.findings if f.verdict == "hold" and not f.lifted))
    if len(rules) == 1:
        return rules[0]
    if not rules:
        raise Failure(REFUSED, text("except.none", draft=detail.row.id))
    raise Failure(WRONG, text("except.several", rules=", ".join(rules)))


@command("take", argument("DRAFT"), option("--handle", metavar="HANDLE", default=""), _revision())
def take(session: Session, draft: str, handle: str, revision: int | None) -> int:
    """発信カードを取る."""
    with session.link() as link:
        taken = _take(link, seen(link, draft, revision).row, handle)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(taken)})
        return FINE
    for line in fields(_card(taken)):
        err(line)
    shown = clean(taken.text, block=True)
    if shown != taken.text:
        err(text("take.altered"))
    out(shown)
    err(text("take.next", draft=taken.draft))
    return FINE


def _take(link: Link, row: QueueRow, handle: str) -> Taken:
    """The card."""
    guarded(link, row)
    with told_handle(link, row, "take.type"):
        return link.ask(Take(draft=row.id, hash=row.hash, handle=handle.removeprefix("@")), Taken)


def _card(taken: Taken) -> dict[str, Any]:
    card = {
        text("take.account"): f"{clean(taken.name)}  @{clean(taken.handle)}  {clean(word('platform', taken.platform))}",
        text("take.lease"): f"{taken.lease_until.astimezone(TOKYO):%H:%M:%S}",
        text("take.holder"): clean(taken.holder),
    }
    if taken.images:
        card[text("take.images")] = clean(" ".join(taken.images))
    if taken.folder:
        card[text("take.folder")] = clean(taken.folder)
    for number, line in enumerate(choose_each(taken.checklist, taken.checklist_en), start=1):
        card[f"[ ] {number}"] = clean(line)
    return card


@command("released", argument("DRAFT"), option("--url", metavar="URL", required=True))
def released(session: Session, draft: str, url: str) -> int:
    """発信済."""
    with session.link() as link:
        done = link.ask(Released(draft=find(link, draft), url=url), Done)
    return say_done(session, done)


@command(
    "settle",
    argument("DRAFT"),
    option("--released", "outcome", key="settle_released", flag_value="released"),
    option("--not-released", "outcome", key="settle_not_released", flag_value="not_released"),
    option("--url", metavar="URL", default=""),
    option("--note", metavar="TEXT", default=""),
)
def settle(session: Session, draft: str, outcome: str | None, url: str, note: str) -> int:
    """不明の決着."""
    if outcome not in ("released", "not_released"):
        raise Failure(WRONG, text("settle.which"))
    with session.link() as link:
        number = find(link, draft)
        made = msgspec.convert({"act": "settle", "draft": number, "outcome": outcome, "url": url, "note": note}, Settle)
        done = link.ask(made, Done)
    return say_done(session, done)
