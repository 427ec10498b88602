"""`kohoban man`: the manual page, made from the help of every command, so that neither can say what the other does not."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from console.cli.command import Session, command, text
from console.cli.outcome import FINE
from console.cli.terminal import out
from console.cli.tree import Branch, branches


@command("man")
def man(session: Session) -> int:
    """Print the page, for `man -l -` or a folder of manual pages."""
    for line in page():
        out(line)
    return FINE


def page() -> Iterator[str]:
    """The page in roff, in the operator's language."""
    program, *commands = branches()
    yield f'.TH KOHOBAN 1 "" "kohoban {version("kohoban")}"'
    yield ".ad l"  # Japanese has no spaces that could be stretched
    yield ".nh"
    yield from _section("name", [_said(f"kohoban - {_first(program)}")])
    yield from _section("synopsis", [".B kohoban", _said(f"[{text('usage.subcommand')}] {text('usage.any_options')}")])
    yield from _section("description", _verbatim(program.help))
    yield from _section("options", _options(program))
    yield from _section("commands", [line for branch in commands for line in _command(branch)])
    yield from _section(
        "exit", [line for code in (0, 1, 2, 3, 4, 130) for line in (".TP", str(code), _said(text(f"exit.{code}")))]
    )
    yield from _section("files", [line for lines in _files() for line in lines])
    yield from _section("see_also", [_said(text("man.see"))])


def _section(name: str, lines: list[str] | Iterator[str]) -> Iterator[str]:
    yield f".SH {_said(text(f'man.{name}'))}"
    yield from lines


def _command(branch: Branch) -> Iterator[str]:
    yield f".SS {_said('kohoban ' + ' '.join(branch.path))}"
    yield from _verbatim(branch.help)
    shown = [each for each in branch.options if each.help]
    yield from _options(branch._replace(options=tuple(each for each in shown if each.names[-1] not in _EVERYWHERE)))
    if branch.example:
        yield ".PP"
        yield from _verbatim(branch.example)


_EVERYWHERE = ("--office", "--operator", "--json", "--plain", "--help")
"""Options of every command: described once."""


def _options(branch: Branch) -> Iterator[str]:
    for each in branch.options:
        yield ".TP"
        yield f".B {_said(' '.join((', '.join(each.names), each.metavar)).strip())}"
        yield _said(each.help)


def _files() -> Iterator[tuple[str, str, str]]:
    for name in ("rules.toml", "drafts/", "state/gate/RUN", "state/STOP", "state/log/kohoban.log"):
        key = name.strip("/").replace("/", "_").replace(".", "_").lower()
        yield ".TP", f".I {_said(name)}", _said(text(f"man.file_{key}"))


def _verbatim(words: str) -> Iterator[str]:
    """Lines as they were written: the catalogue has broken and aligned them for a terminal."""
    yield ".nf"
    yield from (_said(line) if line.strip() else ".sp" for line in words.splitlines())
    yield ".fi"


def _first(branch: Branch) -> str:
    return branch.help.partition("\n")[0]


def _said(words: str) -> str:
    """Text that roff takes for text."""
    escaped = words.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped
