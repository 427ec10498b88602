"""A training office in a narrow terminal: no line that wraps, and a stop screen that outlives the daemon."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ptys import Terminal, console

from console.cli.training import end
from daemon.gate import Gate
from daemon.service.spawn import start_detached
from tests.conftest import training_office
from tests.service.live_office import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DRAFTS = 28 + 5
"""The training drafts, of which one is an emergency notice on disasters that the policy has all six field accounts send."""

KOHOBAN = str(Path(sys.executable).with_name("kohoban"))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The training office with its daemon, all of its drafts judged."""
    with training_office(tmp_path_factory.mktemp("office")) as office:
        until(lambda: judged(office) >= DRAFTS, "all of them judged")
        yield office


def judged(office: Path) -> int:
    asked = subprocess.run([KOHOBAN, "--office", str(office), "queue", "--json"], check=False, capture_output=True)
    drafts = json.loads(asked.stdout)["drafts"] if asked.returncode == 0 else []
    return sum(draft["state"] != "received" for draft in drafts)


def env(lang: str, columns: int) -> dict[str, str]:
    here = {**os.environ, "TERM": "xterm-256color", "KOHOBAN_LANG": lang, "COLUMNS": str(columns), "LC_ALL": "C.UTF-8"}
    for name in ("NO_COLOR", "LINES", "TMUX", "KOHOBAN_OPERATOR"):
        here.pop(name, None)
    return here


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("columns", [60, 80])
def test_every_draft_of_the_queue_is_one_line(office: Path, lang: str, columns: int) -> None:
    with Terminal([KOHOBAN, "--office", str(office), "queue"], env(lang, columns), (columns, 48)) as terminal:
        terminal.until(lambda: any(re.match(rf"{DRAFTS} [件d]", line) for line in terminal.lines()))
        head, *drafts, _ = [line for line in terminal.lines() if line.strip()]
        assert re.match("番|no", head)
        assert len(drafts) == DRAFTS
        assert all(re.match(r"\d+ ", line) for line in drafts)


def test_the_stop_screen_has_the_code_again_once_a_daemon_that_was_killed_is_back(tmp_path: Path, root: Path) -> None:
    shutil.copy(root / "rules.toml", tmp_path)
    pid = start_detached(tmp_path)
    try:
        with console(tmp_path) as terminal:
            terminal.until(lambda: "運用中" in read(terminal.lines()[0]))
            terminal.send("5")
            terminal.until(lambda: "運用中です" in read(*terminal.lines()))
            assert Gate(tmp_path / "state").shut().stopped
            terminal.until(lambda: "確認番号" in read(*terminal.lines()))
            os.kill(pid, signal.SIGKILL)
            terminal.until(lambda: "再開にはデーモンが要ります" in read(*terminal.lines()))
            terminal.until(lambda: "再開" not in read(terminal.lines()[-1]))
            until(lambda: not Path(f"/proc/{pid}").exists(), "the end of the daemon")
            pid = start_detached(tmp_path)
            terminal.until(lambda: "確認番号" in read(*terminal.lines()) and "Enter再開" in read(terminal.lines()[-1]))
    finally:
        end(pid)


def read(*lines: str) -> str:
    """What lines say: without blanks, because a wide character is followed by an empty cell here."""
    return "".join("".join(lines).split())
