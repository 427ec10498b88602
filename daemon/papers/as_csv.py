"""The tables of a paper as CSV for a spreadsheet: UTF-8 with BOM, CRLF, and no cell that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io

from daemon.papers.sheet import Paper, line, tables

BOM = "\ufeff"
_FORMULA = tuple("=+-@\t\r＝＋－＠")
"""What a spreadsheet calculates when a cell begins with it; the signs of full width too, which some programs fold."""


def as_csv(paper: Paper) -> str:
    """All tables of the paper below each other, each under a line with its title, an empty line between them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(paper.title)])
    for table in tables(paper):
        writer.writerow([])
        writer.writerow([harmless(table.title)])
        writer.writerows([harmless(cell) for cell in row] for row in (table.head, *table.rows))
    if paper.foot:
        writer.writerow([])
        writer.writerow([harmless(paper.foot)])
    return BOM + out.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet calculates: an apostrophe before what would begin a formula, as the spreadsheets themselves write it."""
    text = line(cell)
    return f"'{text}" if text.lstrip(" \u3000").startswith(_FORMULA) else text
