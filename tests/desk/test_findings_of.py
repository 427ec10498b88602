"""A finding carries the office's rule and its basis apart, one that was stored before it did so too."""

from __future__ import annotations

import pytest

from console.cite import finding_words
from daemon.desk.case import findings_json, findings_of
from daemon.judge import Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.model import Rulebook
from daemon.rulebook.verdict import Finding


def stored(cite: str, clause: str = "office/burst") -> Finding:
    (finding,) = findings_of(
        {"findings": findings_json([Finding(clause=clause, cite=cite, text="", rule="burst", verdict="warn")])}
    )
    return finding


@pytest.mark.parametrize(
    ("cite", "basis"),
    [
        ("office/burst（根拠 第9条）", "第9条"),
        ("office/burst（根拠 12 その他）", "12 その他"),
        ("office/burst（根拠規定なし）", ""),
    ],
)
def test_one_that_was_stored_before_has_its_basis_from_its_citation(cite: str, basis: str) -> None:
    finding = stored(cite)
    assert (finding.basis, finding.cite) == (basis, cite)


def test_the_citation_of_an_article_is_left_as_it_is() -> None:
    assert stored("第7条（根拠 第9条）", "minato/7-1").basis == ""


def test_what_the_judge_says_of_a_rule_of_the_office_names_its_basis(book: Rulebook) -> None:
    item = Item(text="お知らせ\u202e です。")
    for account, basis in (("minato-x", "第9条"), ("taisho-gyosei", "")):
        situation = Situation(account=book.accounts[account], content_only=True)
        finding = next(f for f in judge(item, situation, book).findings if f.clause.startswith("office/"))
        assert finding.basis == basis
        assert findings_of({"findings": findings_json([finding])}) == (finding,)


def test_people_read_rule_and_basis_and_never_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    assert finding_words("office/burst", "office/burst（根拠 第9条）", "第9条") == "庁内規則 burst（根拠: 第9条）"
    assert finding_words("office/past", "office/past（根拠規定なし）", "") == "庁内規則 past（根拠規定なし）"
    assert finding_words("minato/4(1)", "第4条第1号", "") == "第4条第1号"
