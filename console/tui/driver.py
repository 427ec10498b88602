"""The terminal driver: Textual's own, with the stop key taken off in the thread that reads the keyboard.

Textual's event loop stands still while a terminal takes no output (its queue of output blocks); the thread that reads keys does
not. So the stop is carried out there, and the loop only hears of it.
"""

from __future__ import annotations

import codecs
import os
import select

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from console.tui.stopkey import KEYS, Pressed, StopKey
from console.tui.typed import ESC, Typed

LOOK_UP = 0.05
"""Seconds between two looks at whether an Esc was the key, and whether the console ends."""


class StopPressed(Message):
    """The stop key was pressed; if `pressed` is `stopped`, the gate is shut already."""

    def __init__(self, pressed: Pressed) -> None:
        self.pressed = pressed
        super().__init__()


class NotUtf8(Message):
    """The terminal sent bytes that are no UTF-8: its encoding is set to something else."""


class ConsoleDriver(LinuxDriver):
    """Reads the keyboard for an app that has a `stop_key`."""

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
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], LOOK_UP)[0]:
                if not (data := os.read(self.fileno, 4096)):
                    raise OSError("the terminal is gone")
                pieces = typed.feed(decode(data))
            else:
                pieces = typed.tick()
            for piece in pieces:
                parser = self._take(piece, parser)

    def _take(self, piece: str, parser: XTermParser) -> XTermParser:
        """One key, or text. Returns the parser for the next piece: of a sequence that Textual does not know it would wait for more."""
        if piece == ESC:
            self.process_message(events.Key("escape", ESC))
            return parser
        for message in parser.feed(piece):
            self.process_message(message)
        return parser if parser._timeout_time is None else XTermParser()

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.Key) and message.key in KEYS:
            stop_key = getattr(self._app, "stop_key", None)
            if isinstance(stop_key, StopKey):
                super().process_message(StopPressed(stop_key.press()))
                return
        super().process_message(message)
