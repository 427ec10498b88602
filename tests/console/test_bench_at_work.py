"""The bench at a console before a real office: from the export to the measure that is done, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_desk import Desk, at_desk

from daemon.wire.bench import (
    BenchOpened,
    BenchPage,
    BenchRows,
    CommentRow,
    OpenBench,
)
from daemon.wire.blocks import BlockList, Blocks
from tests.service.live_office import Office, until

pytestmark = pytest.mark.usefixtures("japanese")

ABUSE = "お前ら全員死ね。市民をなめるな。"
EVERY = ("open", "proposed", "second", "escalated", "judged", "left", "guided", "gone")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A running office whose bench has the comments of one export."""
    office = Office(tmp_path_factory.mktemp("bench") / "office").start()
    folder = office.folder / "comments" / "saitama-cvc"
    folder.mkdir(parents=True)
    new = office.folder / "new.jsonl"
    lines = [{"id": str(n), "text": f"{ABUSE}{n}", "author": f"shimin_{n}", "author_id": f"u{n}"} for n in range(1, 7)]
    new.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines), encoding="utf-8")
    path = new.rename(folder / "a.jsonl")
    until(lambda: not path.exists(), "the export read and gone")
    yield office
    office.stop()


def row(office: Office, number: int) -> CommentRow:
    """The comment of that author as it stands."""
    caller = office.caller("kansa")
    opened = caller.ask(OpenBench(accounts=("saitama-cvc",), states=EVERY), BenchOpened)
    rows = caller.ask(BenchPage(view=opened.view), BenchRows).rows
    return next(each for each in rows if each.handle == f"shimin_{number}")


async def bench(desk: Desk) -> None:
    await desk.shows("訓練")
    await desk.until(lambda: desk.console.seen.connected)
    await desk.press("K")
    await desk.until(lambda: desk.console.moderation.bench.detail)


async def test_a_clerk_proposes_the_manager_judges_and_somebody_carries_it_out(live: Office) -> None:
    async with at_desk(live.folder, operator="omiya") as desk:
        await bench(desk)
        await desk.press("P")
        await desk.type("2")
        await desk.choose()
        await desk.sure()
        await desk.shows("提案しました")
        assert row(live, 1).state == "proposed"
    async with at_desk(live.folder, operator="urano") as desk:
        await bench(desk)
        await desk.press("a")
        await desk.type("")
        await desk.choose()
        await desk.sure()
        await desk.shows("判断しました")
        assert row(live, 1).state == "judged"
        await desk.press("M")
        await desk.shows("削除 => 非表示")
        await desk.press("d")
        await desk.shows("先に t で着手してください")
        await desk.press("t")
        await desk.sure()
        await desk.shows("返信を非表示にする")
        await desk.press("tab", "end")
        await desk.shows(f"本文 {ABUSE}1")
        await desk.press("d")
        await desk.type("非表示の返信の中にある")
        await desk.sure()
        await desk.shows("要綱上の措置は削除")
    live.record_is_whole()


async def test_a_block_is_on_the_list_until_the_manager_lifts_it(live: Office) -> None:
    live.caller("urano")
    async with at_desk(live.folder, operator="urano") as desk:
        await bench(desk)
        await desk.press("B", "i")
        for typed in ("saitama-cvc", "dareka", "u77", "7(2)", "くり返し"):
            await desk.type(typed)
        await desk.sure()
        await desk.shows("@dareka")
        await desk.press("slash")
        await desk.type("dareka")
        await desk.shows("ブロックリスト 1 件")
        await desk.press("w")
        await desk.type("見直した結果")
        await desk.sure()
        await desk.shows("ブロックリスト 0 件")
    (entry,) = [e for e in live.caller("kansa").ask(Blocks(removed=True), BlockList).blocks if e.handle == "dareka"]
    assert (entry.state, entry.ended_why) == ("removed", "見直した結果")


async def test_many_are_left_at_once_and_nobody_elses_console_has_to_ask(live: Office) -> None:
    async with at_desk(live.folder, operator="omiya") as other:
        await bench(other)
        async with at_desk(live.folder, operator="urano") as desk:
            await bench(desk)
            await desk.press("s", "s", "A")
            await desk.type("0")
            await desk.shows("2 件の判断")
            await desk.type("2")
            await desk.shows("2 件をまとめて判断しました")
        await other.until(lambda: sum("措置なし" in line for line in other.screen()[2:9]) == 2)


async def test_hostile_reactions_are_reported_and_the_manager_deals_with_them(live: Office) -> None:
    async with at_desk(live.folder, operator="urano") as desk:
        await bench(desk)
        await desk.press("H")
        await desk.shows("アカウントごとの待ち")
        await desk.press("i")
        for typed in ("saitama-cvc", "12", "批判が集中している"):
            await desk.type(typed)
        await desk.sure()
        await desk.shows("反応の報告 1 件")
        await desk.press("d")
        await desk.type("3")
        await desk.type("")
        await desk.sure()
        await desk.shows("反応の報告 0 件")


async def test_a_comment_marked_by_hand_keeps_its_lines(live: Office) -> None:
    async with at_desk(live.folder, operator="omiya") as desk:
        await bench(desk)
        await desk.press("i")
        for typed in ("", "@tegaki", "", "一行目", "二行目", ""):
            await desk.type(typed)
        await desk.sure()
        await desk.shows("新着 1件")
    assert next(each for each in _all(live) if each.handle == "tegaki").words == "一行目 二行目"


def _all(office: Office) -> tuple[CommentRow, ...]:
    caller = office.caller("kansa")
    opened = caller.ask(OpenBench(accounts=("saitama-cvc",), states=EVERY), BenchOpened)
    return caller.ask(BenchPage(view=opened.view), BenchRows).rows


def test_the_export_is_gone_when_its_comments_stand_on_the_bench(live: Office) -> None:
    assert not list(Path(live.folder / "comments" / "saitama-cvc").iterdir())
