"""A paper as one HTML file for A4, through the house's HTML writer."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.papers.bars import bars
from daemon.papers.html import Markup, element, fields, page, table
from daemon.papers.sheet import Bars, Block, Heading, Lines, Pairs, Paper, Table, Verbatim, Words


def as_html(paper: Paper) -> str:
    """The paper as a whole HTML document."""
    body = (piece for number, block in enumerate(paper.blocks) for piece in _block(block, number))
    return page(paper.title, *body, foot=paper.foot, lang=paper.language, headed=paper.headed)


def _block(block: Block, number: int) -> Iterator[Markup]:
    match block:
        case Heading(text, level):
            yield element("h2" if level == 2 else "h3", text)
        case Words(text, "note"):
            yield element("p", f"［注］{text}", class_="note")
        case Words(text, mark):
            yield element("p", text, class_="warn") if mark else element("p", text)
        case Verbatim(text):
            yield element("div", text, class_="said")
        case Lines():
            yield from _lines(block)
        case Pairs(rows):
            yield fields(rows)
        case Table():
            yield _table(block)
        case Bars():
            yield element("h3", f"{block.table.title}（{block.figure}）" if block.figure else block.table.title)
            yield bars(block, f"chart-{number}")
            yield _table(block.table, titled=True)


def _lines(block: Lines) -> Iterator[Markup]:
    """Each line a paragraph, each clause's words a span; the first of a clause carries its id, so that it can be linked to."""
    named: set[str] = set()
    for runs in block.lines:
        spans: list[Markup | str] = []
        for run in runs:
            if run.clause and run.clause not in named:
                named.add(run.clause)
                spans.append(element("span", run.text, id=run.clause))
            else:
                spans.append(run.text)
        if any(run.text.strip() for run in runs):
            yield element("p", *spans)


def _table(block: Table, *, titled: bool = False) -> Markup:
    """The table; without its caption where it is `titled` already."""
    rows = (
        [element("span", cell, class_="number") if column in block.numbers else cell for column, cell in enumerate(row)]
        for row in block.rows
    )
    return table(block.head, rows, caption="" if titled else block.title)
