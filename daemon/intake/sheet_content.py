"""The rows of a workbook (.xlsx) or a CSV file as their author sees them: of formulas the value, of merged cells the one value for all.
For the process that decodes (`apart_main`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import python_calamine as calamine

from daemon.intake.encodings import decode
from daemon.intake.office_content import Cell, Line, Table, Tables

MOST_LINES = 1_000
"""Rows that are not empty, of all sheets together."""
FURTHEST, WIDEST = 20_000, 64
"""Rows and columns of a sheet, counting the empty ones."""
LONGEST = 70_000
"""Characters of one cell; Excel allows 32,767."""
_OLD = b"\xd0\xcf\x11\xe0"
_PACKED = b"PK\x03\x04"


def read_sheets(data: bytes) -> Tables:
    """The sheets in these bytes, of whichever of the two kinds they are."""
    if data.startswith(_OLD):
        return Tables(wrong="locked")
    if data.startswith(_PACKED):
        return _workbook(data)
    return _csv(data)


def _workbook(data: bytes) -> Tables:
    tables: list[Table] = []
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        for seen in book.sheets_metadata:
            if seen.typ == calamine.SheetTypeEnum.WorkSheet and seen.visible == calamine.SheetVisibleEnum.Visible:
                sheet = book.get_sheet_by_name(seen.name)
                if sheet.total_height > FURTHEST or sheet.total_width > WIDEST:
                    return Tables(wrong="huge")
                tables.append(Table(seen.name, tuple(_lines(_filled(sheet)))))
    except calamine.PasswordError:
        return Tables(wrong="locked")
    except (calamine.CalamineError, OSError, ValueError):
        return Tables(wrong="broken")
    return _within(tables)


def _filled(sheet: calamine.CalamineSheet) -> list[list[object]]:
    """The cells, with the value of a merged one in each row over which it was merged downwards."""
    rows: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if top < len(rows) and left < len(rows[top]):
            for row in rows[top + 1 : bottom + 1]:
                if left < len(row):
                    row[left] = _Merged(rows[top][left])
    return rows


class _Merged:
    """The value of a cell that was merged with the one above: it makes no row of its own."""

    def __init__(self, value: object) -> None:
        self.value = value


def _lines(rows: list[list[object]]) -> Iterator[Line]:
    for number, row in enumerate(rows, 1):
        merged = tuple(n for n, value in enumerate(row) if isinstance(value, _Merged))
        if any(n not in merged and _cell(value) != "" for n, value in enumerate(row)):
            cells = tuple(_cell(value.value if isinstance(value, _Merged) else value) for value in row)
            yield Line(number, cells, merged)


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value[:LONGEST]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        return f"{value.total_seconds() / 60:g}"
    return ""


def _csv(data: bytes) -> Tables:
    decoded = decode(data)
    if decoded.trouble is not None:
        return Tables(wrong="broken")
    first = decoded.text.partition("\n")[0]
    csv.field_size_limit(LONGEST)
    lines: list[Line] = []
    delimiter = "\t" if "\t" in first and "," not in first else ","
    rows = csv.reader(io.StringIO(decoded.text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(rows, 1):
            if any(cell.strip() for cell in row):
                lines.append(Line(number, tuple(row[:WIDEST])))
            if number > FURTHEST:
                return Tables(wrong="huge")
    except csv.Error:
        return Tables(wrong="broken", at=rows.line_num)
    return _within([Table("", tuple(lines))])


def _within(tables: list[Table]) -> Tables:
    if sum(len(table.lines) for table in tables) > MOST_LINES:
        return Tables(wrong="huge")
    return Tables(tuple(tables))
