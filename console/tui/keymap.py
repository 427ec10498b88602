"""Keys of one's own: a file that gives commands further keys, by the commands' names. It adds keys and takes none away (decision 0042).

# ~/.config/kohoban/keys.toml
approve = "F2"
record = ["F11", "ctrl+r"]
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from console.plain_file import read_plain
from console.text import DisplayText
from console.tui import commands
from console.tui.commands import COMMANDS, HINTS, Command
from console.tui.stopkey import KEYS
from console.tui.tell import tell

FILE = "KOHOBAN_KEYS"
"""The file, where the operator names one; else `kohoban/keys.toml` among their settings."""
MOST = 1 << 16
"""Bytes of the file, at most: a larger one is not read."""

TAKEN = frozenset(
    {*KEYS, "ctrl+c", "ctrl+z", "ctrl+s", "ctrl+q", "ctrl+a", "ctrl+b", "ctrl+o", "ctrl+j", "ctrl+m", "ctrl+i", "ctrl+h"}
) | frozenset(f"f{n}" for n in range(6, 11))
"""Keys that stop, or that terminals, multiplexers and input methods keep for themselves."""
_NAMED = frozenset({"insert", "delete", "backspace", *(f"f{n}" for n in range(1, 6)), "f11"})
_CONFIRMS = frozenset({"y", "Y", "enter"})


class Keymap(NamedTuple):
    """The file that was read (None: there is none), the keys that it adds by command, and what of it does not count and why."""

    file: Path | None
    added: Mapping[str, tuple[str, ...]]
    problems: tuple[DisplayText, ...]


def place() -> Path:
    """Where the file is looked for."""
    if named := os.environ.get(FILE):
        return Path(named)
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "kohoban" / "keys.toml"


def load() -> Keymap:
    """Read the file and put its keys in force. A line that cannot be does not count, and is said; all others do."""
    path = place()
    try:
        said = tomllib.loads(read_plain(path, MOST))
    except FileNotFoundError:
        found = Keymap(None, {}, ())
    except (OSError, ValueError, RecursionError) as error:
        found = Keymap(path, {}, (tell("keymap.unreadable", why=DisplayText.of(str(error), limit=100)),))
    else:
        found = _read(path, said)
    commands.add_keys(found.added)
    return found


def _read(path: Path, said: Mapping[str, object]) -> Keymap:
    added: dict[str, tuple[str, ...]] = {}
    problems: list[DisplayText] = []
    by_name = {command.name: command for command in COMMANDS}
    for name, value in said.items():
        keys = [value] if isinstance(value, str) else value if isinstance(value, list) else [value]
        if (command := by_name.get(name)) is None:
            problems.append(tell("keymap.no_command", name=DisplayText.of(name)))
            continue
        for typed in keys:
            key = _key(typed)
            why = _why_not(command, key, added) if key else "keymap.no_key"
            if why:
                problems.append(tell(why, name=DisplayText.of(name), key=DisplayText.of(_said(typed), limit=20)))
            else:
                added[name] = (*added.get(name, ()), key)
    return Keymap(path, added, tuple(problems))


def _said(typed: object) -> str:
    """What stands there, to be told; nothing of what Python does not put into words: numbers of thousands of digits, endless nesting."""
    try:
        return str(typed)
    except (ValueError, RecursionError):
        return "..."


def _key(typed: object) -> str:
    """A key as the console hears it: a character as it is typed, or the name of another key. Empty for what is none."""
    if not isinstance(typed, str):
        return ""
    if len(typed) == 1:
        return typed if "!" <= typed <= "~" else ""
    name = typed.strip().lower()
    letter = name.removeprefix("ctrl+")
    return (
        name if name in _NAMED | TAKEN or (name != letter and len(letter) == 1 and letter.isascii() and letter.isalpha()) else ""
    )


def _why_not(command: Command, key: str, added: Mapping[str, tuple[str, ...]]) -> str:
    """The reason why this command cannot have this key; empty where it can."""
    if key in TAKEN:
        return "keymap.taken"
    if key in _CONFIRMS and command.sort in ("verb", "release"):
        return "keymap.confirms"
    places = command.places or tuple(HINTS)
    for other in COMMANDS:
        meets = not other.places or any(place in other.places for place in places)
        if meets and key in (*other.keys, *added.get(other.name, ())):
            return "keymap.clash"
    return ""
