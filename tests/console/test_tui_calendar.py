"""The calendar's key `w`: what is decided for the day under the cursor is taken back without its number being looked up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from console_desk import Desk, at_desk
from scripted_peer import Peer

from daemon.wire import Ask, DaySeen, Month, MonthOf, RemoveOverride, SpecialDayList, SpecialDays, SpecialDaySeen

pytestmark = pytest.mark.usefixtures("japanese")

FRIDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 30)


def closure(
    name: str, first: date, last: date | None = None, *, author: str = "urano", reason: str = "停電作業"
) -> SpecialDaySeen:
    return SpecialDaySeen(what="closure", first=first, last=last or first, reason=reason, id=name, author=author)


def with_days(peer: Peer, *special: SpecialDaySeen) -> Peer:
    before = peer.answer

    def answer(ask: Ask) -> object | None:
        if isinstance(ask.query, MonthOf):
            days = tuple(DaySeen(day=day, accounts=(), planned=()) for day in (FRIDAY, MONDAY))
            return Month(month="2026-11", today=FRIDAY, days=days, last_year=2027)
        if isinstance(ask.query, SpecialDays):
            return SpecialDayList(days=special, last_year=2027)
        return before(ask)

    peer.answer = answer
    return peer


async def at_calendar(desk: Desk) -> None:
    await desk.shows("運用中")
    await desk.press("4")
    await desk.shows("暦 2026-11")
    await desk.press("w")


async def test_of_the_one_override_on_the_day_only_the_reason_is_asked(office: Path, peer: Peer) -> None:
    with_days(peer, closure("c27", FRIDAY), closure("c30", MONDAY), closure("", FRIDAY, author=""))
    async with at_desk(office) as desk:
        await at_calendar(desk)
        await desk.shows("上書き c27（臨時閉庁 停電作業）を取り消す理由")
        await desk.type("作業が延期されたため")
        await desk.sure()
        await desk.until(lambda: peer.acts())
        assert peer.acts()[0] == RemoveOverride(id="c27", reason="作業が延期されたため")


async def test_of_several_the_numbers_are_named_and_a_span_covers_its_days(office: Path, peer: Peer) -> None:
    with_days(peer, closure("c27", FRIDAY), closure("span", FRIDAY, MONDAY))
    async with at_desk(office) as desk:
        await at_calendar(desk)
        await desk.shows("この日は c27、span")


async def test_where_nothing_was_decided_for_the_day_the_number_is_asked_for(office: Path, peer: Peer) -> None:
    with_days(peer, closure("c30", MONDAY))
    async with at_desk(office) as desk:
        await at_calendar(desk)
        await desk.shows("取り消す上書きの番号と理由: ")
