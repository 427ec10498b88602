"""An app whose frames go to the terminal by way of the console's own driver."""

from __future__ import annotations

from typing import Any

from textual._compositor import CompositorUpdate
from textual.app import App
from textual.geometry import Offset
from textual.screen import Screen

from console.text import DisplayText
from console.tui.driver import ConsoleDriver


class Painted(App[int], inherit_bindings=False):
    """Textual's app, but for the last step: what a frame changes is painted, and never waited for (tests/terminal/test_stalled.py)."""

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

    def paint_whole(self) -> None:
        """Paint everything again: another window, or somebody wrote into this one."""
        if isinstance(self._driver, ConsoleDriver) and self._driver.painter is not None:
            self._driver.painter.whole()

    def name_the_tab(self, text: DisplayText) -> None:
        """Say something where it is seen while another tab is in front."""
        if isinstance(self._driver, ConsoleDriver):
            self._driver.title(text)
