"""The first glance: who opens the console sees the queue and the office's state before Textual has been loaded, in a third of the time.

What is shown is what the console itself will show, laid out by the same functions and kept on the same canvas: so its own first frame sends nothing
but what reads otherwise by then. It is asked of the daemon, and the gate is looked at with our own eyes; where anything is missing there is no glance,
and the console opens as it always did. Keys typed meanwhile wait in the terminal, which is out of its line mode already: none is shown, none is lost,
and Ctrl+\\ (the stop key) does not end the process.
"""

from __future__ import annotations

import os
import select
import time
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from msgspec import structs

from console.accessible import wanted
from console.cli.link import Link
from console.cli.outcome import Failure
from console.finding import narrowed
from console.tui import queue_head, running_out
from console.tui.before import ENTER
from console.tui.canvas import Canvas
from console.tui.hints import hint_parts
from console.tui.ink import AnyInk, ansi
from console.tui.leaf import MARK, leaf, listed
from console.tui.office import OfficeSeen
from console.tui.opened import opened_again
from console.tui.part import Part, runs
from console.tui.rows import draft_line
from console.tui.status import status_parts
from console.tui.tell import TOKYO
from daemon.gate import Gate
from daemon.wire import OpenView, PageOf, QueueRow, Status, StatusAnswer, ViewOpened, ViewPage, Welcome
from daemon.wire.finding import FilterList, MyFilters

AROUND = 5
"""Rows that are no drafts: the office's state, the heading, the columns, the message, the keys."""
PATIENCE = 0.15
"""Seconds for each answer; who gets none opens the console without a glance."""
SHOWN_WITHIN = 0.2
"""Seconds in which the terminal has to take it; what is left goes before everything else."""
_HIDDEN = "\x1b[?25l"


class Glance(NamedTuple):
    """What the terminal shows now, and what of it it has not taken yet."""

    canvas: Canvas
    rest: bytes


class _Found(NamedTuple):
    """What the daemon said."""

    me: Welcome
    seen: OfficeSeen
    view: OpenView
    opened: ViewOpened
    at: int
    top: int
    rows: tuple[QueueRow, ...]


def glance(office: Path, operator: str, screen: int) -> Glance | None:
    """Show the queue of this office on the terminal `screen`; None where that cannot be, or where this person's console was somewhere else."""
    if wanted():  # a screen reader would read all of it twice
        return None
    columns, lines = os.get_terminal_size(screen)
    if columns < 80 or lines < 24:
        return None
    try:
        found = _ask(office, operator, lines - AROUND)
    except (Failure, OSError):
        return None
    if found is None:
        return None
    canvas = Canvas()
    canvas.size(columns, lines)
    for y, line in enumerate(_lines(found, columns, lines)):
        canvas.put(y, 0, [(text, ansi(ink)) for text, ink in line])
    rest = _send(screen, f"{ENTER}{_HIDDEN}{canvas.frame(1_000_000)}".encode("utf-8", "replace"))
    return None if rest is None else Glance(canvas, rest)


def _ask(office: Path, operator: str, height: int) -> _Found | None:
    """What the queue's first screen needs. Raises Failure, OSError."""
    seen = OfficeSeen()
    with Link(office, operator, patience=PATIENCE) as link:
        last = link.ask(MyFilters(), FilterList, timeout=PATIENCE).last
        if last is not None and last.place not in ("", "queue"):
            return None
        asked = time.monotonic()
        seen.status = link.ask(Status(), StatusAnswer, timeout=PATIENCE)
        seen.answered_in(time.monotonic() - asked)
        view = OpenView()
        if last is not None:
            view = narrowed(last.words, last.state, last.sort, seen.status.accounts)
        opened = link.ask(structs.replace(view, around=last.draft if last else None, soon=True), ViewOpened, timeout=PATIENCE)
        at = opened.at or 0
        top = leaf(at, 0, height)
        page = link.ask(PageOf(view=opened.view, offset=top, limit=height), ViewPage, timeout=PATIENCE)
        seen.link = "up"
        seen.look = Gate(office / "state").look()
        return _Found(link.welcome, seen, view, opened, at, top, page.rows)


def _lines(found: _Found, columns: int, lines: int) -> list[list[tuple[str, AnyInk]]]:
    """Every row of the screen."""
    now = datetime.now(TOKYO)
    seen, count, shown = found.seen, found.opened.count, found.rows[: lines - AROUND]
    chosen = found.rows[found.at - found.top] if found.at - found.top < len(found.rows) else None
    account = seen.account(chosen.account) if chosen else None
    status, over = status_parts(seen, found.me, account, False, now, columns)
    runs_out = running_out.told(chosen, seen, now, ticks=True) if chosen else None
    standing = queue_head.Standing(found.opened.unread, found.opened.whole, runs_out=runs_out)
    head = queue_head.heading(min(found.at + 1, count), count, found.view, standing)
    body = [
        listed(
            draft_line(row, columns - MARK, now, runs_out=running_out.in_short(row, seen, now)),
            columns,
            chosen=found.top + index == found.at,
        )
        for index, row in enumerate(shown)
    ]
    body += [runs((), columns)] * (lines - AROUND - len(body))
    possible = {"picture"} | (running_out.possible_now(chosen, now) if chosen else set())
    keys = hint_parts("queue", columns, releasing=seen.condition == "running", possible=possible)
    return [
        runs(status, columns, over, rest="bar"),
        runs(head, columns),
        runs(queue_head.names(count, found.view, columns), columns),
        *body,
        runs(list[Part](), columns),
        runs(keys, columns, rest="bar"),
    ]


def _send(screen: int, data: bytes) -> bytes | None:
    """What the terminal does not take in time; None where it cannot be asked not to keep us waiting. The stop key must come to be read."""
    if (own := opened_again(screen)) is None:
        return None
    end = time.monotonic() + SHOWN_WITHIN
    try:
        while data:
            try:
                data = data[os.write(own, data) :]
            except BlockingIOError:
                if (left := end - time.monotonic()) <= 0 or not select.select([], [own], [], left)[1]:
                    break
    except OSError:
        return b""  # the terminal is gone: whoever reads its keys hears of it
    finally:
        os.close(own)
    return data
