"""The console over a real sshd and a line of 128 kbit/s on which an answer takes 200 ms: nothing that was painted piles up on the way."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest
from beside import PeerBeside
from drawing_terminal import DrawingTerminal
from line import Line
from ptys import F12, Terminal, console_words, environment
from sshd import ssh, sshd
from test_pictures import FACTS, with_images

from console.tui.picturing import LEAST
from daemon.gate import Gate
from daemon.wire.picturing import SmallPicture

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DELAY, RATE = 0.1, 16_000
SIZE = (110, 34)
DOWN = "\x1b[B"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Path]:
    with PeerBeside(tmp_path / "office") as beside:
        with_images(beside.peer, FACTS, make=noise)
        yield tmp_path / "office"


def noise(width: int, height: int, colours: int) -> SmallPicture:
    """A picture of which nothing small can be made."""
    source = Random(4711)
    pixels = bytes(source.randrange(colours) for _ in range(width * height))
    return SmallPicture(width=width, height=height, palette=source.randbytes(3 * colours), pixels=pixels)


@pytest.fixture
def terminal(office: Path, tmp_path: Path) -> Iterator[Terminal]:
    there = f"KOHOBAN_LANG=ja LC_ALL=C.UTF-8 {shlex.join(console_words(office))}"
    with ExitStack() as here:
        line = here.enter_context(Line(here.enter_context(sshd(tmp_path / "ssh")), DELAY, RATE))
        it = here.enter_context(Terminal(ssh(tmp_path / "ssh", line.port, there), environment(), SIZE))
        it.shows("下書き 1/300")
        it.shows("運用中")
        rest(it, 2.0)
        yield it


@pytest.fixture(params=["kitty", "sixel"])
def drawing(request: pytest.FixtureRequest, office: Path, tmp_path: Path) -> Iterator[DrawingTerminal]:
    """The same on a terminal that draws pictures."""
    there = f"KOHOBAN_LANG=ja LC_ALL=C.UTF-8 {shlex.join(console_words(office))}"
    with ExitStack() as here:
        line = here.enter_context(Line(here.enter_context(sshd(tmp_path / "ssh")), DELAY, RATE))
        way = ssh(tmp_path / "ssh", line.port, there)
        it = here.enter_context(DrawingTerminal(office, SIZE, command=way, **{request.param: True}))
        it.shows("下書き 1/300")
        it.shows("運用中")
        rest(it, 2.0)
        yield it


def rest(terminal: Terminal, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read(0.02)


def hold(terminal: Terminal, key: str, seconds: float) -> int:
    """Hold a key, thirty times a second; how often it was sent."""
    begun, sent = time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        terminal.send(key)
        sent += 1
        while time.monotonic() < begun + sent / 30:
            terminal.read(0.005)
    return sent


def test_a_key_that_was_held_leaves_less_than_a_second_of_painting(terminal: Terminal) -> None:
    sent = hold(terminal, DOWN, 4.0)
    terminal.raw, released = b"", time.monotonic()
    terminal.shows(f"下書き {sent + 1}/300")
    settled = time.monotonic() - released
    rest(terminal, 1.0)
    print(f"held for 4 s: settled {settled:.2f} s after, {len(terminal.raw)} bytes")
    assert len(terminal.raw) < RATE
    terminal.until(lambda: sum("> saitama-x" in line for line in terminal.lines()) == 1)


def test_a_stop_while_a_key_is_held_waits_for_nothing_that_was_painted_before(office: Path, terminal: Terminal) -> None:
    hold(terminal, DOWN, 3.0)
    terminal.send(F12)
    hold(terminal, DOWN, 0.2)
    terminal.raw, pressed = b"", time.monotonic()
    terminal.send(F12)
    terminal.shows("緊急停止中")
    seen = time.monotonic() - pressed
    print(f"stop pressed while a key is held: seen {seen:.3f} s after, behind {len(terminal.raw)} bytes")
    assert not Gate(office / "state").look().open
    assert len(terminal.raw) < 0.3 * RATE


def test_a_picture_comes_within_seconds_and_its_size_is_told_meanwhile(drawing: DrawingTerminal) -> None:
    asked = time.monotonic()
    drawing.send("I")
    drawing.until(lambda: any(re.search(r"絵を送っています \d+ kB / \d+ kB", line) for line in drawing.lines()))
    drawing.shows("この端末の画像表示")
    came = time.monotonic() - asked
    print(f"picture: {drawing.graphics} bytes, largest piece {drawing.largest}, on the screen after {came:.1f} s")
    assert drawing.graphics < LEAST + 3000
    drawing.until(lambda: drawing.drawn)


def test_a_stop_while_a_picture_is_on_its_way_waits_for_no_more_than_a_moment_of_it(
    office: Path, drawing: DrawingTerminal
) -> None:
    drawing.send("I")
    drawing.until(lambda: drawing.graphics > 8000)
    drawing.send(F12)
    rest(drawing, 0.15)
    drawing.raw, pressed = b"", time.monotonic()
    drawing.send(F12)
    drawing.until(lambda: "緊急停止中" in drawing.lines()[0])
    seen = time.monotonic() - pressed
    print(f"stop pressed while a picture comes: seen {seen:.3f} s after, behind {len(drawing.raw)} bytes")
    assert not Gate(office / "state").look().open
    assert len(drawing.raw) < 0.5 * RATE
    drawing.until(lambda: not drawing.drawn and not drawing.kept)
    rest(drawing, 1.0)
    assert not drawing.drawn and not drawing.kept
