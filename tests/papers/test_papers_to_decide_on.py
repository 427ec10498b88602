"""What a chief sees before deciding: everything that the decision binds, not only the text."""

from __future__ import annotations

from datetime import datetime

from daemon.desk.deciding import for_decision
from daemon.papers.bars import bars
from daemon.papers.decision import record, sheet
from daemon.papers.sheet import Bars, Table
from daemon.rulebook.calendar import TOKYO
from daemon.wire.deciding import ForDecision
from tests.desk.conftest import Desk, book, desk

__all__ = ["book", "desk"]


NOW = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)


async def seen(desk: Desk, account: str, text: str, **front: object) -> ForDecision:
    landed = await desk.drop(account, text, **front)
    case = await desk.case(landed.draft)
    return for_decision(case, None, desk.setting, returned=None, before=None, papers=())


async def test_a_repost_is_shown_with_whom_it_reposts_and_why(desk: Desk) -> None:
    facts = await seen(
        desk,
        "shinagawa-koho",
        "",
        author="osaki",
        kind="repost",
        target="https://x.com/tokyo_fd/status/1",
        purpose="火災予防の周知",
    )
    for paper in (sheet(facts, "1", "大井 正樹", NOW), record(facts, "1", NOW)):
        assert "リポスト" in paper
        assert "https://x.com/tokyo_fd/status/1" in paper
        assert "火災予防の周知" in paper


async def test_an_emergency_is_shown_with_its_source_and_its_topic(desk: Desk) -> None:
    facts = await seen(
        desk, "minato-line", "訓練です。", author="mita", topic="災害・緊急情報", emergency=True, source="気象庁 9時発表"
    )
    assert facts.front["emergency"] == "true"
    paper = sheet(facts, "1", "高輪 聡", NOW)
    assert "災害・緊急情報" in paper
    assert "気象庁 9時発表" in paper


async def test_nothing_on_paper_says_that_what_is_out_can_be_taken_back(desk: Desk) -> None:
    for account, author, topic in (("minato-x", "akasaka", "区政情報"), ("minato-line", "mita", "災害・緊急情報")):
        facts = await seen(desk, account, "お知らせです。", author=author, topic=topic)
        paper = record(facts, "1", NOW)
        assert "完全には消せません" in paper or "取り消せません" in paper
        assert "取消し" not in paper


def test_a_chart_has_one_bar_for_each_name() -> None:
    table = Table("件数", ("アカウント", "種別", "件"), (("港区", "投稿", "2"), ("港区", "引用", "1"), ("品川区", "投稿", "5")))
    drawn = bars(Bars(table, (2, 1, 5)), "a").html
    assert drawn.count("<rect") == 2
    assert "港区 3、品川区 5" in drawn


def test_a_chart_of_nothing_is_empty() -> None:
    assert "<rect" not in bars(Bars(Table("件数", ("アカウント",), ()), ()), "a").html
