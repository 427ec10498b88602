"""What a second costs on the line while something runs out, and while nothing does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from beside import PeerBeside
from msgspec.structs import replace
from ptys import Terminal, console

from tests.console.scripted_peer import Peer, row

MOST = 250
"""Bytes of a second."""
TICKS = 4


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[PeerBeside]:
    with PeerBeside(tmp_path) as beside:
        yield beside


def decided(peer: Peer) -> None:
    """Let the first draft be one that has just been approved."""
    until = datetime.now(UTC) + timedelta(seconds=29)
    peer.rows[0] = replace(row(300, state="approved"), can=("undo", "hold"), undo_until=until, begins_at=until)
    peer.tell(kind="resync")


def left(terminal: Terminal) -> int:
    """The seconds that the heading counts."""
    return next((int(found[1]) for line in terminal.lines() if (found := re.search(r"(\d+)秒後", line))), 0)


def test_a_second_that_is_counted_on_the_screen_costs_less_than_a_quarter_of_a_kilobyte(
    tmp_path: Path, beside: PeerBeside
) -> None:
    with console(tmp_path, size=(120, 40)) as terminal:
        terminal.until(lambda: "運用中" in terminal.lines()[0])
        terminal.settle()
        beside.do(decided)  # only now: its time runs while a console starts
        terminal.until(lambda: left(terminal))
        settled = left(terminal)
        terminal.until(lambda: left(terminal) < settled)
        begun, sent = left(terminal), len(terminal.raw)
        terminal.until(lambda: left(terminal) <= begun - TICKS)
        assert 0 < len(terminal.raw) - sent <= MOST * TICKS


def test_where_nothing_runs_out_a_second_paints_nothing_below_the_first_row(tmp_path: Path, beside: PeerBeside) -> None:
    with console(tmp_path, size=(120, 40)) as terminal:
        terminal.until(lambda: "運用中" in terminal.lines()[0])
        asked = beside.do(lambda peer: len(peer.asked))
        terminal.until(lambda: beside.do(lambda peer: len(peer.asked)) > asked + 2)
        terminal.settle()
        sent, asked = len(terminal.raw), beside.do(lambda peer: len(peer.asked))
        terminal.until(lambda: beside.do(lambda peer: len(peer.asked)) > asked + 3)  # as often as it asks how the office stands
        assert b"\xe7\xa7\x92\xe5\xbe\x8c" not in terminal.raw  # 秒後
        places = re.findall(rb"\x1b\[(\d+);\d+H", terminal.raw[sent:])
        assert set(places) <= {b"1"}  # the first row may tell another latency
