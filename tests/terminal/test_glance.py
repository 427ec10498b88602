"""The first glance: what stands on the screen before the console is loaded, and what becomes of keys that are typed then."""

from __future__ import annotations

import os
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from beside import PeerBeside
from ptys import Terminal, surroundings

from daemon.gate import Gate
from daemon.release.permit import Keeper
from daemon.wire import Done
from daemon.wire.finding import FilterList, KeepScreen, MyFilters, Screen
from tests.console.scripted_peer import NOW, Peer
from tests.service.live_office import NOTICE, Office, with_one_waiting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

F12, CTRL_BACKSLASH = "\x1b[24~", "\x1c"
SIZE = (140, 40)
HELD_BACK = """
import sys, time
from importlib.abc import MetaPathFinder
from pathlib import Path

office, go = Path(sys.argv[1]), Path(sys.argv[2])

class Waits(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "console.tui.app":
            go.with_name("waits").touch()
            while not go.exists():
                time.sleep(0.005)
            if go.read_text():
                raise ImportError("not today")
            import console.tui.painter
            console.tui.painter.GLANCE = 60  # the console's own first frame comes when it has read everything, however long that takes

sys.meta_path.insert(0, Waits())
from console.tui.main import run
sys.exit(run(office, "shibata"))
"""
"""The console of an office; it is loaded when a file is there, and breaks where something stands in it."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with with_one_waiting(tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture(autouse=True)
def nowhere_before(office: Office) -> None:
    """Nobody's console was anywhere before a test."""
    office.caller("shibata").ask(KeepScreen(place=""), Done)


class Held:
    """A console that is not loaded yet."""

    def __init__(self, folder: Path, office: Path, size: tuple[int, int] = SIZE, **env: str) -> None:
        self.go, self.waits = folder / "go", folder / "waits"
        command = [sys.executable, "-c", HELD_BACK, str(office), str(self.go)]
        self.terminal = Terminal(command, {**surroundings(size), **env}, size)

    def load(self, broken: str = "") -> None:
        """Let it go on."""
        part = self.go.with_name("part")
        part.write_text(broken)
        part.rename(self.go)

    def mode(self) -> int:
        """The local flags of its terminal: echo, lines, signals."""
        flags: int = termios.tcgetattr(self.terminal.fd)[3]
        return flags


@contextmanager
def held(folder: Path, office: Path, size: tuple[int, int] = SIZE, **env: str) -> Iterator[Held]:
    one = Held(folder, office, size, **env)
    with one.terminal:
        one.terminal.until(one.waits.exists)
        yield one


def glanced(terminal: Terminal) -> None:
    """Wait for the first glance, to its last row: nothing else is sent before the console is loaded."""
    terminal.shows("F12 F12 停止")
    terminal.shows(NOTICE[:12])
    sent = -1
    while sent != len(terminal.raw):
        sent = len(terminal.raw)
        terminal.read(0.5)


def seen(terminal: Terminal) -> str:
    return "\n".join(terminal.lines()).replace(" ", "")


def test_queue_and_state_are_seen_before_the_console_is_loaded(office: Office, tmp_path: Path) -> None:
    with held(tmp_path, office.folder) as console:
        terminal = console.terminal
        glanced(terminal)
        screen = seen(terminal)
        assert "運用中" in screen and "下書き1/1" in screen and NOTICE[:12] in screen
        assert "textual" not in Path(f"/proc/{terminal.pid}/maps").read_text(), "nothing of it is loaded"
        before = terminal.lines()
        console.load()
        terminal.until(lambda: b"\x1b[?2004h" in terminal.raw)  # the console has taken over
        terminal.send("?")
        terminal.shows("キー一覧 ")
        terminal.send("\x1b")
        terminal.until(lambda: terminal.lines()[1:] == before[1:])


def test_what_the_console_paints_first_is_only_what_reads_otherwise(office: Office, tmp_path: Path) -> None:
    with held(tmp_path, office.folder) as console:
        terminal = console.terminal
        glanced(terminal)
        glance = len(terminal.raw)
        console.load()
        terminal.shows("端末: ")  # the first row, when everything has been read
        assert terminal.raw.count(NOTICE[:6].encode()) == 1
        assert terminal.raw.count(b"\x1b[?1049h") == 1
        assert len(terminal.raw) - glance < glance / 4


@pytest.mark.parametrize("key", [F12, CTRL_BACKSLASH], ids=["F12", "Ctrl+Backslash"])
def test_the_stop_key_pressed_at_first_glance_stops(office: Office, tmp_path: Path, key: str) -> None:
    gate = Gate(office.folder / "state")
    try:
        with held(tmp_path, office.folder) as console:
            terminal = console.terminal
            terminal.shows("F12 F12 停止")
            terminal.send(key)
            terminal.send(key)
            terminal.read(0.2)
            assert gate.look().open
            console.load()
            terminal.until(lambda: not gate.look().open)
            terminal.shows("緊急停止中")
    finally:
        office.resume()


def test_what_is_typed_at_first_glance_is_not_shown_and_counts_afterwards(office: Office, tmp_path: Path) -> None:
    with held(tmp_path, office.folder) as console:
        terminal = console.terminal
        glanced(terminal)
        before = terminal.lines()
        terminal.send("6")
        terminal.read(0.3)
        assert terminal.lines() == before
        console.load()
        terminal.shows("条文 minato")
        assert console.mode() & (termios.ECHO | termios.ICANON | termios.ISIG) == 0


@pytest.mark.parametrize("broken", ["", "it breaks"])
def test_the_terminal_is_given_back_as_it_was(office: Office, tmp_path: Path, broken: str) -> None:
    far, near = os.openpty()
    usual = termios.tcgetattr(near)[3]
    os.close(far)
    os.close(near)
    with held(tmp_path, office.folder) as console:
        terminal = console.terminal
        terminal.shows("F12 F12 停止")
        assert console.mode() != usual
        console.load(broken)
        if not broken:
            terminal.until(lambda: b"\x1b[?2004h" in terminal.raw)
            terminal.send("q")
            terminal.shows("画面を閉じます")
            terminal.read(0.5)  # before that an answer does not count: nobody has read the question
            terminal.send("y")
        terminal.ended()
        assert terminal.raw.rfind(b"\x1b[?1049l") > terminal.raw.rfind(b"\x1b[?1049h") >= 0
        assert terminal.raw.rfind(b"\x1b[?25h") > terminal.raw.rfind(b"\x1b[?25l")


@pytest.mark.parametrize(("place", "glance"), [("hours", False), ("queue", True)])
def test_who_was_somewhere_else_last_sees_no_queue_first(tmp_path: Path, place: str, glance: bool) -> None:
    with PeerBeside(tmp_path) as beside:
        last = Screen(place=place, words="", state="", sort="state", draft=None, at=NOW)

        def answering(peer: Peer) -> None:
            usual = peer.answer
            peer.answer = lambda ask: FilterList(last=last) if isinstance(ask.query, MyFilters) else usual(ask)

        beside.do(answering)
        with held(tmp_path, beside.peer.state.parent) as console:
            console.terminal.read(0.3)
            assert ("下書き1/300" in seen(console.terminal)) is glance


@pytest.mark.parametrize("size", [(79, 24), (80, 23)])
def test_a_terminal_that_is_too_small_gets_none(office: Office, tmp_path: Path, size: tuple[int, int]) -> None:
    with held(tmp_path, office.folder, size) as console:
        console.terminal.read(0.3)
        assert "下書き" not in seen(console.terminal)


def test_without_a_daemon_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "state" / "gate").mkdir(parents=True)
    assert Keeper(tmp_path / "state").grant(1).open
    with held(tmp_path, tmp_path) as console:
        console.terminal.read(0.3)
        assert "運用中" not in seen(console.terminal)
        console.load()
        console.terminal.shows("停止状態は不明")


def test_a_screen_reader_gets_none(office: Office, tmp_path: Path) -> None:
    with held(tmp_path, office.folder, KOHOBAN_ACCESSIBLE="1") as console:
        console.terminal.read(0.3)
        assert "下書き" not in seen(console.terminal)


def test_a_stop_meanwhile_is_seen_as_soon_as_the_console_is_there(office: Office, tmp_path: Path) -> None:
    try:
        with held(tmp_path, office.folder) as console:
            console.terminal.shows("運用中")
            Gate(office.folder / "state").shut("all", by="test")
            console.load()
            console.terminal.shows("緊急停止中")
    finally:
        office.resume()


def test_without_colour_it_has_none_and_marks_the_chosen_line(office: Office, tmp_path: Path) -> None:
    with held(tmp_path, office.folder, NO_COLOR="1") as console:
        glanced(console.terminal)
        assert b"38;5" not in console.terminal.raw and b"48;5" not in console.terminal.raw
        assert any(line.startswith("> minato-x") for line in console.terminal.lines())


def test_a_terminal_that_takes_nothing_keeps_neither_the_console_nor_its_stop_key_waiting(office: Office, tmp_path: Path) -> None:
    gate = Gate(office.folder / "state")
    console = Held(tmp_path, office.folder)
    try:
        with console.terminal as terminal:
            console.load()
            terminal.until(lambda: b"\x1b[6n" in terminal.raw)
            terminal.take_no_output()
            end = time.monotonic() + 30
            while gate.look().open:
                assert time.monotonic() < end
                terminal.send(F12)
                time.sleep(0.1)
            terminal.take_output()
            terminal.shows("緊急停止中")
    finally:
        office.resume()
