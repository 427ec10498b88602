"""The README's five minutes, key for key, against a real daemon: in a terminal, in tmux, and over SSH. What the page promises happens."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from at_the_keys import Hands, said, wait_for
from ptys import Terminal, at_office, environment
from sshd import ssh, sshd

from daemon.gate import Gate
from tests.conftest import training_office

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SIZE = (110, 34)
KOHOBAN = str(Path(sys.executable).with_name("kohoban"))

HAPPENS = (
    "芝田 恵 として操作しています",
    "なぜまだ出ないか",
    "承認済です",
    "残り",
    "発信済にしました",
    "緊急停止中",
    "再開しました",
)
"""What stands on the screen after each row of the README's table."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Path]:
    """The training office with its drafts, and its daemon."""
    with training_office(tmp_path) as office:
        yield office


def rows(readme: str) -> list[list[str]]:
    """The keys of each row of the table: what is typed stands in code marks, keys and what the screen tells by their names."""
    part = readme.partition("## Five minutes")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| ") and "keys" not in line]
    return [re.findall(r"`[^`]+`|Enter|F12|four digits|reason", cell) for cell in cells]


@contextmanager
def in_a_terminal(office: Path) -> Iterator[Terminal]:
    with Terminal([KOHOBAN, "--office", str(office)], environment(), SIZE) as terminal:
        yield terminal


@contextmanager
def in_tmux(office: Path) -> Iterator[Terminal]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    place = str(office / "tmux")
    with Terminal(
        ["tmux", "-S", place, "-f", "/dev/null", "new-session", f"{KOHOBAN} --office {office}"], environment(), SIZE
    ) as terminal:
        try:
            yield terminal
        finally:
            subprocess.run(["tmux", "-S", place, "kill-server"], check=False, capture_output=True)


@contextmanager
def over_ssh(office: Path) -> Iterator[Terminal]:
    there = f"KOHOBAN_LANG=ja LC_ALL=C.UTF-8 {KOHOBAN} --office {office}"
    with sshd(office / "ssh") as port, Terminal(ssh(office / "ssh", port, there), environment(), SIZE) as terminal:
        yield terminal


@pytest.mark.clause("saitama/11")
@pytest.mark.parametrize("way", [in_a_terminal, in_tmux, over_ssh])
def test_the_readme_leads_from_a_draft_to_a_release_and_a_stop(
    office: Path, root: Path, way: Callable[[Path], AbstractContextManager[Terminal]]
) -> None:
    table = rows((root / "README.md").read_text(encoding="utf-8"))
    with way(office) as terminal:
        terminal.shows("F12 F12 停止")
        wait_for(terminal, "承認待ち27")
        hands = Hands(terminal, lambda: at_office(office))
        hands.rest()
        for keys, happens in zip(table, HAPPENS, strict=True):
            for key in keys:
                hands.press(meant(terminal, key))
                if key in ("four digits", "reason"):
                    hands.press("Enter")
            wait_for(terminal, happens)
            if happens == "緊急停止中":
                assert not Gate(office / "state").look().open
            hands.rest()
        assert Gate(office / "state").look().open


def meant(terminal: Terminal, key: str) -> str:
    """What is to be typed for one token of the table."""
    if key == "four digits":
        found: list[str] = []
        terminal.until(lambda: found.extend(re.findall(r"確認番号(\d{4})", said(*terminal.lines()))) or found)
        return found[0]
    return "点検が済みました" if key == "reason" else key.strip("`")
