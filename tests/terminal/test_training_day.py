"""The training day, typed in a terminal from the very file that the console teaches it from: each step is reached, and the day ends."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from at_the_keys import Hands, said, wait_for
from ptys import Terminal, at_office

from console.cli.presence import runs
from console.day import Step, steps
from console.tui.commands import by_command
from console.words import LANGUAGES, Language, catalogue
from daemon.wire import DraftDetail, FindDraft, Named, Show
from tests.service.live_office import Caller, until

KOHOBAN = str(Path(sys.executable).with_name("kohoban"))
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
        hands = Hands(terminal, lambda: at_office(place))
        hands.press("q")
        hands.press("y")
        assert terminal.ended() == 0  # its daemon has ended with it
    assert list(place.iterdir()) == [], "the office goes with its day"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_day_is_played_to_its_end_by_the_keys_that_it_teaches(terminal: Terminal, tmp_path: Path) -> None:
    day, hands = steps(), Hands(terminal, lambda: at_office(tmp_path / "t"))
    for number, step in enumerate(day, 1):
        wait_for(terminal, f"研修 {number}/{len(day)}")
        wait_for(terminal, catalogue("tui", "ja")[f"lesson.{step.id}"])
        (office,) = (tmp_path / "t").glob("kohoban-day-*")
        has_come(office, step)
        hands.rest()
        for key in step.keys:
            hands.press(meant(terminal, key))
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

    words = catalogue("tui", lang)
    for number, step in enumerate(steps(), 1):
        where = words["lesson.where"].format(number=number, count=len(steps()), at=step.at)
        assert cells(f"{where} {words[f'lesson.{step.id}']}") <= SIZE[0], step.id
        assert cells(words["lesson.press"] + "  ".join(shown(step))) <= SIZE[0], step.id
    assert {key for key in words if key.startswith("lesson.")} == {f"lesson.{step.id}" for step in steps()} | {
        f"lesson.{name}" for name in ("where", "press", "code", "over", "over_keys")
    }


def has_come(office: Path, step: Step) -> None:
    """What arrives in this step is known to the daemon: a key that comes before it finds nothing to act on."""
    *above, _, name = step.put.split("/") if step.put else ("comments", "", "")
    if above == ["comments"]:  # the step itself waits for those
        return

    def there() -> bool:
        with Caller(office / "state") as caller:
            caller.hello()
            found = caller.ask(FindDraft(name=name), Named).drafts
            return bool(found) and caller.ask(Show(draft=found[-1]), DraftDetail).row.revision > ("mended" in above)

    until(there, f"{step.put} has come")


def meant(terminal: Terminal, key: str) -> str:
    """What is to be typed for a word of the file."""
    if key == "<code>":
        found: list[str] = []
        terminal.until(lambda: found.extend(re.findall(r"確認番号(\d{4})", said(*terminal.lines()))) or found)
        return found[0]
    return by_command(key.strip("{}")).keys[0] if key.startswith("{") else key.strip("<>")
