"""The training day, typed in a terminal from the very file that the console teaches it from: each step is reached, and the day ends."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ptys import Terminal

from console.cli.presence import runs
from console.day import steps
from console.tui.bottom import SETTLE
from console.tui.commands import by_command
from console.words import LANGUAGES, Language, catalogue

KOHOBAN = str(Path(sys.executable).with_name("kohoban"))
SENT = {"Enter": "\r", "F12": "\x1b[24~", "Esc": "\x1b", "Tab": "\t"}
SIZE = (80, 24)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A console that plays the day, in 80×24."""
    place = tmp_path / "t"
    place.mkdir()
    env = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": "ja", "LC_ALL": "C.UTF-8", "TMPDIR": str(place)}
    for name in ("NO_COLOR", "COLUMNS", "LINES", "KOHOBAN_OPERATOR"):
        env.pop(name, None)
    with Terminal([KOHOBAN, "training", "--day"], env, SIZE) as terminal:
        yield terminal
        terminal.send("q")
        wait_for(terminal, "y で実行")
        settle(terminal)
        terminal.send("y")
        assert terminal.ended() == 0  # its daemon has ended with it
    assert list(place.iterdir()) == [], "the office goes with its day"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_day_is_played_to_its_end_by_the_keys_that_it_teaches(terminal: Terminal) -> None:
    day = steps()
    for number, step in enumerate(day, 1):
        wait_for(terminal, f"研修 {number}/{len(day)}")
        wait_for(terminal, catalogue("tui", "ja")[f"lesson.{step.id}"])
        settle(terminal)
        for key in step.keys:
            type_one(terminal, key)
    wait_for(terminal, catalogue("tui", "ja")["lesson.over"])
    screen = "".join(terminal.lines())
    assert "緊急停止中" not in screen


@pytest.mark.slow
def test_a_day_whose_terminal_is_gone_leaves_no_daemon_behind(tmp_path: Path) -> None:
    env = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": "ja", "LC_ALL": "C.UTF-8", "TMPDIR": str(tmp_path)}
    with Terminal([KOHOBAN, "training", "--day"], env, SIZE) as terminal:
        wait_for(terminal, "研修 1/")
        (office,) = tmp_path.glob("kohoban-day-*")
        assert runs(office)
    end = time.monotonic() + 60
    while runs(office):
        assert time.monotonic() < end, "it goes on alone"
        time.sleep(0.05)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_step_has_its_words_and_fits_into_80_columns(lang: Language) -> None:
    from console.text import cells
    from console.tui.lesson import shown

    said = catalogue("tui", lang)
    for number, step in enumerate(steps(), 1):
        where = said["lesson.where"].format(number=number, count=len(steps()), at=step.at)
        assert cells(f"{where} {said[f'lesson.{step.id}']}") <= SIZE[0], step.id
        assert cells(said["lesson.press"] + "  ".join(shown(step))) <= SIZE[0], step.id
    assert {key for key in said if key.startswith("lesson.")} == {f"lesson.{step.id}" for step in steps()} | {
        f"lesson.{name}" for name in ("where", "press", "code", "over", "over_keys")
    }


def settle(terminal: Terminal) -> None:
    """Read on until the screen has stood still for so long that a question has been read: a person looks before the next key. The first row, where
    clocks go on, does not count."""
    seen, since = below(terminal), time.monotonic()
    while time.monotonic() < since + SETTLE + 0.25:
        terminal.read()
        if seen != (now := below(terminal)):
            seen, since = now, time.monotonic()


def send(terminal: Terminal, keys: str) -> None:
    """Send what was pressed, see that something comes of it (where nothing has come for two seconds, nothing will), and let it settle."""
    before, pressed = below(terminal), time.monotonic()
    terminal.send(keys)
    while below(terminal) == before and time.monotonic() < pressed + 2:
        terminal.read()
    settle(terminal)


def below(terminal: Terminal) -> list[str]:
    return terminal.lines()[1:]


def type_one(terminal: Terminal, key: str) -> None:
    if key == "<code>":
        found: list[str] = []
        terminal.until(
            lambda: found.extend(re.findall(r"確認番号 *(\d{4})", "".join(terminal.lines()).replace(" ", ""))) or found
        )
        send(terminal, found[0])
    elif key.startswith("{"):
        send(terminal, by_command(key.strip("{}")).keys[0])
    else:
        send(terminal, SENT.get(key.strip("<>"), key))


def wait_for(terminal: Terminal, words: str) -> None:
    wanted = words.replace(" ", "")
    terminal.until(lambda: wanted in "".join(terminal.lines()).replace(" ", ""))
