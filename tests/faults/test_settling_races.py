"""Whoever settles what seems abandoned, while it is only just beginning."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.wire import Approve, Except
from tests.conftest import ROOT
from tests.faults.office_in_hand import OfficeInHand


@pytest.fixture
def office(tmp_path: Path) -> Iterator[OfficeInHand]:
    (tmp_path / "office").mkdir()
    rules = (ROOT / "rules.toml").read_text()
    office = OfficeInHand(
        tmp_path / "office",
        rules.replace(
            "training = true", 'training = true\npace = 0\nundo_seconds = 0\ncountdown_seconds = 0\nsimulated = "nowhere"', 1
        ),
    )
    yield office
    office.end()


def test_a_release_that_is_just_being_journaled_is_not_taken_for_an_abandoned_one(office: OfficeInHand) -> None:
    async def release(draft: int, digest: str) -> None:
        sending = asyncio.ensure_future(office.outgoing.send_out(draft, digest))
        while not sending.done():
            await asyncio.gather(*(office.outgoing.settle_begun() for _ in range(3)))
        await sending

    for n in range(40):
        landed = office.drop("minato-facebook", f"{n}.txt", f"{n * 7919}番の窓口を移しました。", author="konan", topic="区政情報")
        office.decide("approve", Approve(draft=landed.draft, hash=landed.hash), "azabu")
        for rule in ("office.burst", "office.duplicate"):
            office.decide("except", Except(draft=landed.draft, hash=landed.hash, rule=rule, reason="試験のため"), "azabu")
        office.run(release(landed.draft, landed.hash))
    ends = office.run(office.store.fetch("SELECT state, count(*) AS n FROM releases GROUP BY state"))
    assert {row["state"]: row["n"] for row in ends} == {"released": 40}
    assert len(list((office.folder / "outbox" / "minato-facebook").iterdir())) == 40
