"""Every clause of the bundled policies that a rule holds is watched by a canary (`daemon/policies/canaries/`), and all of them answer."""

from __future__ import annotations

from datetime import datetime

import pytest

from daemon.intake.frontmatter import read_item
from daemon.judge.canaries import canaries, judged_clauses, unwatched
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Rulebook

MORNING = datetime(2026, 11, 24, 8, 30, tzinfo=TOKYO)


@pytest.mark.parametrize("now", [MORNING, datetime(2026, 11, 22, 23, 30, tzinfo=TOKYO), datetime(2027, 1, 1, tzinfo=TOKYO)])
def test_every_clause_that_a_rule_holds_has_a_canary_and_all_answer(office: Rulebook, now: datetime) -> None:
    answered = canaries(office, now, read_item)
    assert [each for each in answered if not each.ok] == []
    assert unwatched(office) == ()
    assert {each.clause for each in answered} == {c for policy in office.policies.values() for c in judged_clauses(policy)}
