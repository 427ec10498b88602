"""The last row of every screen: the keys that work here and now, and at its end, always, the stop key."""

from __future__ import annotations

from collections.abc import Container

from console.text import DisplayText, cells
from console.tui.commands import HINTS, Place, by_command
from console.tui.ink import Ink
from console.tui.paint import Part
from console.tui.tell import SPACE, tell


def hint_parts(place: Place, width: int, *, releasing: bool, impossible: Container[str]) -> list[Part]:
    """As many hints as there is room for. What lets something out is gone unless `releasing`; what is `impossible` for this
    operator on this draft stands dim."""
    stop = Part(tell("hint.stop"), "barkey")
    parts = [Part(tell("hint.help"), "barkey")]
    room = width - _width([stop, *parts])
    for name in HINTS[place]:
        command = by_command(name)
        if command.sort == "release" and not releasing:
            continue
        ink: tuple[Ink, Ink] = ("baroff", "baroff") if name in impossible else ("barkey", "bar")
        key = DisplayText(command.keys[0]) if len(command.keys[0]) == 1 else tell(f"key.{command.keys[0]}")
        hint = [Part(SPACE + SPACE, "bar"), Part(key, ink[0]), Part(SPACE + tell(f"command.{name}"), ink[1])]
        room -= _width(hint)
        if room < 2:
            break
        parts += hint
    gap = width - _width([stop, *parts])
    return [*parts, Part(DisplayText(" " * max(1, gap)), "bar"), stop]


def _width(parts: list[Part]) -> int:
    return sum(cells(part.text.plain) for part in parts)
