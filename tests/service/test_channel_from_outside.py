"""A channel of somebody else's, installed beside the program: daemon and hand are processes of their own and find it by its name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.release.line_office import let_in
from tests.service.channels_installed import EXAMPLE, environment, install, made
from tests.service.live_office import FACEBOOK, ROOT, Office, until

RUN = "import sys; from console.launch import main; sys.exit(main())"
ACCOUNT = "minato-facebook"
TEXT = "商店街のスタンプラリーの台紙を配っています。"

FAULTY = '''
"""A channel whose author has made every mistake."""

from types import SimpleNamespace

from daemon.rulebook.channels import Capabilities

CAN = Capabilities(kinds=frozenset({"post"}))


class Faulty:
    can = CAN

    def __init__(self, where):
        self.where = where

    def prepare(self, job, here):
        if self.where == "prepare":
            raise ZeroDivisionError("no such board")
        return self

    def write(self):
        if self.where == "write":
            raise KeyError("text")

    def finish(self):
        if self.where == "exit":
            raise SystemExit(1)
        return None

    def abandon(self):
        raise RuntimeError

    def look(self, look, noted, here):
        raise RuntimeError("cannot look")

    def let_go(self, look, here):
        raise RuntimeError

    def ask(self, ask, here):
        raise RuntimeError


PREPARES, WRITES, ENDS, EXITS = Faulty("prepare"), Faulty("write"), Faulty("finish"), Faulty("exit")
ONLY_X = SimpleNamespace(can=Capabilities(kinds=frozenset({"post"}), platforms=frozenset({"x"})))
SAYS_NOTHING = SimpleNamespace()
'''


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example and a faulty distribution, installed where the program is: the daemon and its hand run there."""
    project = made(
        tmp_path / "project",
        "faulty",
        FAULTY,
        prepares="faulty:PREPARES",
        writes="faulty:WRITES",
        ends="faulty:ENDS",
        exits="faulty:EXITS",
        only_x="faulty:ONLY_X",
        says_nothing="faulty:SAYS_NOTHING",
        broken="no_such_module:CHANNEL",
    )
    python, site = environment(tmp_path / "venv")
    for each in (EXAMPLE, project):
        install(each, site)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(Office, "under", ("/usr/bin/env",))  # started as a program, and not forked from one that runs elsewhere


def with_channel(office: Office, name: str) -> int:
    """Let the account go out by this channel; the line that says so."""
    rules = office.folder / "rules.toml"
    head, account, rest = rules.read_text(encoding="utf-8").partition(f'id = "{ACCOUNT}"')
    before, old, after = rest.partition('channel = "outbox"')
    assert old
    rules.write_text(f'{head}{account}{before}channel = "{name}"{after}', encoding="utf-8")
    return (head + account + before).count("\n") + 1


@pytest.fixture
def board(installed: None, found: Callable[..., Office], tmp_path: Path) -> Office:
    """An office with a notice board."""
    office = found()
    with_channel(office, "noticeboard")
    (tmp_path / "posts.jsonl").touch()
    office.state.mkdir(exist_ok=True)
    let_in(office.state, ACCOUNT, board=str(tmp_path / "posts.jsonl"))
    return office.start()


def on_the_board(folder: Path) -> list[str]:
    return [json.loads(line)["text"].strip() for line in (folder / "posts.jsonl").read_text(encoding="utf-8").splitlines()]


def test_an_approved_draft_goes_out_by_the_channel_that_was_installed(board: Office, tmp_path: Path) -> None:
    board.drop(ACCOUNT, "a.txt", TEXT, **FACEBOOK)
    board.approve("a.txt", "azabu")
    board.row("a.txt", "released")
    assert on_the_board(tmp_path) == [TEXT]


def at_the_pipe(process: int) -> bool:
    """Whether a thread of it waits for somebody at the other end of a named pipe."""
    return any((task / "wchan").read_text() == "wait_for_partner" for task in Path(f"/proc/{process}/task").iterdir())


def test_a_hand_that_is_killed_before_it_wrote_is_settled_by_the_channels_own_look(board: Office, tmp_path: Path) -> None:
    """The daemon finds the release begun, asks the channel, and nobody has to look."""
    (tmp_path / "posts.jsonl").unlink()
    os.mkfifo(tmp_path / "posts.jsonl")  # whoever opens it hangs
    board.drop(ACCOUNT, "a.txt", TEXT, **FACEBOOK)
    board.approve("a.txt", "azabu")
    board.row("a.txt", "releasing")
    hand = int((board.state / "hand.pid").read_text().split()[0])
    until(lambda: at_the_pipe(hand), "the hand opens the board")  # killed before, it would be told of the draft once more
    os.kill(hand, 9)
    (tmp_path / "posts.jsonl").unlink()
    (tmp_path / "posts.jsonl").touch()
    board.row("a.txt", "held")
    assert on_the_board(tmp_path) == []
    board.rested(ACCOUNT)
    board.approve("a.txt", "azabu", "held")
    board.row("a.txt", "released")
    assert on_the_board(tmp_path) == [TEXT]


@pytest.mark.parametrize(
    ("name", "state"), [("prepares", "held"), ("writes", "unknown"), ("ends", "unknown"), ("exits", "unknown")]
)
def test_a_fault_in_its_code_ends_the_release_and_the_hand_lives_on(
    installed: None, found: Callable[..., Office], name: str, state: str
) -> None:
    office = found()
    with_channel(office, name)
    office.start()
    office.drop("minato-line", "other.txt", "別のアカウントのお知らせです。", author="mita", topic="区政情報")
    office.row("other.txt", "waiting")
    hand = (office.state / "hand.pid").read_text()
    office.drop(ACCOUNT, "a.txt", TEXT, **FACEBOOK)
    row = office.approve("a.txt", "azabu")
    office.row("a.txt", state)
    (said,) = [line.detail for line in office.show(row.id).history if line.act in ("failed", "unknown")]
    assert "the channel has a fault" in said
    for login in ("takanawa", "akasaka"):
        office.approve("other.txt", login)
    office.row("other.txt", "released")
    assert (office.state / "hand.pid").read_text() == hand, "the same hand"


def lint(office: Office, lang: str = "ja") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, "policy", "lint", "--office", str(office.folder)]
    env = {**os.environ, "KOHOBAN_LANG": lang, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=office.folder)


@pytest.mark.parametrize(
    ("name", "ja", "en"),
    [
        ("noticebord", "noticeboard", "noticeboard"),
        ("only_x", "使えません", "does not serve"),
        ("broken", "読み込めません", "cannot be loaded"),
        ("says_nothing", "読み込めません", "states no capabilities"),
    ],
)
def test_what_cannot_be_its_channel_is_said_with_file_and_line(
    installed: None, found: Callable[..., Office], name: str, ja: str, en: str
) -> None:
    office = found()
    line = with_channel(office, name)
    for lang, words in (("ja", ja), ("en", en)):
        ended = lint(office, lang)
        said = [each for each in (ended.stdout + ended.stderr).splitlines() if f"rules.toml:{line}:" in each]
        assert said and words in said[0], ended.stdout + ended.stderr
        assert ended.returncode != 0


def test_the_example_is_no_problem_to_lint(installed: None, found: Callable[..., Office]) -> None:
    office = found()
    line = with_channel(office, "noticeboard")
    ended = lint(office)
    said = [each for each in (ended.stdout + ended.stderr).splitlines() if f"rules.toml:{line}:" in each]
    assert len(said) == 1 and "本物の媒体" in said[0], "that a training office is led out into the world, and nothing else"
    assert ended.returncode == 0
