"""The training office as it is committed, and one way to have a draft judged in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from policy_office import OPEN, ORDINARY, Judge

from daemon.judge import Judgement, Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook


@pytest.fixture(scope="session")
def office(root: Path) -> Rulebook:
    """The training office: rules.toml and the four bundled policies."""
    return load_rulebook(root)


@pytest.fixture(scope="session")
def judged(office: Rulebook) -> Judge:
    """`judged(account, text, now=…, author=…, **front matter)`: an ordinary draft of that account, changed as the test says."""

    def one(account: str, text: str, *, now: datetime = OPEN, author: str | None = None, **front: Any) -> Judgement:
        login, topic = ORDINARY[account]
        front.setdefault("topic", topic)
        front.setdefault("emergency", False)
        login = login if author is None else author
        item = Item(text=text, author=login, declared=("author", *front), **front)
        situation = Situation(now=now, account=office.accounts[account], author=office.operators.get(login), author_verified=True)
        return judge(item, situation, office)

    return one
