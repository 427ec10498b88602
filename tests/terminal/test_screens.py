"""What stands on the terminal, judged from its cells alone: sizes, colours, the cursor for a screen reader, the mouse, and few snapshots.

A snapshot that reads otherwise on purpose is written anew by `KOHOBAN_SNAPSHOTS=write`, and read by a person before it is committed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pytest
from peers import served
from ptys import ANSWERED_AT_ONCE, DEADLINE, F12, Terminal, console

from daemon.gate import Gate
from tests.conftest import open_gate
from tests.console.scripted_peer import Peer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SNAPSHOTS = Path(__file__).with_name("snapshots")
DOWN = "\x1b[B"


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """An office that runs, with three hundred drafts of which everybody reads the same."""
    with served(open_gate(tmp_path_factory.mktemp("office"))) as peer:
        yield peer


def at(peer: Peer, size: tuple[int, int] = (80, 24), **env: str) -> Terminal:
    terminal = console(peer.state.parent, env, size, ANSWERED_AT_ONCE)
    terminal.until(lambda: "お知らせ300" in "".join(terminal.lines()).replace(" ", ""))
    return terminal


def text(terminal: Terminal) -> str:
    """The screen as text; what a measurement says (the answer time) is left out, with the blanks that stand for it."""
    lines = (line.rstrip() for line in terminal.lines())
    return "\n".join(re.sub(r" *(応答|answer )?\d+ms *", "  ", line) for line in lines) + "\n"


def inks(terminal: Terminal) -> str:
    """What is marked by more than its words: each run of cells on another ground, or reversed, with how it is painted."""
    found = []
    for y in range(terminal.screen.lines):
        row = [terminal.screen.buffer[y][x] for x in range(terminal.screen.columns)]
        for ink, cells in groupby(row, key=lambda cell: (cell.bg, cell.reverse, cell.bold)):
            words = "".join(cell.data for cell in cells).strip()
            if words and (ink[1] or ink[0] not in ("default", "121212")):
                how = " ".join(filter(None, ("reverse" if ink[1] else f"on {ink[0]}", "bold" if ink[2] else "")))
                found.append(f"{y + 1:>3} [{how}] {re.sub(r' *(応答|answer )?[0-9]+ms *', '  ', words)}")
    return "\n".join(found) + "\n"


def said_on(terminal: Terminal, marked: bool) -> str:
    """All that a snapshot keeps."""
    return text(terminal) + (f"{'-' * 8} marked\n{inks(terminal)}" if marked else "")


SHOTS: dict[str, tuple[tuple[int, int], dict[str, str], Sequence[str], bool]] = {
    "queue-80x24-ja": ((80, 24), {}, (), False),
    "queue-80x24-en": ((80, 24), {"KOHOBAN_LANG": "en"}, (), False),
    "queue-120x40-ja-mono": ((120, 40), {"NO_COLOR": "1"}, (), True),
    "draft-80x24-ja-mono": ((80, 24), {"NO_COLOR": "1"}, ("\r",), True),
    "draft-120x40-en-colour": ((120, 40), {"KOHOBAN_LANG": "en"}, ("\r",), True),
    "approve-80x24-ja-colour": ((80, 24), {}, ("a",), True),
    "keys-80x24-ja": ((80, 24), {}, ("?",), False),
    "clauses-120x40-ja": ((120, 40), {}, ("6",), False),
    "people-80x24-en": ((80, 24), {"KOHOBAN_LANG": "en"}, ("T",), False),
    "command-line-80x24-ja": ((80, 24), {}, (":", "t", "e"), False),
}
"""What each snapshot shows: the terminal's size, its environment, the keys, and whether the marks beyond words are kept with it."""


@pytest.mark.parametrize("name", SHOTS)
def test_the_screen_says_what_it_said(peer: Peer, name: str) -> None:
    size, env, keys, marked = SHOTS[name]
    with at(peer, size, **env) as terminal:
        terminal.settle()
        for key in keys:
            terminal.send(key)
            terminal.settle()
        kept = SNAPSHOTS / f"{name}.txt"
        if os.environ.get("KOHOBAN_SNAPSHOTS") == "write":
            SNAPSHOTS.mkdir(exist_ok=True)
            kept.write_text(said_on(terminal, marked), encoding="utf-8")
        wanted, end = kept.read_text(encoding="utf-8"), time.monotonic() + DEADLINE
        while (said := said_on(terminal, marked)) != wanted and time.monotonic() < end:
            terminal.read()
    assert said == wanted


@pytest.mark.parametrize(
    ("size", "env"),
    [((80, 24), {}), ((300, 100), {}), ((120, 40), {"TERM": "linux"}), ((80, 24), {"TERM": "vt100"})],
    ids=["80x24", "300x100", "16 colours", "no colours"],
)
def test_a_stop_is_said_in_words_on_a_row_that_is_whole(tmp_path: Path, size: tuple[int, int], env: dict[str, str]) -> None:
    """At every size and with every number of colours: the first row says the stop, the last one names the key, the chosen row is marked."""
    with served(open_gate(tmp_path)) as peer, at(peer, size, **env) as terminal:
        terminal.settle()
        terminal.until(lambda: "運用中" in terminal.lines()[0].replace(" ", ""))
        assert len([line for line in terminal.lines() if line.startswith("> ")]) == 1
        terminal.send(F12)
        terminal.settle()
        terminal.send(F12)
        terminal.until(lambda: "緊急停止中" in terminal.lines()[0].replace(" ", ""))
        terminal.until(lambda: "停止" in terminal.lines()[-1].replace(" ", ""))
        assert not Gate(peer.state).look().open
        if env.get("TERM") == "vt100":
            assert not re.search(rb"\x1b\[[0-9;]*(3[0-7]|4[0-7]|38|48)[;m]", terminal.raw)
        if env.get("TERM") == "linux":
            assert not re.search(rb"[;\[](38|48)[;:][25]", terminal.raw)


def test_for_a_screen_reader_the_cursor_is_seen_on_the_chosen_row_and_only_that_row_changes(peer: Peer) -> None:
    with at(peer, KOHOBAN_ACCESSIBLE="1") as terminal:
        terminal.settle()
        assert not terminal.screen.cursor.hidden
        for steps in range(3):
            chosen = next(y for y, line in enumerate(terminal.lines()) if line.startswith("> "))
            assert terminal.screen.cursor.y == chosen == 3 + steps
            before = text(terminal).split("\n")
            terminal.send(DOWN)
            terminal.settle()
            changed = {y for y, line in enumerate(text(terminal).split("\n")) if y and line != before[y]}  # row 0 has clocks
            assert changed == {chosen, chosen + 1}


def test_for_a_screen_reader_what_is_said_or_asked_has_the_cursor_until_the_next_key(peer: Peer) -> None:
    with at(peer, KOHOBAN_ACCESSIBLE="1") as terminal:
        terminal.settle()
        terminal.send("T")
        terminal.settle()
        assert "担当者" in terminal.lines()[terminal.screen.cursor.y].replace(" ", "")
        assert terminal.screen.cursor.y >= 20
        terminal.send(DOWN)
        terminal.settle()
        assert terminal.lines()[terminal.screen.cursor.y].startswith("> ")
        terminal.send("1")
        terminal.settle()
        terminal.send("a")
        terminal.settle()
        assert "承認します" in terminal.lines()[terminal.screen.cursor.y].replace(" ", "")


def test_without_it_the_cursor_stays_hidden(peer: Peer) -> None:
    with at(peer) as terminal:
        terminal.settle()
        assert terminal.screen.cursor.hidden


def test_the_mouse_is_off_until_asked_for_then_chooses_and_scrolls_and_is_given_back(peer: Peer) -> None:
    with at(peer) as terminal:
        terminal.settle()
        assert b"\x1b[?1000h" not in terminal.raw
        terminal.send(":mouse\r")
        terminal.until(lambda: b"\x1b[?1000h\x1b[?1006h" in terminal.raw)
        terminal.settle()
        terminal.send("\x1b[<0;10;8M\x1b[<0;10;8m")  # a click on the eighth row
        terminal.until(lambda: terminal.lines()[7].startswith("> "))
        terminal.send("\x1b[<65;10;8M")  # the wheel
        terminal.until(lambda: terminal.lines()[10].startswith("> "))
        terminal.send("q")
        terminal.settle()
        terminal.send("y")
        terminal.ended()
        assert b"\x1b[?1006l\x1b[?1000l" in terminal.raw
