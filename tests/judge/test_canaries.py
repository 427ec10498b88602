"""The canaries: one known item a clause, and the morning's look at the guard notices every rule that is not awake."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.intake.frontmatter import read_item
from daemon.judge.canaries import canaries, unwatched
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook

ROOT = Path(__file__).resolve().parents[2]
MORNING = datetime(2026, 11, 24, 8, 30, tzinfo=TOKYO)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_rulebook(ROOT, MORNING.date())


def test_each_canary_falls_silent_without_its_rule_and_says_which(book: Rulebook) -> None:
    for policy in book.policies.values():
        for canary in book.canaries[policy.hash]:
            rules = tuple(rule for rule in policy.rules if rule.id != canary.rule)
            without = replace(policy, rules=rules)
            asleep = replace(book, policies={**book.policies, policy.id: without}, canaries={policy.hash: (canary,)})
            (one,) = canaries(asleep, MORNING, read_item)
            assert not one.ok and (one.clause, one.rule) == (canary.clause, canary.rule)


def test_a_judge_that_fails_has_not_answered(book: Rulebook) -> None:
    def broken(data: bytes) -> object:
        raise ValueError("no such reader")

    answered = canaries(book, MORNING, broken)  # type: ignore[arg-type]
    assert answered and not any(each.ok for each in answered)
    assert "no such reader" in answered[0].said


def test_a_canary_of_a_clause_that_the_policy_has_not_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_bytes((ROOT / "rules.toml").read_bytes())
    folder = tmp_path / "policies" / "canaries"
    folder.mkdir(parents=True)
    (folder / "saitama.toml").write_text(
        '[[canary]]\nclause = "saitama/99"\nrule = "reply"\ndraft = "x"\n\n'
        '[[canary]]\nclause = "saitama/6-1"\nrule = "replies"\ndraft = "x"\n',
        encoding="utf-8",
    )
    book = load_rulebook(tmp_path)
    said = [p.message for p in book.problems if "番人" in p.message]
    assert len(said) == 2 and "saitama/99" in said[0] and "replies" in said[1]
    assert "saitama/4" in unwatched(book), "the office's own file takes the place of the program's"
