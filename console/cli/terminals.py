"""`kohoban whoami`: who I am to the office and from which terminal. `kohoban terminals`: the designated ones, and the exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from console.cli.command import Session, argument, command, listing, option, text
from console.cli.decisions import say_done
from console.cli.outcome import FINE
from console.cli.place import TOKYO, moment
from console.cli.terminal import SCHEMA, clean, fields, out, out_json, room, table, write_bytes
from console.words import choose
from daemon.wire import (
    AccountHere,
    AllowTerminal,
    Done,
    Myself,
    RevokeTerminal,
    TerminalList,
    Terminals,
    WhoAmI,
)

HOOK = Path(__file__).resolve().parents[1] / "installation" / "session-record.sh"
"""The hook that PAM calls at every login (docs/terminals.md)."""


@command("whoami")
def whoami(session: Session) -> int:
    """Who I am to the daemon, from where, how that is known, and what it allows."""
    with session.link() as link:
        me = link.ask(WhoAmI(), Myself)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(me)})
        return FINE
    for line in fields(_myself(me)):
        out(line)
    if me.accounts:
        out()
    rows = [(clean(one.account), _standing(one), clean(one.clause or "-")) for one in me.accounts]
    head = [text(f"whoami.{name}") for name in ("account", "may", "clause")]
    for line in table(rows, head, room=room(), give=((2, 8),)) if rows else ():
        out(line)
    return FINE


def _myself(me: Myself) -> dict[str, str]:
    said = {
        text("whoami.who"): f"{clean(me.name)} ({clean(me.login)})  {text(f'whoami.{me.role}')}",
        text("whoami.unit"): clean("  ".join((me.unit, *me.titles))),
        text("whoami.appointment"): _appointment(me),
    }
    if me.proved:
        place = [text("whoami.here") if not me.address else me.address, me.key, me.tty if not me.address else ""]
        said[text("whoami.from")] = clean("  ".join(filter(None, place)))
    said[text("whoami.known")] = clean(choose(me.known, me.known_en))
    return said


def _appointment(me: Myself) -> str:
    since = f"{me.appointed}" if me.appointed else "-"
    until = f"{me.until}" if me.until else ""
    return text("whoami.appointed" if me.in_office else "whoami.not_appointed", since=since, until=until)


def _standing(one: AccountHere) -> str:
    until = f"{one.until.astimezone(TOKYO):%m/%d %H:%M}" if one.until else ""
    return text(f"at.{one.at}", terminal=clean(one.terminal), until=until)


@listing("terminals")
def terminals(session: Session) -> int:
    """The designated terminals, then the exceptions that stand."""
    with session.link() as link:
        answer = link.ask(Terminals(), TerminalList)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(answer)})
        return FINE
    for line in _lines(answer):
        out(line)
    return FINE


def _lines(answer: TerminalList) -> Iterator[str]:
    yield text("terminals.needed" if answer.needed else "terminals.free", accounts=clean(" ".join(answer.needed)))
    if answer.terminals:
        yield ""
        head = [text(f"terminals.{name}") for name in ("id", "name", "known_by", "accounts")]
        rows = [
            (
                clean(one.id),
                clean(one.name),
                clean(" ".join((*one.addresses, *one.keys, *one.ttys))),
                clean(" ".join(one.accounts)),
            )
            for one in answer.terminals
        ]
        yield from table(rows, head, room=room(), give=((2, 16), (3, 8)))
    yield ""
    if not answer.exceptions:
        yield text("terminals.no_exception")
        return
    head = [text(f"terminals.{name}") for name in ("number", "operator", "place", "until", "by", "reason")]
    seen = [
        (
            str(one.id),
            clean(one.operator),
            clean(one.place),
            f"{one.until.astimezone(TOKYO):%Y-%m-%d %H:%M}",
            clean(one.by),
            clean(one.reason),
        )
        for one in answer.exceptions
    ]
    yield from table(seen, head, room=room(), give=((5, 10), (2, 12)))


@command(
    "terminals allow",
    option("--for", "whom", key="terminal_whom", metavar="LOGIN", required=True),
    option("--address", key="terminal_address", metavar="IP", default=""),
    option("--key", key="terminal_key", metavar="SHA256:…", default=""),
    option("--terminal", "terminal_id", key="terminal_id", metavar="ID", default=""),
    option("--account", "accounts", key="terminal_account", metavar="ACCOUNT", multiple=True),
    option("--until", key="terminal_until", metavar="TIME", required=True),
    option("--reason", metavar="TEXT", required=True),
)
def allow(
    session: Session, whom: str, address: str, key: str, terminal_id: str, accounts: tuple[str, ...], until: str, reason: str
) -> int:
    """端末の例外."""
    act = AllowTerminal(
        operator=whom,
        address=address,
        key=key,
        terminal_id=terminal_id,
        accounts=accounts,
        until=moment(until),
        reason=reason,
    )
    with session.link() as link:
        done = link.ask(act, Done)
    return say_done(session, done)


@command("terminals revoke", argument("NUMBER", type=click.IntRange(min=1)), option("--reason", metavar="TEXT", required=True))
def revoke(session: Session, number: int, reason: str) -> int:
    """例外の取消し."""
    with session.link() as link:
        done = link.ask(RevokeTerminal(exception=number, reason=reason), Done)
    return say_done(session, done)


@command("terminals hook")
def hook(session: Session) -> int:
    """The script that PAM calls, to be put where root keeps its own."""
    write_bytes(HOOK.read_bytes())
    return FINE


for _each in (allow, revoke, hook):
    terminals.add_command(_each)
