"""Contradictions and dead ends are found on the day they hold, and before the day from which they will."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.judge.conflicts import conflicts
from daemon.judge.opposed import Conflict
from daemon.rulebook.days import Closure, SpecialDays
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Approvers, Deputy, Hours, Kinds, Rule, Rulebook, When, Words

TODAY = date(2026, 11, 24)
APRIL = date(2027, 4, 1)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_rulebook(Path(__file__).resolve().parents[2], TODAY)


def stuck(book: Rulebook, day: date = TODAY) -> list[Conflict]:
    return [one for one in conflicts(book, day) if one.weight != "notice"]


def but(book: Rulebook, login: str, **changed: object) -> Rulebook:
    """The office with one operator changed."""
    return replace(book, operators={**book.operators, login: replace(book.operators[login], **changed)})


def with_rules(book: Rulebook, policy: str, change: Callable[[tuple[Rule, ...]], tuple[Rule, ...]]) -> Rulebook:
    found = book.policies[policy]
    return replace(book, policies={**book.policies, policy: replace(found, rules=change(found.rules), hash="sha256:other")})


def test_the_training_office_has_neither_dead_end_nor_contradiction(book: Rulebook) -> None:
    assert stuck(book) == []


def test_a_field_that_nobody_can_approve_from_april_is_said_in_november(book: Rulebook) -> None:
    leaving = but(book, "urano", until=APRIL - timedelta(days=1))
    found = [one for one in stuck(leaving) if one.kind == "nobody_approves" and one.clause == "saitama/2"]
    assert [(one.since, one.account, one.weight) for one in found] == [(APRIL, "saitama-cvc", "dead_end")]
    assert "市民協働推進課長" in found[0].message
    assert not [one for one in stuck(leaving) if one.since == TODAY]
    followed = but(leaving, "yonono", titles=("市民協働推進課長", "発信確認者"), role="manager", appointed=APRIL)
    assert not [one for one in stuck(followed) if one.kind == "nobody_approves" and one.clause == "saitama/2"]


def test_somebody_named_and_not_yet_appointed_approves_nothing_today(book: Rulebook) -> None:
    later = but(book, "oi", appointed=TODAY + timedelta(days=7))
    assert {one.since for one in stuck(later) if one.clause == "shinagawa/3-1"} == {TODAY}


def test_a_deputy_fills_the_gap_for_as_long_as_the_entry_lasts(book: Rulebook) -> None:
    gone = but(book, "urano", until=TODAY - timedelta(days=1))
    entry = Deputy(id="d1", login="yonono", title="市民協働推進課長", from_=TODAY, until=TODAY + timedelta(days=30))
    found = [one for one in stuck(replace(gone, deputies=(entry,))) if one.clause == "saitama/2"]
    assert {one.since for one in found} == {TODAY + timedelta(days=31)}


def test_an_author_who_is_the_only_approver_is_named(book: Rulebook) -> None:
    found = [one for one in conflicts(book, TODAY) if one.kind == "own_only_approver" and one.account == "saitama-cvc"]
    assert [(one.subject, one.weight) for one in found] == [("urano", "notice")]


def test_a_hold_that_nobody_may_lift_is_found(book: Rulebook) -> None:
    hold = Words(id="w9", clause="shinagawa/5-3", level="hold", terms=("避難所",), lift=("危機管理課長",))
    found = [one for one in stuck(with_rules(book, "shinagawa", lambda rules: (*rules, hold))) if one.kind == "nobody_lifts"]
    assert [(one.clause, one.rule, one.subject) for one in found] == [("shinagawa/5-3", "w9", "危機管理課長がいません")]


def test_an_account_that_never_opens_is_found(book: Rulebook) -> None:
    closed = SpecialDays(closures=(Closure(from_=TODAY, to=date(2029, 1, 1), reason="休止"),))
    found = [one for one in stuck(replace(book, days=closed)) if one.kind == "always_closed"]
    assert "saitama-cvc" in {one.account for one in found} and not {one.account for one in found} & {"minato-x"}


def test_a_year_without_holidays_is_announced_before_it_comes(book: Rulebook) -> None:
    found = [one for one in stuck(book, date(2027, 3, 1)) if one.kind == "no_holidays"]
    assert {(one.policy, one.since) for one in found} == {("saitama", date(2028, 1, 1)), ("taisho", date(2028, 1, 1))}


def test_rules_that_cancel_each_other_are_found(book: Rulebook) -> None:
    hours = next(rule for rule in book.policies["saitama"].rules if isinstance(rule, Hours))
    more: tuple[Rule, ...] = (
        Approvers(id="a1", clause="saitama/2", level="hold", titles=("市民協働推進課長",), when=When(kinds=("reply",))),
        replace(hours, id="h2", close=hours.close.replace(hour=12)),
        Kinds(id="k2", clause="saitama/6-1", level="hold", kinds=("reply",), lift=("市民協働推進課長",)),
        Words(id="w1", clause="saitama/1", level="hold", terms=("朝市",), lift=("市民協働推進課長",)),
        Words(id="w2", clause="saitama/1", level="block", terms=("朝市", "夜市")),
        Words(id="w3", clause="saitama/1", level="block", terms=("祭",), when=When(until=date(2026, 3, 31))),
    )
    found = {(one.kind, one.rule) for one in conflicts(with_rules(book, "saitama", lambda rules: (*rules, *more)), TODAY)}
    assert {
        ("forbidden_and_allowed", "a1"),
        ("forbidden_and_allowed", "k2"),
        ("overlapping_hours", "h2"),
        ("shadowed", "w1"),
        ("never_fires", "w3"),
    } <= found


def test_a_policy_whose_wording_is_not_in_hand_judges_nothing(book: Rulebook) -> None:
    found = [one for one in stuck(book, date(2024, 3, 31)) if one.kind == "no_wording"]
    assert {(one.policy, one.since) for one in found} == {("minato", date(2024, 3, 31)), ("shinagawa", date(2024, 3, 31))}


def test_a_clause_that_nothing_holds_is_only_a_notice(book: Rulebook) -> None:
    bare = with_rules(book, "saitama", lambda rules: tuple(rule for rule in rules if rule.clause != "saitama/3"))
    assert ("saitama/3", "notice") in {(one.clause, one.weight) for one in conflicts(bare, TODAY) if one.kind == "unheld"}


def test_an_office_with_one_approver_is_told_of_what_needs_two_and_of_nothing_else(book: Rulebook) -> None:
    few = {login: who for login, who in book.operators.items() if "taisho" not in who.policies or login == "kitamura"}
    small = replace(book, operators=few, accounts={"taisho-gyosei": book.accounts["taisho-gyosei"]})
    found = {one.message.partition("を誰も")[0]: one.rule for one in stuck(small) if one.kind == "nobody_approves"}
    assert found == {
        "taisho-gyoseiの緊急情報": "office.second-person",
        "taisho-gyoseiの投稿・引用・リポスト・ストーリー・ライブ配信・訂正のうち、決まった言い回しのあるもの": "office.second-person-said",
    }


def test_what_cannot_be_unsent_is_asked_of_two_only_where_it_cannot(book: Rulebook) -> None:
    few = {login: who for login, who in book.operators.items() if "minato" not in who.policies or login in ("takanawa", "azabu")}
    small = replace(book, operators=few, deputies=())
    where = {one.account for one in stuck(small) if one.rule == "office.irreversible"}
    assert where == {"minato-line"}


def test_kinds_are_named_in_words_and_a_clause_with_its_policy(book: Rulebook) -> None:
    notices = [one for one in conflicts(book, TODAY) if one.weight == "notice"]
    own = {one.message.partition(":")[0] for one in notices if one.kind == "own_only_approver"}
    assert "taisho-gyoseiの分野「行政情報（全般）」のアンケート以外" in own
    assert "taisho-gyoseiの分野「行政情報（全般）」のアンケート" in own
    assert all(one.message.startswith(f"{one.policy} の ") for one in notices if one.kind == "unheld")


def test_an_approver_who_has_left_is_missed_once_and_not_for_every_hold_as_well(book: Rulebook) -> None:
    found = stuck(replace(book, operators={login: who for login, who in book.operators.items() if login != "azabu"}))
    assert {one.account for one in found} == {"minato-facebook"}
    assert not [one for one in found if one.kind == "nobody_lifts"]
    assert "（産業振興課の課長がいません）" in found[0].message
