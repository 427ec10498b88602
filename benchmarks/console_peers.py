"""What the console is measured beside: the same rows from memory, without a daemon and without a policy, in three ways of Textual.

    python benchmarks/console_peers.py bare|datatable|fastdatatable ROWS

`bare` is the least that Textual needs for a list that turns pages: a line-API widget that formats seven columns, and repaints two lines a move.
The other two are the tables that people take. Needs nothing of the project but `benchmarks.titles`: fastdatatable lives in an environment of its own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"  # as in the console: both speak to the terminal in the same way

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from benchmarks.titles import PLACES, WHATS

HEIGHT = 36
"""Lines of the list: as many as the console has in a terminal of 40."""
NAMES = ("アカウント", "状態", "判定", "本文のはじめ", "条文", "待ち", "以来")
WIDTHS = (15, 8, 8, 56, 18, 22, 5)
COLOURS = ("#d0d0d0", "#8a8a8a", "#87af87", "#d0d0d0", "#8a8a8a", "#d0d0d0", "#8a8a8a")
STYLES = tuple(Style.parse(f"{colour} on #121212") for colour in COLOURS)
CHOSEN = Style.parse("bold #ffffff on #005f87")


def row(n: int) -> tuple[str, ...]:
    """The n-th row, as benchmarks/years.py would have it."""
    title = f"【お知らせ】{PLACES[n % len(PLACES)]} {WHATS[n % len(WHATS)]} {n}"
    return "minato-x", "発信済", "指摘なし" if n % 7 else "注意", title, "", "", f"{9 - n // 4000 % 9}/{28 - n // 400 % 28}"


class Bare(ScrollView, can_focus=True):
    """The list."""

    DEFAULT_CSS = f"Bare {{ height: {HEIGHT}; scrollbar-size: 0 0; }}"
    BINDINGS = [
        Binding("down", "go(1)"),
        Binding("up", "go(-1)"),
        Binding("pagedown", f"go({HEIGHT})"),
        Binding("pageup", f"go(-{HEIGHT})"),
    ]

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count, self.cursor, self.top = count, 0, 0

    def on_mount(self) -> None:
        self.virtual_size = Size(COLUMNS, HEIGHT)

    def action_go(self, step: int) -> None:
        """Move the cursor; over the edge it turns the page."""
        before, self.cursor = self.cursor, max(0, min(self.count - 1, self.cursor + step))
        top = self.cursor // HEIGHT * HEIGHT
        if top == self.top:
            self.refresh(*(Region(0, index - top, self.size.width, 1) for index in (before, self.cursor)))
        else:
            self.top = top
            self.refresh()

    def render_line(self, y: int) -> Strip:
        index = self.top + y
        return line(index, index == self.cursor) if index < self.count else Strip.blank(self.size.width)


COLUMNS = 140


def line(n: int, chosen: bool) -> Strip:
    """One row as a strip."""
    segments = [Segment("> " if chosen else "  ", CHOSEN if chosen else STYLES[0])]
    for text, width, style in zip(row(n), WIDTHS, STYLES, strict=True):
        segments.append(Segment(set_cell_size(text, width) + " ", CHOSEN if chosen else style))
    return Strip(segments).adjust_cell_length(COLUMNS)


class Peer(App[None]):
    """One screen with one list."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, kind: str, count: int) -> None:
        super().__init__()
        self._kind, self._count = kind, count

    def compose(self) -> ComposeResult:
        if self._kind == "bare":
            yield Bare(self._count)
        elif self._kind == "datatable":
            from textual.widgets import DataTable  # here: the bare list does without it

            table: DataTable[str] = DataTable(cursor_type="row")
            table.styles.height = HEIGHT + 1
            for name, width in zip(NAMES, WIDTHS, strict=True):
                table.add_column(name, width=width)
            for n in range(self._count):
                table.add_row(*row(n))
            yield table
        else:
            yield _fast(self._count)


def _fast(count: int) -> Any:
    from importlib import import_module

    rows = [row(n) for n in range(count)]
    data = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))
    table = import_module("textual_fastdatatable").DataTable(data=data, cursor_type="row")
    table.styles.height = HEIGHT + 1
    return table


if __name__ == "__main__":
    Peer(sys.argv[1], int(sys.argv[2])).run(mouse=False)
