"""Who I am and from which terminal: what the first row says of it, the whole of it as a view, and the exceptions of those who may make
them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from console.link import LinkDown
from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.part import Part
from console.tui.sheets import blank, headline, line
from console.tui.tell import TOKYO, either, tell
from console.tui.views import SheetView
from console.tui.when import when
from console.words.marks import listed
from daemon.wire import (
    AccountHere,
    AllowTerminal,
    Done,
    ExceptionSeen,
    Myself,
    Refusal,
    RevokeTerminal,
    TerminalList,
    Terminals,
    WhoAmI,
)
from daemon.wire.acts import AnyAct

if TYPE_CHECKING:
    from console.tui.app import Console

AGAIN = 15
"""Seconds after which the terminal is asked for again: an exception may have run out."""

_NAMES = 10
_LOOKS_ONLY = ("elsewhere", "unproved")


class Identity:
    """What the daemon last said of us; None before it has said anything."""

    def __init__(self, console: Console) -> None:
        self.me: Myself | None = None
        self.terminals: TerminalList | None = None
        self.view = SheetView("terminal")
        self._console = console

    def at(self, account: str) -> AccountHere | None:
        """What our terminal means for an account."""
        return next((one for one in self.me.accounts if one.account == account), None) if self.me else None

    async def read(self) -> None:
        """Ask who we are, and, where the view is open, which terminals there are."""
        try:
            me = await self._console.link.ask(WhoAmI())
            listed = await self._console.link.ask(Terminals()) if self._console.place == "terminal" else None
        except LinkDown:
            return
        self.me = me if isinstance(me, Myself) else None
        self.terminals = listed if isinstance(listed, TerminalList) else self.terminals
        self._console.look()
        self.show()

    async def open(self) -> None:
        """Read and show from the top."""
        await self.read()
        self.show(top=True)

    def show(self, *, top: bool = False) -> None:
        """Paint what is known."""
        self.view.heading.show([Part(tell("terminal.heading"), "strong")])
        self.view.sheet.show([*self._myself(), *self._designated()], top=top)

    async def allow(self) -> None:
        """端末の例外: for whom, from where, until when, why."""
        bottom, answers = self._console.bottom, []
        for question in ("whom", "where", "until", "why"):
            typed = await bottom.ask(tell(f"terminal.ask_{question}"))
            if not (typed or "").strip():
                return
            answers.append((typed or "").strip())
        whom, where, until, why = answers
        try:
            at = when(until, self._console.now())
        except ValueError:
            at = None
        if at is None:
            self._console.notice(tell("notice.no_time", typed=DisplayText.of(until)), "warn")
            return
        address, key = ("", where) if where.startswith("SHA256:") else (where, "")
        sure = tell("terminal.sure", whom=DisplayText.of(whom), where=DisplayText.of(where), until=f"{at:%Y-%m-%d %H:%M}")
        if await bottom.confirm(sure):
            await self._put(AllowTerminal(operator=whom, address=address, key=key, until=at, reason=why))

    async def revoke(self) -> None:
        """例外の取消し, by its number."""
        bottom = self._console.bottom
        number = await bottom.ask(tell("terminal.ask_number"))
        if number is None or not number.strip().isdecimal():
            return
        why = await bottom.ask(tell("terminal.ask_why"))
        if why and why.strip():
            await self._put(RevokeTerminal(exception=int(number), reason=why.strip()))

    async def _put(self, act: AnyAct) -> None:
        try:
            answer = await self._console.link.ask(act)
        except LinkDown:
            self._console.notice(tell("notice.no_link"), "warn")
            return
        if isinstance(answer, Refusal):
            self._console.refused(answer)
        elif isinstance(answer, Done):
            self._console.notice(either(answer.message, answer.message_en), "good")
        await self.read()

    def _myself(self) -> Iterator[Part]:
        me = self.me
        if me is None:
            yield from line(tell("terminal.unknown"))
            return
        yield from _named("who", DisplayText.of(f"{me.name} ({me.login})  {listed((me.unit, *me.titles))}"))
        days = DisplayText.of(f"{me.appointed or '-'}~{me.until or ''}")
        yield from line(
            Part(tell("terminal.appointment"), "dim", _NAMES),
            days,
            *(() if me.in_office else (Part(tell("terminal.over"), "alert"),)),
        )
        if me.proved:
            place = "  ".join(filter(None, (me.address or me.tty, me.key)))
            yield from _named("from", DisplayText.of(place))
        yield from _named("known", either(me.known, me.known_en))
        yield from [*blank(), *headline(tell("terminal.may"))]
        for one in me.accounts:
            ink: Ink = "alert" if one.at in _LOOKS_ONLY else "plain"
            until = f"{one.until.astimezone(TOKYO):%m/%d %H:%M}" if one.until else ""
            said = tell(f"terminal.may_{one.at}", name=DisplayText.of(one.terminal), until=until)
            clause = DisplayText.of(f"[{one.clause}]" if one.clause else "")
            yield from line(Part(DisplayText.of(one.account), "plain", 17), Part(said, ink), Part(clause, "dim"))

    def _designated(self) -> Iterator[Part]:
        listed = self.terminals
        if listed is None:
            return
        yield from [*blank(), *headline(tell("terminal.designated_ones"))]
        for each in listed.terminals:
            known_by = DisplayText.of(" ".join((*each.addresses, *each.keys, *each.ttys)))
            yield from line(
                Part(DisplayText.of(each.name), "strong"), known_by, Part(DisplayText.of(" ".join(each.accounts)), "dim")
            )
        if not listed.terminals:
            yield from line(Part(tell("terminal.no_designated"), "dim"))
        yield from [*blank(), *headline(tell("terminal.exceptions"))]
        for one in listed.exceptions:
            yield from _exception(one)
        if not listed.exceptions:
            yield from line(Part(tell("terminal.no_exception"), "dim"))


def _named(key: str, said: DisplayText) -> list[Part]:
    return line(Part(tell(f"terminal.{key}"), "dim", _NAMES), said)


def _exception(one: ExceptionSeen) -> list[Part]:
    words = tell(
        "terminal.exception",
        number=one.id,
        whom=DisplayText.of(one.operator),
        place=DisplayText.of(one.place),
        until=f"{one.until.astimezone(TOKYO):%Y-%m-%d %H:%M}",
        by=DisplayText.of(one.by),
    )
    return [*line(words), *line(DisplayText("   "), Part(DisplayText.of(one.reason), "dim"))]
