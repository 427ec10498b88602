"""Every command of the program with its words and options, click's and the quick ones alike: what completion and the man page are made from."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple

import click

from console.cli.argv import COMMON
from console.words import choose, say


class Branch(NamedTuple):
    """One command: its words behind `kohoban` (empty: the program itself), its help, the names of its options with help and values (None:
    a flag; empty: any value), and the commands within it."""

    path: tuple[str, ...]
    help: str
    example: str
    options: tuple[Choice, ...]
    within: tuple[str, ...]


class Choice(NamedTuple):
    """One option: its names, what it does, and what it takes."""

    names: tuple[str, ...]
    help: str
    values: tuple[str, ...] | None
    metavar: str


def branches() -> Iterator[Branch]:
    """Every command, in the order of the help, each before what is within it."""
    from console.cli.app import root

    tree = root()
    yield from _walk(tree, click.Context(tree, info_name="kohoban"), ())


def _walk(command: click.Command, context: click.Context, path: tuple[str, ...]) -> Iterator[Branch]:
    names = command.list_commands(context) if isinstance(command, click.Group) else []
    options = [_choice(param, context) for param in command.get_params(context) if isinstance(param, click.Option)]
    example = say("cli", f"example.{'_'.join(path) or 'root'}").strip()
    yield Branch(path, (command.help or "").strip(), example, tuple(options), tuple(names))
    for name in names:
        inner = command.get_command(context, name) if isinstance(command, click.Group) else None
        if inner is not None:
            yield from _walk(inner, click.Context(inner, info_name=name, parent=context), (*path, name))
        else:
            yield _quick(name)


def _choice(option: click.Option, context: click.Context) -> Choice:
    values: tuple[str, ...] | None = None if option.is_flag else ()
    if isinstance(option.type, click.Choice):
        values = tuple(map(str, option.type.choices))
    names = tuple(sorted(option.opts, key=len))
    return Choice(names, option.help or "", values, "" if option.is_flag else option.make_metavar(context))


def _quick(name: str) -> Branch:
    """A command with a command line of its own: its help is one text, which describes its options too."""
    if name == "stop":
        from console.cli import stop

        choices = [Choice((flag,), "", () if flag in stop.VALUES else None, "") for flag in (*stop.VALUES, *stop.FLAGS)]
        return Branch((name,), choose(*stop.HELP), "", tuple(choices), ())
    options = (*import_module(f"console.cli.{name}").OPTIONS, *COMMON)
    choices = [Choice((each.name,), "", each.choices if each.value else None, "") for each in options]
    return Branch((name,), say("cli", f"help.{name}").strip(), "", tuple(choices), ())
