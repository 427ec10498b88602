"""`kohoban completion`: a shell's completion as a script that knows every command and asks nobody: a Tab starts no program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import click

from console.cli.command import Session, command, text
from console.cli.outcome import FINE
from console.cli.terminal import out
from console.cli.tree import Branch, branches


@command("completion", click.Argument(["shell"], type=click.Choice(("bash", "zsh", "fish")), metavar="SHELL"))
def completion(session: Session, shell: str) -> int:
    """Print the script for one shell."""
    first, *rest = SCRIPTS[shell](list(branches()))
    for line in (first, "# " + text("shell.made"), *rest):
        out(line)
    return FINE


def _bash(tree: Sequence[Branch]) -> Iterator[str]:
    yield "_kohoban() {"
    yield '  local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" at=kohoban words= options= i'
    yield from _finding('  for ((i = 1; i < COMP_CWORD; i++)); do case "$at ${COMP_WORDS[i]}" in', tree)
    yield from _values(tree)
    yield '  case "$at" in'
    for branch in tree:
        yield f'    "{_at(branch)}") words="{" ".join(branch.within)}" options="{" ".join(_names(branch))}" ;;'
    yield "  esac"
    yield '  if [[ "$current" == -* ]]; then words="$options"; fi'
    yield '  COMPREPLY=($(compgen -W "$words" -- "$current"))'
    yield "}"
    yield "complete -o default -F _kohoban kohoban"


def _zsh(tree: Sequence[Branch]) -> Iterator[str]:
    yield "#compdef kohoban"
    yield "_kohoban() {"
    yield "  local at=kohoban current=$words[CURRENT] before=$words[CURRENT-1] i"
    yield "  local -a found"
    yield from _finding('  for ((i = 2; i < CURRENT; i++)); do case "$at $words[i]" in', tree)
    yield from _values(tree, zsh=True)
    yield '  case "$at" in'
    for branch in tree:
        about = {" ".join(each.path): _first(each.help) for each in tree}
        found = [(name, about[" ".join((*branch.path, name))]) for name in branch.within]
        found += [(each.names[-1], each.help) for each in branch.options]
        yield f'    "{_at(branch)}") found=({" ".join(_described(*each) for each in found)}) ;;'
    yield "  esac"
    yield "  if [[ $current != -* ]]; then found=(${found:#-*}); fi"
    yield "  if (( $#found )); then _describe kohoban found; else _files; fi"
    yield "}"
    yield 'if [[ $funcstack[1] == _kohoban ]]; then _kohoban "$@"; else compdef _kohoban kohoban; fi'


def _fish(tree: Sequence[Branch]) -> Iterator[str]:
    yield "function __kohoban_at"
    yield "  set -l at kohoban"
    yield "  for word in (commandline -opc)[2..-1]"
    yield '    switch "$at $word"'
    for branch in tree:
        if branch.path:
            yield f"      case '{_at(branch)}'"
            yield f"        set at '{_at(branch)}'"
    yield "    end"
    yield "  end"
    yield '  test "$at" = "$argv[1]"'
    yield "end"
    for branch in tree:
        here = f"complete -c kohoban -n \"__kohoban_at '{_at(branch)}'\""
        about = {" ".join(each.path): _first(each.help) for each in tree}
        for name in branch.within:
            yield f"{here} -f -a {name} -d {_quoted(about[' '.join((*branch.path, name))])}"
        for each in branch.options:
            taken = "" if each.values is None else f" -x -a {_quoted(' '.join(each.values))}" if each.values else " -r"
            yield f"{here} -l {each.names[-1].lstrip('-')}{taken} -d {_quoted(each.help)}"


SCRIPTS: dict[str, Callable[[Sequence[Branch]], Iterator[str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}


def _finding(loop: str, tree: Sequence[Branch]) -> Iterator[str]:
    """Lines that follow what has been typed down the tree; what is no command (a file, a value) is passed over."""
    yield loop
    for branch in tree:
        if branch.path:
            yield f'    "{_at(branch)}") at="{_at(branch)}" ;;'
    yield "  esac; done"


def _values(tree: Sequence[Branch], *, zsh: bool = False) -> Iterator[str]:
    """Lines that answer where an option waits for one of a few values."""
    yield '  case "$at $before" in'
    for branch in tree:
        for each in branch.options:
            if each.values:
                given = " ".join(each.values)
                answer = f"compadd -- {given}; return" if zsh else f'COMPREPLY=($(compgen -W "{given}" -- "$current")); return'
                yield f'    "{_at(branch)} {each.names[-1]}") {answer} ;;'
    yield "  esac"


def _at(branch: Branch) -> str:
    return " ".join(("kohoban", *branch.path))


def _names(branch: Branch) -> list[str]:
    return [each.names[-1] for each in branch.options]


def _first(words: str) -> str:
    return words.partition("\n")[0]


def _described(name: str, words: str) -> str:
    return _quoted(f"{name}:{_first(words)}" if words else name)


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "'\\''").replace("\n", " ") + "'"
