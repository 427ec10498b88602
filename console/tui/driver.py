"""The terminal driver: Textual's own, with the stop key taken off in the thread that reads the keyboard.

Textual's event loop stands still while a terminal takes no output (its queue of output blocks); the thread that reads keys does
not. So the stop is carried out there, and the loop only hears of it.
"""

from __future__ import annotations

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from console.tui.stopkey import KEYS, Pressed, StopKey


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

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.Key) and message.key in KEYS:
            stop_key = getattr(self._app, "stop_key", None)
            if isinstance(stop_key, StopKey):
                super().process_message(StopPressed(stop_key.press()))
                return
        super().process_message(message)
