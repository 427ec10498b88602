"""What is found in an office file by the process that decodes it: plain values, before anybody asks what they mean."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Cell = str | bool | int | float
"""What stands in a cell; a date and time in the form of ISO 8601."""

Wrong = Literal["", "locked", "broken", "bomb", "huge", "no-text"]
"""Why nothing could be read: behind a password (or of the kind of before 2007), damaged, unpacking to more than any text needs or with
entities of its own, more rows or columns than are read, or without a column of texts."""

Left = Literal["tracked", "comments", "pictures", "boxes", "notes", "hidden"]
"""What a document holds that does not become part of the draft: the half of a change that was taken out, remarks, pictures, text in boxes,
footnotes, hidden text."""


class Document(Struct, frozen=True):
    """A document: the table that it begins with (each row's cells), its text with that table, and without."""

    head: tuple[tuple[str, ...], ...] = ()
    whole: str = ""
    text: str = ""
    left: tuple[Left, ...] = ()
    numbered: bool = False
    """Some paragraphs have a number or a dot before them that the program draws and that is no text."""
    wrong: Wrong = ""


class Line(Struct, frozen=True):
    """One row that is not empty: its number as the program shows it, from 1, and its cells; `merged` are those, counted from 0, that were
    merged with the one above and have its value."""

    number: int
    cells: tuple[Cell, ...]
    merged: tuple[int, ...] = ()


class Table(Struct, frozen=True):
    """One sheet that people see."""

    name: str
    lines: tuple[Line, ...]


class Tables(Struct, frozen=True):
    """A workbook, or a CSV file as the one sheet of one."""

    tables: tuple[Table, ...] = ()
    wrong: Wrong = ""
    at: int = 0
    """The line at which a CSV file could not be read on."""
