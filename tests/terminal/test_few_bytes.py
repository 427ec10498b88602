"""What a key costs on the line (requirement 20): the bytes of a row and of a page in 140×40, as the terminal gets them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from beside import PeerBeside
from ptys import Terminal, console

from tests.console.scripted_peer import row

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DOWN, PAGE_DOWN, PAGE_UP = "\x1b[B", "\x1b[6~", "\x1b[5~"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    beside = PeerBeside(tmp_path)
    states = (("waiting", "warn"), ("to_fix", "block"), ("approved", "pass"))
    for n in range(300):  # no row has a word with its neighbours in common
        state, verdict = states[n % 3]
        title = "".join(chr(0x4E00 + (n * 71 + k * 37) % 20000) for k in range(30))
        beside.peer.rows[n] = row(300 - n, title=title, state=state, verdict=verdict)
    with beside, console(beside.peer.state.parent, size=(140, 40)) as it:
        it.shows("下書き 1/300")
        it.shows("運用中")
        it.settle()
        yield it


def cost(terminal: Terminal, key: str) -> int:
    """The bytes until nothing more comes."""
    before = len(terminal.raw)
    terminal.send(key)
    terminal.until(lambda: len(terminal.raw) > before)
    terminal.settle(0.25)
    return len(terminal.raw) - before


def test_a_row_is_a_few_hundred_bytes(terminal: Terminal) -> None:
    assert 0 < statistics.median(cost(terminal, DOWN) for _ in range(9)) <= 600


def test_a_page_is_a_few_thousand(terminal: Terminal) -> None:
    costs = [cost(terminal, PAGE_DOWN) for _ in range(5)]
    assert 3_000 < statistics.median(costs) <= 11_000, costs
