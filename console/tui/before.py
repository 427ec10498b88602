"""The terminal before the console is there: out of its line mode from the first moment on, so that keys typed meanwhile are neither shown nor cut at
the next Enter, and Ctrl+\\ - the stop key - does not end the process that is to hear it."""

from __future__ import annotations

import os
import termios
import tty
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from console.tui.glance import Glance

_LINE = termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG
_CHANGED = termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR
ENTER = "\x1b[?1049h"
"""To the screen beside the shell's. Asked for once: some terminals clear what they show when they are asked again."""
_BACK = "\x1b[?1049l\x1b[?25h"


class Before:
    """Who has taken the terminal, and gives it back."""

    def __init__(self, keyboard: int, screen: int) -> None:
        self._keyboard, self._screen = keyboard, screen
        self.line_mode: list[Any] | None = None
        """The settings that are given back at the end; None where the terminal has none."""
        self.typed = b""
        """What was typed while the terminal was asked something."""
        self.glance: Glance | None = None
        """What is shown already. Whoever takes it over sets it to None."""

    def take(self) -> None:
        """Every key as it comes, and nothing of it on the screen."""
        with suppress(termios.error):
            before = termios.tcgetattr(self._keyboard)
            taken = list(before)
            taken[tty.LFLAG] &= ~_LINE
            taken[tty.IFLAG] &= ~_CHANGED
            termios.tcsetattr(self._keyboard, termios.TCSANOW, taken)
            self.line_mode = before

    def give_back(self) -> None:
        """As it was. What a console that never came has shown goes, too."""
        if self.glance is not None:
            with suppress(OSError):
                os.write(self._screen, _BACK.encode())
        if self.line_mode is not None:
            with suppress(termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self.line_mode)
