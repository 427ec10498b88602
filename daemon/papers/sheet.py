"""A paper before it has a form: a title and blocks, which `as_html`, `as_markdown`, `as_text` and `as_csv` each write in their own way.

Whoever makes a paper never writes markup, so that no text of a draft, of a policy or of a citizen can become any.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from daemon.papers.visible import visible

Language = Literal["ja", "en"]


class Heading(Struct, frozen=True):
    """The heading of a part; level 2 is below the title."""

    text: str
    level: Literal[2, 3] = 2


class Words(Struct, frozen=True):
    """A paragraph of the paper itself; a `note` is marked as one, an `alarm` is set off from everything else."""

    text: str
    mark: Literal["", "note", "alarm"] = ""


class Verbatim(Struct, frozen=True):
    """Somebody's own words, line by line as they are."""

    text: str


class Run(Struct, frozen=True):
    """A piece of a line; `clause` names the clause whose words they are, empty for what stands between clauses."""

    text: str
    clause: str = ""


class Lines(Struct, frozen=True):
    """A published text: its lines, each of pieces that know their clause."""

    lines: tuple[tuple[Run, ...], ...]


class Pairs(Struct, frozen=True):
    """Names and values, one a line."""

    rows: tuple[tuple[str, str], ...]


class Table(Struct, frozen=True):
    """A table. `numbers` are the columns (from 0) that hold figures."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()


class Bars(Struct, frozen=True):
    """A chart of one figure a row, drawn beside the table that holds the same figures: whoever cannot see it misses nothing."""

    table: Table
    values: tuple[int, ...]
    """One figure for each row of the table, none below zero."""
    figure: str = ""
    """What is counted: the name of the table's column that is drawn."""


Block = Heading | Words | Verbatim | Lines | Pairs | Table | Bars


class Paper(Struct, frozen=True):
    """A paper: its title, what it consists of, and the line at its foot."""

    title: str
    blocks: tuple[Block, ...]
    language: Language = "ja"
    foot: str = ""
    headed: bool = True
    """False where the title is for the file and its tab only, because the text has its own."""


def line(text: str) -> str:
    """A text as one line."""
    return " ".join(visible(text).split("\n"))


def tables(paper: Paper) -> tuple[Table, ...]:
    """Every table of a paper, those beside charts among them."""
    return tuple(b.table if isinstance(b, Bars) else b for b in paper.blocks if isinstance(b, Table | Bars))
