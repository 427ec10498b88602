"""What somebody reads who sits before it for the first time, alone and in haste: nothing claimed that is not so, nothing asked for nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from console_desk import Desk, at_desk
from scripted_peer import Peer

from console.cli.stop_news import News
from console.text import DisplayText
from console.tui.office import OfficeSeen
from console.tui.tell import tell
from daemon.gate import Gate, Look, Shut
from daemon.wire import Refusal, Show, Stopped, StopState

pytestmark = pytest.mark.usefixtures("japanese")


@pytest.fixture
async def desk(office: Path, peer: Peer) -> AsyncIterator[Desk]:
    async with at_desk(office) as it:
        await it.shows("下書き 1/300")
        yield it


NO_RIGHT = ("読み書きの権限がありません", "no permission to read or write it")


@pytest.mark.parametrize(("told", "condition"), [(True, "stopped"), (False, "unknown"), (None, "unknown")])
def test_whoever_may_not_look_at_the_gate_is_not_told_that_everything_is_stopped(
    told: bool | None, condition: str, peer: Peer
) -> None:
    seen = OfficeSeen()
    seen.look = Look(False, *NO_RIGHT, 0, (), blind=True)
    assert seen.condition == "unknown"
    seen.link = "up"
    seen.status = msgspec.structs.replace(peer.status(), gate=StopState(stopped=told))
    assert seen.condition == condition


async def test_a_stop_that_could_not_be_made_is_not_called_one_and_asks_for_no_reason(
    office: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = peer.answer
    peer.answer = lambda ask: (
        Refusal(code="internal", message="-", message_en="-") if isinstance(ask.act, Stopped) else before(ask)
    )
    monkeypatch.setattr(Gate, "shut", lambda *_, **__: Shut(False, None, None, *NO_RIGHT))
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("f12", "f12")
        await desk.shows("停止できませんでした: 読み書きの権限がありません")
        assert not desk.console.bottom.typing
        assert "運用中" in desk.screen()[0] and "停止しました" not in "".join(desk.screen())


def test_after_a_stop_that_could_not_be_made_the_command_names_whom_to_ask_and_claims_nothing() -> None:
    ((ja, en),) = News(False, [], False, NO_RIGHT).lines(stopped=False)
    assert "打ってもらってください" in ja and "有効" not in ja
    assert "stands" not in en


async def test_leaving_out_the_reason_of_a_stop_does_not_read_as_leaving_the_stop(office: Path, peer: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("f12", "f12")
        await desk.until(lambda: desk.console.bottom.typing)
        assert "Esc 理由なし（停止のまま）" in desk.screen()[-1]
        await desk.press("escape", "colon")
        await desk.until(lambda: desk.console.bottom.typing)
        assert "Esc やめる" in desk.screen()[-1]


async def test_a_full_width_answer_to_a_question_is_told_once_what_is_wrong_with_it(office: Path, peer: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/300")
        await desk.press("a")
        await desk.until(lambda: desk.console.bottom.asking)
        await desk.console.keyboard.pressed("ｙ", "ｙ")
        await desk.console.keyboard.pressed("ｙ", "ｙ")
        await desk.shows("日本語入力がオンです")
        assert "".join(desk.screen()[-5:]).count("日本語入力がオンです") == 1
        assert desk.console.bottom.asking


async def test_without_a_daemon_nothing_is_asked_that_it_would_have_to_answer(office: Path, peer: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/300")
        await peer.__aexit__()
        await desk.until(lambda: not desk.console.seen.connected)
        await desk.press("a")
        await desk.shows("デーモンにつながっていないので、何も決められません")
        assert not desk.console.bottom.asking


async def test_the_same_word_said_again_and_again_is_one_line_of_the_messages(desk: Desk) -> None:
    for _ in range(3):
        desk.console.notice(tell("notice.no_command", word=DisplayText("xyz")), "warn")
    await desk.press("m")
    await desk.shows("（続けて 3 回）")
    assert sum("そういう命令はありません" in line for line in desk.screen()[:-2]) == 1


async def test_what_to_do_about_an_empty_list_is_read_whole_at_eighty_columns(office: Path, peer: Peer) -> None:
    peer.rows = []
    async with at_desk(office) as desk:
        await desk.shows("を置くと、ここに現れます。")


async def test_a_stop_reaches_the_draft_that_is_open(desk: Desk, peer: Peer) -> None:
    await desk.press("enter")
    await desk.shows("記載事項")
    asked = sum(isinstance(ask.query, Show) for ask in peer.asked)
    peer.tell(kind="gate")
    await desk.until(lambda: sum(isinstance(ask.query, Show) for ask in peer.asked) > asked)


async def test_the_last_row_of_a_text_says_that_it_goes_on_and_no_longer_once_the_end_is_read(desk: Desk) -> None:
    await desk.press("enter")
    await desk.shows("記載事項")
    assert any(line.rstrip().endswith("続く") for line in desk.screen())
    await desk.press("end")
    rule = next(at for at, line in enumerate(desk.screen()) if line.startswith("-----"))
    await desk.until(lambda: not desk.screen()[rule - 1].rstrip().endswith("続く"))
