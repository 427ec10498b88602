"""The ninth screen: what has to be endorsed afterwards (後閲), the exceptions that drafts stand on, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from console.link import LinkDown
from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.sheets import line
from console.tui.tell import SPACE, short_time, tell
from console.tui.views import PairView
from console.whom import whom
from console.words import word
from console.words.marks import titled
from daemon.wire import (
    CloseObjection,
    Deputies,
    DeputyList,
    DeputySeen,
    Endorse,
    LiftSeen,
    QueueRow,
    ReviewList,
    Reviews,
    ReviewSeen,
)

if TYPE_CHECKING:
    from console.tui.app import Console

Entry = ReviewSeen | LiftSeen | DeputySeen

_WHAT, _WHEN, _WHO = 13, 16, 14
SOON = timedelta(hours=2)
"""How long before its end an exception is shown as about to end."""


class Endorsing:
    """What the view shows, and the key that endorses."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-reviews")
        self.list.chosen = self._chosen
        self.view = PairView("reviews", self.list)
        self.view.add_class("brief")
        self._console = console
        self._entries: tuple[Entry, ...] = ()

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The conversations of this screen, by the names of their commands."""
        return {"endorse": self.endorse}

    @property
    def possible(self) -> set[str]:
        """What this operator could do with the chosen line."""
        one = self._one()
        return {"endorse"} if isinstance(one, ReviewSeen) and one.can else set()

    async def open(self) -> None:
        """Read what is open."""
        found, deputies = await self._reviews(done=True), await self._deputies()
        self._entries = (*found.reviews, *found.exceptions, *deputies)
        counts = {"open": sum(one.state == "open" for one in found.reviews), "late": found.late, "objected": found.objected}
        ink: Ink = "alert" if found.late or found.objected else "strong"
        self.view.heading.show([Part(tell("reviews.heading", **counts), ink)])
        lines = [self._line(one) for one in self._entries]
        self.list.show(Lines(lines or [[Part(tell("reviews.none"), "dim")]]), self.list.cursor)
        self._chosen()

    async def endorse(self, argument: str) -> None:
        """後閲 of the chosen line, or of what the chosen draft has open; an objection is closed by what was done about it."""
        one = await self._meant()
        if one is None:
            return
        if not one.can:
            self._refused(one)
            return
        if "close_objection" in one.can:
            await self._close(one, argument)
            return
        named = DisplayText.of(titled(f"#{one.draft}", one.title[:14]))
        typed = argument or await self._console.bottom.ask(tell("ask.objection", draft=named))
        if typed is None:
            return
        why = typed.strip()
        question = tell("sure.object", draft=named, reason=DisplayText.of(why)) if why else tell("sure.endorse", draft=named)
        if await self._console.bottom.confirm(question):
            await self._console.verbs.act(Endorse(review=one.id, objects=bool(why), note=why))
            await self._again()

    def _refused(self, one: ReviewSeen) -> None:
        """Somebody who cannot is told so, and who can, before they have written anything."""
        open_ = one.state in ("open", "objected")
        words = tell("notice.review_not_yours", who=DisplayText.of(whom(one))) if open_ else tell("notice.no_review")
        self._console.notice(words, "warn")

    async def _close(self, one: ReviewSeen, argument: str) -> None:
        named = DisplayText.of(titled(f"#{one.draft}", one.title[:14]))
        note = (argument or await self._console.bottom.ask(tell("ask.dealt_with", draft=named)) or "").strip()
        if note and await self._console.bottom.confirm(tell("sure.close_objection", draft=named)):
            await self._console.verbs.act(CloseObjection(review=one.id, note=note))
            await self._again()

    async def _again(self) -> None:
        if self._console.place == "reviews":
            await self.open()

    async def _meant(self) -> ReviewSeen | None:
        """The review under the cursor, or the first of the chosen draft that this operator can do something about."""
        row = self._console.row()
        if row is None:
            one = self._one()
            if isinstance(one, ReviewSeen):
                return one
            self._console.notice(tell("notice.no_review"), "warn")
            return None
        return await self._of(row)

    async def _of(self, row: QueueRow) -> ReviewSeen | None:
        try:
            found = [one for one in (await self._reviews()).reviews if one.draft == row.id]
        except LinkDown:
            self._console.notice(tell("notice.no_link"), "warn")
            return None
        if not found:
            self._console.notice(tell("notice.no_review"), "warn")
            return None
        return next((one for one in found if one.can), found[0])

    async def _reviews(self, *, done: bool = False) -> ReviewList:
        answer = await self._console.link.ask(Reviews(done=done))
        if not isinstance(answer, ReviewList):
            raise LinkDown
        return answer

    async def _deputies(self) -> tuple[DeputySeen, ...]:
        answer = await self._console.link.ask(Deputies())
        if not isinstance(answer, DeputyList):
            raise LinkDown
        return answer.deputies

    def _one(self) -> Entry | None:
        return self._entries[self.list.cursor] if self.list.cursor < len(self._entries) else None

    def _chosen(self) -> None:
        one = self._one()
        parts = (
            []
            if one is None
            else [part for name, text in _told(one) for part in line(Part(tell(f"reviews.{name}"), "dim", 12), text)]
        )
        self.view.right.show(parts, top=True)

    def _line(self, one: Entry) -> list[Part]:
        now = self._console.now()
        if isinstance(one, ReviewSeen):
            what, ink = _state(one)
            return _cells(what, ink, short_time(one.due), f"#{one.draft} {one.by_name}", one.title)
        if isinstance(one, LiftSeen):
            soon: Ink = "warn" if one.until is not None and one.until - now < SOON else "plain"
            until = DisplayText("-") if one.until is None else short_time(one.until)
            word_ = tell("reviews.exception_ended" if one.ended else "reviews.exception")
            return _cells(word_, "alert" if one.ended else soon, until, f"#{one.draft} {one.by_name}", one.title)
        return _cells(
            tell("reviews.deputy" if one.in_force else "reviews.deputy_not_now"),
            "plain" if one.in_force else "dim",
            DisplayText.of(f"{one.until:%Y-%m-%d}"),
            one.name,
            one.whom,
        )


def _state(one: ReviewSeen) -> tuple[DisplayText, Ink]:
    if one.state == "objected":
        return tell("reviews.objected"), "alert"
    if one.state == "open":
        return (tell("reviews.late"), "alert") if one.late else (tell("reviews.to_endorse"), "warn")
    return tell("reviews.closed" if one.state == "closed" else "reviews.endorsed"), "dim"


def _cells(what: DisplayText, ink: Ink, at: DisplayText, who: str, rest: str) -> list[Part]:
    parts = [Part(what, ink, _WHAT), Part(SPACE), Part(at, "plain", _WHEN), Part(SPACE)]
    return [*parts, Part(DisplayText.of(who), "plain", _WHO), Part(SPACE), Part(DisplayText.of(rest, limit=80))]


def _told(one: Entry) -> list[tuple[str, DisplayText]]:
    """Everything about one line, name by name; what is empty is left out."""
    if isinstance(one, ReviewSeen):
        told = {
            "draft": f"#{one.draft} {one.title}",
            "account": one.name,
            "cause": f"{word('reviews', 'cause_' + one.cause)} {word('recorded', one.act)}",
            "by": f"{one.by_name} ({one.by})",
            "on_behalf": one.on_behalf,
            "clause": one.clause,
            "opened": short_time(one.opened_at).plain,
            "due": short_time(one.due).plain,
            "who": whom(one),
            "done": "" if one.done_at is None else f"{one.done_by} {short_time(one.done_at).plain} {one.note}",
        }
    elif isinstance(one, LiftSeen):
        told = {
            "draft": f"#{one.draft} {one.title}",
            "account": one.account,
            "rule": f"{one.rule} ({one.clause})",
            "under": one.under,
            "by": f"{one.by_name} ({one.by})",
            "on_behalf": one.on_behalf,
            "reason": one.reason,
            "until": "" if one.until is None else short_time(one.until).plain,
        }
    else:
        limits = " ".join((*one.accounts, *one.kinds, *one.topics))
        told = {
            "deputy": f"{one.name} ({one.login})",
            "whom": one.whom,
            "days": f"{one.from_:%Y-%m-%d}~{one.until:%Y-%m-%d}",
            "limits": limits,
            "emergencies": word("reviews", f"emergencies_{one.emergencies}"),
            "basis": one.basis or tell("reviews.no_basis").plain,
        }
    return [(name, DisplayText.of(text)) for name, text in told.items() if text.strip()]
