"""Who I am to the office, from which terminal, and how that is known; and the exceptions from the designated terminals (指定端末)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from msgspec import Struct

from daemon.wire.act import Act, Role
from daemon.wire.act import Terminal as Needed
from daemon.wire.answer import Answer
from daemon.wire.query import Query

AtTerminal = Literal["free", "designated", "excepted", "training", "elsewhere", "unproved"]
"""How the caller stands to an account: its policy has no terminal clause (`free`); a designated terminal; an exception that stands; a
training office that takes every terminal for one; a terminal that is known and not designated; one that is not known. In the last two
the caller looks and stops, nothing else."""


class AllowTerminal(Act, frozen=True, kw_only=True, tag="allow_terminal"):
    """端末の例外: until `until` this operator may also decide from one other place: an `address` or network, a `key` (SHA256:…), or a
    terminal of rules.toml (`terminal_id`) that is designated for other accounts. `accounts`: for these only (empty: all for which one may say so)."""

    operator: str
    until: datetime
    reason: str
    address: str = ""
    key: str = ""
    terminal_id: str = ""
    accounts: tuple[str, ...] = ()
    role: ClassVar[Role] = "manager"


class RevokeTerminal(Act, frozen=True, kw_only=True, tag="revoke_terminal"):
    """例外の取消し: an exception ends now. From any terminal: it only takes away."""

    exception: int
    reason: str
    role: ClassVar[Role] = "manager"
    terminal: ClassVar[Needed] = "any"


class WhoAmI(Query, frozen=True, kw_only=True, tag="who_am_i"):
    """Who I am to the office, and from where. Answer: `Myself`."""


class Terminals(Query, frozen=True, kw_only=True, tag="terminals"):
    """The designated terminals and the exceptions that stand. Answer: `TerminalList`."""


class AccountHere(Struct, frozen=True, kw_only=True):
    """What the caller's terminal means for one account. `terminal` is its name where it is designated, `until` the end of an exception,
    `clause` the one that asks for it."""

    account: str
    at: AtTerminal
    clause: str = ""
    terminal: str = ""
    until: datetime | None = None


class Myself(Answer, frozen=True, kw_only=True, tag="myself"):
    """The caller as the daemon knows them: the register's words, whether their appointment covers today, and the terminal. `known` and
    `known_en` say how the terminal is known, or why it is not."""

    login: str
    name: str
    unit: str
    role: str
    titles: tuple[str, ...]
    policies: tuple[str, ...]
    appointed: date | None
    until: date | None
    in_office: bool
    proved: bool
    address: str
    key: str
    tty: str
    known: str
    known_en: str
    accounts: tuple[AccountHere, ...]


class TerminalSeen(Struct, frozen=True, kw_only=True):
    """A designated terminal of rules.toml, and the accounts for which it is one."""

    id: str
    name: str
    addresses: tuple[str, ...]
    keys: tuple[str, ...]
    ttys: tuple[str, ...]
    accounts: tuple[str, ...]


class ExceptionSeen(Struct, frozen=True, kw_only=True):
    """An exception that stands: for whom, at which place, for which accounts, until when, by whom and why, under which clauses."""

    id: int
    operator: str
    place: str
    accounts: tuple[str, ...]
    until: datetime
    by: str
    at: datetime
    reason: str
    clauses: tuple[str, ...]


class TerminalList(Answer, frozen=True, kw_only=True, tag="terminals"):
    """The designated terminals and the exceptions that stand. `needed` are the accounts whose policy has a terminal clause."""

    terminals: tuple[TerminalSeen, ...]
    exceptions: tuple[ExceptionSeen, ...]
    needed: tuple[str, ...]
