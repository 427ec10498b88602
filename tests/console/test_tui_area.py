"""The built-in editor's rows: one that reads as before is not made anew, and whatever is done to the text, all look as Textual itself would
have made them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from console.tui.area import SafeArea

PIECES = (
    "区",
    "役所からの",
    "お知らせ（第2回）",
    "a",
    " ",
    "\n",
    "\n\n",
    "①",
    "👨‍👩‍👧",
    "\t",
    "健診を来月から受け付けます。" * 12,
)


class Alone(App[None]):
    """The editor, and something else that can have the focus."""

    def compose(self) -> ComposeResult:
        self.area = SafeArea("area", 5_000, lambda odd: None, lambda: None)
        yield self.area
        yield Input()


@asynccontextmanager
async def alone() -> AsyncIterator[tuple[Pilot[None], SafeArea]]:
    app = Alone()
    async with app.run_test(size=(40, 20)) as pilot:
        app.area.can_focus = True
        app.area.focus()
        await pilot.pause()
        yield pilot, app.area


def shown(area: SafeArea) -> list[object]:
    return [list(area._render_line(y)) for y in range(area.size.height)]


def by_itself(area: SafeArea) -> list[object]:
    return [list(TextArea._render_line(area, y)) for y in range(area.size.height)]


async def test_whatever_is_done_every_row_looks_as_textual_makes_it() -> None:
    said = random.Random(20261122)
    async with alone() as (pilot, area):
        app = pilot.app
        for turn in range(150):
            end = area.document.end
            where = (row := said.randint(0, end[0]), said.randint(0, len(area.document.get_line(row))))
            match said.randrange(9):
                case 0 | 1 | 2:
                    area.insert(said.choice(PIECES), where)
                case 3:
                    area.delete(where, min((where[0], where[1] + 7), end))
                case 4:
                    area.move_cursor(where)
                case 5:
                    area.move_cursor(where, select=True)
                case 6:
                    area.styles.width = said.choice((20, 31, 40))
                case 7:
                    app.query_one(Input if said.random() < 0.5 else SafeArea).focus()
                case _:
                    app.theme = said.choice(("textual-dark", "textual-light"))
            await pilot.pause()
            assert shown(area) == by_itself(area), f"turn {turn}"


async def test_a_key_at_the_end_of_a_long_paragraph_makes_its_last_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    original = TextArea._render_line

    def counted(area: TextArea, y: int) -> object:
        made.append(y)
        return original(area, y)

    async with alone() as (_, area):
        area.put("区役所からのお知らせです。" * 30)
        shown(area)
        monkeypatch.setattr(TextArea, "_render_line", counted)
        area.insert("。", area.document.end)
        rows = shown(area)
        assert len([row for row in rows if row]) > 10
        inside = [y for y in made if y + area.scroll_offset.y < area.wrapped_document.height]
        assert 1 <= len(set(inside)) <= 2
