"""`kohoban decide --plain`, for a screen reader or a dumb terminal: one draft after the other, in lines, against the real daemon."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.live_office import MINATO, NOTICE, Office

RUN = "import sys; from console.launch import main; sys.exit(main())"


@pytest.fixture
def decide(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    office = Office(tmp_path / "office").start()
    office.drop("minato-x", "a.txt", NOTICE, **MINATO)
    office.drop("minato-x", "b.txt", "総合支所の窓口は、11月28日も開いています。", **MINATO)
    office.all_of(["a.txt", "b.txt"], "waiting")

    def run(typed: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", RUN, "decide", *words, "--office", str(office.folder), "--operator", "shibata"]
        env = {**os.environ, "KOHOBAN_LANG": "ja", "TERM": "dumb"}
        done = subprocess.run(command, input=typed, capture_output=True, text=True, env=env, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done

    run.office = office  # type: ignore[attr-defined]
    yield run  # type: ignore[misc]
    office.stop()


def test_each_draft_is_read_out_and_decided_by_a_number(decide: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = decide("3\n2\n1 4\ny\n1\nはい\n", "--plain")
    for words in (
        "港区  X  @minato_kunren",
        NOTICE,
        "赤坂 里奈",
        "照合番号",
        "残り 2 件",
        "残り 1 件",
        "本日の決裁は終わりました",
    ):
        assert words in done.stdout, words
    office = decide.office  # type: ignore[attr-defined]
    states = {row.path.rpartition("/")[2]: row for row in office.rows()}
    assert sorted(row.state for row in states.values()) in (["approved", "returned"], ["returned", "scheduled"])
    back = next(row for row in states.values() if row.state == "returned")
    assert "日付・時刻・場所などの事実を確かめること。所管課に内容を確かめること" in back.waiting[0].what
    (approved,) = (row for row in states.values() if row.state != "returned")
    (entry,) = (line for line in office.show(approved.id).history if line.act == "approve")
    assert json.loads(entry.detail)["detail"]["how"] == "mode"


def test_full_width_digits_and_a_question_left_open_decide_nothing(
    decide: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    decide("１\n1\nｙ\n1\n", "--plain")
    assert {row.state for row in decide.office.rows()} == {"waiting"}  # type: ignore[attr-defined]


def test_what_waits_is_listed_for_programs(decide: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    said = json.loads(decide("", "--json").stdout)
    assert said["schema"] == 1
    assert {each["account"] for each in said["drafts"]} == {"minato-x"}
    assert all(each["check"] == each["hash"][:12] for each in said["drafts"])
