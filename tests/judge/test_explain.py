"""Why a rule fired, and why it did not: the same answer as the judge's, and the thing that kept a hit back."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.judge import Situation, judge
from daemon.judge.explain import FIRED, Explained, explain
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.load import bare_rulebook, load_rulebook, resolve_policy
from daemon.rulebook.model import Approvers, Pattern, Policy, Rulebook, When, Words
from daemon.rulebook.season import holds_on
from daemon.screening.hit import Facts
from daemon.screening.when import applies, unmet

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=TOKYO)
TEXTS = (
    "図書館の開館時間を、来月から午後8時まで延ばします。",
    "この地区が断水するらしい。○月○日まで。",
    "RT @somebody 清き一票を。http://192.0.2.1/a",
    "テスト配信です。",
    "",
)


@pytest.fixture(scope="module")
def minato() -> Policy:
    return resolve_policy("minato", None)


def of(policy: Policy, text: str, rule: str, **more: object) -> Explained:
    item = Item(text=text, **more)  # type: ignore[arg-type]
    (one,) = explain(item, Situation(now=NOON), bare_rulebook(policy), policy=policy, rule=rule)
    return one


def with_rule(policy: Policy, rule: Words | Pattern) -> Policy:
    return replace(policy, rules=(rule,), hash="sha256:one")


def words(**more: object) -> Words:
    given = {"id": "w", "clause": "minato/1", "level": "hold", "terms": ("カス",), "message": "m", "message_en": "m", **more}
    return Words(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["minato", "saitama", "shinagawa", "taisho"])
@pytest.mark.parametrize("text", TEXTS)
def test_what_fires_is_what_the_judge_finds_and_every_rule_has_an_answer(name: str, text: str) -> None:
    policy = resolve_policy(name, None)
    item, situation = Item(text=text), Situation(now=NOON)
    explained = explain(item, situation, bare_rulebook(policy), policy=policy)
    found = {each.rule for each in judge(item, situation, bare_rulebook(policy), policy=policy).findings}
    assert [each.rule for each in explained] == [rule.id for rule in policy.rules]
    assert {each.rule for each in explained if each.outcome in FIRED} == found
    assert all(each.why and len(each.why) == len(each.why_en) for each in explained)


def test_a_hit_inside_an_exception_names_the_exception_and_the_place(minato: Policy) -> None:
    text = "「断水する」という噂は事実ではありません。"
    one = of(minato, text, "hearsay")
    assert one.outcome == "excused"
    assert [text[start:end] for start, end in one.spans] == ["という噂"]
    assert "事実では" in one.why_en[0]


def test_a_hit_inside_another_word_is_said_to_be_a_part_of_it(minato: Policy) -> None:
    policy = with_rule(minato, words(boundary="script"))
    assert of(policy, "カスタムできます", "w").outcome == "boundary"
    assert of(policy, "このカスが", "w").outcome == "fired"
    assert of(policy, "楽しい会です", "w").outcome == "silent"


@pytest.mark.parametrize(
    ("when", "key"),
    [
        (When(kinds=("poll",)), "kind poll"),
        (When(topics=("防災",)), "topic 防災"),
        (When(platforms=("line",)), "platform line"),
        (When(images=True), "images = true"),
        (When(emergency=True), "emergency = true"),
        (When(since=date(2027, 4, 1)), "days since 2027-04-01"),
        (When(season=("01-05", "02-01")), "the season"),
        (When(accounts=("kita-x",)), "account kita-x"),
        (When(text=("台風",)), "wordings"),
    ],
)
def test_a_rule_that_does_not_look_says_which_condition_failed(minato: Policy, when: When, key: str) -> None:
    policy = replace(with_rule(minato, words(when=when)), platforms=("x",))
    one = of(policy, "カス", "w")
    assert one.outcome == "unconcerned"
    assert len(one.why_en) == 1 and key in one.why_en[0]


def test_a_rule_on_trial_fires_and_counts_for_nothing(minato: Policy) -> None:
    policy = with_rule(minato, words(shadow=True))
    assert of(policy, "カス", "w").outcome == "shadow"
    judged = judge(Item(text="カス"), Situation(content_only=True), bare_rulebook(policy), policy=policy)
    assert (judged.verdict, [each.shadow for each in judged.findings]) == ("pass", ["hold"])


def test_what_does_not_fit_is_empty_exactly_where_the_rule_applies() -> None:
    facts = Facts(Item(text="", kind="poll"), "防災", ("x",), date(2026, 11, 24), "a", "u")
    for when in (
        When(),
        When(kinds=("poll",)),
        When(topics=("税",)),
        When(until=date(2026, 1, 1)),
        When(text=("a",)),
        When(units=("u",)),
    ):
        for said in (True, False):
            assert (not unmet(when, facts, said)) == applies(when, facts, said)


def test_the_text_alone_leaves_hours_and_front_matter_unasked(minato: Policy) -> None:
    found = explain(Item(text="あ"), Situation(content_only=True), bare_rulebook(minato), policy=minato)
    outcomes = {each.rule: each.outcome for each in found}
    assert outcomes["topic"] == "unasked"
    assert outcomes["hearsay"] == "silent"


def test_with_an_account_the_approver_table_is_explained_too() -> None:
    book: Rulebook = load_rulebook(ROOT, NOON.date())
    account = next(each for each in book.accounts.values() if each.policy == "saitama")
    found = explain(Item(text="あ", topic="施策・事業"), Situation(now=NOON, account=account), book)
    lines = {each.rule: each.outcome for each in found if each.check == "approvers"}
    assert lines["approver"] == "asks"
    assert lines["office.second-person"] == "unconcerned"
    shadow = [replace(rule, shadow=True) if isinstance(rule, Approvers) else rule for rule in book.policies["saitama"].rules]
    trial = replace(book, policies={**book.policies, "saitama": replace(book.policies["saitama"], rules=tuple(shadow), hash="t")})
    judged = judge(Item(text="あ", topic="施策・事業"), Situation(now=NOON, account=account), trial)
    assert not [line for line in judged.missing if line.clause == "saitama/2" and line.rule == "approver"]
    assert holds_on(When(), NOON.date())
