"""The policies in time (要綱の版と番人): which version is in force, what is coming, what leads nowhere, whether the guard is awake; and the page
that shows what an amendment changes, clause by clause and draft by draft."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from console.link import LinkDown
from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.sheets import blank, headline, line
from console.tui.tell import SPACE, either, short_time, tell
from console.tui.views import PairView, SheetView
from console.words import word
from daemon.wire import Refusal
from daemon.wire.policies import (
    AmendmentSeen,
    CanarySeen,
    ConflictSeen,
    PolicyCompared,
    PolicyDiff,
    PolicyNow,
    PolicyState,
    VersionSeen,
)

if TYPE_CHECKING:
    from console.tui.app import Console

Entry = AmendmentSeen | CanarySeen | ConflictSeen | VersionSeen

_WHAT, _DAY = 14, 10
_LAST = 1000
"""Past drafts that the page compares; the command line compares as many as one likes."""
_LOOK = 0.3
"""Seconds between two looks at how far the comparison is."""
_INK: dict[str, Ink] = {"dead_end": "alert", "contradiction": "warn", "notice": "dim"}


class Policies:
    """The list, and beside it the chosen line in full."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-policies")
        self.list.chosen = self._chosen
        self.view = PairView("policies", self.list)
        self.view.add_class("brief")
        self.amended = Amended(console)
        self._console = console
        self._entries: tuple[Entry, ...] = ()

    async def open(self) -> None:
        """Read how the policies stand. Raises LinkDown where nobody answers."""
        answer = await self._console.link.ask(PolicyNow())
        if not isinstance(answer, PolicyState):
            raise LinkDown
        weighty = tuple(one for one in answer.conflicts if one.weight != "notice")
        notices = tuple(one for one in answer.conflicts if one.weight == "notice")
        self._entries = (*answer.silent, *answer.coming, *weighty, *answer.versions, *notices)
        awake = answer.answered == answer.canaries
        counts = {"answered": answer.answered, "count": answer.canaries, "stuck": len(weighty), "coming": len(answer.coming)}
        heading = tell("policies.heading", **counts)
        looked = [Part(SPACE), Part(short_time(answer.looked, self._console.now()), "dim")] if answer.looked else []
        self.view.heading.show([Part(heading, "strong" if awake and not weighty else "alert"), *looked])
        self.list.show(Lines([self._line(one) for one in self._entries]), self.list.cursor)
        self._chosen()

    def chosen_edition(self) -> tuple[str, date] | None:
        """The version under the cursor that can be compared with the one in force: its policy and day."""
        one = self._one()
        if isinstance(one, AmendmentSeen):
            return one.policy, one.day
        if isinstance(one, VersionSeen) and one.text and not one.in_force and one.from_ is not None:
            return one.policy, one.from_
        return None

    def _one(self) -> Entry | None:
        return self._entries[self.list.cursor] if self.list.cursor < len(self._entries) else None

    def _chosen(self) -> None:
        if (one := self._one()) is not None:
            self.view.right.show(list(_sheet(one)), top=True)

    def _line(self, one: Entry) -> list[Part]:
        what, ink, day, text = _row(one)
        return [Part(what, ink, _WHAT), Part(SPACE), Part(day, "dim", _DAY), Part(SPACE), Part(text)]


def _row(one: Entry) -> tuple[DisplayText, Ink, DisplayText, DisplayText]:
    """What it is, its day, and the line."""
    if isinstance(one, CanarySeen):
        return tell("policies.silent"), "alert", DisplayText(""), DisplayText.of(f"{one.clause} {one.cite}")
    if isinstance(one, AmendmentSeen):
        changes = tell("policies.counting") if one.changes is None else tell("policies.changes", count=one.changes)
        return tell("policies.amended"), "warn", _day(one.day), DisplayText.of(f"{one.policy}  ") + changes
    if isinstance(one, ConflictSeen):
        return tell(f"policies.{one.weight}"), _INK[one.weight], _day(one.since), either(one.message, one.message_en)
    what, ink = ("policies.in_force", "good") if one.in_force else ("policies.version", "plain")
    if not one.text:
        what, ink = ("policies.no_text", "alert" if one.in_force else "dim")
    return tell(what), ink, _day(one.from_), DisplayText.of(f"{one.policy}  {one.cite}")  # type: ignore[return-value]


def _day(day: date | None) -> DisplayText:
    return DisplayText.of(day.isoformat() if day else "-")


def _sheet(one: Entry) -> Iterator[Part]:
    what, ink, day, text = _row(one)
    yield from line(Part(what, ink), day, text)
    if isinstance(one, CanarySeen):
        yield from line(Part(tell("policies.should"), "dim"), DisplayText.of(one.rule))
        yield from line(Part(tell("policies.instead"), "dim"), DisplayText.of(one.said or "-"))
    elif isinstance(one, AmendmentSeen):
        yield from line(DisplayText.of(one.cite))
        yield from line(Part(tell("policies.enter"), "dim"))
    elif isinstance(one, ConflictSeen):
        yield from line(Part(tell("policies.clause"), "dim"), DisplayText.of(one.clause or one.policy))
    else:
        yield from line(Part(tell("policies.until"), "dim"), _day(one.until))
        yield from line(Part(tell("policies.hash"), "dim"), DisplayText.of(one.hash.removeprefix("sha256:")[:12] or "-"))


class Amended:
    """The page of one comparison; it is read again until all drafts have been judged."""

    def __init__(self, console: Console) -> None:
        self.view = SheetView("policy_diff")
        self._console = console
        self._asked: tuple[str, date] | None = None

    def ask(self, edition: tuple[str, date]) -> None:
        """The comparison that the page shows next."""
        self._asked = edition

    async def open(self) -> None:
        """Begin, and show what has been found until it is whole. Raises LinkDown where nobody answers."""
        if self._asked is None:
            return
        policy, day = self._asked
        self.view.heading.show([Part(tell("policies.comparing"), "dim")])
        self.view.sheet.show([], top=True)
        self._console.spawn(self._console.quietly(self._follow(policy, day)))

    async def _follow(self, policy: str, day: date) -> None:
        while True:
            answer = await self._console.link.ask(PolicyDiff(policy=policy, day=day, last=_LAST))
            if isinstance(answer, Refusal):
                self._console.refused(answer)
                return
            if not isinstance(answer, PolicyCompared):
                raise LinkDown
            self._show(answer)
            if not answer.running or self._console.place != "policy_diff":
                return
            await asyncio.sleep(_LOOK)

    def _show(self, found: PolicyCompared) -> None:
        key = "policies.progress" if found.running else "policies.compared"
        counts = {"done": found.done, "of": found.of, "changed": found.changed, "queued": found.queued}
        names = {
            "policy": DisplayText.of(found.policy),
            "before": DisplayText.of(found.before),
            "after": DisplayText.of(found.after),
        }
        self.view.heading.show([Part(tell(key, **counts), "warn" if found.running else "strong")])
        parts = line(Part(tell("policies.between", **names), "strong"))
        if found.error:
            parts += line(Part(either(found.error, found.error_en), "alert"))
        parts += headline(tell("policies.drafts", changed=found.changed))
        for one in found.drafts:
            verdicts = f"{word('verdict', one.before)} -> {word('verdict', one.after)}"
            said = " ".join(one.clauses) or one.who
            parts += line(Part(DisplayText(f"#{one.draft}"), "strong"), DisplayText.of(f"{word('state', one.state)}  {verdicts}"))
            parts += line(
                DisplayText.of(f"    {one.title.strip() or one.path.rpartition('/')[2]}"), Part(DisplayText.of(said), "dim")
            )
        parts += [*blank(), *headline(tell("policies.texts", count=len(found.texts)))]
        for text in found.texts:
            parts += line(Part(DisplayText.of(text.clause), "strong"), DisplayText.of(text.cite))
            parts += line(Part(DisplayText.of(f"  - {text.before or '-'}", block=True), "alert"))
            parts += line(Part(DisplayText.of(f"  + {text.after or '-'}", block=True), "good"))
        parts += [*blank(), *headline(tell("policies.rules", count=len(found.rules)))]
        for rule in found.rules:
            parts += line(tell(f"policies.{rule.what}"), Part(DisplayText.of(rule.rule), "strong"), DisplayText.of(rule.clause))
            for said in rule.said:
                parts += line(DisplayText.of(f"    {said}"))
        self.view.sheet.show(parts)
