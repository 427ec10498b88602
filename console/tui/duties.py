"""Screen 8, 務めと通知: what is due by when and what an account still lacks; on its other page what people were told."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from console.cite import cite_words
from console.link import LinkDown
from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.sheets import blank, line
from console.tui.tell import SPACE, TOKYO, either, short_time, tell
from console.tui.views import PairView
from console.words import word
from daemon.wire import Done, Duties, DutyDone, DutyList, DutySeen, DutyUndo, NoticeList, Notices, NoticeSeen, Refusal
from daemon.wire.acts import AnyAct

if TYPE_CHECKING:
    from console.tui.app import Console

_DUE, _ACCOUNT, _WHEN, _LOGIN, _STATE = 16, 17, 16, 11, 11
"""Columns; the rest of a line is the duty's title, or what it is about."""

_INK: dict[str, Ink] = {"needed": "alert", "overdue": "alert", "soon": "warn", "ok": "plain", "done": "dim"}
_STATE_INK: dict[str, Ink] = {"failed": "alert", "retry": "warn", "sent": "good"}


class DutyBoard:
    """The view; `turn` goes to its other page."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-duties")
        self.list.chosen = self.chosen
        self.view = PairView("duties", self.list)
        self.view.add_class("brief")
        self._console = console
        self._told = False
        self._duties: tuple[DutySeen, ...] = ()
        self._notices = NoticeList(notices=())

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The conversations of this screen, by the names of their commands."""
        return {"duty_done": self.done, "duty_undo": self.undo}

    @property
    def possible(self) -> set[str]:
        """The commands that would do something here."""
        acts = {"done": "duty_done", "undo": "duty_undo"}
        one = self._duty()
        return {"right"} | {acts[name] for name in (one.can if one else ()) if name in acts}

    async def open(self) -> None:
        """Read and show. Raises LinkDown."""
        link = self._console.link
        duties, notices = await link.ask(Duties()), await link.ask(Notices())
        if isinstance(duties, DutyList) and isinstance(notices, NoticeList):
            self._duties, self._notices = duties.duties, notices
        self.show()

    def turn(self) -> None:
        """The other page."""
        self._told = not self._told
        self.list.cursor = 0

    def show(self) -> None:
        """Paint what is known."""
        if self._told:
            lines = [_notice_line(each) for each in self._notices.notices]
            way = DisplayText.of(self._notices.way)
            heading = tell("duties.way", way=way, failing=self._notices.failing) if way else tell("duties.console_only")
        else:
            lines = [_duty_line(each) for each in self._duties]
            pressing = sum(each.standing in ("needed", "overdue") for each in self._duties)
            heading = tell("duties.heading", count=len(lines), pressing=pressing)
        self.view.heading.show([Part(heading, "strong"), Part(SPACE), Part(tell("duties.switch"), "dim")])
        self.list.show(Lines(lines), self.list.cursor)
        self.chosen()

    def chosen(self) -> None:
        """Everything about the line under the cursor."""
        if self._told:
            at = self.list.cursor
            self.view.right.show(_notice_sheet(self._notices.notices[at]) if at < len(self._notices.notices) else [], top=True)
        else:
            one = self._duty()
            self.view.right.show(_duty_sheet(one) if one else line(tell("duties.none")), top=True)

    async def done(self, argument: str) -> None:
        """済, with a note, and with the address where one is asked for."""
        one, console = self._duty(), self._console
        if one is None or "done" not in one.can:
            console.notice(tell("notice.not_your_duty"), "warn")
            return
        note = argument or await self._line("ask.duty_note", one)
        proof = await self._line("ask.duty_proof", one) if note and one.needs_proof else ""
        if not note or (one.needs_proof and not proof):
            return
        if await console.bottom.confirm(tell("sure.duty_done", title=_named(one))):
            await self._put(DutyDone(duty=one.id, account=one.account, note=note, proof=proof))

    async def undo(self, argument: str) -> None:
        """取消 of the last tick."""
        one, console = self._duty(), self._console
        if one is None or "undo" not in one.can:
            console.notice(tell("notice.no_duty_undo"), "warn")
            return
        reason = argument or await self._line("ask.duty_undo", one)
        if reason and await console.bottom.confirm(tell("sure.duty_undo", title=_named(one))):
            await self._put(DutyUndo(duty=one.id, account=one.account, reason=reason))

    def _duty(self) -> DutySeen | None:
        at = self.list.cursor
        return self._duties[at] if not self._told and at < len(self._duties) else None

    async def _line(self, key: str, one: DutySeen) -> str:
        typed = await self._console.bottom.ask(tell(key, title=_named(one)))
        if typed is not None and not typed.strip():
            self._console.notice(tell("notice.empty"), "warn")
        return (typed or "").strip()

    async def _put(self, act: AnyAct) -> None:
        console = self._console
        try:
            answer = await console.link.ask(act, patience=10)
            if isinstance(answer, Refusal):
                console.refused(answer)
            elif isinstance(answer, Done):
                console.notice(either(answer.message, answer.message_en), "good")
            await self.open()
        except LinkDown:
            console.notice(tell("notice.no_answer"), "alert")
        console.spawn(console.read_status())


def _title(one: DutySeen) -> DisplayText:
    return either(one.title, one.title_en)


def _named(one: DutySeen) -> DisplayText:
    """The duty and its account: several accounts have a duty of the same title."""
    return _title(one) + DisplayText.of(f" {one.account}") if one.account else _title(one)


def _due(one: DutySeen) -> DisplayText:
    """The day, and in words what it means: colour alone says nothing."""
    if one.standing in ("needed", "done") or one.due is None:
        return tell(f"duties.{one.standing}")
    day = DisplayText.of(f"{one.due.astimezone(TOKYO):%Y-%m-%d}")
    return tell(f"duties.{one.standing}", due=day) if one.standing in ("overdue", "soon") else day


def _duty_line(one: DutySeen) -> list[Part]:
    ink = _INK[one.standing]
    return [
        Part(_due(one), ink, _DUE),
        Part(SPACE),
        Part(DisplayText.of(one.account or one.id.partition("/")[0]), "plain", _ACCOUNT),
        Part(SPACE),
        Part(_title(one), "strong" if one.standing in ("needed", "overdue") else "plain"),
    ]


def _duty_sheet(one: DutySeen) -> list[Part]:
    parts = line(Part(_title(one), "strong"), Part(DisplayText.of(one.account), "strong"))
    parts += line(Part(DisplayText.of(cite_words(one.cite)), "dim"), Part(DisplayText.of(f"[{one.id}]"), "dim"))
    parts += line(Part(tell("duties.basis"), "dim"), either(one.basis, one.basis_en))
    parts += line(Part(tell("duties.who"), "dim"), DisplayText.of(one.who))
    if one.how:
        parts += line(either(one.how, one.how_en))
    if one.last is not None:
        said = DisplayText.of(" ".join(filter(None, (one.by, one.note, one.proof))))
        parts += line(Part(tell("duties.last"), "dim"), DisplayText.of(f"{one.last.astimezone(TOKYO):%Y-%m-%d}"), said)
    return parts


def _notice_line(each: NoticeSeen) -> list[Part]:
    about = DisplayText.of(" ".join(filter(None, (word("told", each.kind), each.account, each.ref))))
    return [
        Part(short_time(each.at), "dim", _WHEN),
        Part(SPACE),
        Part(DisplayText.of(each.login), "plain", _LOGIN),
        Part(SPACE),
        Part(DisplayText.of(word("notice_state", each.state)), _STATE_INK.get(each.state, "plain"), _STATE),
        Part(SPACE),
        Part(about, "strong" if each.urgent else "plain"),
    ]


def _notice_sheet(each: NoticeSeen) -> list[Part]:
    parts = [*_notice_line(each), *line(), *blank()]
    if each.tries:
        parts += line(tell("duties.tries", count=each.tries), either(each.why, each.why_en))
    if each.next_at is not None:
        parts += line(tell("duties.again", at=short_time(each.next_at)))
    return parts


__all__ = ["DutyBoard"]
