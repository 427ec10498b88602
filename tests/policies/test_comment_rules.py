"""Each ground of 禁止事項 finds what it means, under the policies that have it; and criticism, however harsh, passes under all of them."""

from __future__ import annotations

from collections.abc import Callable

import citizens_say as said
import pytest
from policy_office import OPEN

from daemon.judge import Judgement, Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.model import Rulebook

Heard = Callable[[str, str], Judgement]

GROUNDS = {
    "saitama/7(1)": said.THREATS,
    "saitama/7(2)": said.ABUSE,
    "saitama/7(3)": (*said.CAMPAIGNING, *said.MISSION),
    "saitama/7(5)": said.SELLING,
    "saitama/7(6)": said.DISCRIMINATION,
    "saitama/7(7)": said.INDECENCY,
    "saitama/7(8)": said.RUMOURS,
    "saitama/7(9)": said.DOXXING,
    "saitama/7(10)": said.MALWARE,
    "saitama/7(11)": said.OBSCENITY,
    "saitama/7(12)": said.CRIME,
    "taisho/3.削除等(1)": said.INDECENCY,
    "taisho/3.削除等(3)": said.ABUSE,
    "taisho/3.削除等(4)": said.DISCRIMINATION,
    "taisho/3.削除等(5)": (*said.CAMPAIGNING, *said.MISSION),
    "taisho/3.削除等(6)": (*said.THREATS, *said.CRIME, *said.OBSCENITY, *said.MALWARE, *said.INFRINGING),
    "shinagawa/6(1)": (*said.THREATS, *said.CRIME, *said.MALWARE),
    "shinagawa/6(2)": said.ABUSE,
    "shinagawa/6(3)": (*said.DOXXING, *said.INFRINGING),
    "shinagawa/6(4)": (*said.CAMPAIGNING, *said.MISSION),
    "shinagawa/6(5)": said.SELLING,
    "shinagawa/6(6)": said.DISCRIMINATION,
    "shinagawa/6(7)": (*said.OBSCENITY, *said.INDECENCY),
    "shinagawa/6(8)": said.RUMOURS,
}
EVERYTHING = tuple(dict.fromkeys(text for texts in GROUNDS.values() for text in texts))


@pytest.fixture(scope="module")
def heard(office: Rulebook) -> Heard:
    """`heard(policy, text)`: what the policy's rules on comments say of a text."""

    def one(policy: str, text: str) -> Judgement:
        return judge(Item(text=text), Situation(now=OPEN), office, policy=office.policies[policy], on="comment")

    return one


@pytest.mark.parametrize("clause", [pytest.param(c, marks=pytest.mark.clause(c)) for c in GROUNDS])
def test_what_a_ground_means_is_found_under_that_ground(heard: Heard, clause: str) -> None:
    policy = clause.partition("/")[0]
    missed = [text for text in GROUNDS[clause] if clause not in {f.clause for f in heard(policy, text).findings}]
    assert missed == []


@pytest.mark.parametrize("policy", ["taisho", "saitama", "shinagawa", "minato"])
def test_harsh_criticism_questions_and_reports_pass_under_every_policy(heard: Heard, policy: str) -> None:
    noticed = {text: heard(policy, text).findings for text in said.HARSH_AND_LEGITIMATE}
    assert {text: found for text, found in noticed.items() if found} == {}


@pytest.mark.parametrize("policy", ["taisho", "saitama", "shinagawa"])
@pytest.mark.parametrize("text", said.CLEAR)
def test_what_leaves_no_doubt_is_a_candidate_for_a_judgement(heard: Heard, policy: str, text: str) -> None:
    assert heard(policy, text).verdict == "act"


def test_minato_has_no_ground_and_so_nothing_to_say_to_a_comment(heard: Heard) -> None:
    assert {heard("minato", text).verdict for text in EVERYTHING} == {"pass"}


def test_advertising_and_rumours_are_no_ground_at_taisho(heard: Heard) -> None:
    for text in (*said.SELLING, *said.RUMOURS, *said.DOXXING):
        assert all(f.clause != "taisho/3.削除等(5)" for f in heard("taisho", text).findings), text


@pytest.mark.parametrize("policy", ["taisho", "saitama", "shinagawa"])
def test_every_finding_cites_a_clause_of_its_own_policy_and_asks_instead_of_accusing(heard: Heard, policy: str) -> None:
    for text in EVERYTHING:
        for finding in heard(policy, text).findings:
            assert finding.clause.startswith(f"{policy}/")
            assert finding.verdict in ("look", "act")
            assert text[finding.start : finding.end]
            assert "違反です" not in finding.message


@pytest.mark.parametrize("policy", ["saitama", "shinagawa"])
def test_a_rumour_is_looked_at_and_never_acted_on(heard: Heard, policy: str) -> None:
    assert {heard(policy, text).verdict for text in said.RUMOURS} == {"look"}
