"""Accidents that really happened, reworded, and posts that only look like one (`tests/accidents`).

The rules were not written from these texts. At first sight they stopped 55 of the first 60 rewordings and held up 2 of the 60
look-alikes; of the second lot, with four more failures that the policies name, 11 of 20, and 1 of 20; of the third, of which nearly
all are within the hours, by a registered hand and under a declared topic, 25 of 60, and 5 of 60; of the fourth, once the rules had
been mended for the third, 3 of 12, and none of 12. What was missed has been mended since, so the tests say that it stays mended: what
the rules do with a text that nobody has thought of, only the first figures tell.

The fifth lot was held out: the accidents in the circumstances in which they happen. At first sight 49 of
its 60 rewordings were stopped and 3 of its 60 look-alikes held up. What was missed or held then is marked in the files and stays so;
what was right then has to stay right. The rules were mended since, by classes and not by its phrases: all 11 that were missed are stopped
now, and of the 3 that were held 1 is, for a topic that the policy does not have. A lot that is held out once is held out no longer: what
the rules do with the next text, the first figures tell, not these.

The sixth lot is held out and stays so: no rule was mended from it, and none shall be. At first sight 43 of its 60 rewordings were stopped
and 0 of its 60 look-alikes held up. Four of the 17 misses are alarms that their author had said were no emergency. Of the rules, the
phrases of emergencies and of test messages had been seen by mistake before it was written: there it is not wholly blind.
"""

from __future__ import annotations

import tomllib
from collections import Counter
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


def read(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))["case"]
    return cases


REWORDINGS, SECOND, THIRD, FOURTH = (read(f"{lot}rewordings") for lot in ("", "second_", "third_", "fourth_"))
LEGITIMATE = [case for lot in ("", "second_", "third_", "fourth_") for case in read(f"{lot}legitimate")]
FIFTH, FIFTH_LEGITIMATE = read("fifth_rewordings"), read("fifth_legitimate")
SIXTH, SIXTH_LEGITIMATE = read("sixth_rewordings"), read("sixth_legitimate")


@pytest.fixture(scope="module")
def office(root: Path) -> Rulebook:
    """The training office."""
    return load_rulebook(root)


def judged(case: dict[str, Any], office: Rulebook) -> Judgement:
    front = case.get("front", {})
    item = msgspec.convert({"text": case["text"], "author": case["author"], "declared": tuple(front), **front}, Item)
    recent = tuple(Recent(text=text, at=case["at"] - timedelta(minutes=40)) for text in case.get("previous", ()))
    situation = Situation(
        now=case["at"],
        account=office.accounts[case["account"]],
        author=office.operators.get(case["author"]),
        author_verified=True,
        recent=recent,
    )
    return judge(item, situation, office)


def rightly_stopped(case: dict[str, Any], office: Rulebook) -> bool:
    """True where one of the clauses stops it that should stop it."""
    judgement = judged(case, office)
    # That nobody said whether it is an emergency stops many: it would be answered wrongly as easily as it is left out.
    stopped = {f.clause for f in judgement.findings if f.verdict in ("block", "hold") and f.rule != "emergency.answered"}
    # A second person stops an alarm too; the approvers whom every draft of the account waits for are no merit of the rules.
    stopped |= {line.clause for line in judgement.missing if line.act == "approve"} & {"office/second-person"}
    return any(fnmatchcase(clause, wanted) for clause in stopped for wanted in case["stopped_by"])


def name_of(case: dict[str, Any]) -> str:
    return f"{case['account']}-{case['text'][:12]!r}"


def test_there_are_four_times_ten_rewordings_of_each_of_the_six_accidents_and_two_more_with_each_of_four_failures() -> None:
    assert set(Counter(case["accident"] for case in REWORDINGS).values()) == {10}
    for lot in (THIRD, FIFTH, SIXTH):
        assert Counter(case["accident"] for case in lot) == Counter(case["accident"] for case in REWORDINGS)
    assert Counter(case["accident"] for case in FOURTH) == dict.fromkeys((case["accident"] for case in REWORDINGS), 2)
    assert set(Counter(case["accident"] for case in SECOND).values()) == {2}
    six, ten = ({case["accident"] for case in lot} for lot in (REWORDINGS, SECOND))
    assert six < ten
    assert (len(six), len(ten)) == (6, 10)


@pytest.mark.parametrize(
    ("lot", "look_alikes", "wanted"),
    [
        (
            FIFTH,
            FIFTH_LEGITIMATE,
            {
                "template-blanks": 1,
                "private-campaign": 2,
                "candidate-quote": 2,
                "false-warning": 2,
                "mass-alert": 3,
                "repetition": 1,
            },
        ),
        (
            SIXTH,
            SIXTH_LEGITIMATE,
            {"private-campaign": 4, "candidate-quote": 1, "false-warning": 4, "mass-alert": 5, "repetition": 3},
        ),
    ],
    ids=["fifth", "sixth"],
)
def test_a_held_out_lot_says_what_it_missed_at_first_sight(
    lot: list[dict[str, Any]], look_alikes: list[dict[str, Any]], wanted: dict[str, int]
) -> None:
    missed = Counter(case["accident"] for case in lot if case.get("missed"))
    held = [case for case in look_alikes if case.get("held")]
    assert missed == wanted
    assert len(lot) == len(look_alikes) == 60
    figures = (
        f"At first sight {60 - missed.total()} of its 60 rewordings were stopped and {len(held)} of its 60 look-alikes held up."
    )
    assert figures in " ".join((__doc__ or "").split())


def test_the_sixth_lot_is_missed_where_it_says_so_as_long_as_no_rule_is_mended_from_it(office: Rulebook) -> None:
    missed = [name_of(case) for case in SIXTH if case.get("missed")]
    assert [name_of(case) for case in SIXTH if not rightly_stopped(case, office)] == missed


@pytest.mark.parametrize(
    "case", REWORDINGS + SECOND + THIRD + FOURTH + [case for case in FIFTH + SIXTH if not case.get("missed")], ids=name_of
)
def test_a_reworded_accident_is_stopped_by_a_clause_that_should_stop_it(office: Rulebook, case: dict[str, Any]) -> None:
    assert rightly_stopped(case, office), judged(case, office).findings


def test_what_the_held_out_lot_missed_is_stopped_since(office: Rulebook) -> None:
    missed = [case for case in FIFTH if case.get("missed")]
    assert len(missed) == 11
    assert [name_of(case) for case in missed if not rightly_stopped(case, office)] == []
    held = [case for case in FIFTH_LEGITIMATE if case.get("held")]
    stopping = [{f.rule for f in judged(case, office).findings if f.verdict in ("block", "hold")} for case in held]
    assert stopping == [set(), set(), {"topic"}]


@pytest.mark.parametrize(
    "case", LEGITIMATE + [case for case in FIFTH_LEGITIMATE + SIXTH_LEGITIMATE if not case.get("held")], ids=name_of
)
def test_a_post_that_only_looks_like_an_accident_is_neither_blocked_nor_held(office: Rulebook, case: dict[str, Any]) -> None:
    judgement = judged(case, office)
    assert [f for f in judgement.findings if f.verdict in ("block", "hold")] == []
