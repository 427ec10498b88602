"""The accidents in the circumstances in which they happened: what stops them whatever their words are.

Words can be found that no rule knows (`test_rewordings.py` says how many). What an office relies on is the rest of its policy: hours,
topic, kind, who wrote it, the source of an emergency, a second person. Here the words count for nothing: findings of word lists and
patterns are left out, and each rewording of the accident, and a text that says nothing at all, must still be stopped by the clauses named.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from daemon.judge import Approval, Judgement, Recent, Situation, judge
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Pattern, Rulebook, Words
from tests.judge.test_rewordings import FOURTH, REWORDINGS, SECOND, THIRD

PLAIN = "図書館の休館日のお知らせです。"
EVENING = datetime(2026, 11, 24, 20, 30, tzinfo=TOKYO)
NIGHT = datetime(2026, 11, 24, 21, 20, tzinfo=TOKYO)
MORNING = datetime(2026, 11, 25, 10, 0, tzinfo=TOKYO)

CIRCUMSTANCES: dict[str, tuple[dict[str, Any], datetime, str, str, set[str]]] = {
    # 2013: an emergency from the crisis account, a template of practice, one person alone
    "template-blanks": ({"emergency": True}, MORNING, "minato-x", "akasaka", {"minato/7-2(5)", "office/second-person"}),
    # 2018: a disaster account at half past eight, by somebody who took it for their own
    "private-campaign": ({}, EVENING, "taisho-chiiki", "okajima", {"taisho/3.対応時間"}),
    # 2024: a contractor, from home, at twenty past nine, quoting
    "candidate-quote": (
        {"kind": "quote", "target": "https://x.com/a/status/1"}, NIGHT, "taisho-gyosei", "gyosha",
        {"taisho/3.対応時間", "taisho/3.責任者.情報発信"},
    ),
    # 2025: a warning whose source nobody named
    "false-warning": ({"emergency": True, "topic": "災害・緊急情報"}, MORNING, "minato-x", "akasaka", {"minato/7-2(5)"}),
    # a city's LINE: what cannot be unsent, sent by one person alone
    "mass-alert": ({"topic": "災害・緊急情報"}, MORNING, "minato-line", "mita", {"office/irreversible"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def office(root: Path) -> Rulebook:
    """The training office."""
    return load_rulebook(root)


def cases() -> list[tuple[str, str]]:
    texts = [(each["accident"], each["text"]) for each in REWORDINGS + SECOND + THIRD + FOURTH]
    return [(accident, text) for accident, text in texts if accident in CIRCUMSTANCES] + [(a, PLAIN) for a in CIRCUMSTANCES]


def stopping(judgement: Judgement, office: Rulebook, account: str) -> set[str]:
    """The clauses that stop it, without those of rules that look for words."""
    words = {rule.id for rule in office.policy_of(account).rules if isinstance(rule, Words | Pattern)}
    found = {f.clause for f in judgement.findings if f.verdict in ("block", "hold") and f.rule not in words}
    return found | {line.clause for line in judgement.missing if line.act == "approve"}


@pytest.mark.parametrize(("accident", "text"), cases())
def test_in_its_own_circumstances_an_accident_is_stopped_whatever_its_words(office: Rulebook, accident: str, text: str) -> None:
    front, now, account, author, clauses = CIRCUMSTANCES[accident]
    item = msgspec.convert({"text": text, "author": author, "declared": tuple(front), **front}, Item)
    chief = Approval(login="shibata", titles=(), at=now)  # one approval is there: it is not enough by itself
    situation = Situation(
        now=now,
        account=office.accounts[account],
        author=office.operators.get(author),
        author_verified=True,
        approvals=(chief,),
    )
    assert clauses <= stopping(judge(item, situation, office), office, account)


@pytest.mark.parametrize("text", [each["text"] for each in REWORDINGS + SECOND + THIRD + FOURTH])
def test_the_same_words_again_are_held_whatever_they_are(office: Rulebook, text: str) -> None:
    item = Item(text=text, author="osaki")
    situation = Situation(
        now=MORNING,
        account=office.accounts["shinagawa-koho"],
        author=office.operators["osaki"],
        author_verified=True,
        recent=(Recent(text=text, at=MORNING - timedelta(hours=5)),),
    )
    assert "office/duplicate" in stopping(judge(item, situation, office), office, "shinagawa-koho")
