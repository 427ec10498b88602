"""The `:` line: a command by its Japanese or romaji name and what belongs to it; ↑ ↓ go through what was typed before, Tab through what may
be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.text import DisplayText
from console.tui.commands import COMMANDS, Command, beginning_with, by_name, fold
from console.tui.tell import tell
from daemon.wire.limits import LONGEST_ADDRESS

if TYPE_CHECKING:
    from console.tui.app import Console

KEPT = 100
"""Lines that are remembered, the newest last."""
_SHOWN = 6
_WORDS = max(len(alias.split()) for command in COMMANDS for alias in command.aliases)
"""Words of the longest name."""


class CommandLine:
    """What was typed, and where the keys stand in it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lines: list[str] = []
        self._at = 0
        self._stem: str | None = None
        self._turn = -1
        self._filled = ""

    async def ask(self) -> tuple[Command, str] | None:
        """The command that somebody types, and its argument; None where it is none, which is said."""
        console = self._console
        self._at, self._stem = len(self._lines), None
        typed = await console.bottom.ask(DisplayText(":"), typing=self._typed, most=LONGEST_ADDRESS)
        if not typed or not typed.strip():
            console.notice(DisplayText(""), keep=False)
            return None
        self._lines = [*(line for line in self._lines if line != typed), typed][-KEPT:]
        found = parsed(typed)
        if found is None:
            console.notice(tell("notice.no_command", word=DisplayText.of(typed.strip().lstrip(":："))), "warn")
        return found

    def key(self, key: str) -> None:
        """A key that the input leaves over."""
        if key in ("up", "down") and self._lines:
            self._at = max(0, min(self._at + (1 if key == "down" else -1), len(self._lines)))
            self._fill(self._lines[self._at] if self._at < len(self._lines) else "")
        elif key in ("tab", "shift+tab"):
            self._complete(1 if key == "tab" else -1)

    def _complete(self, step: int) -> None:
        """The next of the names that the word may become; after the last one, the word itself again."""
        if self._stem is None:
            self._stem, self._turn = self._console.bottom.input.value.lstrip(":："), -1
        names = candidates(self._stem)
        if not self._stem or not names:
            return
        self._turn = (self._turn + step + 1) % (len(names) + 1) - 1
        self._fill(self._stem if self._turn < 0 else names[self._turn] + " ")

    def _fill(self, text: str) -> None:
        entry = self._console.bottom.input
        self._filled = text
        entry.value = text
        entry.cursor_position = len(text)

    def _typed(self, typed: str) -> None:
        """The commands that the half-typed word may become, in the last row."""
        if typed != self._filled:
            self._stem = None
        line = (self._stem if self._stem is not None else typed).lstrip(":：")
        commands = (beginning_with(line) or beginning_with(line.partition(" ")[0]))[:_SHOWN] if line.strip() else []
        self._console.suggest([f":{c.aliases[0]}  {tell(f'command.{c.name}').plain}" for c in commands])


def parsed(typed: str) -> tuple[Command, str] | None:
    """The command that a line names, and what stands behind it; None where it names none. The longest name counts: `approve set` is no
    approval with `set` for its reason."""
    line = typed.strip().lstrip(":：").strip()
    for words in range(min(_WORDS, len(line.split())), 0, -1):
        pieces = line.split(maxsplit=words)
        if (command := by_name(" ".join(pieces[:words]))) is not None:
            return command, pieces[words].strip() if len(pieces) > words else ""
    return None


def candidates(stem: str) -> list[str]:
    """The names that a half-typed word may become: of each command the one that begins like it."""
    folded = fold(stem)
    return [next(a for a in command.aliases if fold(a).startswith(folded)) for command in beginning_with(stem)]
