"""A terminal that takes nothing any more: the stop key, the console behind it, and the screen when it takes something again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from beside import PeerBeside
from ptys import F12, Terminal, console, press_twice

from daemon.gate import Gate

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CTRL_BACKSLASH, CTRL_L = "\x1c", "\x0c"
SIZE = (140, 40)
stop_keys = pytest.mark.parametrize("key", [F12, CTRL_BACKSLASH], ids=["F12", "Ctrl+Backslash"])


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[PeerBeside]:
    with PeerBeside(tmp_path) as it:
        yield it


@pytest.fixture
def terminal(beside: PeerBeside) -> Iterator[Terminal]:
    with console(beside.peer.state.parent, size=SIZE) as it:
        it.shows("下書き 1/300")
        it.shows("運用中")
        yield it


def paint_more_than_fits(terminal: Terminal, beside: PeerBeside) -> None:
    """Have the program paint some hundred pages, a megabyte more than the kernel keeps."""
    for _ in range(60):
        terminal.send("\x1b[6~\x1b[6~5\x1b[6~?")
        time.sleep(0.03)
    terminal.settle(0.3)  # else keys may still wait to be read, and what is looked at next would only begin


@stop_keys
def test_the_stop_key_stops_while_the_terminal_takes_no_output(beside: PeerBeside, terminal: Terminal, key: str) -> None:
    gate = Gate(beside.peer.state)
    terminal.take_no_output()
    paint_more_than_fits(terminal, beside)
    assert gate.look().open
    press_twice(terminal, key, gate)
    terminal.take_output()
    terminal.shows("緊急停止中")


def test_the_console_goes_on_talking_to_the_daemon_meanwhile(beside: PeerBeside, terminal: Terminal) -> None:
    terminal.take_no_output()
    paint_more_than_fits(terminal, beside)
    asked = beside.do(lambda peer: len(peer.asked))
    terminal.until(lambda: beside.do(lambda peer: len(peer.asked)) > asked + 2)
    terminal.take_output()
    terminal.shows("運用中")


def test_what_is_painted_meanwhile_is_not_kept(beside: PeerBeside, terminal: Terminal) -> None:
    terminal.take_no_output()
    paint_more_than_fits(terminal, beside)
    grown = []
    for _ in range(4):  # what is made for the first time grows the program once; what is kept, each time
        before = resident(terminal.pid)
        for _ in range(3):
            paint_more_than_fits(terminal, beside)
        grown.append(resident(terminal.pid) - before)
        if grown[-1] < 1_500_000:
            break
    assert min(grown) < 1_500_000, grown
    terminal.raw = b""
    terminal.settle(0.5)  # what came before was too fast for a hand
    terminal.send("1")
    terminal.take_output()
    terminal.shows("本文のはじめ")
    terminal.settle()
    assert len(terminal.raw) < 200_000  # what the kernel kept, and a screen or two


def test_what_stands_on_the_screen_afterwards_is_what_a_whole_painting_puts_there(beside: PeerBeside, terminal: Terminal) -> None:
    terminal.take_no_output()
    paint_more_than_fits(terminal, beside)
    for key in ("", "1", "\x1b[F"):
        terminal.settle(0.5)  # what came before was too fast for a hand
        terminal.send(key)
    terminal.take_output()
    terminal.shows("下書き 300/300")
    terminal.settle()
    left = terminal.lines()
    terminal.screen.reset()
    terminal.send(CTRL_L)
    terminal.shows("下書き 300/300")
    terminal.settle()
    assert without_clocks(terminal.lines()) == without_clocks(left)


def test_what_changed_alone_leaves_the_screen_as_a_whole_painting_would(beside: PeerBeside, terminal: Terminal) -> None:
    for keys in ("jjjjj", "\x1b[6~\x1b[6~", "?jj", "\x1b", "5", "\x1b", "\r", "nn", "\x1b", "\x1b[F", ":", "\x1b", "q"):
        terminal.send(keys)
        terminal.settle()
        left = terminal.lines()
        terminal.screen.reset()
        terminal.send(CTRL_L)
        terminal.settle()
        assert without_clocks(terminal.lines()) == without_clocks(left), keys


def without_clocks(lines: list[str]) -> list[str]:
    """The first row may have changed meanwhile."""
    return lines[1:]


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
