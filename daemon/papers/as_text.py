"""A paper as plain text, for a terminal and for a file on the share: headings marked by signs, tables as lines of `name: value`."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.papers.sheet import Bars, Block, Heading, Lines, Pairs, Paper, Table, Verbatim, Words, line
from daemon.papers.visible import visible

_BAR = 20
"""Characters of the longest bar."""


def as_text(paper: Paper) -> str:
    """The paper as text."""
    parts = [f"【{line(paper.title)}】"] if paper.headed else []
    parts += [piece for block in paper.blocks for piece in _block(block)]
    if paper.foot:
        parts += ["", line(paper.foot)]
    return "\n".join(parts) + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(text, level):
            yield from ("", f"{'■' if level == 2 else '●'} {line(text)}")
        case Words(text, mark):
            yield f"［注］{line(text)}" if mark == "note" else f"！{line(text)}" if mark else line(text)
        case Verbatim(text):
            yield from (f"  │{each}" for each in visible(text).split("\n"))
        case Lines(lines):
            yield from (visible("".join(run.text for run in runs)) for runs in lines)
        case Pairs(rows):
            yield from (f"  {line(name)}: {line(value)}" for name, value in rows)
        case Table():
            yield from _table(block, ())
        case Bars():
            yield from _table(block.table, block.values)


def _table(table: Table, values: tuple[int, ...]) -> Iterator[str]:
    """A line a row; a cell of several lines stands below its row, a line each."""
    if table.title:
        yield from ("", f"● {line(table.title)}")
    if not table.rows:
        yield "  -"
        return
    yield "  " + "  ".join(line(cell) for cell in table.head)
    top = max((*values, 1))
    for number, row in enumerate(table.rows):
        drawn = "  " + "#" * round(_BAR * values[number] / top) if number < len(values) else ""
        short = (line(cell) or "-" for cell in row if "\n" not in cell)
        yield ("  " + "  ".join(short) + drawn).rstrip()
        yield from (f"    · {visible(each)}" for cell in row if "\n" in cell for each in cell.split("\n"))
