"""What follows a stop: さいたま 11 line for line, the office's own rule elsewhere, and what lint says of `[[follow_ups]]`."""

from __future__ import annotations

from pathlib import Path

import pytest
from north_city import Kita

from daemon.rulebook import channels
from daemon.rulebook.follow_ups import KINDS, carried_out_by, check_list
from daemon.rulebook.lint import lint_office
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook


@pytest.fixture(scope="module")
def book(root: Path) -> Rulebook:
    return load_rulebook(root)


def said(kita: Kita, more: str) -> list[str]:
    """What lint says, in both languages, of an office with this at the end of its `rules.toml`."""
    rules = kita.folder / "rules.toml"
    rules.write_text(rules.read_text(encoding="utf-8") + more, encoding="utf-8")
    return [f"{p.line}: {p.message} {p.message_en}" for p in lint_office(kita.folder) if p.severity == "error"]


@pytest.mark.clause("saitama/11")
def test_saitama_asks_for_profile_name_notice_posts_and_account_and_each_line_cites_it(book: Rulebook) -> None:
    lines = check_list(book, book.accounts["saitama-cvc"])
    assert tuple(line.kind for line in lines) == KINDS
    assert {line.clause for line in lines} == {"saitama/11"}
    assert {line.basis for line in lines} == {""}


@pytest.mark.clause("shinagawa/欠.緊急停止")
@pytest.mark.parametrize(("account", "basis"), [("minato-x", "minato/9"), ("shinagawa-koho", "shinagawa/9"), ("taisho-somu", "")])
def test_elsewhere_it_is_the_offices_own_rule_with_its_basis_or_none(book: Rulebook, account: str, basis: str) -> None:
    lines = check_list(book, book.accounts[account])
    assert tuple(line.kind for line in lines) == KINDS
    assert {(line.clause, line.basis) for line in lines} == {("office/follow_up", basis)}


def test_what_the_office_wrote_takes_the_place_of_the_programs_words_and_is_filled_in(book: Rulebook) -> None:
    by_kind = {line.kind: line for line in check_list(book, book.accounts["saitama-cvc"])}
    assert "（@SaitamaCvcCoop）" in by_kind["notice"].text
    assert "さいたま市市民協働推進課" in by_kind["profile"].text
    assert by_kind["name"].text == "さいたま市市民協働推進課（利用中止中）"
    line = {each.kind: each for each in check_list(book, book.accounts["minato-line"])}["notice"]
    other = {each.kind: each for each in check_list(book, book.accounts["minato-x"])}["notice"]
    assert (line.id, other.id) == ("minato-line-notice", "notice")


def test_no_present_channel_does_any_of_it_by_itself_and_none_ever_deletes_an_account() -> None:
    assert {carried_out_by(kind, channel) for kind in KINDS for channel in channels.known()} == {"person"}
    able = {"outbox": frozenset(KINDS)}
    assert [carried_out_by(kind, "outbox", able) for kind in KINDS] == [*["machine"] * 4, "person"]


def test_an_entry_that_fits_is_taken(kita: Kita) -> None:
    assert said(kita, '[[follow_ups]]\nid = "p"\nkind = "profile"\ntitle = "変える"\ntext = "{account} {unit}"\n') == []
    assert [each.id for each in load_rulebook(kita.folder).follow_ups] == ["p"]


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ('id = "a"\nkind = "profil"\ntitle = "t"', "profile"),
        ('id = "a"\nkind = "name"', "title がありません"),
        ('id = "a"\nkind = "name"\ntitle = " "', "title が空です"),
        ('id = "ア"\nkind = "name"\ntitle = "t"', "id は英小文字"),
        ('id = "a"\nkind = "name"\ntitle = "t"\ntext = "{acount}"', "「{acount}」は埋められません"),
        ('id = "a"\nkind = "name"\ntitle = "t"\npolicies = ["nowhere"]', "要綱「nowhere」はありません"),
        ('id = "a"\nkind = "name"\ntitle = "t"\naccounts = ["nobody"]', "アカウント「nobody」はありません"),
        ('id = "a"\nkind = "name"\ntitle = "t"\npolicies = ["saitama"]\nbasis = "saitama/12"', "basis は要りません"),
        ('id = "a"\nkind = "name"\ntitle = "t"\npolicies = ["minato"]\nbasis = "minato/99"', "条文「minato/99」"),
        ('id = "a"\nkind = "name"\ntitle = "t"\nbais = ""', "「bais」という項目はありません"),
        ('id = "a"\nkind = "name"\ntitle = "t"\n[[follow_ups]]\nid = "a"\nkind = "name"\ntitle = "u"', "同じ id が二つ"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_with_what_to_do(kita: Kita, entry: str, sentence: str) -> None:
    problems = said(kita, f"[[follow_ups]]\n{entry}\n")
    assert any(sentence in problem for problem in problems), problems


def test_a_policy_that_names_a_clause_it_does_not_have_is_refused(kita: Kita) -> None:
    path = next((kita.folder / "policies").glob("*.toml"))
    policy = path.read_text(encoding="utf-8").replace("[policy]\n", '[policy]\nfollow_up = "kita/99"\n', 1)
    path.write_text(policy, encoding="utf-8")
    assert any("follow_up の条文「kita/99」" in p.message for p in lint_office(kita.folder))
