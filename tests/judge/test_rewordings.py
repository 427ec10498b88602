"""Six accidents that really happened, ten rewordings of each, and sixty posts that only look like one (`tests/accidents`).

The rules were not written from these texts: at first sight they stopped 55 of the 60 rewordings and held up 2 of the 60 others. Four
of these seven have since been mended in the detectors; what is still missed stands in `MISSED`, so that nobody takes the figure for
better than it is.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
import pytest

from daemon.judge import Judgement, Recent, Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook

HERE = Path(__file__).resolve().parent.parent / "accidents"
REWORDINGS = tomllib.loads((HERE / "rewordings.toml").read_text(encoding="utf-8"))["case"]
LEGITIMATE = tomllib.loads((HERE / "legitimate.toml").read_text(encoding="utf-8"))["case"]

MISSED = (
    "結果は…【はずれ】でした！",  # what a prize campaign makes its players post
    "RT @kunren_kouho_e:",  # a candidate's promises, with neither 候補 nor 選挙 in them
)
MISTAKEN = ("18歳になったら選挙へ行こう",)  # how to vote, read as speaking of a candidate


@pytest.fixture(scope="module")
def office(root: Path) -> Rulebook:
    """The training office."""
    return load_rulebook(root)


def judged(case: dict[str, Any], office: Rulebook, *, content_only: bool = False) -> Judgement:
    front = case.get("front", {})
    item = msgspec.convert({"text": case["text"], "author": case["author"], "declared": tuple(front), **front}, Item)
    recent = tuple(Recent(text=text, at=case["at"] - timedelta(minutes=40)) for text in case.get("previous", ()))
    situation = Situation(
        now=case["at"],
        account=office.accounts[case["account"]],
        author=office.operators.get(case["author"]),
        author_verified=True,
        recent=recent,
        content_only=content_only,
    )
    return judge(item, situation, office)


def cases(found: list[dict[str, Any]], known: tuple[str, ...]) -> list[Any]:
    """One test a case; those that are known to fail must fail, so that whoever mends a rule takes them off the list."""
    return [
        pytest.param(
            case,
            id=f"{number}-{case['account']}",
            marks=[pytest.mark.xfail(reason="known gap of the word lists", strict=True)]
            if case["text"].startswith(known)
            else [],
        )
        for number, case in enumerate(found, 1)
    ]


def test_there_are_ten_rewordings_of_each_of_the_six_accidents() -> None:
    accidents = [case["accident"] for case in REWORDINGS]
    assert len(set(accidents)) == 6
    assert {accidents.count(name) for name in accidents} == {10}


@pytest.mark.parametrize("case", cases(REWORDINGS, MISSED))
def test_a_reworded_accident_is_stopped_by_a_clause_that_should_stop_it(office: Rulebook, case: dict[str, Any]) -> None:
    judgement = judged(case, office)
    # A topic that was declared is meant as one that the policy has: what is tried here is what stops such a draft all the same.
    passed_over = {"topic"} if "topic" in case.get("front", {}) else set()
    stopped = {f.clause for f in judgement.findings if f.verdict in ("block", "hold") and f.rule not in passed_over}
    # A second person stops an alarm too; the ordinary approver, whom every draft waits for, is no merit of the rules.
    by_second_person = {"office/second-person", *(["office/irreversible"] if case["accident"] == "mass-alert" else [])}
    stopped |= {line.clause for line in judgement.missing if line.act == "approve"} & by_second_person
    assert [clause for clause in stopped if any(fnmatchcase(clause, wanted) for wanted in case["stopped_by"])], judgement.findings


@pytest.mark.parametrize("case", cases(LEGITIMATE, MISTAKEN))
def test_a_post_that_only_looks_like_an_accident_is_not_stopped_for_its_words(office: Rulebook, case: dict[str, Any]) -> None:
    judgement = judged(case, office, content_only=True)
    assert [f for f in judgement.findings if f.verdict in ("block", "hold")] == []
