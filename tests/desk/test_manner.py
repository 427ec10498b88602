"""The ways in which an account is decided: what its rules do not allow is refused, and the record says how it was made."""

from __future__ import annotations

import json

import msgspec
import pytest

from daemon.desk import acts
from daemon.desk.manner import Manner
from daemon.rulebook.model import Way
from daemon.wire import Approve, Done, Return
from tests.desk.conftest import Desk, refused

NOTICE = "区立図書館の児童書コーナーを2階に移しました。館内の案内板をご覧ください。"
MINATO = {"author": "akasaka", "topic": "区政情報"}


def only(desk: Desk, *ways: Way) -> None:
    """From now on minato-x is decided in these ways alone."""
    account = msgspec.structs.replace(desk.book.accounts["minato-x"], decide=ways)
    desk.book = msgspec.structs.replace(desk.book, accounts={**desk.book.accounts, "minato-x": account})


async def last(desk: Desk) -> dict[str, object]:
    rows = await desk.store.fetch("SELECT record FROM audit ORDER BY seq DESC LIMIT 1", ())
    found: dict[str, object] = json.loads(rows[0]["record"])["detail"]
    return found


@pytest.mark.parametrize("how", ["folder", "paper"])
async def test_a_way_that_the_account_does_not_allow_is_refused_with_those_that_it_does(desk: Desk, how: Way) -> None:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    act = Approve(draft=landed.draft, hash=landed.hash)
    answer = await desk.do(lambda act, who, setting: acts.approve(act, who, setting, Manner(how)), act, "shibata")
    assert refused(answer, "way")
    assert "コンソール・決裁モード" in answer.message  # type: ignore[union-attr]
    assert (await desk.case(landed.draft)).approvals == ()


async def test_an_account_of_papers_alone_is_not_approved_nor_returned_at_the_console(desk: Desk) -> None:
    only(desk, "paper")
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    assert refused(await desk.approve(landed.draft, "shibata"), "way")
    assert refused(await desk.give_back(landed.draft, "shibata", "直してください"), "way")


async def test_the_approval_and_the_record_keep_how_it_was_given(desk: Desk) -> None:
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    done = await desk.do(acts.approve, Approve(draft=landed.draft, hash=landed.hash, how="mode"), "shibata")
    assert isinstance(done, Done)
    assert [each.how for each in (await desk.case(landed.draft)).approvals] == ["mode"]
    assert (await last(desk))["how"] == "mode"


async def test_a_decision_on_paper_names_everybody_who_had_a_hand_in_it(desk: Desk) -> None:
    only(desk, "paper")
    landed = await desk.drop("minato-x", NOTICE, **MINATO)
    manner = Manner(
        "paper", entered_by="akasaka", countersigned_by="konan", reference="7港区広第12号", on="2026-11-24", scan="ab"
    )
    act = Return(draft=landed.draft, hash=landed.hash, reason="日付を確かめること")
    done = await desk.do(lambda act, who, setting: acts.give_back(act, who, setting, manner), act, "shibata")
    assert isinstance(done, Done)
    told = await last(desk)
    assert (told["how"], told["entered_by"], told["countersigned_by"]) == ("paper", "akasaka", "konan")
    assert (told["reference"], told["on"], told["scan"]) == ("7港区広第12号", "2026-11-24", "ab")
