"""The boards: clauses, people. Short lists, read once when they are opened."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.link import LinkDown
from console.text import DisplayText
from console.tui.commands import Place
from console.tui.ink import Ink
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.sheets import blank, line
from console.tui.table_view import TableView
from console.tui.tell import NEWLINE, SPACE, TOKYO, tell
from console.tui.views import ListView
from console.words.marks import listed
from daemon.wire import ClauseBoard, ClauseHeld, Listing, Register, Who
from daemon.wire.queries import AnyQuery

if TYPE_CHECKING:
    from console.tui.app import Console

STATUS_INK: dict[str, Ink] = {"enforced": "good", "asked": "good", "due": "warn", "shown": "dim", "unmapped": "alert"}
CLASSES = ("AUTO", "ASSIST", "HUMAN", "DUTY", "INFO")


Cell = tuple[DisplayText, Ink]

_COLUMNS: dict[Place, tuple[tuple[str, int], ...]] = {
    "people": (("login", 12), ("name", 14), ("role", 8), ("unit", 16), ("titles", 0)),
    "clauses": (("status", 8), ("open", 4), ("fired", 10), ("tests", 4), ("cite", 0)),
}
"""The columns of each board and their widths; 0 is the rest of the line."""


def row(place: Place, *cells: Cell) -> list[Part]:
    """A line of a board."""
    parts: list[Part] = []
    for (text, ink), (_, width) in zip(cells, _COLUMNS[place], strict=True):
        parts += [Part(text, ink, width), Part(SPACE)]
    return parts[:-1]


def head(place: Place) -> list[Part]:
    """The names of a board's columns."""
    return [Part(SPACE + SPACE), *row(place, *((tell(f"{place}.column_{name}"), "head") for name, _ in _COLUMNS[place]))]


async def listing(console: Console, query: AnyQuery) -> Listing:
    """The answer to a query for a list. Raises LinkDown if there is none."""
    answer = await console.link.ask(query)
    if not isinstance(answer, Listing):
        raise LinkDown
    return answer


class Clauses:
    """The clauses of one policy, what holds each, how many drafts it speaks to; the chosen one's words beside."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-clauses")
        self.list.chosen = self.chosen
        self.view = TableView("clauses", self.list)
        self._console = console
        self._policy = 0
        self._clauses: tuple[ClauseHeld, ...] = ()

    @property
    def policies(self) -> list[str]:
        """The policies that this office's accounts follow."""
        status = self._console.seen.status
        return sorted({a.policy for a in status.accounts}) if status else []

    async def open(self) -> None:
        """Read the board of the chosen policy."""
        if not self.policies:
            raise LinkDown
        name = self.policies[self._policy % len(self.policies)]
        self._clauses = (await listing(self._console, ClauseBoard(policy=name))).clauses
        self.list.show(Lines([self._line(clause) for clause in self._clauses]), self.list.cursor)
        held = sum(clause.status != "unmapped" for clause in self._clauses)
        words = tell("clauses.heading", policy=DisplayText.of(name), held=held, count=len(self._clauses))
        self.view.heading.show([Part(words, "strong"), Part(SPACE), Part(tell("clauses.switch"), "dim")])
        self.view.columns.show([Part(SPACE), *head("clauses")])
        self.chosen()

    def turn(self, step: int) -> None:
        """The next policy, or the one before."""
        self._policy += step
        self.list.cursor = 0

    def chosen(self) -> None:
        """Show the words of the clause under the cursor."""
        if self.list.cursor < len(self._clauses):
            self.view.right.show(_clause_sheet(self._clauses[self.list.cursor]), top=True)

    def _line(self, clause: ClauseHeld) -> list[Part]:
        status = tell(f"clause_status.{clause.status}") if clause.status in STATUS_INK else DisplayText.of(clause.status)
        speaks_to = clause.open_findings + clause.open_comments
        count = DisplayText(str(speaks_to) if speaks_to else "")
        cite = DisplayText.of(clause.cite)
        fired = _day(clause.last_fired) if clause.last_fired else DisplayText("-")
        tests = DisplayText.of("?" if clause.tests is None else str(len(clause.tests)))
        ink = STATUS_INK.get(clause.status, "plain")
        return row("clauses", (status, ink), (count, "warn"), (fired, "dim"), (tests, "dim"), (cite, "plain"))


def _clause_sheet(clause: ClauseHeld) -> list[Part]:
    class_ = tell(f"class.{clause.class_}") if clause.class_ in CLASSES else DisplayText.of(clause.class_)
    parts = line(Part(DisplayText.of(clause.cite), "strong"))
    parts += [Part(DisplayText.of(clause.text, block=True)), Part(NEWLINE), *blank()]
    parts += line(Part(tell("clauses.who"), "dim"), class_)
    held_by = " ".join(clause.held_by)
    parts += line(Part(tell("clauses.held_by"), "dim"), DisplayText.of(held_by) if held_by else tell("clauses.nobody"))
    parts += line(Part(tell("clauses.open"), "dim"), DisplayText(str(clause.open_findings)))
    if clause.open_comments:
        parts += line(Part(tell("clauses.open_comments"), "dim"), DisplayText.of(str(clause.open_comments)))
    parts += line(Part(tell("clauses.fired"), "dim"), *_fired(clause))
    parts += _tests(clause)
    if clause.note:
        parts += line(Part(tell("clauses.note"), "dim"), DisplayText.of(clause.note))
    return [*parts, *line(Part(DisplayText.of(clause.id), "dim"))]


def _fired(clause: ClauseHeld) -> list[Part]:
    """When it last spoke."""
    if clause.last_fired is not None:
        where = f"#{clause.last_draft}" if clause.last_draft is not None else tell("clauses.comment", number=clause.last_comment)
        return [Part(_day(clause.last_fired)), Part(where if isinstance(where, DisplayText) else DisplayText.of(where))]
    if clause.looked_back is not None:
        return [Part(tell("clauses.not_since", since=_day(clause.looked_back)), "dim")]
    return [Part(tell("clauses.never"), "dim")]


def _tests(clause: ClauseHeld) -> list[Part]:
    """The tests that prove it."""
    if clause.tests is None:
        return line(Part(tell("clauses.tests_unknown"), "dim"))
    parts = line(Part(tell("clauses.tests", count=len(clause.tests)), "dim" if clause.tests else "warn"))
    for test in clause.tests:
        parts += line(DisplayText(" "), Part(DisplayText.of(test), "dim"))
    return parts


def _day(at: datetime) -> DisplayText:
    return DisplayText.of(f"{at.astimezone(TOKYO):%Y-%m-%d}")


class Board:
    """A list that is read as a whole: the people."""

    def __init__(self, console: Console, view: ListView) -> None:
        self.view = view
        self.people: tuple[Who, ...] = ()
        self._console = console

    async def open(self) -> None:
        """Read and show."""
        await self._people()

    def person(self) -> Who | None:
        """The person under the cursor."""
        return self.people[self.view.lines.cursor] if self.view.lines.cursor < len(self.people) else None

    def _show(self, lines: list[list[Part]], **count: int) -> None:
        place = self.view.place
        self.view.heading.show([Part(tell(f"{place}.heading", **count), "strong")])
        self.view.columns.show(head(place))
        self.view.show(Lines(lines))

    async def _people(self) -> None:
        self.people = (await listing(self._console, Register())).people
        me = self._console.link.welcome
        lines = [_person_line(who, me is not None and who.login == me.login) for who in self.people]
        self._show(lines, count=len(lines))


def _person_line(who: Who, me: bool) -> list[Part]:
    ink: Ink = "strong" if me else "plain"
    return row(
        "people",
        (DisplayText.of(who.login), ink),
        (DisplayText.of(who.name), ink),
        (tell(f"role.{who.role}"), "plain"),
        (DisplayText.of(who.unit), "plain"),
        (DisplayText.of(listed(who.titles)), "dim"),
    )


def boards(console: Console) -> dict[Place, Board]:
    """The boards of a console, by place."""
    return {"people": Board(console, ListView("people"))}
