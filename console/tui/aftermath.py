"""What follows a stop, as the operator is led through it on the stop screen: the next thing first, with its prepared words."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.cite import cite_words
from console.link import LinkDown
from console.text import DisplayText
from console.tui import clipboard
from console.tui.acting import put
from console.tui.ink import Ink
from console.tui.office import OfficeSeen
from console.tui.part import Part
from console.tui.sheets import blank, headline, line
from console.tui.tell import either, short_time, tell
from console.words import word
from daemon.standing import words
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

if TYPE_CHECKING:
    from console.tui.app import Console

_INK: dict[str, Ink] = {"open": "warn", "done": "good", "skipped": "dim"}


class Aftermath:
    """The check-list; one line of it is chosen: the next that is open, until the operator turns to another."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lines: tuple[FollowUpSeen, ...] = ()
        self._chosen: int | None = None

    @property
    def chosen(self) -> FollowUpSeen | None:
        """The line that the keys mean."""
        wanted = next((one for one in self._lines if one.id == self._chosen), None)
        return wanted or next(iter(self._lines), None)

    @property
    def possible(self) -> set[str]:
        """The commands that would do something to the chosen line."""
        one = self.chosen
        if one is None:
            return set()
        acts = {"done": "follow_done", "agree": "follow_done", "skip": "follow_skip", "undo": "follow_undo"}
        found = {acts[name] for name in one.can}
        return found | ({"copy"} if one.text else set()) | ({"next"} if len(self._lines) > 1 else set())

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The commands of this screen by their names."""
        return {
            "follow_done": self.done,
            "follow_skip": self.skip,
            "follow_undo": self.undo,
        }

    async def read(self) -> None:
        """Ask for the list. Raises LinkDown."""
        answer = await self._console.link.ask(FollowUps())
        if isinstance(answer, FollowUpList):
            self._lines = answer.follow_ups

    def begin(self) -> None:
        """Choose the next line that is open."""
        self._chosen = None

    def turn(self, step: int) -> None:
        """Choose the next line, or the one before."""
        if (one := self.chosen) is not None:
            place = self._lines.index(one) + step
            self._chosen = self._lines[max(0, min(place, len(self._lines) - 1))].id

    async def done(self, argument: str) -> None:
        """済 with its proof; of an account first the consent of one person, then the deed of another."""
        one = self.chosen
        if one is None or not {"done", "agree"} & set(one.can):
            self._console.notice(tell("notice.no_follow_up"), "warn")
            return
        handle = await self._handle(one) if one.kind == "account" else ""
        if handle is None:
            return
        if "agree" in one.can:
            if await self._sure("agree", one):
                await self._put(AgreeFollowUp(follow_up=one.id, handle=handle))
            return
        proof = argument or await self._line("ask.proof", one)
        if proof and await self._sure("done", one):
            await self._put(DoneFollowUp(follow_up=one.id, proof=proof, handle=handle))

    async def skip(self, argument: str) -> None:
        """不要 with a reason: the chosen line, or behind the command all that is open of an account."""
        one = self.chosen
        several = [each for each in self._lines if "skip" in each.can and each.account == argument] if argument else []
        if one is None or (argument and not several) or (not argument and "skip" not in one.can):
            self._console.notice(tell("notice.no_follow_up"), "warn")
            return
        meant = several or [one]
        reason = await self._line("ask.skip_reason", meant[0])
        if reason and await self._sure("skip", meant[0], count=len(meant)):
            await self._put(SkipFollowUps(follow_ups=tuple(each.id for each in meant), reason=reason))

    async def undo(self, argument: str) -> None:
        """取消 of a wrong tick."""
        one = self.chosen
        if one is None or "undo" not in one.can:
            self._console.notice(tell("notice.no_follow_up"), "warn")
            return
        reason = argument or await self._line("ask.undo_reason", one)
        if reason and await self._sure("undo", one):
            await self._put(UndoFollowUp(follow_up=one.id, reason=reason))

    async def copy(self) -> None:
        """The prepared words to the operator's own terminal (OSC 52), and as a plain file beside: a terminal may refuse in silence."""
        one = self.chosen
        if one is None or not one.text:
            self._console.notice(tell("notice.no_words"), "warn")
            return
        place = Path.home() / f"kohoban-{one.id}.txt"
        clipboard.give(self._console, one.text)
        try:
            place.write_text(one.text + "\n", encoding="utf-8")
        except OSError as error:
            why = either(*words(error))
            self._console.notice(tell("notice.copied_no_file", file=DisplayText.of(str(place)), why=why), "warn")
        else:
            self._console.notice(tell("notice.copied_file", file=DisplayText.of(str(place))), "good")

    def sheet(self) -> list[Part]:
        """The chosen line in full, then all of them."""
        one = self.chosen
        if one is None:
            return []
        left = sum(each.state == "open" for each in self._lines)
        parts = [*blank(), *headline(tell("follow.heading", left=left, count=len(self._lines)))]
        if not left:
            parts += line(Part(tell("follow.all_done"), "good"))
        parts += _card(one, self._console.seen)
        parts += blank()
        for each in self._lines:
            parts += _row(each, self._console.seen, each is one)
        return parts

    async def _handle(self, one: FollowUpSeen) -> str | None:
        return await self._console.bottom.ask(tell("ask.follow_handle", account=DisplayText.of(one.name))) or None

    async def _line(self, key: str, one: FollowUpSeen) -> str:
        typed = await self._console.bottom.ask(tell(key, title=_title(one)))
        if typed is not None and not typed.strip():
            self._console.notice(tell("notice.empty"), "warn")
        return (typed or "").strip()

    async def _sure(self, verb: str, one: FollowUpSeen, **values: object) -> bool:
        about = {"account": DisplayText.of(one.name), "title": _title(one), **values}
        return await self._console.bottom.confirm(tell(f"sure.follow_{verb}", **about))

    async def _put(self, act: AnyAct) -> None:
        console = self._console
        answer = await put(console, act)
        if answer is None:
            return
        if isinstance(answer, Done):
            self._chosen = None  # on to the next
        with suppress(LinkDown):
            await self.read()
        console.look()
        console.repaint()


def _title(one: FollowUpSeen) -> DisplayText:
    return either(one.title, one.title_en)


def _card(one: FollowUpSeen, seen: OfficeSeen) -> list[Part]:
    """One line of the list, as somebody needs it who does it now."""
    where = DisplayText.of(f"{one.name}  @{one.handle.lstrip('@')}  {word('platform', one.platform)}")
    parts = [*line(Part(_title(one), "mark")), *line(Part(where, "strong"))]
    parts += line(Part(DisplayText.of(cite_words(one.cite)), "dim"))
    if one.text:
        parts += [*line(tell("follow.words")), Part(DisplayText.of(one.text, block=True)), *blank()]
    if one.kind == "account":
        parts += line(Part(tell("follow.two"), "warn"))
    if one.agreed_by:
        parts += line(tell("follow.agreed", who=DisplayText.of(seen.person(one.agreed_by))))
    if one.settled_at is not None:
        parts += line(DisplayText.of(seen.person(one.settled_by)), short_time(one.settled_at), DisplayText.of(one.proof))
    return parts


def _row(one: FollowUpSeen, seen: OfficeSeen, chosen: bool) -> list[Part]:
    marker = DisplayText(">" if chosen else " ")
    state = Part(tell(f"follow.{one.state}"), _INK[one.state], 6)
    who = DisplayText.of(seen.person(one.settled_by or one.agreed_by))
    ink: Ink = "strong" if chosen else "plain"
    return line(marker, state, Part(DisplayText.of(one.account), ink, 16), Part(tell(f"follow.{one.kind}"), ink, 14), who)
