"""The public page of a policy says what the published text says: every word in order, nothing added but notes that say so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from reading import folded, read_page

from console.launch import run
from daemon.papers.as_html import as_html
from daemon.papers.as_markdown import as_markdown
from daemon.papers.as_text import as_text
from daemon.papers.policy_page import policy_page
from daemon.rulebook.lint import lint_policy
from daemon.rulebook.load import resolve_policy
from daemon.rulebook.page import pieces

POLICIES = ("taisho", "saitama", "minato", "shinagawa")


@pytest.fixture(autouse=True)
def japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    monkeypatch.delenv("KOHOBAN_OFFICE", raising=False)


def published(shared: Path, policy: str) -> str:
    return folded((shared / "policies" / f"{policy}.txt").read_text(encoding="utf-8"))


@pytest.mark.clause("taisho/3.方針変更", "saitama/10", "saitama/13", "minato/付則", "shinagawa/付則", "shinagawa/8")
@pytest.mark.parametrize("policy_id", POLICIES)
def test_every_word_of_the_source_stands_on_the_page_in_order_and_nothing_else(shared: Path, policy_id: str) -> None:
    policy = resolve_policy(policy_id, None)
    page = read_page(as_html(policy_page(policy, policy.version)))
    assert folded("".join(page.text)) == published(shared, policy_id)
    assert all(note.startswith("［注］") for note in page.notes)


@pytest.mark.parametrize("policy_id", POLICIES)
def test_plain_text_and_markdown_say_the_same(shared: Path, policy_id: str) -> None:
    policy = resolve_policy(policy_id, None)
    sheet = policy_page(policy, policy.version)
    text = "\n".join(line for line in as_text(sheet).split("\n") if not line.startswith("［注］"))
    assert folded(text) == published(shared, policy_id)
    marked = "\n".join(line for line in as_markdown(sheet).split("\n") if not line.startswith("> ［注］"))
    assert folded(re.sub(r"\\(.)", r"\1", marked)) == published(shared, policy_id)


@pytest.mark.parametrize("policy_id", POLICIES)
def test_every_clause_can_be_linked_to_and_holds_its_own_words(policy_id: str) -> None:
    policy = resolve_policy(policy_id, None)
    page = as_html(policy_page(policy, policy.version))
    for piece in pieces(policy):
        if piece.clause:
            assert page.count(f'id="{piece.clause}"') == 1


def test_a_page_that_leaves_a_clause_out_is_seen(shared: Path) -> None:
    policy = resolve_policy("minato", None)
    shorter = replace(policy, page=policy.page.replace("(6) {minato/4(6)}\n", ""))
    page = read_page(as_html(policy_page(shorter, policy.version)))
    assert folded("".join(page.text)) != published(shared, "minato")


def test_the_public_page_has_no_rule_of_the_office_unless_it_is_asked_for() -> None:
    policy = resolve_policy("saitama", None)
    public = as_html(policy_page(policy, policy.version))
    assert not [rule.id for rule in policy.rules if rule.message and rule.message in public]
    inside = as_html(policy_page(policy, policy.version, rules=True))
    assert "公表しない" in inside
    assert all(rule.message in inside for rule in policy.rules if "<" not in rule.message and "&" not in rule.message)


def test_the_defects_of_the_source_are_notes_beside_the_text(shared: Path) -> None:
    policy = resolve_policy("shinagawa", None)
    page = read_page(as_html(policy_page(policy, policy.version, notes=True)))
    assert folded("".join(page.text)) == published(shared, "shinagawa")
    assert any("思想" in note for note in page.notes)


def test_the_page_says_from_when_the_text_is_in_force_or_that_it_does_not_say() -> None:
    notes = {each: read_page(as_html(policy_page(p := resolve_policy(each, None), p.version))).notes for each in POLICIES}
    assert "2026年4月1日から" in notes["shinagawa"][0]
    assert "施行日の記載はありません" in notes["taisho"][0]


def test_a_day_whose_text_is_not_in_hand_is_refused_with_the_version_in_force(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "render", "minato", "--at", "2021-01-01"]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert "令和2年8月25日施行" in said.err


def test_the_command_writes_a_new_file_and_overwrites_none(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    assert run(["policy", "render", "saitama", "--out", str(page)]) == 0
    assert "SaitamaCvcCoop" in page.read_text(encoding="utf-8")
    page.write_text("mine")
    assert run(["policy", "render", "saitama", "--out", str(page)]) == 2
    assert page.read_text() == "mine"
    assert "もうあります" in capfd.readouterr().err


def test_a_page_with_a_wrong_double_or_missing_place_does_not_pass_the_linter(tmp_path: Path, root: Path) -> None:
    source = (root / "daemon/policies/minato.toml").read_text(encoding="utf-8")
    wrong = source.replace("第1条 {minato/1}", "第1条 {minato/11}").replace(
        "(2) {minato/4(2)}", "(2) {minato/4(2)} {minato/4(2)}"
    )
    (tmp_path / "minato.toml").write_text(wrong, encoding="utf-8")
    said = [p.message for p in lint_policy(tmp_path / "minato.toml") if p.severity == "error" and "[page]" in p.message]
    assert len(said) == 3
    assert any("minato/11" in each for each in said)
    assert any("2 回" in each for each in said)
    assert any("条文 minato/1 の場所がありません" in each for each in said)


def test_a_policy_without_a_page_shows_its_clauses_under_their_citations() -> None:
    policy = replace(resolve_policy("minato", None), page="")
    page = read_page(as_html(policy_page(policy, policy.version)))
    text = folded("".join(page.text))
    assert all(folded(c.cite + c.text) in text for c in policy.clauses.values() if not c.absent)
    assert any("配置" in note for note in page.notes)
