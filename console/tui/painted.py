"""An app whose frames go to the terminal by way of the console's own driver."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from textual._compositor import CompositorUpdate
from textual.app import App
from textual.geometry import Offset, Size
from textual.screen import Screen

from console.text import DisplayText
from console.tui import graphics
from console.tui.driver import ConsoleDriver
from console.tui.graphics import Able
from console.tui.overlay import Overlay
from console.tui.painter import Painter

if TYPE_CHECKING:
    from console.tui.before import Before


class Painted(App[int], inherit_bindings=False):
    """Textual's app, but for the last step: what a frame changes is painted, and never waited for (tests/terminal/test_stalled.py)."""

    before: Before | None = None
    """Who has taken the terminal before there was an app."""

    def _display(self, screen: Screen[object], renderable: Any) -> None:
        driver = self._driver
        if not isinstance(driver, ConsoleDriver):
            super()._display(screen, renderable)
            return
        if isinstance(renderable, CompositorUpdate) and self._running and not self._closed and not self._batch_count:
            x, y = self.screen.outer_size.clamp_offset(self.spot() or self.cursor_position)
            driver.show(renderable, (x, y), together=self._sync_available)
        self.post_display_hook()

    def spot(self) -> Offset | None:
        """Where the cursor stands while nothing is typed; None: where the input line has it."""
        return None

    def toggle_mouse(self) -> bool | None:
        """Take the terminal's mouse, or give it back; whether it is ours now. None where there is no such terminal."""
        return self._driver.toggle_mouse() if isinstance(self._driver, ConsoleDriver) else None

    def reveal(self) -> None:
        """The first glance is over: from here on what the console itself shows is painted."""
        if self.painter is not None:
            self.painter.reveal()

    def sized(self, size: Size) -> None:
        """The terminal has this size."""
        if self.painter is not None:
            self.painter.sized((size.width, size.height))

    def paint_whole(self) -> None:
        """Paint everything again: another window, or somebody wrote into this one."""
        if isinstance(self._driver, ConsoleDriver) and self._driver.painter is not None:
            self._driver.painter.whole()

    def lay_picture(self, overlay: Overlay | None) -> bool:
        """Show a picture over blank cells; None takes away the one that is there. False where it cannot be shown there."""
        painter = self._driver.painter if isinstance(self._driver, ConsoleDriver) else None
        return painter is not None and painter.lay(overlay)

    @property
    def painter(self) -> Painter | None:
        """Who paints the terminal; None where there is none."""
        return self._driver.painter if isinstance(self._driver, ConsoleDriver) else None

    async def able(self, row: int) -> Able:
        """How this terminal shows pictures; from this row on there are as many free ones as `graphics.NEEDED`."""
        driver = self._driver
        if not isinstance(driver, ConsoleDriver) or os.environ.get("TERM") == "linux":
            return Able("blocks", "no_graphics")
        rows = range(row, row + graphics.NEEDED)
        found = graphics.told(await driver.ask(f"\x1b[{row + 1};1H{graphics.question()}", graphics.DEVICE, rows), driver.cell())
        if found.way != "sixel":
            return found
        answers = await driver.ask(graphics.measure(row, found.pixels), graphics.PLACE, rows)
        return found if graphics.measured(row, answers) else Able("blocks", "odd_sixels")

    def name_the_tab(self, text: DisplayText) -> None:
        """Say something where it is seen while another tab is in front."""
        if isinstance(self._driver, ConsoleDriver):
            self._driver.title(text)
