"""A text tried: under every installed policy side by side (比較), and as the platforms would show it (見え方). Of the draft that is chosen, or of
what is being written; either is asked of the daemon, which judges it as it would judge a file."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from console.cite import finding_words
from console.link import LinkDown
from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.preview import preview_sheet
from console.tui.rows import VERDICT_INK, verdict_word
from console.tui.sheets import line, opened_finding
from console.tui.tell import SPACE, tell
from console.tui.views import PairView, SheetView
from daemon.wire import FindingSeen, Refusal, Tried, Try, Under

if TYPE_CHECKING:
    from console.tui.app import Console

NARROWEST = 18
"""Columns that one policy needs: four of them stand on a terminal of 80."""

_ORDER = ("block", "hold", "warn", "info")


class Trials:
    """The two screens, and what they are about."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-side-by-side")
        self.list.chosen = self._chosen
        self.side_by_side = PairView("side_by_side", self.list)
        self.side_by_side.add_class("brief")
        self.preview = SheetView("preview")
        self.tried: Tried | None = None
        self.column = 0
        self._name = DisplayText("")
        self._query: Try | None = None
        self._console = console

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The conversations by the names of their commands."""
        return {"side_by_side": lambda _: self._go("side_by_side"), "preview": lambda _: self._go("preview")}

    @property
    def draft(self) -> int | None:
        """The draft that is tried; None where it is a text that is being written."""
        return self._query.draft if self._query else None

    @property
    def possible(self) -> set[str]:
        """Whether there is an image to be seen: of a text that is being written nobody has read any yet."""
        return {"picture"} if self.draft is not None and self.tried and self.tried.images else set()

    async def open(self) -> None:
        """Ask anew, and show. Raises LinkDown where nobody answers."""
        if self._query is None:
            return
        answer = await self._console.link.ask(self._query)
        if isinstance(answer, Refusal):
            self._console.refused(answer)
            return
        if not isinstance(answer, Tried):
            raise LinkDown
        self.tried = answer
        self.column = min(self.column, len(answer.under) - 1)
        self.show()

    def turn(self, step: int) -> None:
        """The next policy, or the one before."""
        if self.tried:
            self.column = (self.column + step) % len(self.tried.under)
            self.show()

    def show(self) -> None:
        """Paint both screens."""
        tried = self.tried
        if tried is None:
            return
        count = len(tried.under)
        self.side_by_side.heading.show([Part(tell("compare.heading", count=count, what=self._name), "strong")])
        self.list.show(_Columns(tried.under, self), max(self.list.cursor, _HEAD))
        self.preview.heading.show([Part(tell("preview.heading", what=self._name), "strong")])
        self.preview.sheet.show(preview_sheet(tried, self._console.seen.account(self._account)), top=True)
        self._chosen()

    @property
    def _account(self) -> str:
        return self.tried.under[0].account if self.tried else ""

    async def _go(self, place: str) -> None:
        console = self._console
        every = place == "side_by_side"
        if console.place == "compose":
            self._query = Try(file=console.composing.file, account=console.composing.account, every=every)
            self._name = tell("compose.heading")
        elif (row := console.row()) is not None:
            self._query, self._name = Try(draft=row.id, every=every), DisplayText(f"#{row.id}")
        else:
            console.notice(tell("notice.no_draft"), "warn")
            return
        self.tried, self.column = None, 0
        self.list.show(Lines(()))
        await console.places.go("side_by_side" if every else "preview")

    def _chosen(self) -> None:
        if self.tried is None:
            return
        under = self.tried.under[self.column]
        found, at = _sorted(under), self.list.cursor - _HEAD
        name = Part(DisplayText.of(f"{under.municipality} {under.policy} {under.version}"), "head")
        parts = line(name) if under.account else line(name, Part(tell("compare.text_only"), "dim"))
        if 0 <= at < len(found):
            one = found[at]
            cite = DisplayText.of(finding_words(one.clause, one.cite, one.basis))
            parts += line(Part(_level(one), _ink(one)), Part(cite, "strong"))
            parts += opened_finding(one)
        else:
            parts += line(Part(tell("compare.nothing" if not found else "compare.no_more", count=len(found)), "dim"))
        self.side_by_side.right.show(parts, top=True)


_HEAD = 2
"""Lines above the findings: the municipalities, and their verdicts."""


class _Columns:
    """The table as a list's source: it fits as many policies as there is room for, the chosen one among them."""

    def __init__(self, under: Sequence[Under], trials: Trials) -> None:
        self._under, self._trials = under, trials
        self._found = [_sorted(each) for each in under]

    @property
    def count(self) -> int:
        """The head, and as many lines as the longest column."""
        return _HEAD + max(map(len, self._found), default=0)

    def line(self, index: int, width: int) -> Sequence[Part]:
        """One line across the columns that are shown."""
        many = max(1, min(len(self._under), width // NARROWEST))
        first = max(0, min(self._trials.column - many + 1, len(self._under) - many))
        wide = width // many
        parts: list[Part] = []
        for column in range(first, first + many):
            here = column == self._trials.column
            text, ink = self._cell(column, index)
            sign = DisplayText(">" if here and text and index >= _HEAD - 1 else " ")
            parts += [Part(sign, "strong"), Part(text, "mark" if here and index == 0 else ink, wide - 2), Part(SPACE)]
        return parts

    def need(self, start: int, stop: int, towards: int) -> bool:
        """All of it is here."""
        return True

    def _cell(self, column: int, index: int) -> tuple[DisplayText, Ink]:
        under, found = self._under[column], self._found[column]
        if index == 0:
            return DisplayText.of(under.municipality), "head" if under.account else "strong"
        if index == 1:
            verdict = verdict_word(under.verdict)
            return verdict + tell("compare.count", count=len(found)), VERDICT_INK.get(under.verdict, "good")
        if index - _HEAD >= len(found):
            return DisplayText(""), "plain"
        one = found[index - _HEAD]
        return _level(one) + SPACE + DisplayText.of(finding_words(one.clause, one.cite, one.basis)), _ink(one)


def _sorted(under: Under) -> list[FindingSeen]:
    return sorted(under.findings, key=lambda f: (_ORDER.index(f.verdict) if f.verdict in _ORDER else len(_ORDER), f.start))


def _level(one: FindingSeen) -> DisplayText:
    return tell("detail.on_trial") if one.shadow else verdict_word(one.verdict)


def _ink(one: FindingSeen) -> Ink:
    return "dim" if one.shadow or one.lifted else VERDICT_INK.get(one.verdict, "plain")
