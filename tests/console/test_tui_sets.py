"""一斉発信 at the console: on which accounts a set is out, and in red what it lacks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from console_desk import at_desk

from console.tui.sets import sets_sheet
from daemon.wire import FanOutSeen
from daemon.wire.fanning import MemberSeen
from tests.service.live_office import Office, until

pytestmark = pytest.mark.usefixtures("japanese")

TEXT = "大津波警報が発表されました。ただちに高い建物へ避難してください。\n（大阪市危機管理室 発表）"
FRONT = {"author": "okajima", "topic": "行政情報（全般）", "emergency": True, "source": "大阪市危機管理室"}


async def test_the_line_lists_every_account_of_a_set(tmp_path: Path) -> None:
    office = Office(tmp_path / "office").start()
    try:
        office.drop("taisho-gyosei", "tsunami.txt", TEXT, **FRONT)
        until(lambda: len(office.rows()) == 6, "the set is made")
        async with at_desk(office.folder, operator="kitamura") as desk:
            await desk.shows("大津波警報")
            await desk.press(*":一斉", "enter")
            await desk.shows("一斉発信 1")
            await desk.shows("taisho-somu")
            await desk.shows("0/6")
    finally:
        office.stop()


def test_what_is_out_in_part_is_red_and_says_so_in_words() -> None:
    at = datetime(2026, 11, 24, 10, tzinfo=UTC)
    members = (
        MemberSeen(account="taisho-somu", draft=1, state="released"),
        MemberSeen(account="taisho-gyosei", draft=2, state="waiting"),
    )
    one = FanOutSeen(id=3, policy="taisho", clause="taisho/3.分野※", title="警報", at=at, members=members, broken=True)
    parts = sets_sheet([one])
    red = [part.text.plain for part in parts if part.ink in ("stopped", "alert")]
    assert any("不完全" in text for text in red)
    assert any("未" in text for text in red)
    assert not any("済" in text for text in red)
