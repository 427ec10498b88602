"""What stands in a confirmation and in the record is enough to see a mistake: which account, whose decision, by which sheet."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from console_desk import at_desk
from msgspec.structs import replace
from scripted_peer import NOW, Peer, row

from console.cli.drafts import detail_lines
from console.record import detail_words
from daemon.wire import Ask, DaySeen, Duties, DutyList, DutySeen, HistoryLine, Month, MonthOf, NoticeList, Notices, Show
from daemon.wire.answers import DraftDetail

pytestmark = pytest.mark.usefixtures("japanese")


def duty(account: str) -> DutySeen:
    return DutySeen(
        id="minato/password",
        title="パスワードの変更",
        title_en="password change",
        basis="",
        basis_en="",
        last=None,
        due=NOW,
        overdue=False,
        account=account,
        can=("done",),
    )


def entry(act: str, **detail: str) -> HistoryLine:
    return HistoryLine(seq=1, at=NOW, actor="osaki", act=act, draft=1, detail=json.dumps({"detail": detail}))


async def test_of_duties_of_the_same_name_the_confirmation_names_the_account(office: Path, peer: Peer) -> None:
    before = peer.answer

    def answer(ask: Ask) -> object | None:
        match ask.query:
            case Duties():
                return DutyList(duties=(duty("minato-x"), duty("minato-line")))
            case Notices():
                return NoticeList(notices=())
        return before(ask)

    peer.answer = answer
    async with at_desk(office) as desk:
        await desk.press("8")
        await desk.shows("minato-line")
        await desk.press("down", "d")
        await desk.shows("「パスワードの変更 minato-line」で何をしたか")
        await desk.type("新しくした")
        await desk.shows("「パスワードの変更 minato-line」を済にします")


async def test_a_day_is_closed_for_accounts_that_are_named(office: Path, peer: Peer) -> None:
    before = peer.answer

    def answer(ask: Ask) -> object | None:
        if isinstance(ask.query, MonthOf):
            return Month(
                month="2026-12", today=date(2026, 12, 1), days=(DaySeen(day=date(2026, 12, 7), accounts=()),), last_year=2027
            )
        return before(ask)

    peer.answer = answer
    async with at_desk(office) as desk:
        await desk.press("4")
        await desk.shows("12/7")
        await desk.press("x")
        await desk.type("")
        await desk.type("停電作業")
        await desk.shows("対象: 担当のうち運用時間の定めのあるアカウント全部")
        await desk.shows("理由: 停電作業")


def test_an_entry_of_a_paper_says_what_was_decided_and_by_whom() -> None:
    words = detail_words(entry("enter_paper", outcome="approve", decided_by="oi", reference="戦広第12号"))
    assert words == "承認  決裁者 oi  決裁番号 戦広第12号"


def test_the_number_of_a_sheet_is_not_called_that_of_a_decision() -> None:
    words = detail_words(entry("approve", how="folder", reference="944f5a9c"))
    assert "票番号 944f5a9c" in words and "決裁番号" not in words


def test_the_command_line_says_that_a_post_was_deleted_and_what_kind_of_act_a_draft_is(peer: Peer) -> None:
    found = peer.answered(Ask(id="1", query=Show(draft=1)))
    assert isinstance(found, DraftDetail)
    marked = replace(row(1, state="released"), marks=("削除済（写しは残る） #35",), marks_en=("deleted #35",))
    lines = list(detail_lines(replace(found, row=marked, item={"kind": "delete"})))
    assert any("削除済（写しは残る） #35" in line for line in lines)
    assert next(line for line in lines if line.startswith("種類")).endswith("削除")
