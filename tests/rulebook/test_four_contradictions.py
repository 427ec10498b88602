"""Nothing is global: the four policies contradict each other, and each keeps its own word (the table of the specification)."""

from __future__ import annotations

from typing import TypeVar

import pytest

from daemon.rulebook.load import resolve_policy
from daemon.rulebook.model import Approvers, Author, Handle, Hours, Kinds, Policy, Required, RuleBase, Topics

R = TypeVar("R", bound=RuleBase)


def rules(policy: Policy, kind: type[R]) -> list[R]:
    """The policy's own rules of one kind, without those that the office adds."""
    return [rule for rule in policy.rules if isinstance(rule, kind) and not rule.clause.startswith("office/")]


def act(policy_id: str, kind: str) -> tuple[str, str]:
    """(clause, level) of the rule that speaks of this kind of act; two empty strings where none does."""
    found = [r for r in rules(resolve_policy(policy_id, None), Kinds) if kind in r.kinds]
    return (found[0].clause, found[0].level) if found else ("", "")


@pytest.mark.clause("taisho/3.留意(1)", "saitama/6-1", "saitama/6-2", "minato/7-2(1)", "minato/7-2(2)", "shinagawa/5-3")
@pytest.mark.parametrize(
    ("kind", "taisho", "saitama", "minato", "shinagawa"),
    [
        ("reply", ("taisho/3.留意(1)", "hold"), ("saitama/6-1", "block"), ("minato/7-2(1)", "hold"), ("shinagawa/5-3", "hold")),
        ("follow", ("taisho/3.留意(1)", "hold"), ("", ""), ("minato/7-2(2)", "hold"), ("shinagawa/5-3", "hold")),
        ("repost", ("", ""), ("", ""), ("minato/7-2(2)", "hold"), ("shinagawa/5-3", "hold")),
        ("post", ("", ""), ("", ""), ("", ""), ("", "")),
    ],
)
def test_each_policy_has_its_own_word_on_replies_follows_and_reposts(
    kind: str, taisho: tuple[str, str], saitama: tuple[str, str], minato: tuple[str, str], shinagawa: tuple[str, str]
) -> None:
    assert [act(p, kind) for p in ("taisho", "saitama", "minato", "shinagawa")] == [taisho, saitama, minato, shinagawa]


@pytest.mark.clause("saitama/6-1")
def test_saitamas_ban_on_replies_knows_no_exception() -> None:
    replies = [r for r in rules(resolve_policy("saitama", None), Kinds) if "reply" in r.kinds]
    assert [(r.level, r.lift) for r in replies] == [("block", ())]


@pytest.mark.clause("saitama/6-2", "taisho/3.留意(2)")
@pytest.mark.parametrize(("policy", "kind"), [("saitama", "repost"), ("saitama", "follow"), ("taisho", "repost")])
def test_where_reposts_and_follows_are_allowed_their_purpose_is_asked_for(policy: str, kind: str) -> None:
    asked = [r for r in rules(resolve_policy(policy, None), Required) if kind in r.when.kinds]
    assert any("purpose" in r.fields for r in asked)


@pytest.mark.clause("taisho/3.対応時間", "saitama/4", "minato/欠.運用時間", "shinagawa/欠.運用時間")
def test_only_two_of_them_have_hours_and_not_the_same() -> None:
    hours = {
        p: [f"{r.open:%H:%M}-{r.close:%H:%M}" for r in rules(resolve_policy(p, None), Hours)]
        for p in ("taisho", "saitama", "minato", "shinagawa")
    }
    assert hours == {"taisho": ["09:00-17:30"], "saitama": ["08:30-17:15"], "minato": [], "shinagawa": []}


@pytest.mark.clause("taisho/3.分野", "saitama/5.柱書")
def test_six_three_four_and_no_topics() -> None:
    topics = {
        p: sum(len(r.topics) for r in rules(resolve_policy(p, None), Topics))
        for p in ("taisho", "saitama", "minato", "shinagawa")
    }
    assert topics == {"taisho": 6, "saitama": 3, "minato": 4, "shinagawa": 0}


@pytest.mark.clause("minato/7-1")
def test_only_minatos_chief_may_write_and_post_alone() -> None:
    alone = {
        p for p in ("taisho", "saitama", "minato", "shinagawa") if any(r.alone for r in rules(resolve_policy(p, None), Approvers))
    }
    assert alone == {"minato"}


@pytest.mark.clause("saitama/3", "shinagawa/3-2")
def test_the_handle_is_guarded_where_the_policy_publishes_one() -> None:
    handles = {
        p: [dict(r.handles) for r in rules(resolve_policy(p, None), Handle)] for p in ("taisho", "saitama", "minato", "shinagawa")
    }
    assert handles == {"taisho": [], "saitama": [{"x": "SaitamaCvcCoop"}], "minato": [], "shinagawa": [{"x": "shinagawacity"}]}


@pytest.mark.clause("shinagawa/5-1")
def test_only_shinagawa_ties_writing_to_one_unit() -> None:
    units = {
        p: {u for r in rules(resolve_policy(p, None), Author) for u in r.units}
        for p in ("taisho", "saitama", "minato", "shinagawa")
    }
    assert units == {"taisho": set(), "saitama": set(), "minato": set(), "shinagawa": {"戦略広報課"}}


@pytest.mark.clause("minato/欠.コメント措置")
def test_minato_has_no_power_over_comments_and_says_so() -> None:
    minato = resolve_policy("minato", None)
    assert [r for r in minato.rules if r.on == "comment"] == []
    clause = minato.clauses["minato/欠.コメント措置"]
    assert clause.absent and clause.text


def test_only_minato_is_for_three_platforms() -> None:
    platforms = {p: resolve_policy(p, None).platforms for p in ("taisho", "saitama", "minato", "shinagawa")}
    assert platforms == {"taisho": ("x",), "saitama": ("x",), "minato": ("x", "facebook", "line"), "shinagawa": ("x",)}
