"""The last rows of every screen: what was just said, or a question with its answer; and the keys that work now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Literal

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input
from textual.widgets.input import Selection

from console.text import DisplayText, cells
from console.tui.ink import Ink
from console.tui.paint import Strip, strip
from console.tui.part import Part
from console.tui.straight import Rows
from console.tui.tell import tell
from console.tui.wrap import wrap
from daemon.wire.limits import LONGEST

_HERE = DisplayText("> ")
_BESIDE = 12
"""Columns of a label that may stand beside the input; a longer one stands above it."""

AHEAD = 0.5
"""Seconds for which keys wait for a conversation that waits for the daemon; later ones are dropped, and that is said."""

SETTLE = 0.3
"""Seconds after a question appears in which an answer does not count: nobody has read it yet."""


class OneLine(Rows):
    """One row of parts."""

    DEFAULT_CSS = "OneLine { height: 1; }"

    def __init__(self, name: str, rest: Ink = "plain") -> None:
        super().__init__(name)
        self._rest = rest
        self.parts: list[Part] = []

    def show(self, parts: Sequence[Part]) -> None:
        """Show these parts."""
        if self.parts != list(parts):
            self.parts = list(parts)
            self.refresh(layout=False)

    def render_line(self, y: int) -> Strip:
        """The row."""
        return strip(self.parts, self.size.width, rest=self._rest)


class Saying(Rows):
    """A sentence in as many rows as it needs, up to four: half a refusal would leave out what to do."""

    MOST = 4

    def __init__(self) -> None:
        super().__init__("message")
        self.parts: list[Part] = []

    @property
    def rows(self) -> list[list[Part]]:
        """The sentence, wrapped."""
        return wrap(self.parts, max(1, self.app.size.width))[: self.MOST]

    def render_line(self, y: int) -> Strip:
        """One of its rows."""
        rows = self.rows
        return strip(rows[y] if y < len(rows) else (), self.size.width)


class SafeInput(Input):
    """An input whose text passes `DisplayText` as it is typed or pasted: a pasted escape sequence is shown, not obeyed."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a range by text made safe."""
        super().replace(DisplayText.of(text).plain, start, end)


class Bottom(Vertical, can_focus=False):
    """Message, question, keys. One question at a time; another one takes its place, and the first counts as cancelled."""

    DEFAULT_CSS = """
    Bottom { height: 2; dock: bottom; }
    #prompt { height: 1; display: none; }
    #message { height: 1; }
    #prompt Input { height: 1; width: 1fr; border: none; padding: 0; background: transparent; }
    """

    def __init__(self, turned: Callable[[], None]) -> None:
        """`turned` is called when a question has come up, or has gone: other keys work then."""
        super().__init__(id="bottom")
        self._turned = turned
        self.message = Saying()
        self.keys = OneLine("keys", rest="bar")
        self._label = OneLine("label")
        self._prompt = Horizontal(id="prompt")
        self.input = SafeInput(id="entry", select_on_focus=False)
        self._answer: asyncio.Future[str | None] | None = None
        self._rows = (1, False)
        self._asked_at = 0.0
        self._confirming = False
        self.leaves_out = False
        self._single: Callable[[str], DisplayText] | None = None
        self._typing: Callable[[str], None] | None = None
        self._most = LONGEST
        self._conversation: Coroutine[Any, Any, None] | None = None
        self._ready = asyncio.Event()
        self._ready.set()

    def compose(self) -> ComposeResult:
        yield self.message
        with self._prompt:
            yield self._label
            yield self.input
        yield self.keys

    def say(self, text: DisplayText, ink: Ink = "plain") -> None:
        """Show a sentence, unless a question stands there."""
        if self._answer is None:
            self._say([Part(text, ink)] if text else [])

    @property
    def question(self) -> object | None:
        """What waits for an answer, if anything does: another object for every question."""
        return self._answer

    @property
    def asking(self) -> bool:
        """Whether a confirmation, or a choice by single keys, waits for its key."""
        return self._confirming or self._single is not None

    @property
    def typing(self) -> bool:
        """Whether the input line is open."""
        return self._answer is not None and not self.asking

    @property
    def answering(self) -> Literal["", "typing", "confirming", "choosing"]:
        """Which kind of question waits for its answer, if any."""
        if self._answer is None:
            return ""
        return "confirming" if self._confirming else "choosing" if self._single is not None else "typing"

    async def converse(self, flow: Coroutine[Any, Any, None]) -> None:
        """Carry on a conversation with the operator: questions, and waiting for the daemon between them."""
        try:
            await flow
        finally:
            if self._conversation is flow:
                self._conversation = None
                self._ready.set()

    def begin(self, flow: Coroutine[Any, Any, None]) -> None:
        """From here on the next key belongs to this conversation; the one before it is dropped."""
        self.cancel()
        self._conversation = flow
        self._ready.clear()

    async def ready(self) -> bool:
        """Wait until the conversation asks something, or is over: a key typed ahead, or come in one piece over a slow line, must not
        be taken for a command meanwhile. False where it still waits for the daemon after `AHEAD` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(AHEAD):
                await self._ready.wait()
        return self._ready.is_set()

    async def confirm(self, question: DisplayText, before: Sequence[Part] = ()) -> bool:
        """Ask for `y`; Esc and every other question cancel. What stands `before` has inks of its own."""
        mine = self._open()
        self._confirming = True
        self._asked_at = time.monotonic()
        self._say([*before, Part(question + tell("ask.yes"), "unknown")])
        self._turned()
        try:
            return await mine is not None
        finally:
            self._close(mine)

    async def choose(self, question: DisplayText, pressed: Callable[[str], DisplayText]) -> bool:
        """Let somebody put a choice together by single keys: each goes to `pressed`, which says how the question reads then. Enter ends it,
        Esc and every other question cancel."""
        mine = self._open()
        self._single = pressed
        self._asked_at = time.monotonic()
        self._say([Part(question, "head")])
        self._turned()
        try:
            return await mine is not None
        finally:
            self._close(mine)

    async def ask(
        self,
        label: DisplayText,
        typing: Callable[[str], None] | None = None,
        *,
        filled: str = "",
        leaves_out: bool = False,
        most: int = LONGEST,
    ) -> str | None:
        """Ask for a line of text, of `most` characters; None when it was cancelled. A longer one is not taken, and stays there to be made
        shorter. `typing` hears what stands there so far. What is `filled` in is selected:
        Enter takes it, and the first key that is typed replaces it. `leaves_out`: Esc only leaves
        out what was asked for, and the last row says so."""
        mine = self._open()
        self.leaves_out = leaves_out
        self._typing, self._most = typing, most
        short = label if cells(label.plain) <= _BESIDE else _HERE
        self._say([] if short is label else [Part(label, "head")])
        self._label.styles.width = cells(short.plain)
        self._label.show([Part(short, "head")])
        self.input.value = filled
        self.input.selection = Selection(0, len(filled))
        self._unfold(True)
        self.screen.set_focus(self.input)
        self._turned()
        try:
            return await mine
        finally:
            self._close(mine)

    def key_while_confirming(self, key: str) -> bool:
        """Handle a key while a confirmation stands. True for the key that said yes."""
        if key == "escape":
            self.cancel()
        elif self._single is not None:
            if key != "enter":
                self._say([Part(self._single(key), "head")])
            elif time.monotonic() - self._asked_at >= SETTLE:
                self._settle("")
        elif key == "y" and time.monotonic() - self._asked_at >= SETTLE:
            self._settle("y")
            return True
        return False

    def remind(self, text: DisplayText) -> None:
        """Say once, behind the question that stands, why the key that was pressed does not answer it."""
        part = Part(DisplayText("  ") + text, "warn")
        if self._confirming and part not in self.message.parts:
            self._say([*self.message.parts, part])

    def cancel(self) -> None:
        """Drop the question that stands, if one does."""
        self._settle(None)

    def on_resize(self) -> None:
        self._lay_out()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if (length := len(event.value)) > self._most:
            self._say([Part(tell("ask.too_long", length=length, most=self._most), "alert")])
            return
        self._settle(event.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing is not None:
            self._typing(event.value)

    def _open(self) -> asyncio.Future[str | None]:
        """Make room for a new question; one that stands is cancelled."""
        self.cancel()
        self._reset()
        self._answer = asyncio.get_running_loop().create_future()
        self._ready.set()
        return self._answer

    def _close(self, mine: asyncio.Future[str | None]) -> None:
        """Clear the line, if no other question has taken it meanwhile."""
        if self._answer is mine:
            self._reset()

    def _reset(self) -> None:
        if self._answer is not None:
            self._say([])
        self._answer, self._confirming, self._single, self._typing = None, False, None, None
        self.leaves_out = False
        self._unfold(False)
        if self.is_attached:
            self.screen.set_focus(None)
            self._turned()

    def _settle(self, value: str | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(value)
            if self._conversation is not None:
                self._ready.clear()

    def _unfold(self, open_: bool) -> None:
        self.input.can_focus = open_  # else Textual hands it the focus whenever a view changes
        self._prompt.display = open_
        self._lay_out()

    def _say(self, parts: list[Part]) -> None:
        if self.message.parts != parts:
            self.message.parts = parts
            self._lay_out()
            self.message.refresh(layout=False)

    def _lay_out(self) -> None:
        """As many rows as the message and the input need; one is always kept, so that the list does not jump at every word."""
        said = len(self.message.rows)
        said = said if self._prompt.display else max(1, said)
        if (said, bool(self._prompt.display)) != self._rows:
            self._rows = said, bool(self._prompt.display)
            self.message.display = said > 0
            self.message.styles.height = max(1, said)
            self.styles.height = said + self._rows[1] + 1
