"""A thousand releases to a fake X that drops, delays, refuses and lies about what it has taken in, while daemon and releaser are killed.

Every draft arrives exactly once; what is recorded as released has arrived; every 不明 is settled by a look or by a person who was asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.office_at_x import HANDLE, OfficeAtX, Storm
from tests.platforms.at_hand import x_document
from tests.platforms.x import FakeX

__all__ = ["x_document"]


@pytest.fixture
def fake(x_document: Path) -> Iterator[FakeX]:
    with FakeX(x_document, process=True) as fake:
        yield fake


@pytest.fixture
def office(tmp_path: Path, fake: FakeX) -> Iterator[OfficeAtX]:
    office = OfficeAtX(tmp_path / "office", fake)
    yield office
    office.kill()


@pytest.mark.timeout(3600)
def test_whatever_x_does_and_whoever_dies_every_draft_arrives_once(office: OfficeAtX, trials: Callable[[int], int]) -> None:
    goal = trials(1000)
    storm = Storm(office, 20261122)
    storm.run(goal)
    figures = storm.figures()
    print(figures)
    assert (figures["released"], figures["double"], figures["lost"], figures["nobody's"], figures["open"]) == (goal, 0, 0, 0, 0)
    assert sum(figures["settled"].values()) == figures["unknown"]
    recorded = {
        (account, url.rpartition("/")[2]) for account, url in office.database("SELECT account, url FROM drafts WHERE url <> ''")
    }
    assert recorded == {(account, post["id"]) for account in HANDLE for post in office.fake.posts(HANDLE[account])}
    assert Counter(state for (state,) in office.database("SELECT state FROM drafts")) == {"released": goal}
    assert figures["faults"] > goal // 10
    office.record_is_whole()
