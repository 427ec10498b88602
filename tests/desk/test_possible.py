"""What a console offers is what the desk would let through."""

from __future__ import annotations

from daemon.desk.board import detail, page
from daemon.desk.resuming import hold_all
from tests.desk.conftest import TUESDAY_20, Desk
from tests.desk.test_decisions import MINATO, NOTICE, TAISHO


async def can(desk: Desk, draft: int, login: str) -> set[str]:
    return set((await detail(desk.store, draft, desk.setting, desk.who(login))).can)


async def test_each_is_offered_what_they_could_do_and_no_more(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **MINATO)).draft
    assert await can(desk, draft, "shibata") == {"approve", "return", "withdraw", "claim"}
    assert await can(desk, draft, "akasaka") == {"withdraw", "claim"}
    assert await can(desk, draft, "kansa") == set()  # a viewer
    assert await can(desk, draft, "oi") == set()  # another city's manager
    await desk.approve(draft, "shibata")
    assert await can(desk, draft, "akasaka") == {"withdraw", "claim", "hold", "schedule", "take"}
    desk.stops = frozenset({"all"})
    assert "take" not in await can(desk, draft, "akasaka")
    desk.stops = frozenset()
    await desk.begin(draft, "akasaka")
    assert await can(desk, draft, "akasaka") == {"released", "settle"}


async def test_an_approval_given_is_not_offered_again_and_the_queue_offers_what_the_draft_does(desk: Desk) -> None:
    front = {**TAISHO, "emergency": True, "source": "大阪府 11/24 9:40"}
    draft = (await desk.drop("taisho-chiiki", "木津川に氾濫危険情報が発表されました。", **front)).draft
    assert "approve" in await can(desk, draft, "shimizu")
    await desk.approve(draft, "shimizu")
    assert "approve" not in await can(desk, draft, "shimizu")
    assert "approve" in await can(desk, draft, "tsuruta")  # the second person
    for login in ("shimizu", "tsuruta", "kansa", "oi"):
        (row,) = await page(desk.store, (draft,), desk.setting, desk.who(login))
        assert set(row.can) == await can(desk, draft, login)


async def test_who_may_make_an_exception_is_offered_it(desk: Desk) -> None:
    desk.now = TUESDAY_20
    draft = (await desk.drop("taisho-chiiki", "公園の清掃に参加しませんか。", **TAISHO)).draft
    assert "except" in await can(desk, draft, "shimizu")
    assert "except" not in await can(desk, draft, "okajima")


async def test_a_held_draft_names_the_people_who_may_confirm_it(desk: Desk) -> None:
    draft = (await desk.drop("minato-x", NOTICE, **MINATO)).draft
    await desk.approve(draft, "shibata")
    await desk.store.write(hold_all(desk.setting, 2, by="shibata", reason="点検"))
    (line,) = (await detail(desk.store, draft, desk.setting, desk.who("shibata"))).row.waiting
    assert desk.who("shibata").name in line.who
    assert "approve" in await can(desk, draft, "shibata")
