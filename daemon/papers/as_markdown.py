"""A paper as Markdown: every sign of the text that Markdown would take for its own stands behind a backslash."""

from __future__ import annotations

import re
from collections.abc import Iterator

from daemon.papers.sheet import Bars, Block, Heading, Lines, Pairs, Paper, Table, Verbatim, Words, line
from daemon.papers.visible import visible

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
_AT_START = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s|$)", re.MULTILINE)


def as_markdown(paper: Paper) -> str:
    """The paper as Markdown."""
    parts = [f"# {escaped(line(paper.title))}"] if paper.headed else []
    parts += [piece for block in paper.blocks for piece in _block(block)]
    if paper.foot:
        parts += ["---", escaped(line(paper.foot))]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """A text that Markdown shows as it is."""
    marked = _SIGNS.sub(r"\\\1", visible(text))
    return _AT_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", marked)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(text, level):
            yield f"{'#' * level} {escaped(line(text))}"
        case Words(text, mark):
            yield f"> ［注］{escaped(line(text))}" if mark == "note" else ("> " if mark else "") + escaped(line(text))
        case Verbatim(text):
            yield "\n".join(f"> {escaped(each)}  " for each in visible(text).split("\n"))
        case Lines(lines):
            yield from (escaped("".join(run.text for run in runs)) for runs in lines if any(run.text.strip() for run in runs))
        case Pairs(rows):
            yield "\n".join(f"- {escaped(line(name))}: {escaped(line(value))}" for name, value in rows)
        case Table():
            yield from _table(block)
        case Bars():
            yield from _table(block.table)


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"**{escaped(line(table.title))}**"
    rules = ("---:" if column in table.numbers else "---" for column in range(len(table.head)))
    rows = (" | ".join(escaped(line(cell)) for cell in row) for row in (table.head, *table.rows))
    first, *rest = (f"| {row} |" for row in rows)
    yield "\n".join((first, f"| {' | '.join(rules)} |", *rest))
