"""`kohoban channels`: what goes out by itself, what is a person's, and what nobody can do, by the same values that the desk goes by."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from daemon.rulebook.load import load_rulebook
from tests.service.channels_installed import EXAMPLE, environment, install, made

ROOT = Path(__file__).resolve().parents[2]
RUN = "import sys; from console.launch import main; sys.exit(main())"


def run(*words: str, lang: str = "ja", python: str = sys.executable, here: Path = ROOT) -> str:
    env = {**os.environ, "KOHOBAN_LANG": lang, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [python, "-c", RUN, "channels", *words], capture_output=True, text=True, check=False, env=env, cwd=here
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """The training office, with LINE and X under contract."""
    rules = (ROOT / "rules.toml").read_text(encoding="utf-8")
    for account, channel in (("minato-line", "line"), ("minato-x", "x")):
        head, name, rest = rules.partition(f'id = "{account}"')
        old = rest[rest.index("channel = ") :].splitlines()[0]
        rules = head + name + rest.replace(old, f'channel = "{channel}"', 1)
    (tmp_path / "rules.toml").write_text(rules, encoding="utf-8")
    return tmp_path


def accounts(folder: Path) -> dict[str, Any]:
    return {each["id"]: each for each in json.loads(run("--json", "--office", str(folder)))["accounts"]}


def test_every_kind_and_every_measure_of_an_account_is_somebodys_or_nobodys(office: Path) -> None:
    for said in accounts(office).values():
        for what, count in (("kinds", 13), ("measures", 5)):
            listed = [each for who in ("automatic", "person", "impossible") for each in said[who][what]]
            assert len(listed) == len(set(listed)) == count, said["id"]


def test_line_broadcasts_by_itself_and_knows_no_comments(office: Path) -> None:
    line = accounts(office)["minato-line"]
    assert line["automatic"] == {"kinds": ["post", "correction"], "measures": []}
    assert line["images"] == 0 and line["irreversible"] is True
    assert "delete" in line["impossible"]["kinds"], "what was broadcast cannot be taken back"
    assert len(line["impossible"]["measures"]) == 5
    assert "message" in line["person"]["kinds"]


def test_on_x_a_deletion_of_others_comments_comes_to_hiding_and_a_block_is_a_persons(office: Path) -> None:
    x = accounts(office)["minato-x"]
    assert set(x["automatic"]["measures"]) == {"hide", "delete", "mute"}
    assert x["really"]["delete"] == "hide"
    assert {"block", "report"} == set(x["person"]["measures"])
    assert {"quote", "like", "follow"} <= set(x["person"]["kinds"])


def test_what_the_command_says_is_what_the_desk_does(office: Path) -> None:
    book = load_rulebook(office)
    for account, said in accounts(office).items():
        by_machine = {kind for kind in said["automatic"]["kinds"] if book.accounts[account].channel != "manual"}
        from daemon.rulebook.item import KINDS, Item

        goes = {kind for kind in KINDS if book.accounts[account].channel_for(Item(text="", kind=kind)) != "manual"}
        assert goes - set(said["impossible"]["kinds"]) == by_machine


def test_it_says_so_to_people_in_both_languages(office: Path) -> None:
    ja, en = (run("--office", str(office), lang=lang) for lang in ("ja", "en"))
    assert "自動: 投稿・訂正" in ja and "by itself: post, correction" in en
    assert "画像のあるもの" in ja and "whatever has images" in en
    assert "できない:" in ja and "not possible:" in en
    assert "取り消せない" in ja and "cannot be taken back" in en


def test_outside_of_an_office_it_lists_the_channels_alone(tmp_path: Path) -> None:
    said = json.loads(run("--json", here=tmp_path))
    assert {"manual", "outbox", "simulated", "x", "line"} <= {each["name"] for each in said["channels"]}
    assert said["accounts"] == []


def test_a_channel_from_outside_is_listed_with_where_it_comes_from_and_a_broken_one_with_why(tmp_path: Path) -> None:
    python, site = environment(tmp_path / "venv")
    install(EXAMPLE, site)
    install(made(tmp_path / "project", "broken", "raise ImportError('no libboard')", broken="broken:CHANNEL"), site)
    said = {each["name"]: each for each in json.loads(run("--json", python=str(python), here=tmp_path))["channels"]}
    assert said["noticeboard"]["from"] == "kohoban-channel-noticeboard 1.0"
    assert said["noticeboard"]["kinds"] == ["correction", "post"]
    assert "no libboard" in said["broken"]["error"]
    assert "読み込めません（no libboard）" in run(python=str(python), here=tmp_path)
