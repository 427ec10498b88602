"""One name for one act: the command line, the console's `:` line, key sheet, handbook and manual page against each other; and every command line
that a document shows is one that the program takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from console.accessible import WANTED
from console.cli import stop
from console.cli.app import root
from console.cli.argv import parse
from console.cli.command import Session
from console.cli.man_page import page
from console.cli.outcome import Failure
from console.cli.tree import branches
from console.launch import QUICK, command_word
from console.tui.command_line import parsed
from console.tui.commands import COMMANDS, by_name
from console.words import LANGUAGES, Language, catalogue

ROOT = Path(__file__).resolve().parent.parent
HANDBOOK = [ROOT / "docs" / "handbook.md", *sorted((ROOT / "docs" / "handbook").glob("*.md"))]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "README.ja.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "handbook").glob("*.md")),
]

MACHINE = "of the machine, not of the office's day"
FILES = "reads or writes files of whoever types it"
SHOWN = "the console shows it without being asked"
PROOF = "proves or repairs the record"
BESIDE = "for work on a policy, beside the office"
ALONE_IN_CLI = {
    **dict.fromkeys(
        ("doctor", "init", "training", "completion", "man", "daemon", "takeover", "channels", "notices test", "terminals hook"),
        MACHINE,
    ),
    **dict.fromkeys(("service", "service install", "service print", "service status", "service uninstall"), MACHINE),
    **dict.fromkeys(
        ("secrets", "secrets authorise", "secrets check", "secrets remove", "secrets rotate", "secrets set"), MACHINE
    ),
    **dict.fromkeys(("backup", "restore", "repair", "audit checkpoint", "audit head", "audit key", "audit verify"), PROOF),
    **dict.fromkeys(
        ("audit erase", "comments erase", "privacy"),
        "erases, or says what is kept of somebody: a request on paper, once in a while",
    ),
    **dict.fromkeys(
        ("audit export", "comments import", "blocklist import", "blocklist export", "paper print", "comments why"), FILES
    ),
    **dict.fromkeys(("status", "show", "comments show", "comments counts", "duties history"), SHOWN),
    **dict.fromkeys(("policy", "policy backtest", "policy diff", "policy explain", "policy import", "policy test"), BESIDE),
    **dict.fromkeys(("check", "length"), "judges a file; the console's compose and detail show the same as one types"),
    **dict.fromkeys(("closure", "blocklist compare"), "needs a word behind it, or the platform's own list"),
    "comments unclaim": "`comments claim` a second time",
}
"""What only the command line has, and why."""

IN_THE_TEXT = "of the text that is being written, which is a file like any other"
HERE = "of this screen: it changes nothing"
ALONE_IN_CONSOLE = {
    **dict.fromkeys(("select", "state", "refresh", "copy", "quit"), HERE),
    **dict.fromkeys(("compose", "save_text", "other_part", "own_editor", "drop_text"), IN_THE_TEXT),
    "as": "--operator, of any command",
    "resume_here": "`resume`, on the screen of the stop",
    "narrow_stop": "`stop` with a scope, then `resume`",
    "fix": "`check --fix` of a file",
    "delete_post": "`correct --delete`",
    "leave": "`comments judge --action none`",
    "judge_many": "`comments judge --all-of`",
    "guide_many": "`comments guided --all-of`",
}
"""Acts of the console without a name of the command line, and what they are there."""


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "en")


@cache
def paths() -> frozenset[str]:
    """Every command of the command line, by its words."""
    return frozenset(" ".join(branch.path) for branch in branches() if branch.path)


# -- names ------------------------------------------------------------------------------------------------------------------------------------


def test_what_both_can_do_has_the_name_of_the_command_line_in_the_console_too() -> None:
    unknown = {path for path in paths() if by_name(path) is None}
    assert unknown == set(ALONE_IN_CLI)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_no_name_means_two_things(command: Any) -> None:
    for name in command.aliases:
        assert by_name(name) is command, name
        assert parsed(name) == (command, ""), "typed whole, it is this command and no other with something behind it"
        assert parsed(f"{name} 十二") == (command, "十二")


def test_every_act_of_the_console_has_a_name_of_the_command_line_or_is_known_to_have_none() -> None:
    acts = [command for command in COMMANDS if command.sort in ("verb", "release", "office")]
    assert {command.name for command in acts if not {*command.aliases, command.name} & paths()} == set(ALONE_IN_CONSOLE)


# -- documents --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [*HANDBOOK, ROOT / "docs" / "keys.md", ROOT / "README.md", ROOT / "README.ja.md"], ids=lambda path: path.name
)
def test_every_name_that_a_document_lets_one_type_is_known_to_the_console(path: Path) -> None:
    typed = re.findall(r"`:([^`\s][^`]*)`", path.read_text(encoding="utf-8"))
    assert [line for line in typed if parsed(line.replace("…", "").strip()) is None] == []


def named_in(part: str, lang: Language) -> dict[str, set[str]]:
    """The words behind `kohoban` in each sentence of a part."""
    said = catalogue(part, lang)
    return {key: set(re.findall(r"\bkohoban ([a-z][a-z-]+)", said[key])) for key in said}


@pytest.mark.parametrize("part", ["cli", "tui", "install"])
def test_every_command_that_a_sentence_names_is_one_and_the_same_in_both_languages(part: str) -> None:
    heads = {path.partition(" ")[0] for path in paths()}
    ja, en = named_in(part, "ja"), named_in(part, "en")
    assert {key: words - heads for key, words in ja.items() if words - heads} == {}
    assert {key: (words, en[key]) for key, words in ja.items() if words != en[key] & heads} == {}


def test_the_manual_page_has_the_commands_of_the_tree_in_its_order() -> None:
    heads = [line.replace("\\-", "-").removeprefix(".SS kohoban ") for line in page() if line.startswith(".SS kohoban ")]
    assert heads == [" ".join(branch.path) for branch in branches() if branch.path]


def lines_of(text: str) -> Iterator[str]:
    """Every command line of this program in a document: in blocks of code, and in code within a sentence."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    indented = [line for line in rest.split("\n") if re.match(r" {4,}(?:\$ |sudo .*|\S*/)?kohoban ", line)]
    typed = [re.sub(r"(^|\s)#\s.*", "", line) for line in "\n".join(blocks).replace("\\\n", " ").split("\n")]
    for line in [*typed, *indented, *re.findall(r"`([^`\n]+)`", rest)]:
        for piece in re.split(r" \| | && |; | [<>] | # |\$\(|　|  +", line):
            if found := re.search(r"(?:^|[\s/])kohoban( .*)?$", piece.strip().rstrip(")")):
                yield (found[1] or "").strip()


OPTIONS = re.compile(r"`(?:kohoban )?([a-z][a-z -]*?) (--[a-z-]+)[^`]*`")


def test_what_is_named_there_exists() -> None:
    options = {" ".join(branch.path): {name for each in branch.options for name in each.names} for branch in branches()}
    named = [OPTIONS.search(said) for said in ALONE_IN_CONSOLE.values() if "--" in said and "`" in said]
    assert len(named) == 5
    for found in named:
        assert found is not None and found[2] in options[found[1]], found


PLACEHOLDER = re.compile(r"^(?:[^\x00-\x7f].*|.*[<…＜].*|[A-Z][A-Z_]*|N\d?|\.\.\.)$")


def understood(line: str) -> str:
    """Why the program would not take this line; empty where it would. Nothing is carried out. What stands for a value (<番号>, DIR) is put as 1."""
    words = shlex.split(
        re.sub(r"(\S+?)\|\S+", r"\1", re.sub(r"[][]", "", line)), comments=True
    )  # of alternatives (a|b) the first
    more = bool(words) and words[-1] in ("…",)
    if more and not words[-2].startswith("--"):
        words.pop()
    if words and words[0] == "COMMAND":
        return ""
    argv = ["1" if PLACEHOLDER.match(word) and not word.startswith("-") else word for word in words]
    word, rest = command_word(argv)
    try:
        if word == "stop":
            stop._read(rest)
        elif word in QUICK:
            parse(rest, import_module(QUICK[word]).OPTIONS, word)
        else:
            _walk(root(), argv, None)
    except click.MissingParameter as missing:
        return "" if more or len(words) == len(command_path(words)) else str(missing.format_message())
    except (click.UsageError, Failure, stop.Unclear) as error:
        return getattr(error, "message", "") or str(error)
    return ""


def command_path(words: list[str]) -> list[str]:
    """The words at the head of a line that name a command and nothing else: named in a sentence, and not a line to be typed."""
    for length in range(len(words), 0, -1):
        if " ".join(words[:length]) in paths():
            return words[:length]
    return []


def _walk(command: click.Command, argv: list[str], above: click.Context | None) -> None:
    context = click.Context(command, info_name=command.name, parent=above, obj=Session())
    if isinstance(command, click.Group) and not argv:
        return
    with context:
        rest = command.parse_args(context, list(argv))
        if isinstance(command, click.Group):
            rest = [*context._protected_args, *context.args]
            if rest:
                name, inner, rest = command.resolve_command(context, rest)
                assert name is not None
                if inner is not None:
                    _walk(inner, rest, context)


@pytest.fixture(autouse=True)
def asked_for_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line with --accessible asks for it in the process that reads it; not beyond its test."""
    monkeypatch.setenv(WANTED, "")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_line_of_a_document_is_one_that_the_program_takes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        click.Path, "convert", lambda self, value, param, ctx: value
    )  # the files of a document's examples are not here
    wrong = {line: why for line in lines_of(path.read_text(encoding="utf-8")) if (why := understood(line))}
    assert wrong == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_example_of_the_help_is_one_that_the_program_takes(lang: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click.Path, "convert", lambda self, value, param, ctx: value)
    quick = [f"help.{name}" for name in QUICK]
    said = "\n".join(words for key, words in catalogue("cli", lang).items() if key.startswith("example.") or key in quick)
    lines = [line for line in lines_of(f"```\n{said}\n```\n") if line]
    assert len(lines) > 60
    assert {line: why for line in lines if (why := understood(line))} == {}


def test_a_line_that_the_program_would_not_take_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "Type `kohoban aprove 3` or\n\n```\n$ kohoban queue --stat waiting\nkohoban stop --now\nkohoban check --fixx a.txt\n```\n"
    )
    lines = list(lines_of(text))
    assert len(lines) == 4
    assert all(understood(line) for line in lines)
    assert understood("approve 3 --operator shibata") == ""
