"""`kohoban policy … --at`, `check --at`: a policy as of any day, and 条文なし where its wording is not in hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.launch import run


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    monkeypatch.delenv("KOHOBAN_OFFICE", raising=False)
    monkeypatch.chdir(tmp_path)


def test_versions_says_which_is_in_force_and_whose_wording_is_in_hand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "versions", "minato", "--at", "2023-05-01", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["versions"]
    assert [(v["from"], v["until"], v["in_force"], v["text"]) for v in found] == [
        ("2015-09-11", "2020-08-25", False, False),
        ("2020-08-25", "2024-04-01", True, False),
        ("2024-04-01", None, False, True),
    ]
    assert found[0]["hash"] is None and found[2]["hash"].startswith("sha256:")


@pytest.mark.parametrize("command", [["show", "minato"], ["coverage", "shinagawa"]])
def test_a_day_without_wording_is_said_and_no_other_version_shown(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", *command, "--at", "2020-01-01"]) == 1
    assert "条文なし" in (said := capsys.readouterr().out) and "第1条" not in said
    assert run(["policy", *command, "--at", "2020-01-01", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["no_wording"][0]["text"] is False
    assert run(["policy", *command, "--at", "2026-05-01"]) == 0
    assert "条文なし" not in capsys.readouterr().out


def test_check_judges_nothing_by_a_version_that_was_not_in_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("○時○分からです。", encoding="utf-8")
    assert run(["check", "a.txt", "--policy", "minato", "--at", "2024-03-31T23:59", "--json"]) == 1
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert [f["clause"] for f in result["findings"]] == ["office/no-wording"]
    assert run(["check", "a.txt", "--policy", "minato", "--at", "2024-04-01", "--json"]) == 1
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert "office/no-wording" not in {f["clause"] for f in result["findings"]}


def test_the_content_alone_of_an_older_text_is_judged_by_the_wording_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("○時○分からです。", encoding="utf-8")
    assert run(["check", "a.txt", "--policy", "minato", "--only", "content", "--at", "2020-05-01", "--json"]) == 1
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert {f["clause"] for f in result["findings"]} == {"minato/7-2(5)"}
