"""A terminal that takes nothing any more: the stop key, the console behind it, and the screen when it takes something again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from beside import PeerBeside
from ptys import Terminal, console

from daemon.gate import Gate

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

F12, CTRL_BACKSLASH, CTRL_L = "\x1b[24~", "\x1c", "\x0c"
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
        asked = beside.do(lambda peer: len(peer.asked))
        terminal.until(lambda asked=asked: beside.do(lambda peer: len(peer.asked)) >= asked)
        time.sleep(0.03)


@stop_keys
def test_the_stop_key_stops_while_the_terminal_takes_no_output(beside: PeerBeside, terminal: Terminal, key: str) -> None:
    gate = Gate(beside.peer.state)
    terminal.take_no_output()
    paint_more_than_fits(terminal, beside)
    assert gate.look().open
    terminal.send(key)
    time.sleep(0.1)
    terminal.send(key)
    end = time.monotonic() + 20
    while gate.look().open:
        assert time.monotonic() < end
        time.sleep(0.01)
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
    before = resident(terminal.pid)
    for _ in range(3):
        paint_more_than_fits(terminal, beside)
    assert resident(terminal.pid) - before < 1_500_000
    terminal.raw = b""
    time.sleep(0.5)  # what came before was too fast for a hand
    terminal.send("1")
    terminal.take_output()
    terminal.shows("本文のはじめ")
    assert len(terminal.raw) < 200_000  # what the kernel kept, and a screen or two


def test_what_stands_on_the_screen_afterwards_is_what_a_whole_painting_puts_there(beside: PeerBeside, terminal: Terminal) -> None:
    terminal.take_no_output()
    paint_more_than_fits(terminal, beside)
    for key in ("", "1", "\x1b[F"):
        time.sleep(0.5)  # what came before was too fast for a hand
        terminal.send(key)
    terminal.take_output()
    terminal.shows("下書き 300/300")
    settle(terminal)
    left = terminal.lines()
    terminal.screen.reset()
    terminal.send(CTRL_L)
    terminal.shows("下書き 300/300")
    settle(terminal)
    assert without_clocks(terminal.lines()) == without_clocks(left)


def test_what_changed_alone_leaves_the_screen_as_a_whole_painting_would(beside: PeerBeside, terminal: Terminal) -> None:
    for keys in ("jjjjj", "\x1b[6~\x1b[6~", "?jj", "\x1b", "5", "\x1b", "\r", "nn", "\x1b", "\x1b[F", ":", "\x1b", "q"):
        terminal.send(keys)
        settle(terminal)
        left = terminal.lines()
        terminal.screen.reset()
        terminal.send(CTRL_L)
        settle(terminal)
        assert without_clocks(terminal.lines()) == without_clocks(left), keys


def settle(terminal: Terminal) -> None:
    """Read until nothing has come for a while."""
    size = -1
    while size != len(terminal.raw):
        size = len(terminal.raw)
        terminal.read(0.4)


def without_clocks(lines: list[str]) -> list[str]:
    """The first row may have changed meanwhile."""
    return lines[1:]


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
