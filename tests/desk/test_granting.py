"""An approval along with the exceptions that it needs: one decision of somebody who may make both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from daemon.desk import deciding, undoing
from daemon.desk.granting import approving
from daemon.papers.decision import sheet
from daemon.rulebook.model import Rulebook
from daemon.wire import Approve, Done, Undo
from tests.desk.conftest import TUESDAY_20, Desk, clocked, refused

NOTICE = "家具の転倒を防ぐ器具の取付けを、区が無料で行います。2027年1月29日（金）までにお申し込みください。"
OTHER_UNIT = {"author": "togoshi"}
"""A clerk of 防災課; 品川区's 第5条第1項 lets 戦略広報課 make what is said, as a rule."""
CHIEF = "oi"


@pytest.fixture
async def desk(tmp_path: Path, book: Rulebook) -> AsyncIterator[Desk]:
    """A desk whose store goes by its clock: taking back is a matter of seconds."""
    async with clocked(tmp_path, book) as desk:
        yield desk


async def granted(desk: Desk, draft: int, login: str, reason: str = "防災課の所管のため") -> object:
    digest = (await desk.case(draft)).hash
    act = Approve(draft=draft, hash=digest, reason=reason, how="mode", exceptions=("author",))
    return await desk.do(partial(approving, handle_known=lambda _: True), act, login)


@pytest.mark.clause("shinagawa/5-1")
async def test_the_chief_is_shown_the_exception_and_makes_it_with_the_approval(desk: Desk) -> None:
    landed = await desk.drop("shinagawa-koho", NOTICE, **OTHER_UNIT)
    case = await desk.case(landed.draft)
    facts = deciding.for_decision(case, desk.who(CHIEF), desk.setting, returned=None, before=None, papers=())
    assert facts.exceptions == ("author",)
    assert "第5条第1項の例外を認めるまで出ません" in sheet(facts, "1", "大井", desk.now)
    done = await granted(desk, landed.draft, CHIEF)
    assert isinstance(done, Done) and done.state == "approved" and "例外を認めました" in done.message
    case = await desk.case(landed.draft)
    assert [(each.login, each.rule) for each in case.lifts] == [(CHIEF, "author")]
    assert [each.how for each in case.approvals] == ["mode"]


async def test_it_is_taken_back_as_the_one_decision_that_it_was(desk: Desk) -> None:
    landed = await desk.drop("shinagawa-koho", NOTICE, **OTHER_UNIT)
    await granted(desk, landed.draft, CHIEF)
    assert isinstance(await desk.do(undoing.undo, Undo(draft=landed.draft), CHIEF), Done)
    case = await desk.case(landed.draft)
    assert (case.state, case.lifts, case.approvals) == ("waiting", (), ())


async def test_without_a_reason_or_by_somebody_else_none_of_it_is_done(desk: Desk) -> None:
    landed = await desk.drop("shinagawa-koho", NOTICE, **OTHER_UNIT)
    assert refused(await granted(desk, landed.draft, CHIEF, reason=" "), "reason")
    assert refused(await granted(desk, landed.draft, "osaki"), "not_approver")
    case = await desk.case(landed.draft)
    assert (case.state, case.lifts, case.approvals) == ("waiting", (), ())


async def test_the_hours_are_no_exception_that_an_approver_is_asked_for(desk: Desk) -> None:
    desk.now = TUESDAY_20
    landed = await desk.drop("taisho-somu", "区政会議を12月10日に開きます。", author="kitamura", topic="総務・区政方針・事業情報")
    case = await desk.case(landed.draft)
    facts = deciding.for_decision(case, desk.who("oda"), desk.setting, returned=None, before=None, papers=())
    assert facts.asked and facts.exceptions == ()
