"""A finding's citation as people read it. What the office itself adds to a policy is said to be the office's own rule, together with the
clause on which it rests; an article of the policy stays as the policy has it."""

from __future__ import annotations

import re

from console.words import say

_OFFICE_RULE = re.compile(r"office/(?P<rule>[^（]+)（(?:根拠 (?P<basis>.+)|根拠規定なし)）")


def cite_words(cite: str) -> str:
    """`office/burst（根拠 第9条）` as 「庁内規則 burst（根拠: 第9条）」. Not made safe to show."""
    if (found := _OFFICE_RULE.fullmatch(cite)) is None:
        return cite
    key = "office_rule.based" if found["basis"] else "office_rule.alone"
    return say("tui", key, rule=found["rule"], basis=found["basis"])


def finding_words(clause: str, cite: str, basis: str) -> str:
    """How a finding is cited: an article as the policy has it; a rule of the office's own with the clause on which it rests. Not made safe
    to show."""
    if not clause.startswith("office/"):
        return cite
    key = "office_rule.based" if basis else "office_rule.alone"
    return say("tui", key, rule=clause.removeprefix("office/"), basis=basis)
