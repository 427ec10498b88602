"""The key sheet, made from the table of commands: `python -m console.tui.key_sheet > docs/keys.md` (a test holds the two together)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import get_args

from console.tui.commands import COMMANDS, Command, Place
from console.words import Language, sentence

_ASIDE = ("help", "messages", "paper", "card", "policy_diff", "terminal")
"""Screens that one comes by on the way from another: at the end."""


def sheet(lang: Language) -> Iterator[str]:
    """The page, line by line: what works everywhere, then each screen with what works only there."""
    yield f"# {_say('title', lang)}"
    yield ""
    yield _say("made", lang)
    yield ""
    yield from _table(_say("screens", lang), [c for c in COMMANDS if _is_screen(c)], lang)
    yield from _table(_say("everywhere", lang), [c for c in COMMANDS if c.keys and _wide(c) and not _is_screen(c)], lang)
    places = sorted(get_args(Place), key=lambda place: place in _ASIDE)
    for place in places:
        here = [command for command in COMMANDS if place in command.places and not _wide(command)]
        if here:
            yield from _table(sentence("tui", f"place.{place}", lang), here, lang)
    yield from _table(_say("named", lang), [c for c in COMMANDS if not c.keys and not c.places], lang)
    yield _say("stop_key", lang)


def keys_of(command: Command, lang: Language) -> str:
    """The keys of a command as people read them."""
    return " ".join(sentence("tui", f"key.{key}", lang) if len(key) > 1 else key.replace(" ", "Space") for key in command.keys)


def _wide(command: Command) -> bool:
    """Whether it works everywhere, or everywhere but for a place or two that say so themselves."""
    return not command.places or len(command.places) >= len(get_args(Place)) - 2


def _is_screen(command: Command) -> bool:
    return not command.places and bool(command.keys) and command.keys[0].isdecimal()


def _table(title: str, commands: list[Command], lang: Language) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield f"| {' | '.join(_say(f'column_{name}', lang) for name in ('key', 'command', 'names', 'does'))} |"
    yield "|---|---|---|---|"
    for command in commands:
        keys = f"`{keys_of(command, lang)}`" if command.keys else ""
        names = " ".join(f"`:{name}`" for name in command.aliases)
        word, does = (sentence("tui", f"{table}.{command.name}", lang) for table in ("command", "help"))
        yield f"| {keys} | {word} | {names} | {does} |"
    yield ""


def _say(key: str, lang: Language) -> str:
    return sentence("tui", f"keysheet.{key}", lang)


if __name__ == "__main__":
    sys.stdout.write("\n".join(sheet("ja")) + "\n")
