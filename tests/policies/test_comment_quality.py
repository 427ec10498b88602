"""How well the rules on comments tell abuse from harsh and ordinary speech: the bounds of docs/screening-quality.md, on the labelled texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from daemon.judge import Judgement, Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.model import Rulebook

Pair = tuple[dict[str, Any], Judgement]


@pytest.fixture(scope="module")
def read(office: Rulebook, shared: Path) -> Any:
    """`read(name, most)`: the labelled comments of a file, each with what さいたま says of it."""

    def pairs(name: str, most: int = 3_000) -> list[Pair]:
        path = shared / "data" / "dev" / f"{name}.jsonl"
        if not path.exists():
            pytest.skip("the labelled texts of ../shared/data/dev are not here")
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()][:most]
        policy = office.policies["saitama"]
        return [(row, judge(Item(text=row["text"]), Situation(), office, policy=policy, on="comment")) for row in rows]

    return pairs


def share(pairs: list[Pair], *verdicts: str) -> float:
    return sum(said.verdict in verdicts for _, said in pairs) / len(pairs)


@pytest.mark.parametrize("name", ["comments-citizen-voices", "comments-complaints-clean"])
def test_citizens_and_complaints_are_never_acted_on_and_hardly_ever_looked_at(read: Any, name: str) -> None:
    pairs = read(name)
    assert share(pairs, "act") == 0
    assert share(pairs, "look", "act") <= {"comments-citizen-voices": 0.03, "comments-complaints-clean": 0.01}[name]


@pytest.mark.parametrize("name", ["comments-tweets-assumed-clean", "comments-chat-assumed-clean"])
def test_ordinary_talk_is_hardly_ever_looked_at(read: Any, name: str) -> None:
    pairs = read(name)
    assert share(pairs, "act") == 0
    assert share(pairs, "look", "act") <= 0.012


def test_abuse_is_found_under_the_right_clause_and_what_is_acted_on_is_abuse(read: Any) -> None:
    pairs = [*read("comments-toxic-gold"), *read("comments-open2ch-silver")]
    bad = [(row, said) for row, said in pairs if row["expected"] == "V" and row["clauses"]]
    good = [(row, said) for row, said in pairs if row["expected"] == "N"]
    caught = [(row, said) for row, said in bad if said.verdict != "pass"]
    assert len(caught) / len(bad) >= 0.85
    acted = [sum(said.verdict == "act" for _, said in side) for side in (bad, good)]
    assert acted[0] > 0
    assert acted[0] / sum(acted) >= 0.80
    right = [(row, said) for row, said in caught if {f.clause for f in said.findings} & meant(row)]
    assert len(right) / len(caught) >= 0.90


def test_what_companies_write_in_polite_sentences_is_found_as_selling(read: Any) -> None:
    pairs = read("comments-webads-silver")
    selling = [said for row, said in pairs if row["expected"] == "V"]
    found = [said for said in selling if "saitama/7(5)" in {finding.clause for finding in said.findings}]
    assert len(found) / len(selling) >= 0.80
    assert all(said.verdict == "pass" for row, said in pairs if row["expected"] == "N")


def meant(row: dict[str, Any]) -> set[str]:
    """The clauses that a label names: `saitama:7(1)(12)` stands for either."""
    clauses = [clause.removeprefix("saitama:") for clause in row["clauses"] if clause.startswith("saitama:")]
    return {f"saitama/7({item}" for clause in clauses for item in clause.split("(")[1:]}
