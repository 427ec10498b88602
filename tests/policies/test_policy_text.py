"""The published policy and the enforced policy are one text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from daemon.rulebook.model import Clause, Policy, Rulebook

POLICIES = ("taisho", "saitama", "minato", "shinagawa")


def folded(text: str) -> str:
    """The text without any white space: page breaks are no wording."""
    return "".join(text.split())


def rows(shared: Path) -> Iterator[tuple[str, str, str]]:
    """(id, policy, class) of every row of the reading."""
    for line in (shared / "policies/clauses.tsv").read_text(encoding="utf-8").split("\n")[1:]:
        if line:
            clause_id, policy, _, _, class_, *_ = line.split("\t")
            yield clause_id, policy, class_


def clauses(office: Rulebook) -> Iterator[tuple[Policy, Clause]]:
    for policy_id in POLICIES:
        for clause in office.policies[policy_id].clauses.values():
            yield office.policies[policy_id], clause


def test_all_138_clauses_are_there_in_the_order_and_with_the_class_of_the_reading(office: Rulebook, shared: Path) -> None:
    written = [(clause.id, policy.id, clause.class_) for policy, clause in clauses(office)]
    assert written == list(rows(shared))
    assert len(written) == 138


@pytest.mark.parametrize("policy_id", POLICIES)
def test_every_clause_is_cut_verbatim_out_of_the_published_text(office: Rulebook, shared: Path, policy_id: str) -> None:
    published = folded((shared / f"policies/{policy_id}.txt").read_text(encoding="utf-8"))
    for clause in office.policies[policy_id].clauses.values():
        if not clause.absent:
            assert folded(clause.text) in published, clause.id


def test_the_four_rows_for_what_a_policy_lacks_say_so_themselves(office: Rulebook) -> None:
    absent = {clause.id: clause.text for _, clause in clauses(office) if clause.absent}
    assert set(absent) == {"minato/欠.運用時間", "minato/欠.コメント措置", "shinagawa/欠.運用時間", "shinagawa/欠.緊急停止"}
    assert all(text.endswith("定めはありません。）") for text in absent.values())


@pytest.mark.parametrize(
    ("clause_id", "printed", "meant"),
    [
        ("minato/3", "ソーシャルネットワーク", "第3条の見出しがない"),
        ("minato/7-2(4)", "意志形成過程", "意思形成過程"),
        ("shinagawa/6(6)", "試行", "思想"),
        ("shinagawa/6(8)", "虚像", "虚偽"),
        ("shinagawa/7", "現著作者", "原著作者"),
        ("shinagawa/5-3", "リツイート", "リポスト"),
        ("saitama/5(2)", "恊働", "協働"),
    ],
)
def test_a_defect_of_the_source_is_kept_and_explained_beside_it(
    office: Rulebook, clause_id: str, printed: str, meant: str
) -> None:
    clause = office.policies[clause_id.split("/")[0]].clauses[clause_id]
    if clause_id != "minato/3":  # what is wrong there is what is not printed
        assert printed in clause.text
        assert meant not in clause.text
    assert meant in clause.note


def test_two_clauses_of_one_policy_are_never_cited_alike(office: Rulebook) -> None:
    for policy_id in POLICIES:
        cites = [clause.cite for clause in office.policies[policy_id].clauses.values()]
        assert len(cites) == len(set(cites)), policy_id


@pytest.mark.clause("saitama/13", "minato/付則", "shinagawa/付則", "taisho/3.方針変更")
def test_versions_are_those_of_the_closing_provisions_and_the_last_is_the_one_in_hand(office: Rulebook) -> None:
    days = {policy_id: [v.from_ for v in office.policies[policy_id].versions] for policy_id in POLICIES}
    assert days == {
        "taisho": [None],
        "saitama": [date(2022, 12, 7)],
        "minato": [date(2015, 9, 11), date(2020, 8, 25), date(2024, 4, 1)],
        "shinagawa": [date(2011, 12, 1), date(2016, 11, 1), date(2017, 4, 1), date(2019, 4, 1), date(2026, 4, 1)],
    }
    for policy_id in POLICIES:
        versions = office.policies[policy_id].versions
        assert [v.text for v in versions] == [False] * (len(versions) - 1) + [True]
    assert office.policies["taisho"].version.note == "施行日記載なし"


def test_every_clause_that_nobody_decides_is_shown(office: Rulebook) -> None:
    for _, clause in clauses(office):
        if clause.class_ == "INFO" and clause.id != "shinagawa/欠.緊急停止":
            assert "board.shown" in clause.held_by, clause.id


def test_what_the_machine_says_is_neutral_and_in_two_languages(office: Rulebook) -> None:
    for policy in office.policies.values():
        for rule in policy.rules:
            assert "違反" not in rule.message, rule.id
            assert rule.message.endswith("。") and rule.message_en.endswith("."), rule.id
