"""How often each rule fires on the stored drafts: counted by processes of their own while the daemon works, and read from its console."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from console.launch import run
from daemon.rulebook.load import resolve_policy
from daemon.rulebook.model import Policy, Words
from daemon.wire.answers import Refusal
from daemon.wire.policies import PolicyTallied, PolicyTally, RuleTally
from tests.service.live_office import Caller, Office, until

SAITAMA = {"author": "omiya", "topic": "施策・事業"}
MARKET = "駅前で第{n}回の朝市を開きます。"
COURSE = "市民活動の講座を開きます（第{n}回）。"


@pytest.fixture
def office(found: Callable[..., Office]) -> Office:
    """An office with four drafts in hand, of which one has a blank."""
    office = found()
    for n in range(3):
        office.drop("saitama-cvc", f"{n}.txt", MARKET.format(n=n), **SAITAMA)
    office.drop("saitama-cvc", "blank.txt", "○月○日に講座を開きます。", **SAITAMA)
    office.start()
    until(lambda: len(office.rows()) == 4, "the drafts are judged")
    return office


def amended(*, shadow: bool = False) -> Policy:
    """さいたま市's policy without its check of blanks, and with a word that is not to be posted."""
    old = resolve_policy("saitama", None)
    rules = tuple(rule for rule in old.rules if rule.id != "office.blanks")
    market = Words(
        id="market",
        clause="saitama/1",
        level="block",
        terms=("朝市",),
        shadow=shadow,
        message="朝市は扱いません。",
        message_en="No.",
    )
    return msgspec.structs.replace(old, rules=(*rules, market), hash=f"sha256:amended-{shadow}")


def counted(office: Office, query: PolicyTally) -> PolicyTallied:
    with Caller(office.state) as caller:
        caller.hello()
        found: list[PolicyTallied] = []

        def whole() -> bool:
            found.append(caller.ask(query, PolicyTallied))
            return not found[-1].running

        until(whole, "every draft is counted")
    assert not found[-1].error
    return found[-1]


def of(found: PolicyTallied, rule: str) -> RuleTally:
    return next(one for one in found.rules if one.rule == rule)


def test_each_rule_is_counted_and_those_that_never_fired_are_there_too(office: Office) -> None:
    found = counted(office, PolicyTally(policy="saitama"))
    assert (found.done, found.of) == (4, 4)
    blanks = of(found, "office.blanks")
    assert (blanks.before, blanks.after, blanks.new, blanks.gone) == (1, 1, 0, 0)
    assert [sample.path for sample in blanks.samples] == ["drafts/saitama-cvc/blank.txt"]
    assert of(found, "reply").after == 0
    assert "approver" not in {one.rule for one in found.rules}


def test_against_another_text_what_is_new_and_what_is_gone_is_counted_with_samples(office: Office) -> None:
    found = counted(office, PolicyTally(policy="saitama", candidate=msgspec.json.encode(amended()).decode()))
    market, blanks = of(found, "market"), of(found, "office.blanks")
    assert (market.before, market.after, market.new, market.gone) == (0, 3, 3, 0)
    assert len(market.samples) == 3 and {sample.how for sample in market.samples} == {"new"}
    assert (blanks.before, blanks.after, blanks.gone) == (1, 0, 1)
    assert [sample.how for sample in blanks.samples] == ["gone"]


def test_a_rule_on_trial_is_marked_as_such(office: Office) -> None:
    found = counted(office, PolicyTally(policy="saitama", candidate=msgspec.json.encode(amended(shadow=True)).decode()))
    market = of(found, "market")
    assert market.shadow and market.level == "block" and market.new == 3


def test_an_unknown_policy_or_a_negative_number_is_refused(office: Office) -> None:
    with Caller(office.state) as caller:
        caller.hello()
        assert caller.ask(PolicyTally(policy="nowhere"), Refusal).code == "no_such"
        assert caller.ask(PolicyTally(policy="saitama", last=-1), Refusal).code == "no_such"


def test_the_command_shows_counts_and_never_fired_rules(
    office: Office, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "en")
    capfd.readouterr()
    assert run(["policy", "backtest", "saitama", "--office", str(office.folder), "--operator", "urano"]) == 0
    out = capfd.readouterr().out
    assert "office.blanks" in out and "4 drafts judged" in out
    assert run(["policy", "backtest", "saitama", "--never-fired", "--office", str(office.folder), "--operator", "urano"]) == 0
    out = capfd.readouterr().out
    assert "reply" in out and "office.blanks" not in out
