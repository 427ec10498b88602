"""Screen 7, 記録: who did what and when, newest first and as far back as it goes; a search in all of it; every entry in full."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from console.link import LinkDown
from console.record import DETAIL, WORDED, act_word, actor_words, detail_words
from console.text import DisplayText
from console.tui.lines import LineList, Lines
from console.tui.part import Part
from console.tui.sheets import line
from console.tui.table_view import TableView
from console.tui.tell import SPACE, TOKYO, tell
from console.tui.tell import short_time as short
from console.words import catalogue, known, language, say, word
from daemon.wire import HistoryLine, Refusal
from daemon.wire.recording import FindInRecord, RecordFound

if TYPE_CHECKING:
    from console.tui.app import Console

AT_ONCE = 200
"""Entries that are asked for together."""
_ENOUGH = 50
"""Entries that a search looks for before it waits for the cursor."""

_COLUMNS = (("seq", 7), ("at", 16), ("actor", 10), ("act", 14), ("draft", 7), ("detail", 0))
_NAMES = 14
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")


class Record:
    """The view, what is searched for, and how far back it has been read."""

    def __init__(self, console: Console) -> None:
        self.list = LineList("lines-record")
        self.list.chosen = self._chosen
        self.view = TableView("record", self.list)
        self.view.add_class("brief")
        self.wanted = ""
        self._console = console
        self._entries: list[HistoryLine] = []
        self._reached: int | None = None
        self._reading = 0

    async def open(self) -> None:
        """Read from the newest entry on. Raises LinkDown."""
        self._entries, self._reached = [], None
        self.view.columns.show([Part(SPACE + SPACE + SPACE), *_row(*((tell(f"record.column_{n}"), "head") for n, _ in _COLUMNS))])
        await self._read(0)

    def narrow_to(self, typed: str) -> None:
        """Search for what is typed; for nothing, everything is shown."""
        self.wanted = typed.strip()

    def toggle_whole(self) -> None:
        """The entry alone, or beside the list."""
        whole = not self.whole
        self.view.active = self.view.right if whole else self.view.left
        self.view.set_class(whole, "whole")

    @property
    def whole(self) -> bool:
        """Whether the entry stands alone."""
        return self.view.has_class("whole")

    @property
    def _over(self) -> bool:
        return self._reached is not None and self._reached <= 1

    async def _read(self, cursor: int) -> None:
        """Read on, until there is enough to look at or the record is at its end. Another search that begins meanwhile ends this one."""
        self._reading += 1
        mine, wanted = self._reading, _query(self.wanted)
        goal = len(self._entries) + (_ENOUGH if self.wanted else AT_ONCE)
        try:
            while mine == self._reading and not self._over and len(self._entries) < goal:
                query = FindInRecord(**wanted, before=self._reached, limit=AT_ONCE)  # type: ignore[arg-type]
                answer = await self._console.link.ask(query)
                if isinstance(answer, Refusal):
                    self._console.refused(answer)
                    return
                if not isinstance(answer, RecordFound):
                    raise LinkDown
                if mine != self._reading:
                    return
                self._entries += answer.entries
                self._reached = answer.reached
                self.list.show(Lines([_line(each) for each in self._entries]), max(cursor, self.list.cursor if cursor else 0))
                self._head()
                if self._console.place != "record":
                    return
        finally:
            if mine == self._reading:
                self._reading = 0

    def _head(self) -> None:
        values = {"count": len(self._entries), "reached": max(1, self._reached or 1)}
        key = "found" if self.wanted else "heading_whole" if self._over else "heading_far"
        parts = [Part(tell(f"record.{key}", **values), "strong")]
        if self.wanted:
            parts += [Part(SPACE), Part(tell("queue.chip", what=DisplayText.of(self.wanted)), "mark")]
            parts += [Part(SPACE), Part(tell("record.whole" if self._over else "record.far", **values), "dim")]
        self.view.heading.show(parts)

    def _chosen(self) -> None:
        """The entry under the cursor in full; near the end of what was read, the next of it is read."""
        at = self.list.cursor
        if at < len(self._entries):
            self.view.right.show(list(entry_sheet(self._entries[at])), top=True)
        near = len(self._entries) - at <= max(1, self.list.size.height)
        if self._entries and near and at and not self._over and not self._reading:
            self._console.spawn(self._console.quietly(self._read(at)))


def _query(typed: str) -> dict[str, object]:
    """What the words that are typed ask for: `#12` a draft, `2026-11-20` a day, two of them a period; the rest stands in the entry."""
    words, days, draft = [], [], None
    for each in typed.split():
        if found := _DAY.fullmatch(each):
            try:
                days.append(date(*map(int, found.groups())))
                continue
            except ValueError:
                pass
        if each[:1] in "#＃" and each[1:].isdecimal() and len(each) < 18:
            draft = int(each[1:])
        else:
            words.append(each)
    asked: dict[str, object] = {"words": tuple(words), "acts": tuple(_acts(each) for each in words), "draft": draft}
    return asked | ({"first": min(days), "last": max(days)} if days else {})


def _acts(word: str) -> tuple[str, ...]:
    """The acts whose words in the operator's language hold this one."""
    said = catalogue("tui", language())
    return tuple(key.removeprefix("recorded.") for key, words in said.items() if key.startswith("recorded.") and word in words)


def _row(*cells: tuple[DisplayText, str]) -> list[Part]:
    parts: list[Part] = []
    for (text, ink), (_, width) in zip(cells, _COLUMNS, strict=True):
        parts += [Part(text, ink, width), Part(SPACE)]  # type: ignore[arg-type]
    return parts[:-1]


def _line(entry: HistoryLine) -> list[Part]:
    return _row(
        (DisplayText(str(entry.seq)), "dim"),
        (short(entry.at), "dim"),
        (DisplayText.of(actor_words(entry.actor)), "plain"),
        (DisplayText.of(act_word(entry.act)), "plain"),
        (DisplayText(f"#{entry.draft}" if entry.draft is not None else ""), "plain"),
        (DisplayText.of(detail_words(entry), limit=DETAIL), "plain"),
    )


def entry_sheet(entry: HistoryLine) -> Iterator[Part]:
    """Everything that stands in an entry, a line each."""
    at = entry.at.astimezone(TOKYO)
    yield from line(Part(DisplayText(str(entry.seq)), "strong"), Part(DisplayText.of(act_word(entry.act)), "strong"))
    yield from _named("at", f"{at:%Y-%m-%d %H:%M:%S}")
    yield from _named("actor", actor_words(entry.actor))
    if entry.draft is not None:
        yield from _named("draft", f"#{entry.draft}")
    for key, value in _details(entry.detail):
        own = f"{entry.act}_{key}"
        yield from _named(own if known("tui", f"entry.{own}") else key, value)
    yield from _named("hash", entry.hash)


def _named(key: str, value: str) -> list[Part]:
    name = say("tui", f"entry.{key}") if known("tui", f"entry.{key}") else key
    return line(Part(DisplayText.of(name), "dim", _NAMES), DisplayText.of(value))


def _details(detail: str) -> Iterator[tuple[str, str]]:
    """The details by their names; what is no JSON of the daemon's, as it lies there."""
    try:
        record = json.loads(detail)
        inside = record["detail"]
        assert isinstance(inside, dict)
    except (ValueError, KeyError, TypeError, AssertionError):
        yield "detail", detail
        return
    for key, value in inside.items():
        if value not in (None, "", [], {}):
            yield key, _value(key, value)


def _value(key: str, value: object) -> str:
    """A detail as people read it: words for yes and no, for what is one of a few; several things side by side; the rest as it was written."""
    if isinstance(value, bool):
        return say("tui", "entry.yes" if value else "entry.no")
    if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
        return say("tui", "entry.and").join(map(str, value))
    if isinstance(value, str):
        return word(key, value) if key in WORDED else value
    return json.dumps(value, ensure_ascii=False)
