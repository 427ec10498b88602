"""The command line of the few commands that must be quick: `check` runs in editors and hooks, where click's import is half its time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from console.cli.outcome import WRONG, Failure
from console.words import say


class Option(NamedTuple):
    """One option: its name, whether it takes a value, and the values it may take (empty: any)."""

    name: str
    value: bool = True
    choices: tuple[str, ...] = ()


COMMON = (
    Option("--office"),
    Option("--operator"),
    Option("--plain", value=False),
    Option("--json", value=False),
    Option("--help", value=False),
)
"""What every command takes."""


class Given:
    """What was typed: options by name, flags, and the rest in order."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.flags: set[str] = set()
        self.rest: list[str] = []

    def get(self, name: str) -> str | None:
        """The value of an option, or None where it was not given."""
        return self.values.get(name)


def parse(argv: Sequence[str], options: Sequence[Option], command: str) -> Given:
    """Read options in any place, `--name value` or `--name=value`; `--` ends them. Raises Failure (usage) with the nearest name."""
    known = {option.name: option for option in (*COMMON, *options)}
    command = f"kohoban {command}".rstrip()
    given = Given()
    words = iter(argv)
    for word in words:
        if word == "--":
            given.rest.extend(words)
        elif not word.startswith("-") or word == "-":
            given.rest.append(word)
        else:
            name, equals, value = word.partition("=")
            name = "--help" if name == "-h" else name
            option = known.get(name)
            if option is None:
                raise Failure(WRONG, _unknown(name, tuple(known), command))
            if not option.value:
                given.flags.add(name)
                continue
            given.values[name] = _checked(option, value if equals else next(words, None), command)
    return given


def _checked(option: Option, value: str | None, command: str) -> str:
    if value is None:
        raise Failure(WRONG, say("cli", "usage.value_missing", option=option.name, command=command))
    if option.choices and value not in option.choices:
        choices = ", ".join(option.choices)
        raise Failure(WRONG, say("cli", "usage.choice", option=option.name, value=value, choices=choices, command=command))
    return value


def _unknown(name: str, known: Sequence[str], command: str) -> str:
    from difflib import get_close_matches  # 5 ms, and only for those who erred

    if near := get_close_matches(name, known, n=1):
        return say("cli", "usage.no_such_option_near", option=name, near=near[0], command=command)
    return say("cli", "usage.no_such_option", option=name, command=command)
