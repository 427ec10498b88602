"""The terminal driver: Textual's own, with an output that never waits, and the stop key taken off in the thread that reads the keyboard.

What the program waits for, whatever it is, does not hold up that thread: so the stop is carried out there, and the loop only hears of it.
"""

from __future__ import annotations

import codecs
import fcntl
import os
import re
import select
import struct
import sys
import termios
import time
from collections import deque
from typing import Any

from rich.color import ColorSystem
from textual import events
from textual._compositor import CompositorUpdate
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from console.accessible import wanted
from console.text import DisplayText
from console.tui import mouse
from console.tui.before import ENTER, Before
from console.tui.graphics import ANSWER, Answers
from console.tui.painter import Painter
from console.tui.stopkey import KEYS, Pressed, StopKey
from console.tui.typed import ALIVE, ESC, Typed

LOOK_UP, SOON = 0.1, 0.02
"""Seconds between two looks at whether the console ends, and at whether an Esc was the key."""


NAMED = ("xterm", "tmux", "screen", "rxvt", "putty", "mintty", "konsole", "vte", "alacritty", "foot", "kitty", "wezterm", "iterm")
"""Beginnings of TERM of terminals that take a title; others print it."""
SHOWN = "\x1b[?25h"
"""The cursor is seen: a screen reader reads where it stands."""
KEEP_TITLE, TITLE_BACK = "\x1b[22;2t", "\x1b[23;2t"
LAST_WORDS = 2.0
"""Seconds for which the end waits for a terminal that takes nothing."""
LAST_ANSWERS = 0.5
"""Seconds for which the end waits for answers of the terminal, so that the shell behind us does not get them."""


class StopPressed(Message):
    """The stop key was pressed; if `pressed` is `stopped`, the gate is shut already."""

    def __init__(self, pressed: Pressed) -> None:
        self.pressed = pressed
        super().__init__()


class NotUtf8(Message):
    """The terminal sent bytes that are no UTF-8: its encoding is set to something else."""


class ConsoleDriver(LinuxDriver):
    """Reads the keyboard for an app that has a `stop_key`, and paints by way of a `Painter`."""

    painter: Painter | None = None
    _answers: Answers | None = None
    _titled = ""
    _mousing = False
    _entered = False
    """Whether the screen beside the shell's is shown already: some terminals clear it when it is asked for again."""
    _unread = b""
    """What was typed before anybody read."""

    def __init__(self, app: App[object], **options: Any) -> None:
        super().__init__(app, **options)
        before = getattr(app, "before", None)
        self._early: deque[Message] = deque()
        self._before = before if isinstance(before, Before) else None
        self._unread = self._before.typed if self._before is not None else b""

    def start_application_mode(self) -> None:
        """Take the terminal, at the start and after a pause."""
        colours = self._app.console._color_system or ColorSystem.TRUECOLOR  # without any, no ink has one
        before, self._before = self._before, None
        glance, line_mode = (before.glance, before.line_mode) if before is not None else (None, None)
        screen = sys.__stdout__.fileno() if sys.__stdout__ else 1
        self.painter = Painter(screen, self._loop, colours, *(glance or ()))
        self._entered = glance is not None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._entered = False
        if before is not None:
            before.glance = None  # whoever ends gives it back
            self.attrs_before = line_mode
        if self._writer_thread is not None:  # Textual's way out, which nothing goes
            self._writer_thread.stop()
            self._writer_thread = None

        if wanted():
            self.write(SHOWN)

    def toggle_mouse(self) -> bool:
        """Take the mouse, or give it back."""
        self._mousing = not self._mousing
        self.write(mouse.ON if self._mousing else mouse.OFF)
        return self._mousing

    def write(self, data: str) -> None:
        """Send something that is no frame: a mode, a question."""
        if self.painter is not None and not (self._entered and data == ENTER):
            self.painter.send(data)

    def show(self, update: CompositorUpdate, cursor: tuple[int, int], *, together: bool) -> None:
        """Paint what has changed, now or as soon as the terminal takes it."""
        if self.painter is not None:
            self.painter.show(update, cursor, together=together)

    async def ask(self, question: str, last: re.Pattern[str], rows: range) -> list[str]:
        """What the terminal answers to a question that may leave its mark in these rows, up to the `last` of its answers."""
        self._answers = answers = Answers(last, self._loop)
        try:
            if self.painter is None or not self.painter.ask(question, rows):
                return []
            return await answers.all()
        finally:
            self._answers = None

    def cell(self) -> tuple[int, int] | None:
        """Width and height of a cell in pixels, as the kernel knows the window's; None where nobody has told it."""
        lines, columns, width, height = struct.unpack("HHHH", fcntl.ioctl(self.fileno, termios.TIOCGWINSZ, b"\0" * 8))
        return (width // columns, height // lines) if width and height and columns and lines else None

    def title(self, text: DisplayText) -> None:
        """Name the terminal's tab, where the terminal is one that has a name and takes it in silence."""
        if text.plain != self._titled and os.environ.get("TERM", "").startswith(NAMED):
            self.write(("" if self._titled else KEEP_TITLE) + f"\x1b]2;{text.plain}\x1b\\")
            self._titled = text.plain

    def disable_input(self) -> None:
        """Read no more keys: when the terminal has given the answers that it owes, or they would be typed into the shell."""
        if self.painter is not None and not self.exit_event.is_set():
            self.painter.ask_no_more()
            end = time.monotonic() + LAST_ANSWERS
            while self.painter.owed and time.monotonic() < end:
                time.sleep(0.01)
        super().disable_input()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        if self._mousing:
            self.toggle_mouse()
        if self._titled:
            self.write(TITLE_BACK)
            self._titled = ""
        super().stop_application_mode()
        if self.painter is not None:
            self.painter.close(LAST_WORDS)
            self.painter = None

    def _query_in_band_window_resize(self) -> None:
        """Not asked: the kernel tells of a window that changes, over SSH too."""

    def _run_input_thread(self) -> None:
        """Read keys until the end. Bytes that are no UTF-8 are dropped and told; a terminal that is gone ends the console."""
        while True:
            try:
                self.run_input_thread()
            except UnicodeDecodeError:
                self.process_message(NotUtf8())
            except OSError:
                self._app.call_later(self._app.exit, 0)
                return
            else:
                return

    def run_input_thread(self) -> None:
        """Read keys until the console ends. Raises OSError when the terminal is gone, UnicodeDecodeError at bytes that are no UTF-8."""
        typed, parser = Typed(), XTermParser()
        decode = codecs.getincrementaldecoder("utf-8")().decode
        unread, self._unread = self._unread, b""
        for piece in typed.feed(decode(unread)):
            parser = self._take(piece, parser)
        while not self.exit_event.is_set():
            if self._early and not (self.painter is not None and self.painter.held):
                self._go_on()
            if select.select([self.fileno], [], [], SOON if typed.waits or self._early else LOOK_UP)[0]:
                if not (data := os.read(self.fileno, 4096)):
                    raise OSError("the terminal is gone")
                pieces = typed.feed(decode(data))
            else:
                pieces = typed.tick()
            for piece in pieces:
                parser = self._take(piece, parser)

    def _take(self, piece: str, parser: XTermParser) -> XTermParser:
        """One key, or text. Returns the parser for the next piece: of a sequence that Textual does not know it would wait for more."""
        if piece == ALIVE:
            if self.painter is not None:
                self.painter.answered()
            return parser
        if ((answers := self._answers) is not None and answers.takes(piece)) or ANSWER.fullmatch(piece):
            return parser
        if piece == ESC:
            self.process_message(events.Key("escape", ESC))
            return parser
        for message in parser.feed(piece):
            if not isinstance(message, events.Resize):  # the kernel tells of it; a terminal may say any size
                self.process_message(message)
        return parser if parser._timeout_time is None else XTermParser()

    def process_message(self, message: Message) -> None:
        """The stop key at once. What else is typed at first glance waits until there is an office to do it in."""
        if isinstance(message, events.Key) and message.key in KEYS:
            stop_key = getattr(self._app, "stop_key", None)
            if isinstance(stop_key, StopKey):
                if self.painter is not None:
                    self._loop.call_soon_threadsafe(self.painter.reveal)
                super().process_message(StopPressed(stop_key.press()))
                return
        if self.painter is not None and self.painter.held:
            self._early.append(message)
            return
        self._go_on()
        super().process_message(message)

    def _go_on(self) -> None:
        """What has waited comes first."""
        while self._early:
            super().process_message(self._early.popleft())
