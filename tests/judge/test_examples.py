"""The examples beside the rules: each against exactly its rule, within the whole policy."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.judge.examples import try_examples, without_examples
from daemon.judge.never import never_found
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.differences import rule_changes
from daemon.rulebook.example import Example
from daemon.rulebook.item import Poll
from daemon.rulebook.lint import lint_policy
from daemon.rulebook.load import bare_rulebook, load_policy, resolve_policy
from daemon.rulebook.model import Policy, When, Words
from tests.north import north

FOUR = ("minato", "saitama", "shinagawa", "taisho")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO)

ONE = (
    north("宣伝をしない。", platforms='["x", "line"]', since="2030-04-01")
    + """

[[rule]]
id = "advert"
check = "words"
clause = "kita/3"
level = "hold"
terms = ["大安売り", "特価"]
unless = ['特価品']
when = { kinds = ["poll"], platforms = ["line"] }
must_fire = [{ text = "特価", kind = "poll", platform = "line" }]
must_pass = ["大安売り", { text = "特価", kind = "poll", platform = "x" }, { text = "特価品", kind = "poll" }]
message = "確認してください。"
message_en = "Check this."
"""
)


def policy_of(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "kita.toml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def rule(**more: object) -> Words:
    given = {"id": "w", "clause": "c", "level": "hold", "terms": ("台風",), "message": "m", "message_en": "m", **more}
    return Words(**given)  # type: ignore[arg-type]


def tried(rule: Words) -> list[bool]:
    policy = replace(resolve_policy("minato", None), rules=(rule,), hash="sha256:one")
    return [each.ok for each in try_examples(policy, bare_rulebook(policy), NOW)]


@pytest.mark.parametrize("name", FOUR)
def test_every_example_of_the_bundled_policies_comes_out_as_it_says(name: str) -> None:
    policy = resolve_policy(name, None)
    assert [(each.rule, each.wanted, each.text) for each in try_examples(policy, bare_rulebook(policy), NOW) if not each.ok] == []


@pytest.mark.parametrize("name", FOUR)
def test_every_bundled_rule_on_texts_has_examples_of_both_kinds_and_no_word_that_can_never_fire(name: str) -> None:
    policy = resolve_policy(name, None)
    assert without_examples(policy) == ()
    assert never_found(policy) == ()


def test_a_rule_on_texts_without_both_kinds_of_example_is_named() -> None:
    policy = resolve_policy("minato", None)
    one = rule(must_fire=("台風",))
    assert without_examples(replace(policy, rules=(one,))) == ("w",)
    assert without_examples(replace(policy, rules=(replace(one, must_pass=("晴れ",)),))) == ()


def test_an_example_carries_what_its_rule_looks_at_and_counts_before_its_policy_does(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, ONE)
    found = [each for each in try_examples(policy, bare_rulebook(policy), NOW) if each.rule == "advert"]
    assert [(each.wanted, each.ok) for each in found] == [("fire", True), ("pass", True), ("pass", True), ("pass", True)]


def test_an_example_that_comes_out_otherwise_is_named_with_the_reason() -> None:
    policy = replace(
        resolve_policy("minato", None),
        rules=(rule(unless=("台風一過",), must_fire=("台風一過の空",), must_pass=("台風が来ます",)),),
        hash="sha256:two",
    )
    fire, passed = try_examples(policy, bare_rulebook(policy), NOW)
    assert (fire.ok, fire.said.outcome) == (False, "excused")
    assert (passed.ok, passed.said.outcome, passed.said.spans) == (False, "fired", ((0, 2),))


@pytest.mark.parametrize(
    "when",
    [
        When(since=date(2027, 4, 1)),
        When(since=date(2020, 4, 1), until=date(2020, 4, 30)),
        When(until=date(2020, 4, 30)),
        When(season=("06-01", "10-31")),
    ],
)
def test_a_rule_of_some_days_is_tried_on_one_of_its_days(when: When) -> None:
    assert tried(rule(when=when, must_fire=("台風",), must_pass=("晴れ",))) == [True, True]


def test_an_example_may_name_its_moment_and_the_options_of_a_poll() -> None:
    spring = Example(text="台風", at=datetime.fromisoformat("2026-04-01T12:00"))
    poll = Example(kind="poll", poll=Poll(options=("台風", "雨")))
    assert tried(rule(when=When(season=("06-01", "10-31")), must_pass=(spring,))) == [True]
    assert tried(rule(must_fire=(poll,))) == [True]


def test_a_word_that_its_own_exception_always_lets_pass_can_never_fire() -> None:
    policy = replace(resolve_policy("minato", None), rules=(rule(terms=("台風", "大雨"), unless=("大雨",)),), hash="sha256:three")
    assert [(each.rule, each.terms) for each in never_found(policy)] == [("w", ("大雨",))]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["大安売り",', '["大安売り", "大安売り",', "twice"),
        (
            'must_pass = ["大安売り",',
            'must_pass = [{ text = "特価", kind = "poll", platform = "line" },',
            "both must_fire and must_pass",
        ),
        ('kind = "poll", platform = "x"', 'kind = "survey"', "must_pass"),
    ],
)
def test_examples_that_contradict_or_repeat_each_other_are_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "kita.toml"
    path.write_text(ONE.replace(old, new), encoding="utf-8")
    assert [p for p in lint_policy(path) if p.severity == "error" and said in p.message_en]


def test_a_rule_about_people_takes_no_example_of_a_text(tmp_path: Path) -> None:
    path = tmp_path / "kita.toml"
    author = '\n[[rule]]\nid = "a"\ncheck = "author"\nclause = "kita/3"\nlevel = "block"\nmust_fire = ["x"]\nmessage = "m"\nmessage_en = "m"\n'
    path.write_text(ONE + author, encoding="utf-8")
    assert [p for p in lint_policy(path) if "canary" in p.message_en]


def test_another_example_is_no_other_rule(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, ONE)
    other = replace(policy, rules=tuple(replace(each, must_fire=()) for each in policy.rules))
    assert rule_changes(policy, other) == ()


NEVER = """
[[rule]]
id = "never"
clause = "kita/3"
level = "hold"
message = "m"
message_en = "m"
"""


@pytest.mark.parametrize(
    "keys",
    [
        'check = "words"\nterms = ["a"]\nwhen = { platforms = ["line"], kinds = ["follow", "like"] }',
        'check = "kinds"\nkinds = ["repost"]\nwhen = { platforms = ["line"] }',
        'check = "kinds"\nkinds = ["repost"]\nwhen = { kinds = ["post"] }',
        'check = "required"\nfields = ["alt", "rights"]\nwhen = { images = false }',
        'check = "pattern"\nany = ["a+"]\nunless = ["b", "a+"]',
    ],
)
def test_lint_warns_of_a_rule_that_can_never_fire(tmp_path: Path, keys: str) -> None:
    path = tmp_path / "kita.toml"
    path.write_text(f"{ONE}{NEVER}{keys}\n", encoding="utf-8")
    found = [p for p in lint_policy(path) if "never fire" in p.message_en]
    assert [(p.severity, p.line) for p in found] and all(p.severity == "warning" for p in found)


def test_a_rule_that_fires_on_one_of_its_platforms_is_not_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "kita.toml"
    path.write_text(f'{ONE}{NEVER}check = "kinds"\nkinds = ["repost"]\n', encoding="utf-8")
    assert not [p for p in lint_policy(path) if "never fire" in p.message_en]
