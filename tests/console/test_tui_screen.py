"""The console on a screen: keys in, rows out, acts on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from console_desk import Desk, at_desk
from scripted_peer import Peer, row
from textual.events import Key, Paste

from console.tui import bottom
from console.tui.ink import style
from daemon.gate import Gate
from daemon.wire import Approve, Except, MissingSeen, OpenView, Refusal, Return, Schedule, Stopped, Take
from daemon.wire.acts import AnyAct

pytestmark = pytest.mark.usefixtures("japanese")


@pytest.fixture
async def desk(office: Path, peer: Peer) -> AsyncIterator[Desk]:
    async with at_desk(office) as it:
        await it.shows("防災訓練のお知らせ")
        await it.shows("運用中")
        yield it


async def acted(desk: Desk, peer: Peer, kind: type[AnyAct]) -> AnyAct:  # type: ignore[valid-type]
    """The act of this kind that came over the wire."""
    await desk.until(lambda: any(isinstance(act, kind) for act in peer.acts()))
    return next(act for act in peer.acts() if isinstance(act, kind))


# -- what is seen -------------------------------------------------------------------------------------------------------


async def test_the_first_row_says_running_training_and_who_i_am(desk: Desk) -> None:
    await desk.until(lambda: "運用中" in desk.screen()[0])
    assert "訓練" in desk.screen()[0]
    assert "sato" in desk.screen()[0]


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (60, 15)])
async def test_every_row_is_exactly_as_wide_as_the_terminal(office: Path, peer: Peer, size: tuple[int, int]) -> None:
    async with at_desk(office, size) as desk:
        await desk.shows("防災訓練")
        for line in desk.console.screen._compositor.render_strips():
            assert sum(segment.cell_length for segment in line) == size[0]


async def test_a_draft_opens_with_its_finding_beside_the_clause(desk: Desk) -> None:
    await desk.press("enter")
    await desk.shows("個人情報に関するもの")
    await desk.shows("なぜまだ出ないか")
    await desk.shows("電話番号に当たるか確認してください")
    await desk.press("escape")
    await desk.shows("下書き 1/300")


async def test_without_colour_the_finding_stands_in_brackets_and_the_row_has_a_marker(
    office: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    style.cache_clear()
    try:
        async with at_desk(office) as desk:
            await desk.shows("> saitama-x")
            await desk.press("enter")
            await desk.shows("【090-1234-5678】")
    finally:
        style.cache_clear()


async def test_hostile_text_reaches_no_cell_of_the_screen(office: Path, peer: Peer) -> None:
    payload = "\x1b]52;c;RVZJTA==\x07\x9b2J\u202e適合\u200b[@click=app.bell]x[/]"
    peer.rows = [row(1, title=payload)]
    peer.text = payload
    async with at_desk(office, (120, 40)) as desk:
        await desk.shows("␛]52;c;")
        await desk.press("enter")
        await desk.shows("⟦RLO⟧")
        await desk.press("v")
        await desk.shows("RIGHT-TO-LEFT OVERRIDE")
        shown = "".join(desk.screen())
        assert not any(c < " " or "\x7f" <= c <= "\x9f" or c in "\u202e\u200b" for c in shown)
        assert "[@click=app.bell]" in "".join(desk.screen()) or "COMMERCIAL AT" in shown


async def test_the_stop_screen_takes_back_running_together_with_the_first_row(desk: Desk) -> None:
    await desk.press("5")
    await desk.shows("運用中です")
    desk.console.link.state = "down"
    desk.console.news.link_changed()
    await desk.until(lambda: "停止状態は不明" in desk.screen()[0])
    assert not any("運用中です" in line for line in desk.screen())


# -- moving about -------------------------------------------------------------------------------------------------------


async def test_the_cursor_turns_pages_and_finds_the_end(desk: Desk) -> None:
    lines = desk.console.queue.view.lines
    height = lines.size.height
    await desk.press(*["down"] * height)
    await desk.until(lambda: lines.cursor == height)
    assert lines.top == height
    await desk.press("G")
    await desk.until(lambda: lines.cursor == 299)
    await desk.shows("その1 ")
    await desk.press("home")
    await desk.until(lambda: lines.cursor == 0)


async def test_a_full_width_letter_moves_and_kana_is_told(desk: Desk) -> None:
    await desk.press("ｊ")
    await desk.until(lambda: desk.console.queue.view.lines.cursor == 1)
    await desk.press("あ")
    await desk.shows("日本語入力がオン")


async def test_the_filter_shows_as_a_chip_and_goes_when_it_is_emptied(desk: Desk, peer: Peer) -> None:
    await desk.press("slash")
    await desk.type("その29")
    await desk.shows("絞込: その29")
    await desk.shows("/11")
    assert any(isinstance(ask.query, OpenView) and ask.query.text == "その29" for ask in peer.asked)
    await desk.press("slash")
    await desk.type("")
    await desk.shows("/300")


async def test_a_filter_that_nothing_meets_says_so(desk: Desk) -> None:
    await desk.press("slash")
    await desk.type("ないもの")
    await desk.shows("この条件に合う下書きはありません")


async def test_new_drafts_are_announced_and_not_inserted(desk: Desk, peer: Peer) -> None:
    await desk.press("down")
    chosen = desk.console.queue.row()
    peer.rows = [row(301), *peer.rows]
    peer.tell(kind="draft", draft=301, state="waiting")
    await desk.shows("新着 1件 - R で更新")
    assert desk.console.queue.row() == chosen
    await desk.press("R")
    await desk.shows("/301")
    assert chosen is not None
    await desk.until(lambda: (now := desk.console.queue.row()) is not None and now.id == chosen.id)


async def test_a_draft_that_moves_on_changes_where_it_stands(desk: Desk, peer: Peer) -> None:
    peer._view = peer.rows = [row(300, state="approved"), *peer.rows[1:]]
    peer.tell(kind="draft", draft=300, state="approved")
    await desk.shows("承認済")
    assert desk.console.queue.view.lines.cursor == 0


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("4", "@PublicRelations"),
        ("5", "停止と再開"),
        ("6", "条文1の言葉"),
        ("7", "記録 0件"),
        ("9", "委員会への運用状況の報告"),
        ("0", "rules.toml"),
        ("T", "tanaka"),
        ("question_mark", "のキー"),
    ],
)
async def test_digits_lead_to_the_screens_and_escape_leads_back(desk: Desk, key: str, text: str) -> None:
    await desk.press(key)
    await desk.shows(text)
    assert "運用中" in desk.screen()[0]
    await desk.press("escape")
    await desk.shows("下書き 1/300")


async def test_the_page_of_keys_can_be_searched(desk: Desk) -> None:
    await desk.press("question_mark")
    await desk.until(lambda: desk.console.keys_page.list.source.count > 20)
    await desk.press("slash")
    await desk.type("この版を承認")
    await desk.until(lambda: desk.console.keys_page.list.source.count == 2)
    await desk.shows("この版を承認する")


async def test_a_command_can_be_typed_in_japanese(desk: Desk) -> None:
    await desk.press("colon")
    await desk.type("条文")
    await desk.shows("条文1の言葉")
    await desk.press("colon")
    await desk.type("nosuch")
    await desk.shows("そういう命令はありません")


async def test_another_operator_is_played_by_command(desk: Desk) -> None:
    await desk.press("colon")
    await desk.type("as tanaka")
    await desk.until(lambda: "tanaka" in desk.screen()[0])


async def test_who_may_not_be_played_is_not_and_we_stay_who_we_were(desk: Desk, peer: Peer) -> None:
    peer.bye, peer.bye_to = (
        Refusal(code="not_training", message="訓練の部署だけでできます", message_en="only in training"),
        "tanaka",
    )
    await desk.press("colon")
    await desk.type("as tanaka")
    await desk.shows("訓練の部署だけでできます")
    await desk.until(lambda: "sato" in desk.screen()[0])


# -- verbs --------------------------------------------------------------------------------------------------------------


async def test_an_approval_names_the_draft_and_is_sent_after_y_only(desk: Desk, peer: Peer) -> None:
    await desk.press("a")
    await desk.shows("#300『防災訓練のお知らせ その30』を承認します")
    await desk.press("enter", "a", "n")
    assert not peer.acts()
    await desk.sure()
    assert await acted(desk, peer, Approve) == Approve(draft=300, hash=f"{300:064x}")
    await desk.shows("記録しました")


async def test_escape_leaves_a_confirmation_undone(desk: Desk, peer: Peer) -> None:
    await desk.press("a")
    await desk.shows("を承認します")
    await desk.press("escape")
    await desk.until(lambda: not desk.console.bottom.asking)
    await desk.press("y")
    await desk.pilot.pause(0.05)
    assert not peer.acts()


async def test_a_y_that_comes_with_the_question_does_not_count(desk: Desk, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bottom, "SETTLE", 60.0)  # however slow the machine is on which this is tested
    await desk.press("a")
    await desk.until(lambda: desk.console.bottom.asking)
    await desk.press("y")
    await desk.pilot.pause(0.05)
    assert not peer.acts()
    assert desk.console.bottom.asking


async def test_a_return_needs_its_reason(desk: Desk, peer: Peer) -> None:
    await desk.press("r")
    await desk.type("   ")
    await desk.shows("空のままではできません")
    assert not peer.acts()
    await desk.press("r")
    await desk.type("日付を確かめてください")
    await desk.sure()
    assert await acted(desk, peer, Return) == Return(draft=300, hash=f"{300:064x}", reason="日付を確かめてください")


async def test_an_empty_time_schedules_for_the_next_opening(desk: Desk, peer: Peer) -> None:
    await desk.press("s")
    await desk.type("")
    await desk.shows("次の開庁 に予約します")
    await desk.sure()
    assert (await acted(desk, peer, Schedule)) == Schedule(draft=300, hash=f"{300:064x}", at=None)


async def test_a_time_that_is_none_is_told_and_nothing_is_sent(desk: Desk, peer: Peer) -> None:
    await desk.press("s")
    await desk.type("そのうち")
    await desk.shows("時刻として読めません")
    assert not peer.acts()


async def test_of_several_holds_the_number_chooses(office: Path, peer: Peer) -> None:
    holds = tuple(
        MissingSeen(what=f"確認{n}", what_en="", who="課長", clause=f"saitama/{n}", act="except", rule=f"rule.{n}")
        for n in (1, 2)
    )
    peer.rows = [msgspec.structs.replace(row(1), waiting=holds)]
    async with at_desk(office) as desk:
        await desk.shows("防災訓練")
        await desk.press("e")
        await desk.shows("1 確認1  2 確認2")
        await desk.type("2")
        await desk.type("訓練のため")
        await desk.shows("例外の期限")
        await desk.type("明日 9:00")
        await desk.shows("saitama/2 を例外にします")
        await desk.sure()
        act = await acted(desk, peer, Except)
        assert isinstance(act, Except)
        assert act.rule == "rule.2"
        assert act.until is not None
        assert (act.until.hour, act.until.minute) == (9, 0)


async def test_the_card_shows_the_text_only_after_it_was_taken_and_asks_for_the_handle_when_told_to(
    desk: Desk, peer: Peer
) -> None:
    answers = peer.answer

    def guarded(ask: object) -> object | None:
        act = getattr(ask, "act", None)
        if isinstance(act, Take) and act.handle != "@PublicRelations":
            return Refusal(code="handle", message="ハンドルを打ってください", message_en="type the handle")
        return answers(ask)  # type: ignore[arg-type]

    peer.answer = guarded
    await desk.press("t")
    await desk.sure()
    await desk.shows("@ユーザー名を打って確かめます")
    await desk.type("@PublicRelations")
    await desk.shows("投稿する本文")
    await desk.shows("090-1234-5678")
    await desk.shows("残り 9:5")


async def test_a_refusal_is_one_line_with_its_clause(desk: Desk, peer: Peer) -> None:
    peer.answer = lambda ask: (
        Refusal(code="not_approver", message="課長に承認を求めてください", message_en="ask the chief", clause="saitama/5")
        if ask.act
        else peer.answered(ask)
    )
    await desk.press("a")
    await desk.sure()
    await desk.shows("課長に承認を求めてください [saitama/5]")
    await desk.press("m")
    await desk.shows("知らせ 1件")


async def test_a_long_refusal_is_shown_whole_even_on_a_small_screen(desk: Desk, peer: Peer) -> None:
    sentence = "北村さんは、このアカウントの担当ではありません。" * 3 + "担当の人に頼んでください。"
    peer.answer = lambda ask: Refusal(code="role", message=sentence, message_en="") if ask.act else peer.answered(ask)
    await desk.press("a")
    await desk.sure()
    await desk.shows("ださい。")
    assert "F12 F12 停止" in desk.screen()[-1]


async def test_a_burst_of_keys_is_ignored(desk: Desk, peer: Peer) -> None:
    for letter in "bcdxz,;a":
        desk.console.keyboard._is_burst(letter)
    await desk.press("a")
    await desk.shows("手では打てない速さ")
    assert not desk.console.bottom.asking


async def test_pasted_control_characters_are_shown_and_not_obeyed(desk: Desk) -> None:
    await desk.press("slash")
    await desk.until(lambda: desk.console.bottom.typing)
    desk.console.bottom.input.post_message(Paste("a\x1b]0;x\x07\u202eb\nX"))
    await desk.until(lambda: desk.console.bottom.input.value)
    assert desk.console.bottom.input.value == "a␛]0;x␇⟦RLO⟧b"


async def test_ctrl_c_and_ctrl_q_do_not_quit_and_q_asks(desk: Desk) -> None:
    await desk.press("ctrl+c", "ctrl+q")
    assert desk.console.is_running
    await desk.press("q")
    await desk.shows("画面を閉じます")
    await desk.sure()
    await desk.until(lambda: desk.console.return_value == 0)


# -- stop ---------------------------------------------------------------------------------------------------------------


async def test_f12_twice_stops_from_anywhere_even_inside_an_input(desk: Desk, peer: Peer, office: Path) -> None:
    gate = Gate(office / "state")
    await desk.press("slash")
    await desk.until(lambda: desk.console.bottom.typing)
    await desk.press("f12")
    await desk.until(lambda: "もう一度 F12" in desk.screen()[0])
    assert gate.look().open
    await desk.press("f12")
    assert not gate.look().open
    await desk.until(lambda: "緊急停止中" in desk.screen()[0])
    assert isinstance(await acted(desk, peer, Stopped), Stopped)
    await desk.type("誤投稿のおそれ")
    await desk.until(lambda: [a.reason for a in peer.acts() if isinstance(a, Stopped)] == ["", "誤投稿のおそれ"])
    await desk.shows("停止と再開")


async def test_ctrl_backslash_twice_stops_too(desk: Desk, office: Path) -> None:
    await desk.press("ctrl+backslash", "ctrl+backslash")
    assert not Gate(office / "state").look().open


async def test_stop_works_with_no_daemon_at_all(office: Path) -> None:
    async with at_desk(office, hurried=True) as desk:
        await desk.until(lambda: "停止状態は不明" in desk.screen()[0])
        await desk.press("f12", "f12")
        assert not Gate(office / "state").look().open
        await desk.until(lambda: "緊急停止中" in desk.screen()[0])
        await desk.type("")
        await desk.shows("停止は効いています")


async def test_the_stop_command_needs_no_confirmation(desk: Desk, office: Path) -> None:
    await desk.press("colon")
    await desk.type("停止")
    await desk.until(lambda: "緊急停止中" in desk.screen()[0])
    assert not Gate(office / "state").look().open


async def test_a_stop_by_rm_shows_within_moments_and_takes_the_release_verbs_away(desk: Desk, peer: Peer, office: Path) -> None:
    await desk.until(lambda: "t 発信" in desk.screen()[-1])
    (office / "state" / "gate" / "RUN").unlink()
    await desk.until(lambda: "緊急停止中" in desk.screen()[0])
    await desk.until(lambda: "t 発信" not in desk.screen()[-1])
    await desk.press("t")
    await desk.shows("停止中です。発信と予約はできません")
    assert not peer.acts()


async def test_a_lost_connection_never_looks_like_running(desk: Desk, peer: Peer) -> None:
    await peer.__aexit__()
    await desk.until(lambda: "停止状態は不明" in desk.screen()[0])
    assert "運用中" not in "".join(desk.screen())


def read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


# -- the end ------------------------------------------------------------------------------------------------------------


async def test_an_error_nobody_caught_leaves_an_incident_and_no_values(desk: Desk, office: Path) -> None:
    def fail(resident: str) -> None:
        raise ZeroDivisionError(len(resident))

    try:
        fail("山田" + "太郎")
    except ZeroDivisionError as error:
        desk.console._handle_exception(error)
    assert desk.console.incident is not None
    incident, where = desk.console.incident
    written = read(where)
    assert incident in written
    assert "in fail" in written
    assert "山田太郎" not in written
    assert not desk.console._exit_renderables  # nothing of Textual's own report is left to be printed
    desk.console._exception = None


async def test_keys_that_come_in_one_piece_are_what_they_would_be_one_by_one(desk: Desk) -> None:
    """A slow line hands over a whole word at once: `:m` must not become the command `m`."""
    desk.console.post_message(Key("colon", ":"))
    desk.console.post_message(Key("m", "m"))
    await desk.until(lambda: desk.console.bottom.typing and desk.console.bottom.input.value == "m")
    assert desk.console.place == "queue"  # `m` by itself would show the messages


async def test_keys_typed_while_the_daemon_owes_an_answer_start_nothing(desk: Desk, peer: Peer) -> None:
    answered = peer.answer
    peer.answer = lambda ask: None if ask.act is not None else answered(ask)
    await desk.press("a")
    await desk.sure()
    desk.console.post_message(Key("m", "m"))
    await desk.shows("デーモンの返事を待っています")
    assert desk.console.place == "queue"
    assert desk.screen()[-1].rstrip().endswith("F12 F12 停止")
