"""A chart of horizontal bars as inline SVG: no script, no colour that has to be told from another, and a description in words.

The figures stand at the bars and in the table beside them, so that nobody has to read a length.
"""

from __future__ import annotations

from html import escape

from daemon.papers.html import Markup
from daemon.papers.sheet import Bars, line

_WIDTH, _LABEL, _ROW, _BAR = 640, 210, 22, 14
_LONGEST = 16
"""Characters of a label; the table has all of it. Of a clause its number is enough."""


def bars(chart: Bars, name: str) -> Markup:
    """The chart; `name` makes its ids unique in the page."""
    rows = _rows(chart)
    height = _ROW * len(rows) + 8
    title = escape(line(chart.table.title))
    top = max([1, *(value for _, value in rows)])
    said = escape("、".join(f"{label} {value}" for label, value in rows))
    drawn = "".join(_row(index, label, value, top) for index, (label, value) in enumerate(rows))
    return Markup(
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-title">{title}</title><desc id="{name}-desc">{said}</desc>'
        f"{drawn}</svg>"
    )


def _rows(chart: Bars) -> list[tuple[str, int]]:
    """A bar for each name of the first column: rows of the table that share it are one bar."""
    sums: dict[str, int] = {}
    for row, value in zip(chart.table.rows, chart.values, strict=False):
        label = line(row[0])
        sums[label] = sums.get(label, 0) + value
    return list(sums.items())


def _row(index: int, label: str, value: int, top: int) -> str:
    y = 4 + index * _ROW
    length = round((_WIDTH - _LABEL - 70) * value / top, 1)
    short = label if len(label) <= _LONGEST else label.split(" ")[0]
    short = short if len(short) <= _LONGEST else short[: _LONGEST - 1] + "…"
    return (
        f'<text x="{_LABEL - 6}" y="{y + 12}" text-anchor="end" font-size="12">{escape(short)}</text>'
        f'<rect x="{_LABEL}" y="{y}" width="{length}" height="{_BAR}" fill="#444"></rect>'
        f'<text x="{_LABEL + length + 6}" y="{y + 12}" font-size="12">{value}</text>'
    )
