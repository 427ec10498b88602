"""Rows that go straight to the screen: what is painted of a change is what painting everything would put there, and only rows that changed are made."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable

import pytest
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from console.text import DisplayText
from console.tui.paint import Strip, strip
from console.tui.part import Part
from console.tui.straight import Rows, Straight

WIDTH, HEIGHT = 40, 12


class Counted(Rows):
    """Rows that say how often they were made."""

    DEFAULT_CSS = "Counted { width: 1fr; height: 1fr; }"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.made: list[int] = []
        self.asked = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.asked += 1
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        self.made.append(y)
        return strip([Part(DisplayText(f"{len(self.made)}"))], self.size.width)


class Office(Screen[None]):
    def __init__(self) -> None:
        super().__init__()
        self._compositor = Straight()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Counted("left")
            right = Counted("right")
            right.styles.border_left = ("ascii", "white")
            yield right
        yield Input()


class Desk(App[None]):
    """Keeps what it was to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[object] = []

    def get_default_screen(self) -> Screen[None]:
        return Office()

    def _display(self, screen: Screen[object], renderable: object) -> None:
        self.updates.append(renderable)
        super()._display(screen, renderable)  # type: ignore[arg-type]


@pytest.fixture
async def pilot() -> AsyncIterator[Pilot[None]]:
    async with Desk().run_test(size=(WIDTH, HEIGHT)) as here:
        for name in ("left", "right"):
            await until(here, lambda name=name: set(rows_of(here, name).made) >= set(range(HEIGHT - 3)))  # type: ignore[misc]
        await here.pause()
        yield here


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        await pilot.pause(0.01)


def rows_of(pilot: Pilot[None], name: str) -> Counted:
    return pilot.app.query_one(f"#{name}", Counted)


def pieces(update: object) -> dict[tuple[int, int], str]:
    assert isinstance(update, ChopsUpdate)
    return {(y, x): strip.text for y, x, _ in update.spans for at, strip in update.chops[y].items() if at == x and strip}


async def test_of_two_rows_at_both_ends_of_the_screen_only_these_two_are_asked_for_and_sent(pilot: Pilot[None]) -> None:
    left, right = rows_of(pilot, "left"), rows_of(pilot, "right")
    pilot.app.updates.clear()  # type: ignore[attr-defined]
    left.made.clear()
    right.asked = 0
    left.refresh(Region(0, 1, 20, 1), Region(0, 8, 20, 1))
    await until(pilot, lambda: pilot.app.updates)  # type: ignore[attr-defined]
    await pilot.pause()
    assert sorted(left.made) == [1, 8]
    assert right.asked == 0
    assert {place for update in pilot.app.updates for place in pieces(update)} == {(1, 0), (8, 0)}  # type: ignore[attr-defined]


async def test_rows_in_a_frame_stand_behind_it(pilot: Pilot[None]) -> None:
    right = rows_of(pilot, "right")
    pilot.app.updates.clear()  # type: ignore[attr-defined]
    right.refresh()
    await until(pilot, lambda: pilot.app.updates)  # type: ignore[attr-defined]
    sent = {place: text for update in pilot.app.updates for place, text in pieces(update).items()}  # type: ignore[attr-defined]
    assert {x for _, x in sent} == {20}
    assert all(text.startswith("|") and len(text) == 20 for text in sent.values())


async def test_beside_another_widget_everything_goes_textuals_way_and_nothing_is_lost(pilot: Pilot[None]) -> None:
    left = rows_of(pilot, "left")
    left.made.clear()
    pilot.app.updates.clear()  # type: ignore[attr-defined]
    left.refresh(Region(0, 3, 20, 1))
    pilot.app.query_one(Input).value = "x"
    await until(pilot, lambda: left.made)
    await pilot.pause()
    assert left.made == [3]
    whole = pilot.app.screen._compositor.render_full_update()
    assert isinstance(whole, LayoutUpdate)
    assert "".join(piece.text for piece in [*whole.strips][3]).startswith(left.render_lines(Region(0, 3, 20, 1))[0].text)


async def test_another_width_makes_every_row_anew(pilot: Pilot[None]) -> None:
    left = rows_of(pilot, "left")
    left.made.clear()
    await pilot.resize_terminal(60, HEIGHT)
    await until(pilot, lambda: set(left.made) >= set(range(HEIGHT - 3)))
    assert all(row.cell_length == 30 for row in left.render_lines(Region(0, 0, 30, HEIGHT - 3)))
