"""The last row of every screen: the keys that work here and now, and at its end, always, the stop key."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from console.text import DisplayText, cells
from console.tui.commands import COMMANDS, HINTS, Place, by_command
from console.tui.part import Part
from console.tui.tell import SPACE, tell
from console.words import known

ASKED = frozenset(
    {
        "resume_here",
        "confirm_stop",
        "close_day",
        "open_day",
        "remove_override",
        "narrow_stop",
        "duty_done",
        "duty_undo",
        "follow_done",
        "follow_skip",
        "follow_undo",
        "copy",
        "next",
        "right",
        "endorse",
        "later",
        "fix",
        "picture",
    }
    | {command.name for command in COMMANDS if command.sort in ("verb", "release")}
)
"""What not everybody may do, nor always."""


def hint_parts(place: Place, width: int, *, releasing: bool, possible: Iterable[str], drilling: bool = False) -> list[Part]:
    """As many hints as there is room for. What changes a draft, and the resume, are only named where they are `possible`; what lets
    something out is gone unless `releasing`, too. While `drilling` the stop key is that of the drill, and says so."""
    return list(_hints(place, width, releasing, frozenset(possible), drilling))


@lru_cache(maxsize=64)  # asked for at every row, and nearly always the same
def _hints(place: Place, width: int, releasing: bool, possible: frozenset[str], drilling: bool) -> tuple[Part, ...]:
    parts = [Part(tell("hint.help"), "barkey")]
    room = width - _width([_stop(drilling), *parts])
    for name in HINTS[place]:
        command = by_command(name)
        if (command.sort == "release" and not releasing) or (name in ASKED and name not in possible):
            continue
        key = key_word(command.keys[0])
        hint = [Part(SPACE + SPACE, "bar"), Part(key, "barkey"), Part(SPACE + tell(f"command.{name}"), "bar")]
        room -= _width(hint)
        if room < 2:
            break
        parts += hint
    return tuple(_with_stop(parts, width, drilling))


def key_word(key: str) -> DisplayText:
    """A key as people call it."""
    if key == " ":
        return DisplayText("Space")
    if len(key) == 1:
        return DisplayText.of(key)
    return tell(f"key.{key}") if known("tui", f"key.{key}") else DisplayText.of(key.title())


def answer_parts(
    answering: Literal["typing", "confirming", "choosing"], width: int, *, drilling: bool = False, leaves_out: bool = False
) -> list[Part]:
    """The keys while a question stands: everything else is text, or nothing. `leaves_out`: Esc leaves out the
    reason, and nothing of what has been done."""
    yes = Part(DisplayText("y"), "barkey") if answering == "confirming" else Part(tell("key.enter"), "barkey")
    parts = [yes, Part(SPACE + tell(f"hint.{answering}"), "bar"), Part(SPACE + SPACE, "bar")]
    return _with_stop(
        [*parts, Part(tell("key.escape"), "barkey"), Part(SPACE + tell("hint.leave_out" if leaves_out else "hint.leave"), "bar")],
        width,
        drilling,
    )


def _stop(drilling: bool) -> Part:
    return Part(tell("hint.stop_drill" if drilling else "hint.stop"), "barkey")


def _with_stop(parts: list[Part], width: int, drilling: bool) -> list[Part]:
    """The row with the stop key at its end."""
    stop = _stop(drilling)
    gap = width - _width([stop, *parts])
    return [*parts, Part(DisplayText(" " * max(1, gap)), "bar"), stop]


def _width(parts: list[Part]) -> int:
    return sum(cells(part.text.plain) for part in parts)
