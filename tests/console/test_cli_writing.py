"""`policy test`, `policy explain` and `check --explain`: what a rule writer asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from console.launch import run
from tests.north import north

Kohoban = Callable[..., tuple[int, str, str]]


@pytest.fixture
def kohoban(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kohoban:
    monkeypatch.setenv("KOHOBAN_LANG", "en")
    monkeypatch.delenv("KOHOBAN_OFFICE", raising=False)
    monkeypatch.chdir(tmp_path)

    def go(*words: str) -> tuple[int, str, str]:
        code = run(list(words))
        said = capfd.readouterr()
        return code, said.out, said.err

    return go


@pytest.fixture
def kita(tmp_path: Path) -> Path:
    """A policy of one rule, of which one example comes out otherwise."""
    path = tmp_path / "kita.toml"
    path.write_text(
        north("宣伝をしない。")
        + """

[[rule]]
id = "advert"
check = "words"
clause = "kita/3"
level = "hold"
terms = ["大安売り", "特売"]
unless = ['特売']
must_fire = ["夏の大安売り", "春の特売です"]
must_pass = ["朝市のお知らせ"]
message = "確認してください。"
message_en = "Check this."
""",
        encoding="utf-8",
    )
    return path


def test_a_failing_example_is_shown_with_its_rule_and_place_and_reason(kohoban: Kohoban, kita: Path) -> None:
    code, out, _ = kohoban("policy", "test", str(kita), "--rule", "advert")
    assert code == 1
    assert "春の特売です" in out and "^^^^" in out
    assert "must fire, and did not" in out and "unless" in out
    assert "夏の大安売り" not in out
    assert "2 of 3" in out


def test_without_a_rule_the_words_that_never_fire_and_rules_without_examples_are_named(kohoban: Kohoban, kita: Path) -> None:
    _, out, _ = kohoban("policy", "test", str(kita), "--json")
    said = json.loads(out)
    assert said["ok"] is False
    (policy,) = said["policies"]
    assert policy["never"] == [{"rule": "advert", "clause": "kita/3", "terms": ["特売"]}]
    assert "advert" not in policy["without"]


def test_the_bundled_policies_hold_their_examples(kohoban: Kohoban) -> None:
    code, out, _ = kohoban("policy", "test", "minato", "--at", "2026-11-24T09:00")
    assert code == 0
    assert "as expected" in out


def test_a_rule_that_is_nowhere_is_refused(kohoban: Kohoban) -> None:
    code, _, err = kohoban("policy", "test", "minato", "--rule", "nonsense")
    assert code == 2 and "nonsense" in err


def test_examples_stand_with_their_clause(kohoban: Kohoban, kita: Path) -> None:
    _, out, _ = kohoban("policy", "show", str(kita), "3")
    assert "fires [advert] 夏の大安売り" in out
    _, out, _ = kohoban("policy", "show", str(kita), "3", "--json")
    assert json.loads(out)["clauses"][0]["examples"][0]["must_pass"] == ["朝市のお知らせ"]


def test_a_pass_is_explained_as_well_as_a_finding(kohoban: Kohoban, kita: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("春の特売です", encoding="utf-8")
    code, out, _ = kohoban("check", "--policy", str(kita), "--only", "content", "--explain", "a.txt")
    assert code == 0
    assert "inside what it lets pass" in out and "[advert]" in out and "^^^^" in out
    _, out, _ = kohoban("policy", "explain", str(kita), "--text", "大安売り", "--rule", "advert", "--json")
    (item,) = json.loads(out)["results"]
    (rule,) = item["rules"]
    assert (rule["rule"], rule["outcome"], rule["spans"]) == ("advert", "fired", [[0, 4]])


def test_what_cannot_be_explained_is_said(kohoban: Kohoban, kita: Path) -> None:
    assert kohoban("policy", "explain", str(kita))[0] == 2
    code, _, err = kohoban("policy", "explain", str(kita), "no-such.txt")
    assert code == 2 and "no-such.txt" in err
    assert kohoban("check", "--policy", str(kita), "--explain", "--format", "sarif", "a.txt")[0] == 2
