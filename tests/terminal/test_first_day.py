"""The handbook's first day, done by somebody who reads the screen and nothing else: what is typed is what stands there, and the keystrokes
are those that were kept (snapshots/first-day.txt). Where the screen could be misread, or a key is cut off at 80 columns, the day ends here."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from at_the_keys import Hands
from ptys import Terminal, at_office
from test_training_day import KOHOBAN, SIZE, has_come

from console.day import steps

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KEPT = Path(__file__).with_name("snapshots") / "first-day.txt"
STEP = re.compile(r"研修 *(\d+)/(\d+)")
PATIENCE = 60.0
"""Seconds in which a step that was done has to be seen as done."""


def test_the_screen_alone_leads_through_the_first_day(tmp_path: Path) -> None:
    env = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": "ja", "LC_ALL": "C.UTF-8", "TMPDIR": str(tmp_path)}
    for name in ("COLUMNS", "LINES", "KOHOBAN_OPERATOR"):
        env.pop(name, None)
    env["NO_COLOR"] = "1"  # what is told by colour alone is not told here
    typed: list[str] = []
    with Terminal([KOHOBAN, "training", "--day"], env, SIZE) as terminal:
        done, hands = 0, Hands(terminal, lambda: at_office(tmp_path))
        while True:
            number, count = step_after(terminal, done)
            if number == 0:
                break
            (office,) = tmp_path.glob("kohoban-day-*")
            has_come(office, steps()[number - 1])
            hands.rest()
            keys = to_press(terminal)
            assert keys, screen(terminal)
            typed.append(f"{number}/{count} {'  '.join(keys)}")
            for key in keys:
                hands.press(meant(terminal, key))
            done = number
        assert "運用中" in terminal.lines()[0].replace(" ", "")
    if os.environ.get("KOHOBAN_SNAPSHOTS") == "write":
        KEPT.write_text("\n".join(typed) + "\n", encoding="utf-8")
    assert typed == KEPT.read_text(encoding="utf-8").splitlines()


def screen(terminal: Terminal) -> str:
    return "\n".join(terminal.lines())


def step_after(terminal: Terminal, done: int) -> tuple[int, int]:
    """The step that the screen names, once it is another than the one that was done, and how many there are; (0, 0): the day is over."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        terminal.read(0.1)
        if found := STEP.search(screen(terminal)):
            if int(found[1]) != done:
                return int(found[1]), int(found[2])
        elif "【研修】終わりました" in screen(terminal).replace(" ", ""):
            return 0, 0
    raise AssertionError(f"step {done} was never seen as done:\n{screen(terminal)}")


def to_press(terminal: Terminal) -> list[str]:
    """What the row below the step says that is to be typed: words two blanks apart, behind the row's name."""
    lines = terminal.lines()
    below = lines[next(y for y, line in enumerate(lines) if STEP.search(line)) + 1]
    return re.split(" {2,}", below.partition(": ")[2].strip())


def meant(terminal: Terminal, key: str) -> str:
    """What is to be typed for a word of the screen; what is asked for by a name is looked for there."""
    if "桁" in key:
        found = re.search(r"確認番号 *(\d{4})", screen(terminal)) or re.search(r"\b(\d{4})\b", screen(terminal))
        assert found, screen(terminal)
        return found[1]
    return key
