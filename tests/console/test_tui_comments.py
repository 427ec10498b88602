"""The bench of comments: what it shows, and what a key decides there and what not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from bench_peer import ALL, WORDS, Bench, comment, measure
from console_desk import Desk, at_desk
from scripted_peer import NOW, Peer

from console.tui.commands import by_key
from daemon.wire.bench import CommentRow, Said
from daemon.wire.moderation import ClaimComment, GuideMany, Judge, JudgeMany, Propose, SendMeasure, TagComments, UndoJudgement

pytestmark = pytest.mark.usefixtures("japanese")


@asynccontextmanager
async def at_bench(office: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Desk]:
    async with at_desk(office, size) as desk:
        await desk.shows("運用中")
        await desk.settled()
        await desk.press("K")
        await desk.shows("コメント 1/")
        await desk.until(lambda: desk.console.moderation.bench.detail)
        yield desk


def here(desk: Desk) -> int:
    """The number of the comment under the cursor."""
    row = desk.console.moderation.bench.row()
    assert row is not None
    return row.id


# -- what is shown ------------------------------------------------------------------------------------------------------


async def test_beside_the_list_stand_the_words_the_accounts_own_grounds_and_what_a_measure_comes_to(
    office: Path, peer: Peer
) -> None:
    Bench(peer, [comment(1), comment(2)])
    async with at_bench(office, (120, 40)) as desk:
        for words in (
            "このアカウントの根拠 3 号 7 禁止事項",
            "2. > (2) [機械が示した号] 特定の個人",
            "削除 => 非表示 人 [認めたら必ず]",
            "判断する人 市民協働推進課長",
            "誹謗中傷に当たるか確認してください。",
        ):
            await desk.shows(words)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20), (140, 30)])
async def test_every_row_is_exactly_as_wide_as_the_terminal(office: Path, peer: Peer, size: tuple[int, int]) -> None:
    Bench(peer, [comment(n) for n in range(1, 90)])
    async with at_bench(office, size) as desk:
        from console.text import cells

        assert {cells(line) for line in desk.screen()} == {size[0]}


async def test_without_colour_what_was_found_stands_in_brackets(
    office: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    Bench(peer, [comment(1)])
    async with at_bench(office) as desk:
        await desk.shows(f"【{WORDS[:7]}】")


async def test_hostile_words_reach_no_cell_of_the_screen(office: Path, peer: Peer) -> None:
    evil = "\x1b[2J\x1b]0;x\x07\u202e\u2066\x9b31m\u200b\r\x00"
    bench = Bench(peer, [comment(1, words=f"死ね{evil}", handle=f"h{evil}", tag=f"t{evil}", claimed_by=f"c{evil}")])
    bench.detail = {"url": f"u{evil}", "conversation": f"v{evil}", "author": evil}
    async with at_bench(office) as desk:
        for keys in ((), ("v",), ("enter",), ("i",)):
            await desk.press(*keys)
            await desk.pilot.pause(0.1)
            seen = "".join(desk.screen())
            assert not [c for c in seen if ord(c) < 32 or 0x7F <= ord(c) <= 0x9F or c in "\u202e\u2066\u200b"]


async def test_a_policy_without_the_power_says_so_and_offers_no_ground(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1)])
    bench.detail = {"grounds": (), "means": (), "findings": (), "powerless": "措置の定めがありません", "powerless_en": "none"}
    async with at_bench(office) as desk:
        await desk.press("enter")
        await desk.shows("このアカウントの根拠 0 号")
        await desk.press("a")
        await desk.until(lambda: "措置の定めがありません" in desk.screen()[-2])
        assert not bench.acts()


async def test_what_has_come_since_is_announced_and_not_inserted(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1), comment(2)])
    async with at_bench(office) as desk:
        await desk.press("j")
        bench.new = 7
        peer.tell(kind="comment", account="saitama-x")
        await desk.shows("新着 7件 - R で更新")
        assert (here(desk), len(bench.opened)) == (2, 1)
        bench.rows, bench.new = [comment(3), *bench.rows], 0
        await desk.press("R")
        await desk.shows("コメント 3/3")
        assert here(desk) == 2


async def test_what_somebody_else_decides_is_seen_where_it_stands(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1), comment(2)])
    async with at_bench(office) as desk:
        bench.rows = [comment(1, state="left", can=("undo_judgement",)), comment(2)]
        peer.tell(kind="comment")
        await desk.until(lambda: "措置なし" in desk.screen()[2])
        await desk.press("x")
        await desk.shows("先に z で判断を取り消します")
        assert not bench.acts()


async def test_the_filter_understands_accounts_grounds_and_guidance(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1)])
    async with at_bench(office) as desk:
        await desk.press("slash")
        await desk.type("saitama-x 7(2) 案内 橋")
        await desk.until(lambda: len(bench.opened) == 2)
        wanted = bench.opened[-1]
        assert (wanted.accounts, wanted.clause, wanted.guidance, wanted.text) == (("saitama-x",), "saitama/7(2)", True, "橋")
        await desk.press("f")
        await desk.until(lambda: len(bench.opened) == 3)
        assert (bench.opened[-1].states, bench.opened[-1].clause) == (("open",), "saitama/7(2)")


async def test_enter_shows_the_comment_alone_and_escape_the_list_again(office: Path, peer: Peer) -> None:
    Bench(peer, [comment(1), comment(2)])
    async with at_bench(office) as desk:
        await desk.press("enter")
        await desk.shows("(15) [包括: 理由が要る]")
        await desk.press("escape")
        await desk.until(lambda: "#2" not in desk.screen()[3] and "お前ら" in desk.screen()[3])
        await desk.press("escape")
        await desk.shows("下書き 1/300")


async def test_an_answer_that_comes_late_does_not_stand_beside_another_comment(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1), comment(2)])
    async with at_bench(office) as desk:
        seen = desk.console.moderation.bench
        await asyncio.gather(seen._beside(top=False), desk.press("j"))
        await desk.until(lambda: seen.detail and seen.detail.row.id == 2)
        assert not bench.acts()


async def test_the_bench_is_there_again_after_a_break_of_the_line(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1), comment(2)])
    async with at_bench(office) as desk:
        await desk.press("j")
        peer.hang_up()
        await desk.until(lambda: len(bench.opened) == 2)
        await desk.until(lambda: desk.console.seen.connected)
        await desk.press("x")
        await desk.sure()
        await desk.until(bench.acts)
        assert bench.acts() == [Judge(comment=2, seen=f"{2:064x}")]


# -- decisions ----------------------------------------------------------------------------------------------------------


async def test_a_judgement_names_ground_and_measures_and_goes_on_to_the_next_that_waits(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1), comment(2, claimed_by="tanaka"), comment(3)])
    async with at_bench(office) as desk:
        await desk.press("a")
        await desk.shows("根拠の番号（1-3、空欄は 2）")
        await desk.type("")
        await desk.choose()
        await desk.shows("に該当、削除 => 非表示。記録に残ります。")
        assert not bench.acts()
        await desk.sure()
        await desk.until(bench.acts)
        assert bench.acts() == [Judge(comment=1, clause="saitama/7(2)", actions=("delete",), seen=f"{1:064x}")]
        await desk.until(lambda: here(desk) == 3)


async def test_measures_are_turned_on_and_off_by_their_numbers(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1)])
    async with at_bench(office) as desk:
        await desk.press("a")
        await desk.type("１")
        await desk.until(lambda: desk.console.bottom.answering == "choosing")
        await desk.press("1", "2", "9", "１")
        await desk.shows("1[ ]削除 => 非表示")
        await desk.choose()
        await desk.shows("ブロックの理由")
        await desk.type("くり返し")
        await desk.sure()
        await desk.until(bench.acts)
        assert bench.acts() == [Judge(comment=1, clause="saitama/7(1)", actions=("block",), reason="くり返し", seen=f"{1:064x}")]


async def test_a_catch_all_ground_is_decided_only_with_free_text(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1)])
    async with at_bench(office) as desk:
        await desk.press("a")
        await desk.type("3")
        await desk.choose()
        await desk.shows("包括の号です")
        await desk.type("  ")
        await desk.shows("空のままではできません")
        assert not bench.acts()


async def test_no_measure_is_one_key_and_a_confirmation(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1), comment(2)])
    async with at_bench(office) as desk:
        await desk.press("x")
        await desk.sure()
        await desk.until(bench.acts)
        assert bench.acts() == [Judge(comment=1, seen=f"{1:064x}")]


async def test_what_was_proposed_is_what_an_empty_answer_accepts(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1, state="proposed")])
    said = Said(
        id=1,
        kind="proposal",
        by="omiya",
        by_name="大宮",
        at=NOW,
        clause="saitama/7(1)",
        cite="7 禁止事項 (1)",
        actions=("delete", "block"),
    )
    bench.detail = {"said": (said,)}
    async with at_bench(office) as desk:
        await desk.press("a")
        await desk.type("")
        await desk.choose()
        await desk.type("")
        await desk.sure()
        await desk.until(bench.acts)
        assert bench.acts() == [Judge(comment=1, clause="saitama/7(1)", actions=("delete", "block"), seen=f"{1:064x}")]


async def test_who_may_not_judge_is_told_who_does_and_may_propose(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1, can=tuple(act for act in ALL if act != "judge"))])
    async with at_bench(office) as desk:
        await desk.press("a")
        await desk.shows("判断するのは 市民協働推進課長 です。P で提案できます")
        assert "a 判断" not in desk.screen()[-1]
        await desk.press("P")
        await desk.type("0")
        await desk.sure()
        await desk.until(bench.acts)
        assert bench.acts() == [Propose(comment=1)]


async def test_a_comment_is_claimed_while_somebody_answers_the_questions_and_given_back_after(office: Path, peer: Peer) -> None:
    Bench(peer, [comment(1)])
    async with at_bench(office) as desk:
        await desk.press("a")
        await desk.until(lambda: ClaimComment(comment=1) in peer.acts())
        await desk.press("escape")
        await desk.until(lambda: type(peer.acts()[-1]).__name__ == "UnclaimComment")


def test_a_full_width_letter_opens_the_bench_and_decides_nothing() -> None:
    opens, decides = by_key("Ｋ", "queue"), by_key("ａ", "comments")
    assert opens is not None
    assert opens.name == "comments"
    assert decides is None


async def test_taking_a_decision_back_needs_its_reason(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1, state="judged", can=("undo_judgement",))])
    async with at_bench(office) as desk:
        await desk.press("z")
        await desk.type("取り違え")
        await desk.sure()
        await desk.until(bench.acts)
        assert bench.acts() == [UndoJudgement(comment=1, reason="取り違え")]


# -- many at once -------------------------------------------------------------------------------------------------------


async def test_many_are_decided_only_when_their_number_is_typed(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(n) for n in range(1, 8)])
    async with at_bench(office) as desk:
        await desk.press("s", "j", "s")
        await desk.shows("選択 2件")
        for typed in ("7", "２"):
            await desk.press("A")
            await desk.type("0")
            await desk.shows("2 件の判断: 措置なし")
            await desk.shows("1件ずつ選択。一覧の条件: 未確認")
            await desk.type(typed)
        await desk.until(bench.acts)
        (act,) = bench.acts()
        assert isinstance(act, JudgeMany)
        assert (act.comments, act.count, act.clause) == ((1, 3), 2, "")
        assert "未確認" in act.condition


async def test_all_of_the_filter_leaves_out_what_is_decided_or_in_somebodys_hands(office: Path, peer: Peer) -> None:
    rows: list[CommentRow] = [comment(n) for n in range(1, 70)]
    rows[3], rows[66] = comment(4, claimed_by="tanaka"), comment(67, state="left", can=())
    bench = Bench(peer, rows)
    async with at_bench(office) as desk:
        await desk.press("A")
        await desk.type("2")
        await desk.choose()
        await desk.shows("ほかの 2 件は除きます")
        await desk.type("67")
        await desk.until(bench.acts)
        (act,) = bench.acts()
        assert isinstance(act, JudgeMany)
        assert (act.count, act.clause, act.actions) == (67, "saitama/7(2)", ("delete",))
        assert not {4, 67} & set(act.comments)


async def test_questions_are_recorded_as_guided_together_and_what_presses_among_them_is_said(office: Path, peer: Peer) -> None:
    can = (*ALL, "guided")
    asked = [comment(n, guidance="question", verdict="pass", can=can) for n in (1, 2)]
    bench = Bench(peer, [*asked, comment(3, guidance="emergency", verdict="pass", can=can), comment(4)])
    async with at_bench(office) as desk:
        await desk.shows("緊急")
        await desk.press("D")
        await desk.type("よくある質問に足した")
        await desk.shows("緊急・相談・通報のものが 1 件含まれます")
        await desk.shows("ほかの 1 件は除きます")
        await desk.type("2")
        await desk.shows("打った数が違います（3 件）")
        assert not bench.acts()
        await desk.press("s", "s", "D")
        await desk.type("よくある質問に足した")
        await desk.type("2")
        await desk.until(bench.acts)
        (act,) = bench.acts()
        assert isinstance(act, GuideMany)
        assert (act.comments, act.count, act.note) == ((1, 2), 2, "よくある質問に足した")


async def test_an_endless_name_or_address_pushes_no_words_out_of_sight(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1, handle="a" * 5000)])
    bench.detail = {"conversation": "c" * 9000, "url": "d" * 9000}
    async with at_bench(office) as desk:
        await desk.shows("本文")
        assert any(WORDS in line and "未確認" not in line for line in desk.screen())


async def test_what_was_done_is_still_read_when_it_was_the_last_of_the_list(office: Path, peer: Peer) -> None:
    Bench(peer, [comment(1)])
    async with at_bench(office) as desk:
        await desk.press("x")
        await desk.sure()
        await desk.shows("この一覧は終わりです")
        assert any("判断しました" in line for line in desk.screen())


async def test_the_filter_understands_what_kind_of_guidance_is_meant(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1)])
    async with at_bench(office) as desk:
        await desk.press("/")
        await desk.type("質問 橋")
        await desk.shows("案内:質問")
        assert (bench.opened[-1].kind, bench.opened[-1].text) == ("question", "橋")


async def test_under_a_ground_only_comments_to_one_account_are_decided_together(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1), comment(2, account="taisho-x")])
    async with at_bench(office) as desk:
        await desk.press("A")
        await desk.shows("2 件の判断: 措置なし")
        await desk.press("escape")
        assert not bench.acts()


async def test_a_call_for_help_among_many_is_said_before_they_are_left(office: Path, peer: Peer) -> None:
    Bench(peer, [comment(1), comment(2, guidance="help", verdict="pass")])
    async with at_bench(office) as desk:
        await desk.press("A")
        await desk.type("0")
        await desk.shows("のあるものが 1 件含まれます。先に見てください")
        await desk.press("escape", "j", "x")
        await desk.shows("案内の印があります。つないだら d（案内済）です。")


async def test_a_tag_goes_on_everything_that_is_selected(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1), comment(2), comment(3)])
    async with at_bench(office) as desk:
        await desk.press("s", "s", "t")
        await desk.type("橋の件")
        await desk.until(bench.acts)
        assert bench.acts() == [TagComments(comments=(1, 2), tag="橋の件")]


# -- measures -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stopped", [True, False])
async def test_a_measure_is_not_taken_while_actions_are_stopped(office: Path, peer: Peer, stopped: bool) -> None:
    bench = Bench(peer, [comment(1)])
    bench.measures = (measure(1, can=("drop_measure",) if stopped else ("take_measure", "drop_measure")),)
    if stopped:
        (office / "state" / "gate" / "STOP.actions").touch()
    async with at_desk(office) as desk:
        await desk.press("M")
        await desk.shows("削除 => 非表示")
        shows: Callable[[], bool] = lambda: "停止中です。コメントへの措置も止まっています" in "".join(desk.screen())  # noqa: E731
        await desk.press("t")
        await desk.until(shows if stopped else lambda: desk.console.bottom.asking)
        assert not bench.acts()


async def test_each_measure_says_whether_the_machine_or_a_person_does_it_and_how_far_it_is(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1)])
    bench.measures = (
        measure(1, by="channel", begins_at=NOW, cost=5_000),
        measure(2, by="channel", state="taken", sent="unknown", holder="daemon"),
        measure(3, really="block", asked="block", why="媒体が断りました（400）", why_en="refused (400)", can=("take_measure",)),
    )
    async with at_desk(office, size=(80, 24)) as desk:
        await desk.press("M")
        await desk.shows("自動待ち")
        screen = "\n".join(desk.screen())
        assert "不明" in screen and "未着手" in screen
        assert screen.count("自動") >= 3
        await desk.shows("$0.005")
        await desk.press("j", "j")
        await desk.shows("媒体が断りました（400）")


async def test_a_measure_is_given_back_to_the_channel_with_one_key(office: Path, peer: Peer) -> None:
    bench = Bench(peer, [comment(1)])
    bench.measures = (measure(4, can=("take_measure", "drop_measure", "send_measure")),)
    async with at_desk(office) as desk:
        await desk.press("M")
        await desk.shows("未着手")
        await desk.press("s")
        await desk.sure()
        await desk.until(bench.acts)
        assert bench.acts() == [SendMeasure(measure=4)]
