"""The command tree. Commands are loaded only when they are called."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from console.accessible import ask_for_it
from console.cli.command import Command, Group, Session, about, common, text, usage_failure, write_columns
from console.cli.outcome import FINE, INTERRUPTED, WRONG, Failure
from console.cli.terminal import out

WITHOUT_DAEMON = (
    "check", "length", "hours", "policy", "channels", "doctor", "init", "service", "training", "restore", "repair",
    "completion", "man",
)  # fmt: skip
WITH_DAEMON = (
    "daemon", "status", "queue", "show", "diff", "claim", "approve", "return", "withdraw", "schedule", "except", "take",
    "released", "settle", "undo", "hold", "reopen", "decide", "sheets", "paper", "declare", "endorse", "deputies", "whoami", "terminals",
    "audit", "backup", "calendar", "closure", "fanout", "dossier", "handover", "report", "accounts", "retention", "correct",
    "comments", "blocklist", "privacy", "secrets",
)  # fmt: skip
STOPPING = ("stop", "resume", "takeover", "confirm-stop", "followups", "drill", "duties", "notices")

_PLACES = {
    "policy": "policy:policy",
    "channels": "channels:channels",
    "doctor": "doctor:doctor",
    "init": "founding:init",
    "training": "training:training",
    "daemon": "running:daemon",
    "service": "service:service",
    "status": "standing:status",
    "queue": "drafts:queue",
    "show": "drafts:show",
    "approve": "decisions:approve",
    "return": "decisions:give_back",
    "withdraw": "decisions:withdraw",
    "schedule": "decisions:schedule",
    "except": "decisions:lift",
    "take": "decisions:take",
    "released": "decisions:released",
    "settle": "decisions:settle",
    "decide": "deciding:decide",
    "sheets": "deciding:sheets",
    "paper": "on_paper:paper",
    "whoami": "terminals:whoami",
    "terminals": "terminals:terminals",
    "declare": "deputising:declare",
    "endorse": "deputising:endorse",
    "deputies": "deputising:deputies",
    "claim": "approving:claim",
    "undo": "approving:undo",
    "hold": "approving:hold",
    "reopen": "approving:reopen",
    "diff": "approving:diff",
    "audit": "audit:audit",
    "backup": "keeping:backup",
    "calendar": "calendar:calendar",
    "closure": "calendar:closure",
    "fanout": "fanning:fanout",
    "correct": "correcting:correct",
    "restore": "keeping:restore",
    "repair": "keeping:repair",
    "dossier": "papers:dossier",
    "handover": "papers:handover",
    "report": "papers:report",
    "accounts": "papers:accounts",
    "retention": "retaining:retention",
    "resume": "standing:resume",
    "confirm-stop": "standing:confirm_stop",
    "takeover": "moving:takeover",
    "followups": "followups:followups",
    "drill": "drill:drill",
    "duties": "duties:duties",
    "notices": "notices:notices",
    "comments": "comments:comments",
    "blocklist": "blocklist:blocklist",
    "privacy": "personal:privacy",
    "secrets": "secrets:secrets",
    "completion": "completion:completion",
    "man": "man_page:man",
}
"""Where each command lives. `stop`, `check`, `length` and `hours` do not pass here (`console/launch.py`)."""


class Root(Group):
    """`kohoban` itself."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command of the program, in the order of the help."""
        return [*WITHOUT_DAEMON, *WITH_DAEMON, *STOPPING]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if (place := _PLACES.get(cmd_name)) is None:
            return None
        module, name = place.split(":")
        found: Command | Group = getattr(import_module(f"console.cli.{module}"), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands in three parts, and the exit codes."""
        for key, names in (("without", WITHOUT_DAEMON), ("with", WITH_DAEMON), ("stopping", STOPPING)):
            write_columns(formatter, text(f"usage.{key}"), [(name, about(name)) for name in names])
        codes = [(str(code), text(f"exit.{code}")) for code in (0, 1, 2, 3, 4, 130)]
        write_columns(formatter, text("usage.exit_codes"), codes)


def _say_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from importlib.metadata import version

        out(f"kohoban {version('kohoban')}")
        context.exit(FINE)


def _accessible(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        ask_for_it()


def root() -> Root:
    """The whole tree."""
    version = click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_say_version, help=text("option.version")
    )
    accessible = click.Option(
        ["--accessible"], is_flag=True, expose_value=False, callback=_accessible, help=text("option.accessible")
    )
    return Root(
        name="kohoban",
        params=[*common(), accessible, version],
        help=text("help.root"),
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def main(argv: Sequence[str]) -> int:
    """Carry out one command line. Raises Failure for wrong usage."""
    try:
        code = root().main(list(argv), prog_name="kohoban", standalone_mode=False, obj=Session())
    except click.exceptions.NoArgsIsHelpError as error:
        raise Failure(WRONG, error.ctx.get_help() if error.ctx else error.message) from None
    except click.NoSuchCommand as error:
        raise Failure(WRONG, _no_such_command(error)) from None
    except click.UsageError as error:
        raise usage_failure(error) from None
    except click.Abort:
        return INTERRUPTED
    return code if isinstance(code, int) else FINE


def _no_such_command(error: click.NoSuchCommand) -> str:
    from difflib import get_close_matches

    name = error.command_name
    inside = error.ctx.command if error.ctx else None
    known = inside.list_commands(error.ctx) if isinstance(inside, click.Group) and error.ctx else []
    near = get_close_matches(name, known, n=1)
    key = "usage.command_near" if near else "usage.command_unknown"
    return text(key, command=name, near=near[0] if near else "", known=" ".join(known))
