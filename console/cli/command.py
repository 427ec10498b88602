"""Commands made with click, in the house's language: help and errors come from the catalogue, and every command takes the same
common options on either side of its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from console.cli.link import Link
from console.cli.outcome import FINE, WRONG, Failure
from console.cli.place import office_here
from console.cli.terminal import clean, set_plain
from console.text import cells
from console.words import say

_NAMES_WIDTH = 26


@dataclass
class Session:
    """What was said for all commands: the office, who is acting (in a training office), and the form of the output."""

    office: str | None = None
    operator: str = ""
    json: bool = False

    def link(self) -> Link:
        """A line to this office's daemon. Raises Failure where there is no office."""
        return Link(office_here(self.office), self.operator)


def text(key: str, /, **values: object) -> str:
    """A sentence of the command line's catalogue."""
    return say("cli", key, **values)


def _note(context: click.Context, param: click.Parameter, value: Any) -> None:
    session = context.ensure_object(Session)
    if param.name == "plain":
        set_plain(bool(value))
    elif value:
        setattr(session, str(param.name), value)


def common() -> list[click.Parameter]:
    """The options that every command takes."""
    return [
        _common("--office", metavar="DIR"),
        _common("--operator", metavar="LOGIN", envvar="KOHOBAN_OPERATOR"),
        _common("--json", is_flag=True),
        _common("--plain", is_flag=True),
    ]


def _common(name: str, **settings: Any) -> click.Option:
    return click.Option([name], expose_value=False, callback=_note, help=text(f"option.{name[2:]}"), **settings)


def option(*names: str, key: str = "", **settings: Any) -> click.Option:
    """An option whose help is `option.<name>` of the catalogue."""
    return click.Option(list(names), help=text(f"option.{key or names[0].lstrip('-')}"), **settings)


def argument(name: str, **settings: Any) -> click.Argument:
    """A positional argument, shown in brackets where it may be left out."""
    shown = name if settings.get("required", True) else f"[{name}{' ...' if settings.get('nargs') == -1 else ''}]"
    return click.Argument([name.lower()], metavar=shown, **settings)


class _Spoken:
    """Help in the house's language, aligned by columns of the terminal (Japanese is not wrapped at spaces)."""

    def parse_args(self: Any, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; a complaint always knows whose it is, so that it can name the help to look into."""
        try:
            rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise
        return rest

    def format_usage(self: Any, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """`使い方: kohoban …`"""
        pieces = [param.make_metavar(ctx) for param in self.get_params(ctx) if isinstance(param, click.Argument)]
        if isinstance(self, Group):
            pieces.append(text("usage.subcommand"))
        formatter.write(" ".join([text("usage.prefix"), ctx.command_path, *pieces, text("usage.any_options")]) + "\n")

    def format_help_text(self: Any, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's words, in the lines in which they were written, and an example."""
        lines = (self.help or "").strip().splitlines()
        name = "_".join(ctx.command_path.split()[1:]) or "root"
        example = ["", *text(f"example.{name}").strip().splitlines()]
        formatter.write("\n" + "".join(f"  {line}".rstrip() + "\n" for line in (*lines, *example)))

    def format_options(self: Any, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options, names and help in two columns."""
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        write_columns(formatter, text("usage.options"), [(_names(option, ctx), option.help or "") for option in options])
        if isinstance(self, Group):
            self.format_commands(ctx, formatter)

    def get_help_option(self: Any, ctx: click.Context) -> click.Option | None:
        """`--help` and `-h`, described in the house's language."""
        found: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]
        if found is not None:
            found.help = text("option.help")
        return found


def _names(option: click.Option, ctx: click.Context) -> str:
    names = ", ".join(sorted(option.opts, key=len))
    return names if option.is_flag else f"{names} {option.make_metavar(ctx)}"


def write_columns(formatter: click.HelpFormatter, title: str, rows: list[tuple[str, str]]) -> None:
    """A titled list of two columns."""
    formatter.write(f"\n{title}\n")
    for name, about in rows:
        gap = " " * max(_NAMES_WIDTH - cells(name), 2)
        formatter.write(f"  {name}{gap}{about}\n")


class Command(_Spoken, click.Command):
    """One command."""

    allow_extra_args = True
    """Taken in by click, which would refuse them in English, and refused here."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line. Raises Failure for words that the command has no use for."""
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise _wrong(text("usage.too_many", words=" ".join(rest)), ctx)
        return rest


class Group(_Spoken, click.Group):
    """A command with commands of its own."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with the first line of their help, without loading them."""
        rows = [(name, about(f"{self.name} {name}" if ctx.parent else name)) for name in self.list_commands(ctx)]
        write_columns(formatter, text("usage.commands"), rows)


def listing(name: str, *params: click.Parameter) -> Callable[[Callable[..., int]], Group]:
    """Make a function what a group says where no command stands behind its name; the group's help is `help.<name>` of the catalogue."""

    def make(function: Callable[..., int]) -> Group:
        @click.pass_context
        def listed(context: click.Context, /, **settings: object) -> int:
            return FINE if context.invoked_subcommand else function(context.ensure_object(Session), **settings)

        return Group(
            name=name,
            callback=listed,
            invoke_without_command=True,
            params=[*params, *common()],
            help=text(f"help.{name.replace(' ', '_')}"),
            context_settings={"help_option_names": ["-h", "--help"]},
        )

    return make


def about(name: str) -> str:
    """The first line of a command's help."""
    return text(f"help.{name.replace(' ', '_')}").strip().splitlines()[0]


def command(name: str, *params: click.Parameter) -> Callable[[Callable[..., int]], Command]:
    """Make a function a command; its help is `help.<name>` of the catalogue, and it returns the exit code."""

    def make(function: Callable[..., int]) -> Command:
        return Command(
            name=name.split()[-1],
            callback=click.pass_obj(function),
            params=[*params, *common()],
            help=text(f"help.{name.replace(' ', '_')}"),
            context_settings={"help_option_names": ["-h", "--help"]},
        )

    return make


def usage_failure(error: click.UsageError) -> Failure:
    """Click's complaint in the house's language."""
    return _wrong(_problem(error), error.ctx)


def _wrong(problem: str, context: click.Context | None) -> Failure:
    path = context.command_path if context else "kohoban"
    return Failure(WRONG, clean(text("usage.see_help", problem=problem, command=path)))


def _problem(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        near = error.possibilities
        key = "usage.option_near" if near else "usage.option_unknown"
        return text(key, option=error.option_name, near=" ".join(near or ()))
    if isinstance(error, click.BadOptionUsage):
        return text(_option_misused(error), option=error.option_name)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return text("usage.missing", param=_shown_name(error.param))
    if isinstance(error, click.BadParameter) and error.param is not None:
        return _bad_value(error.param)
    # What is left: a group without one of its commands, and what a later click may complain about.
    return text("usage.no_command" if error.ctx and isinstance(error.ctx.command, click.Group) else "usage.unreadable")


def _option_misused(error: click.BadOptionUsage) -> str:
    """Click has one error for an option without the value it needs and for one with a value it does not take."""
    params = error.ctx.command.params if error.ctx else []
    flag = any(isinstance(p, click.Option) and p.is_flag and error.option_name in p.opts for p in params)
    return "usage.value_unwanted" if flag else "usage.value_needed"


def _bad_value(param: click.Parameter) -> str:
    name = _shown_name(param)
    if isinstance(param.type, click.Choice):
        return text("usage.bad_choice", param=name, choices=", ".join(map(str, param.type.choices)))
    if isinstance(param.type, click.IntRange):
        return text("usage.bad_number", param=name, least=param.type.min)
    return text("usage.bad_value", param=name)


def _shown_name(param: click.Parameter) -> str:
    return max(param.opts, key=len) if isinstance(param, click.Option) else str(param.metavar)
