"""`kohoban secrets`: what lets in at the platforms. The values never pass through this process: it lends its terminal to one of the releaser's."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from console.cli.command import Session, argument, command, listing, option, text
from console.cli.link import Link, NoDaemon
from console.cli.outcome import FINDINGS, FINE, INTERRUPTED, REFUSED, WRONG, Failure
from console.cli.place import TOKYO, office_here
from console.cli.promised import account_of, rulebook_of
from console.cli.terminal import SCHEMA, clean, err, out, out_json, paint, room, table
from console.words import choose, known
from daemon.program import program
from daemon.rulebook.channels import capabilities
from daemon.rulebook.model import Account, Rulebook
from daemon.rulebook.published import same_handle, same_name
from daemon.standing import login
from daemon.wire import CheckCredentials, CredentialCheck, CredentialList, Credentials, CredentialSeen

WORK = program("daemon.release.secrets_main")
"""The process that reads and writes credentials, under the releaser's login."""


@listing("secrets")
def secrets(session: Session) -> int:
    """Which credentials there are, and which are wanted; exit code 1 where some are missing or of no use."""
    office, book = office_here(session.office), rulebook_of(session.office)
    heard = True
    if _is_releaser(office, book):
        seen = tuple(_merged(_held(office), book))
    else:
        with Link(office, session.operator) as link:
            told = link.ask(Credentials(), CredentialList, timeout=30)
        seen, heard = told.credentials, told.heard
    if session.json:
        out_json({"schema": SCHEMA, "heard": heard, "credentials": seen})
    else:
        for line in _lines(seen, heard):
            out(line)
    return FINDINGS if any(each.channel and (each.why or not each.where) for each in seen) or not heard else FINE


def _lines(seen: Sequence[CredentialSeen], heard: bool) -> Iterator[str]:
    if not heard:
        yield text("secrets.unheard")
    if not seen:
        yield text("secrets.none")
        return
    head = [text(f"secrets.{name}") for name in ("account", "channel", "kind", "since", "by", "state")]
    yield from table([_cells(each, heard) for each in seen], head, room=room(), give=((5, 16),))
    for each in seen:
        if each.why:
            yield f"{clean(each.account)}: {clean(choose(each.why, each.why_en))}"
        elif heard and each.channel and not each.where:
            yield text("secrets.wanted", account=clean(each.account))
        elif each.where and not each.channel:
            yield text("secrets.left", account=clean(each.account))


def _cells(each: CredentialSeen, heard: bool) -> tuple[str, ...]:
    state = "unusable" if each.why else each.where if each.where else "missing" if heard else "unknown"
    ink = "block" if state in ("unusable", "missing") else "warn" if not each.channel else "dim"
    return (
        clean(each.account),
        clean(each.channel) or "-",
        clean(each.kind) or "-",
        _day(each.since),
        clean(each.by) or "-",
        paint(ink, text(f"secrets.{state}")),
    )


def _day(at: datetime | None) -> str:
    return f"{at.astimezone(TOKYO):%Y-%m-%d}" if at else "-"


_KIND = {"key": "secret_kind", "metavar": "KIND", "default": ""}


@command("secrets set", argument("ACCOUNT"), option("--kind", **_KIND))
def put(session: Session, account: str, kind: str) -> int:
    """Take the values from the terminal, unseen, or from stdin."""
    office, mine = _mine(session, account)
    kinds = tuple(capabilities(mine.channel).credentials)
    if sys.stdin.isatty():
        err(text("secrets.type_in", account=clean(account), kind=kind or next(iter(kinds), "-"), kinds=" ".join(kinds) or "-"))
    done = _work(["set", "--account", mine.id, "--channel", mine.channel, "--kind", kind], office)
    return _kept(session, mine, done)


@command("secrets authorise", argument("ACCOUNT"))
def authorise(session: Session, account: str) -> int:
    """Let a person allow the application to act for the account, in a browser."""
    office, mine = _mine(session, account)
    if "oauth2" not in capabilities(mine.channel).credentials:
        raise Failure(WRONG, text("secrets.no_login", account=clean(account), channel=clean(mine.channel)))
    err(text("secrets.how_authorise", account=clean(account), handle=clean(mine.handle)))
    done = _work(["authorise", "--account", mine.id, "--channel", mine.channel, "--handle", mine.handle], office)
    return _kept(session, mine, done)


def _kept(session: Session, mine: Account, done: dict[str, Any]) -> int:
    if session.json:
        out_json({"schema": SCHEMA, "account": mine.id, **done})
    else:
        out(text("secrets.kept", account=clean(mine.id), place=clean(done["place"]), kind=clean(done["kind"])))
        out(text("secrets.kept_next", account=clean(mine.id)))
    return FINE


@command("secrets check", argument("ACCOUNT", required=False, default=""))
def check(session: Session, account: str) -> int:
    """Ask the platform whom it takes us for; exit code 1 where that is somebody else, or it does not say."""
    office, book = office_here(session.office), rulebook_of(session.office)
    named = [account_of(book, account)] if account else [each for each in book.accounts.values() if _asks(each)]
    if account and not _asks(named[0]):
        raise Failure(WRONG, text("secrets.no_check", account=clean(account), channel=clean(named[0].channel)))
    found = [_checked(session, office, book, each) for each in named]
    if session.json:
        out_json({"schema": SCHEMA, "checks": found})
    elif not found:
        out(text("secrets.none"))
    else:
        for each in found:
            key = "same" if each.same else "silent" if each.why else "another"
            said = clean(choose(each.why, each.why_en))
            line = text(f"secrets.{key}", account=clean(each.account), handle=clean(each.handle), said=clean(each.said), why=said)
            out(paint("pass" if each.same else "block", line))
    return FINE if all(each.same for each in found) else FINDINGS


def _asks(account: Account) -> bool:
    can = capabilities(account.channel)
    return can.secret and "account" in can.reads


def _checked(session: Session, office: Path, book: Rulebook, account: Account) -> CredentialCheck:
    """Through the daemon and its releaser; where none runs, by a process of our own, where that may be."""
    try:
        with Link(office, session.operator) as link:
            return link.ask(CheckCredentials(account=account.id), CredentialCheck, timeout=60)
    except Failure as failure:
        down = isinstance(failure, NoDaemon) and failure.down
        if not _is_releaser(office, book) or not (down or failure.code == REFUSED):
            raise
    words = ["check", "--account", account.id, "--channel", account.channel, "--handle", account.handle]
    try:
        facts = _work(words, office)["facts"]
    except Failure as failure:
        return CredentialCheck(account=account.id, handle=account.handle, why=failure.sentence, why_en=failure.sentence)
    ours = [facts[key] for key in ("handle", "premium") if key in facts]
    same = any(same_handle(one, account.handle) for one in ours) or same_name(facts.get("name", ""), account.handle)
    return CredentialCheck(account=account.id, handle=account.handle, said=facts.get("handle", ""), same=same)


@command("secrets rotate", argument("ACCOUNT"))
def rotate(session: Session, account: str) -> int:
    """How the credentials of an account are replaced, step by step."""
    office, book = office_here(session.office), rulebook_of(session.office)
    mine = _needs(account_of(book, account))
    key = f"secrets.rotate_{mine.channel}"
    names = {"account": clean(mine.id), "handle": clean(mine.handle), "login": clean(_login_of(office, book))}
    for line in text(key if known("cli", key) else "secrets.rotate_other", **names).strip().splitlines():
        out(line)
    return FINE


@command("secrets remove", argument("ACCOUNT"))
def remove(session: Session, account: str) -> int:
    """Take an account's credentials away, of one that has left the office, too."""
    office, book = office_here(session.office), rulebook_of(session.office)
    _as_releaser(office, book, f"remove {account}")
    removed = bool(_work(["remove", "--account", account], office)["removed"])
    if session.json:
        out_json({"schema": SCHEMA, "account": account, "removed": removed})
    else:
        out(text("secrets.removed" if removed else "secrets.not_there", account=clean(account)))
    return FINE if removed else FINDINGS


for _command in (put, authorise, check, rotate, remove):
    secrets.add_command(_command)


def _mine(session: Session, account: str) -> tuple[Path, Account]:
    """The office and the account, where this login may set its credentials. Raises Failure."""
    office, book = office_here(session.office), rulebook_of(session.office)
    mine = _needs(account_of(book, account))
    _as_releaser(office, book, f"set {account}")
    return office, mine


def _needs(account: Account) -> Account:
    if not capabilities(account.channel).secret:
        raise Failure(WRONG, text("secrets.needs_none", account=clean(account.id), channel=clean(account.channel)))
    return account


def _login_of(office: Path, book: Rulebook) -> str:
    """The login under which the releaser runs."""
    state = office / "state"
    return book.office.releaser or login(state.stat().st_uid if state.is_dir() else os.geteuid())


def _is_releaser(office: Path, book: Rulebook) -> bool:
    try:
        return pwd.getpwnam(_login_of(office, book)).pw_uid == os.geteuid()
    except KeyError:
        return False


def _as_releaser(office: Path, book: Rulebook, rest: str) -> None:
    """Raises Failure unless this is the releaser's login: what anybody else puts there it could not read, or others could."""
    if not _is_releaser(office, book):
        name = _login_of(office, book)
        raise Failure(
            REFUSED, text("secrets.other_login", login=clean(name), office=clean(str(office.absolute())), rest=clean(rest))
        )


def _held(office: Path) -> list[CredentialSeen]:
    return [
        CredentialSeen(
            account=each["account"],
            where=each["where"],
            place=each["place"],
            kind=each["kind"],
            since=None if each["since"] is None else datetime.fromtimestamp(each["since"], TOKYO),
            by=each["by"],
            why=each["why"],
            why_en=each["why_en"],
        )
        for each in _work(["list"], office)["held"]
    ]


def _merged(held: list[CredentialSeen], book: Rulebook) -> Iterator[CredentialSeen]:
    """What there is and what is wanted, the accounts of the office first."""
    found = {each.account: each for each in held}
    for account in book.accounts.values():
        if capabilities(account.channel).secret:
            seen = found.pop(account.id, CredentialSeen(account=account.id))
            yield msgspec.structs.replace(seen, channel=account.channel)
    yield from found.values()


def _work(words: Sequence[str], office: Path) -> dict[str, Any]:
    """Have it done by the releaser's own process, at this terminal; what it reports. What is typed is read by that process alone. Raises
    Failure."""
    last: dict[str, Any] = {}
    with subprocess.Popen([*WORK, *words, "--state", str((office / "state").absolute())], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            last = msgspec.json.decode(line)
            _on_the_way(last)
    if "ok" in last:
        return dict(last["ok"])
    if "error" in last:
        raise Failure(WRONG, clean(choose(last["error"], last["error_en"])))
    raise Failure(INTERRUPTED if process.returncode in (130, -2) else WRONG, text("secrets.ended", code=process.returncode))


def _on_the_way(said: dict[str, Any]) -> None:
    if "ask" in said:
        sys.stderr.write(text("secrets.ask", name=clean(said["ask"])) + " ")
        sys.stderr.flush()
    elif "asked" in said:
        err("")
    elif "open" in said:
        err(text("secrets.open"))
        err(clean(said["open"]))


__all__ = ["secrets"]
