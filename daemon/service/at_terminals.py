"""Who may decide from where: asked at every act, not only at the hello. From a terminal that is not proved, or not designated where a
policy asks for that, people look and stop, nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from daemon.desk import terminals as desk
from daemon.desk.logins import login_of
from daemon.desk.terminals import Exempt
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account, Operator
from daemon.rulebook.office import Terminal
from daemon.service.once import once
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.service.terminals.designated import is_at, meant_for
from daemon.service.terminals.evidence import Places, Proved, Unproved, look
from daemon.service.terminals.words import HOW, UNPROVED
from daemon.wire.act import Act
from daemon.wire.answers import Done
from daemon.wire.terminals import (
    AccountHere,
    AllowTerminal,
    ExceptionSeen,
    Myself,
    RevokeTerminal,
    TerminalList,
    Terminals,
    TerminalSeen,
    WhoAmI,
)

_SAYING = (
    "見ることと停止（F12 F12）はできます。",
    "Looking, and a stop (F12 F12), are possible.",
)


class _Here(Struct, frozen=True):
    """What is known of one caller's terminal at one moment. `place` is None in a training office that takes every one for designated."""

    place: Proved | Unproved | None
    exempt: tuple[Exempt, ...]
    terminals: tuple[Terminal, ...]

    def at(self, account: Account, clause: str) -> AccountHere:
        """What this terminal means for an account whose policy has a terminal clause."""
        if self.place is None:
            return AccountHere(account=account.id, at="training", clause=clause)
        if isinstance(self.place, Unproved):
            return AccountHere(account=account.id, at="unproved", clause=clause)
        for terminal in self.terminals:
            if meant_for(terminal, account) and is_at(terminal, self.place):
                return AccountHere(account=account.id, at="designated", clause=clause, terminal=terminal.name)
        for each in self.exempt:
            if account.id in each.accounts and self._excepted(each, self.place):
                return AccountHere(account=account.id, at="excepted", clause=clause, until=each.until.astimezone(TOKYO))
        return AccountHere(account=account.id, at="elsewhere", clause=clause)

    def _excepted(self, each: Exempt, place: Proved) -> bool:
        if each.terminal:
            return any(terminal.id == each.terminal and is_at(terminal, place) for terminal in self.terminals)
        addresses = (each.address,) if each.address else ()
        keys = (each.key,) if each.key else ()
        return is_at(Terminal(id="", name="", addresses=addresses, keys=keys), place)


class AtTerminals:
    """The terminals of one office's callers. `places` is where the evidence lies."""

    def __init__(self, office: Running, places: Places | None = None) -> None:
        self._office, self._places = office, places or Places()

    async def check(self, act: Act, session: Session, account: str) -> None:
        """Raises Refused (`terminal`) where this act, about a draft of this account (empty: about none), needs a designated terminal and the
        caller sits at none; else the session knows at which they sit, for the record."""
        session.terminal = ""
        if type(act).terminal == "any":
            return
        bound = desk.bound(self._office.current.rulebook)
        asked = [each for each in self._accounts(act, session.who, account) if each.id in bound] if bound else []
        if not asked:
            return
        here = await self._here(session)
        for each in asked:
            rule = bound[each.id]
            found = here.at(each, rule.clause)
            session.terminal = found.terminal or _excepted_at(found, here.place)
            if found.at in ("elsewhere", "unproved"):
                said, said_en = _why(here.place)
                raise Refused(
                    "terminal",
                    " ".join(filter(None, (said, _SAYING[0], rule.message))),
                    " ".join(filter(None, (said_en, _SAYING[1], rule.message_en))),
                    clause=rule.clause,
                )

    def matter(self, act: Act, session: Session) -> bool:
        """Whether it may matter for this act where the caller sits: a policy has a terminal clause, and this is no training that takes every
        terminal for designated."""
        return (
            type(act).terminal != "any"
            and bool(desk.bound(self._office.current.rulebook))
            and not self._taken_for_designated(session)
        )

    async def only_looks(self, session: Session) -> frozenset[str]:
        """The accounts for which this caller looks and stops only, because of their terminal or their appointment."""
        book, who = self._office.current.rulebook, session.who
        if not who.in_office(self._office.clock().astimezone(TOKYO).date()):
            return frozenset(book.accounts)
        if not (bound := desk.bound(book)):
            return frozenset()
        here = await self._here(session)
        seen = (here.at(book.accounts[name], rule.clause) for name, rule in bound.items())
        return frozenset(one.account for one in seen if one.at in ("elsewhere", "unproved"))

    async def who_am_i(self, query: WhoAmI, session: Session, request: str) -> Myself:
        """The caller as the daemon knows them."""
        office, who = self._office, session.who
        book = office.current.rulebook
        bound, here = desk.bound(book), await self._here(session)
        place = here.place if isinstance(here.place, Proved) else None
        known, known_en = HOW[place.how] if place else _why(here.place)
        return Myself(
            login=who.login,
            name=who.name,
            unit=who.unit,
            role=who.role,
            titles=who.titles,
            policies=who.policies,
            appointed=who.appointed,
            until=who.until,
            in_office=who.in_office(office.clock().astimezone(TOKYO).date()),
            proved=place is not None,
            address=place.address if place else "",
            key=place.key if place else "",
            tty=place.tty if place else "",
            known=known,
            known_en=known_en,
            accounts=tuple(
                here.at(account, bound[account.id].clause) if account.id in bound else AccountHere(account=account.id, at="free")
                for account in _served(book.accounts.values(), who)
            ),
        )

    async def allow(self, act: AllowTerminal, session: Session, request: str) -> Done:
        """端末の例外. Raises Refused."""
        office = self._office
        op = desk.allow(act, session.who, office.current.rulebook, office.clock())
        done = await once(office.store, op, session.who, request)
        office.hub.publish("policy")
        return done

    async def revoke(self, act: RevokeTerminal, session: Session, request: str) -> Done:
        """例外の取消し. Raises Refused."""
        office = self._office
        op = desk.revoke(act, session.who, office.current.rulebook, office.clock())
        done = await once(office.store, op, session.who, request)
        office.hub.publish("policy")
        return done

    async def listed(self, query: Terminals, session: Session, request: str) -> TerminalList:
        """The designated terminals, and the exceptions that stand."""
        office = self._office
        book = office.current.rulebook
        bound = desk.bound(book)
        terminals = tuple(
            TerminalSeen(
                id=each.id,
                name=each.name,
                addresses=each.addresses,
                keys=each.keys,
                ttys=each.ttys,
                accounts=tuple(name for name in bound if meant_for(each, book.accounts[name])),
            )
            for each in book.terminals
        )
        names = {each.id: each.name for each in book.terminals}
        exceptions = tuple(
            ExceptionSeen(
                id=each.id,
                operator=each.operator,
                place=names.get(each.terminal, each.terminal) or " ".join(filter(None, (each.address, each.key))),
                accounts=each.accounts,
                until=each.until.astimezone(TOKYO),
                by=each.by,
                at=each.at.astimezone(TOKYO),
                reason=each.reason,
                clauses=each.clauses,
            )
            for each in await desk.standing(office.store, office.clock())
        )
        return TerminalList(terminals=terminals, exceptions=exceptions, needed=tuple(bound))

    async def _here(self, session: Session) -> _Here:
        office, peer = self._office, session.peer
        book = office.current.rulebook
        if self._taken_for_designated(session):
            return _Here(None, (), ())
        place, exempt = await asyncio.gather(
            asyncio.to_thread(look, peer, login_of(peer.uid), self._places),
            desk.standing(office.store, office.clock(), session.who.login),
        )
        return _Here(place, exempt, book.terminals)

    def _taken_for_designated(self, session: Session) -> bool:
        mine = self._office.current.rulebook.office
        return mine.training and not mine.practise_terminals and session.peer.uid == self._office.owner_uid

    def _accounts(self, act: Any, who: Operator, account: str) -> list[Account]:
        """The accounts that an act is about: its draft's, its scope's, its own; where it names none, all that this person serves."""
        book = self._office.current.rulebook
        if account or getattr(act, "draft", None) is not None:
            return [book.accounts[account]] if account in book.accounts else []
        if (scope := getattr(act, "scope", None)) is not None:
            every = list(book.accounts.values())
            return [account for account in every if scope in (account.id, account.platform)] or every
        if isinstance(one := getattr(act, "account", None), str) and one in book.accounts:
            return [book.accounts[one]]
        if named := getattr(act, "accounts", ()):
            return [book.accounts[name] for name in named if name in book.accounts]
        return list(_served(book.accounts.values(), who))


def _served(accounts: Iterable[Account], who: Operator) -> Iterable[Account]:
    return (account for account in accounts if account.policy in who.policies)


def _excepted_at(found: AccountHere, place: Proved | Unproved | None) -> str:
    """Where somebody sits who is excepted, as the record has it; empty for everybody else."""
    if found.at != "excepted" or not isinstance(place, Proved):
        return ""
    return f"例外 {place.address or place.tty}".rstrip()


def _why(place: Proved | Unproved | None) -> tuple[str, str]:
    """Why this place does not do, or, in a training, why it does."""
    match place:
        case Proved():
            ja = "、".join(filter(None, (place.address or place.tty, place.key and f"鍵 {place.key}")))
            en = ", ".join(filter(None, (place.address or place.tty, place.key and f"key {place.key}")))
            return f"この端末（{ja}）は指定端末ではありません。", f"This terminal ({en}) is not designated."
        case Unproved():
            return UNPROVED[place.why]
        case None:
            return "訓練のため、指定端末とみなします。", "A training: taken for a designated terminal."
