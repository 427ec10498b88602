"""Nothing is global: what each policy allows, whom it asks, and when it is open, read off the rules against the text."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import TypeVar

import pytest

from daemon.rulebook.item import KINDS, Kind
from daemon.rulebook.model import Approvers, Handle, Hours, Kinds, Policy, Rule, Rulebook, Topics, Words

R = TypeVar("R", bound=Rule)


def of(policy: Policy, type_: type[R]) -> list[R]:
    return [rule for rule in policy.rules if isinstance(rule, type_)]


def kinds_by_level(policy: Policy) -> dict[Kind, str]:
    """What the policy says to each kind of act: `block`, `hold`, or nothing (allowed)."""
    return {kind: rule.level for rule in of(policy, Kinds) if rule.level != "info" for kind in rule.kinds}


@pytest.mark.clause(
    "taisho/3.留意(1)", "saitama/6-1", "minato/7-2(1)", "minato/7-2(2)", "shinagawa/5-3", "shinagawa/2", "shinagawa/5-3.ただし書"
)
@pytest.mark.parametrize(
    ("policy_id", "expected"),
    [
        ("taisho", {"reply": "hold", "message": "hold", "follow": "hold"}),
        ("saitama", {"reply": "block", "message": "block"}),
        ("minato", dict.fromkeys(("reply", "repost", "quote", "follow", "like", "message"), "hold")),
        ("shinagawa", dict.fromkeys(("reply", "message", "repost", "quote", "follow"), "hold")),
    ],
)
def test_each_policy_refuses_its_own_kinds_of_act_and_no_other(
    office: Rulebook, policy_id: str, expected: dict[Kind, str]
) -> None:
    assert kinds_by_level(office.policies[policy_id]) == expected


def test_only_a_hold_names_somebody_who_may_clear_it(office: Rulebook) -> None:
    for policy in office.policies.values():
        for rule in policy.rules:
            if not isinstance(rule, Approvers):
                assert bool(rule.lift) == (rule.level == "hold"), (policy.id, rule.id)


@pytest.mark.clause("taisho/3.対応時間", "saitama/4", "minato/欠.運用時間", "shinagawa/欠.運用時間")
def test_two_policies_have_hours_and_two_have_none(office: Rulebook) -> None:
    hours = {
        policy_id: [(r.open, r.close, r.days) for r in of(office.policies[policy_id], Hours)] for policy_id in office.policies
    }
    assert hours == {
        "taisho": [(time(9), time(17, 30), "weekdays")],
        "saitama": [(time(8, 30), time(17, 15), "weekdays")],
        "minato": [],
        "shinagawa": [],
    }


@pytest.mark.clause("taisho/3.分野", "saitama/5(1)", "saitama/5(2)", "saitama/5(3)", "minato/6(1)", "minato/6(2)", "minato/6(3)")
def test_taisho_has_six_topics_saitama_three_minato_four_and_shinagawa_none(office: Rulebook) -> None:
    counts = {policy_id: sum(len(r.topics) for r in of(office.policies[policy_id], Topics)) for policy_id in office.policies}
    assert counts == {"taisho": 6, "saitama": 3, "minato": 4, "shinagawa": 0}


@pytest.mark.clause("taisho/3.分野", "taisho/3.責任者.情報発信", "taisho/3.責任者.広聴")
def test_both_tables_of_taisho_are_the_ones_in_its_text(office: Rulebook) -> None:
    taisho = office.policies["taisho"]
    (fields,) = of(taisho, Topics)
    printed = dict(enumerate(re.findall(r"[①②③④⑤⑥](\S+)", taisho.clauses["taisho/3.分野"].text)))
    assert tuple(printed.values()) == fields.topics
    for clause_id, polls in (("taisho/3.責任者.情報発信", False), ("taisho/3.責任者.広聴", True)):
        text = taisho.clauses[clause_id].text
        in_text = [tuple(m.split()) for m in re.findall(r"\[.+\] の運用管理責任者\s+(.+)", text)]
        rules = [r for r in of(taisho, Approvers) if r.clause == clause_id]
        assert [r.when.topics for r in rules] == [(topic,) for topic in fields.topics]
        for rule, titles in zip(rules, in_text, strict=True):
            assert set(rule.titles) == {*titles, "区政企画担当課長"}, "the 統括運用管理責任者 may always approve"
            assert rule.require == "any"
            assert ("poll" in rule.when.kinds) == polls
        assert {kind for r in rules for kind in r.when.kinds} == ({"poll"} if polls else set(KINDS) - {"poll"})


@pytest.mark.clause("saitama/2", "saitama/5.柱書", "minato/7-1", "shinagawa/3-1")
@pytest.mark.parametrize(
    ("policy_id", "titles", "alone"),
    [("saitama", ("市民協働推進課長",), False), ("minato", ("@unit-chief",), True), ("shinagawa", ("戦略広報課長",), False)],
)
def test_the_others_name_one_approver_and_only_minato_lets_them_act_alone(
    office: Rulebook, policy_id: str, titles: tuple[str, ...], alone: bool
) -> None:
    (own,) = (r for r in of(office.policies[policy_id], Approvers) if not r.clause.startswith("office/"))
    assert (own.titles, own.alone, own.persons) == (titles, alone, 1)


@pytest.mark.clause("saitama/3", "shinagawa/3-2")
def test_the_account_guard_holds_the_handle_that_the_text_publishes(office: Rulebook) -> None:
    handles = {p.id: (r.handles["x"], r.clause) for p in office.policies.values() for r in of(p, Handle)}
    assert handles == {"saitama": ("SaitamaCvcCoop", "saitama/3"), "shinagawa": ("shinagawacity", "shinagawa/3-2")}
    for policy_id, (handle, clause_id) in handles.items():
        assert handle in office.policies[policy_id].clauses[clause_id].text


def test_what_the_office_adds_names_its_basis_and_taisho_has_none(office: Rulebook) -> None:
    bases = {
        policy.id: {rule.basis for rule in policy.rules if rule.clause.startswith("office/")}
        for policy in office.policies.values()
    }
    assert bases == {"taisho": {""}, "saitama": {"saitama/12"}, "minato": {"minato/9"}, "shinagawa": {"shinagawa/9"}}


@pytest.mark.parametrize(("policy_id", "clause_id"), [("minato", "minato/7-2(5)"), ("shinagawa", "shinagawa/5-2(4)")])
def test_where_an_article_asks_for_accuracy_blanks_and_weekdays_cite_the_article(
    office: Rulebook, policy_id: str, clause_id: str
) -> None:
    cited = {rule.id: rule.clause for rule in office.policies[policy_id].rules}
    assert cited["office.blanks"] == cited["office.weekday"] == cited["office.source"] == clause_id
    assert office.policies["taisho"].rules and "office/blanks" in {r.clause for r in office.policies["taisho"].rules}


def test_no_policy_carries_out_a_comment_clause_on_drafts(office: Rulebook) -> None:
    about_comments = re.compile(r"^(?:taisho/3\.削除等|saitama/7|shinagawa/6)")
    for policy in office.policies.values():
        for rule in policy.rules:
            assert rule.on == "comment" or not about_comments.match(rule.clause), rule.id


def test_every_word_list_says_where_its_words_come_from_and_is_used(root: Path, office: Rulebook) -> None:
    folder = root / "daemon/policies/words"
    sources = (folder / "SOURCES.md").read_text(encoding="utf-8")
    written = "".join(path.read_text(encoding="utf-8") for path in (root / "daemon/policies").glob("*.toml"))
    for path in (*folder.glob("*.txt"), *folder.glob("*.re2")):
        assert f"`{path.stem}`" in sources, path.name
        assert f'"{path.stem}"' in written, path.name


def test_no_word_list_holds_a_term_twice_or_one_that_is_ordinary_in_the_other_kana(root: Path, office: Rulebook) -> None:
    rules = [rule for policy in office.policies.values() for rule in policy.rules if isinstance(rule, Words)]
    anywhere = {name for rule in rules if rule.boundary != "word" for name in rule.lists}
    katakana = str.maketrans({chr(c): chr(c - 0x60) for c in range(ord("ァ"), ord("ヶ") + 1)})
    everyday = {"でも", "がん", "はーふ", "うつ", "るーつは", "がいじ", "おかま", "うざい", "びっこ", "かたわら"}
    for path in (root / "daemon/policies/words").glob("*.txt"):
        terms = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        assert len(terms) == len(set(terms)), path.name
        assert path.stem not in anywhere or not everyday & {term.translate(katakana) for term in terms}, path.name
