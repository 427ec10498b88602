"""`kohoban policy`, `hours`, `length`, `init` and `doctor`: what can be asked without a daemon."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.launch import run

Ask = Callable[..., Any]


@pytest.fixture
def ask(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ask:
    """Run a command in an empty folder and read its JSON."""
    monkeypatch.setenv("KOHOBAN_LANG", "en")
    monkeypatch.delenv("KOHOBAN_OFFICE", raising=False)
    monkeypatch.chdir(tmp_path)

    def go(*words: str, code: int = 0) -> Any:
        assert run([*words, "--json"]) == code
        said = json.loads(capfd.readouterr().out)
        assert said["schema"] == 1
        return said

    return go


def test_coverage_lists_every_clause_of_the_four_policies(ask: Ask) -> None:
    clauses = ask("policy", "coverage")["clauses"]
    assert len(clauses) == 138
    assert len({clause["id"] for clause in clauses}) == 138
    for clause in clauses:
        assert set(clause) >= {"id", "cite", "class", "held_by", "status", "tests"}
        assert clause["status"] in ("enforced", "asked", "due", "shown", "unmapped")
        assert bool(clause["held_by"]) == (clause["status"] != "unmapped")


def test_coverage_names_the_tests_that_carry_the_clause(ask: Ask) -> None:
    clauses = {clause["id"]: clause for clause in ask("policy", "coverage", "saitama")["clauses"]}
    here = "tests/console/test_cli_check.py::test_outside_hours_is_a_hold_that_cites_the_hours_clause"
    assert here in clauses["saitama/4"]["tests"]


def test_the_bundled_policies_are_clean(ask: Ask) -> None:
    assert ask("policy", "lint")["ok"] is True


def test_a_broken_office_is_told_everything_at_once_with_file_and_line(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(
        '[office]\nname = "x"\ntrainin = true\n\n[[accounts]]\nid = "a"\npolicy = "nowhere"\nplatform = "fax"\n', encoding="utf-8"
    )
    said = ask("policy", "lint", code=2)
    errors = [problem for problem in said["problems"] if problem["severity"] == "error"]
    assert len(errors) >= 2
    assert all(problem["file"].endswith("rules.toml") and problem["line"] >= 1 for problem in errors)


def test_a_clause_is_shown_verbatim(ask: Ask) -> None:
    (clause,) = ask("policy", "show", "saitama", "7(9)")["clauses"]
    assert clause["id"] == "saitama/7(9)"
    assert clause["text"]


def test_an_unknown_policy_or_clause_is_a_sentence(capfd: pytest.CaptureFixture[str], ask: Ask) -> None:
    assert run(["policy", "show", "saitma"]) == 2
    assert "saitama" in capfd.readouterr().err
    assert run(["policy", "show", "saitama", "99"]) == 2
    assert "99" in capfd.readouterr().err


@pytest.mark.clause("saitama/4")
@pytest.mark.parametrize(
    ("at", "is_open"),
    [("2026-11-20T17:15:59", True), ("2026-11-20T17:16", False), ("2026-11-23T10:00", False), ("2026-12-29T10:00", False)],
)
def test_hours_are_those_of_the_policy_with_holidays_and_the_turn_of_the_year(ask: Ask, at: str, is_open: bool) -> None:
    said = ask("hours", "--policy", "saitama", "--at", at)
    assert said["open"] is is_open
    assert (said["next_open"] is None) or said["next_open"].endswith("+09:00")
    assert said["reason"]


@pytest.mark.clause("minato/欠.運用時間")
def test_a_policy_without_hours_is_open_and_says_why(ask: Ask, capfd: pytest.CaptureFixture[str]) -> None:
    said = ask("hours", "--policy", "minato", "--at", "2026-01-01T03:00")
    assert said["open"] is True
    assert said["next_close"] is None


def test_length_answers_each_line(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    lines = '{"id": "a", "text": "https://example.jp/とても長いところ"}\n{"id": "b", "text": "%s"}\n{"id": "c", "text": ""}\n' % (
        "あ" * 141
    )
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    assert run(["length", "--platform", "x", "--jsonl", "-"]) == 1
    said = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["valid"] for line in said] == [True, False, False]
    assert said[1] == {"id": "b", "weighted": 282, "limit": 280, "valid": False}


@pytest.mark.parametrize(("platform", "longest"), [("facebook", 63_206), ("line", 5_000)])
def test_a_text_longer_than_any_platform_takes_is_measured_whole(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, platform: str, longest: int
) -> None:
    for length, code in ((longest, 0), (longest + 1, 1), (100_000, 1)):
        lines = json.dumps({"id": "a", "text": "あ" * length}).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
        assert run(["length", "--platform", platform, "--jsonl", "-"]) == code
        said = json.loads(capfd.readouterr().out)
        assert (said["weighted"], said["valid"]) == (length, code == 0)


def test_a_character_that_x_refuses_makes_a_short_text_invalid(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = json.dumps({"id": "a", "text": "お知らせ\uffff"}).encode()
    for platform, code in (("x", 1), ("line", 0)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
        assert run(["length", "--platform", platform, "--jsonl", "-"]) == code
        assert json.loads(capfd.readouterr().out)["valid"] is (code == 0)


def test_init_makes_an_office_that_lints_clean_and_never_overwrites(ask: Ask, tmp_path: Path) -> None:
    said = ask("init", "部署")
    assert said["drafts"] > 20
    assert ask("policy", "lint", "--office", "部署")["ok"] is True
    (tmp_path / "部署" / "rules.toml").write_text("mine", encoding="utf-8")
    assert run(["init", "部署"]) == 2
    assert (tmp_path / "部署" / "rules.toml").read_text(encoding="utf-8") == "mine"


def test_an_empty_office_is_one_that_a_person_can_fill(ask: Ask, tmp_path: Path) -> None:
    assert ask("init", "empty", "--empty")["drafts"] == 0
    assert ask("policy", "lint", "--office", "empty")["ok"] is True
    assert list((tmp_path / "empty" / "drafts").iterdir()) == []


def test_init_into_a_place_that_cannot_be_is_a_sentence(capfd: pytest.CaptureFixture[str], ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run(["init", "file/office"]) == 2
    said = capfd.readouterr().err
    assert "file" in said
    assert "Traceback" not in said


def test_the_doctor_looks_at_everything_and_says_what_it_saw(ask: Ask, tmp_path: Path) -> None:
    ask("init", "office")
    said = ask("doctor", "--office", "office")
    seen = {check["name"]: check for check in said["checks"]}
    assert said["ok"] is True
    assert seen["names"]["level"] == "ok"
    assert "fsync median" in seen["disk state"]["said"]
    assert seen["separation"]["level"] == "note"
    assert "2027" in seen["holidays"]["said"]


def test_the_doctor_finds_broken_rules_bad(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[office\n", encoding="utf-8")
    said = ask("doctor", code=2)
    assert "rules.toml:1" in next(check["said"] for check in said["checks"] if check["name"] == "office")


def test_the_doctor_does_without_an_office(ask: Ask) -> None:
    assert ask("doctor")["ok"] is True
