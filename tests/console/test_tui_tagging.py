"""Several drafts at once, and a console that nobody touches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from console_desk import Desk, at_desk
from msgspec.structs import replace
from scripted_peer import Peer, row

from daemon.wire import Ask, Refusal, Return, StatusAnswer, Withdraw
from daemon.wire.finding import StepAway

pytestmark = pytest.mark.usefixtures("japanese")


@pytest.fixture
async def peer(office: Path) -> AsyncIterator[Peer]:
    """Thirty drafts; the tenth cannot be withdrawn any more."""
    rows = [row(n, state="released" if n == 10 else "waiting") for n in range(30, 0, -1)]
    async with Peer(office / "state", rows) as peer:
        yield peer


async def _tag(desk: Desk, count: int) -> None:
    for _ in range(count):
        await desk.press("space")
    await desk.shows(f"選択 {count}件")


async def test_a_verb_means_what_was_tagged_and_the_question_says_how_many_and_by_which_filter(office: Path, peer: Peer) -> None:
    async with at_desk(office, (120, 30)) as desk:
        await desk.shows("下書き 1/30")
        await desk.press("slash")
        await desk.type("訓練")
        await desk.shows("絞込: 訓練")
        await _tag(desk, 3)
        await desk.press("w")
        await desk.shows("選んだ 3件を取下げします。条件: 訓練")
        await desk.sure()
        await desk.shows("取下げ: 3件")
        assert peer.acts() == [Withdraw(draft=n) for n in (28, 29, 30)]


async def test_escape_leaves_every_one_of_them_as_it_was(office: Path, peer: Peer) -> None:
    async with at_desk(office, (120, 30)) as desk:
        await desk.shows("下書き 1/30")
        await _tag(desk, 2)
        await desk.press("w")
        await desk.shows("選んだ 2件")
        await desk.press("escape")
        await desk.press("colon")
        await desk.type("選択解除")
        await desk.until(lambda: "選択" not in desk.screen()[1])
        assert peer.acts() == []


async def test_from_ten_on_the_number_is_typed(office: Path, peer: Peer) -> None:
    async with at_desk(office, (120, 30)) as desk:
        await desk.shows("下書き 1/30")
        await _tag(desk, 12)
        await desk.press("r")
        await desk.type("日付を直してください")
        await desk.shows("選んだ 12件を差戻しします")
        await desk.type("11")
        await desk.until(lambda: not desk.console.bottom.typing)
        assert peer.acts() == []
        await desk.press("r")
        await desk.type("日付を直してください")
        await desk.type("１２")
        await desk.shows("差戻し: 12件")
        assert len(peer.acts()) == 12
        assert all(isinstance(act, Return) and act.reason == "日付を直してください" for act in peer.acts())


async def test_what_cannot_be_done_now_is_left_out_and_said_and_what_was_refused_stays_tagged(office: Path, peer: Peer) -> None:
    def answer(ask: Ask) -> object | None:
        if isinstance(ask.act, Withdraw) and ask.act.draft == 12:
            return Refusal(code="stale", message="別の版になりました", message_en="another revision")
        return peer.answered(ask)

    peer.answer = answer
    async with at_desk(office, (120, 30)) as desk:
        await desk.shows("下書き 1/30")
        for _ in range(18):
            await desk.press("j")
        await _tag(desk, 3)  # 12, 11 and 10
        await desk.press("w")
        await desk.shows("ほか 1件は対象外")
        await desk.sure()
        await desk.shows("できなかったもの 1件")
        await desk.shows("#12 別の版になりました")
        assert desk.console.queue.picked == {10, 12}


async def test_what_is_one_by_one_is_never_done_to_the_one_under_the_cursor_while_others_are_tagged(
    office: Path, peer: Peer
) -> None:
    async with at_desk(office, (120, 30)) as desk:
        await desk.shows("下書き 1/30")
        await _tag(desk, 2)
        await desk.press("e")
        await desk.shows("一件ずつ")
        assert peer.acts() == []


async def test_tags_are_gone_when_the_list_is_read_anew(office: Path, peer: Peer) -> None:
    async with at_desk(office, (120, 30)) as desk:
        await desk.shows("下書き 1/30")
        await _tag(desk, 2)
        await desk.press("R")
        await desk.until(lambda: not desk.console.queue.picked)


async def _covered(desk: Desk, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifteen minutes later."""
    now = _locking(peer.status())
    monkeypatch.setattr(peer, "status", lambda: now)
    await desk.until(lambda: (status := desk.console.seen.status) and status.lock_minutes == 15)
    desk.console.lock._touched -= 15 * 60
    await desk.shows("画面を隠しました")


def _locking(status: StatusAnswer) -> StatusAnswer:
    return replace(status, lock_minutes=15)


async def test_a_console_that_nobody_touches_is_covered_and_takes_no_verb_until_its_login_is_typed(
    office: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/30")
        await desk.press("a")  # a question stands there
        await desk.shows("y で実行")
        await _covered(desk, peer, monkeypatch)
        assert "防災訓練" not in "".join(desk.screen())
        assert "運用中" in desk.screen()[0]
        await desk.until(lambda: any(isinstance(ask.act, StepAway) for ask in peer.asked))
        for key in ("y", "a", "5", "colon", "q", "escape", "s"):
            await desk.press(key)
        assert desk.console.place == "lock"
        assert peer.acts() == []
        await desk.press("enter")
        await desk.type("tanaka")
        await desk.shows("ログイン名が違います")
        assert desk.console.place == "lock"
        await desk.press("enter")
        await desk.type("ＳＡＴＯ")
        await desk.shows("下書き 1/30")
        assert desk.console.place == "queue"


async def test_the_stop_key_works_while_it_is_covered(office: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/30")
        await _covered(desk, peer, monkeypatch)
        await desk.press("f12", "f12")
        await desk.shows("停止")
        assert not desk.console.gate.look().open


async def test_a_key_keeps_it_open(office: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/30")
        now = _locking(peer.status())
        monkeypatch.setattr(peer, "status", lambda: now)
        await desk.until(lambda: (status := desk.console.seen.status) and status.lock_minutes == 15)
        desk.console.lock._touched -= 14 * 60
        await desk.press("j")
        desk.console.lock._touched -= 14 * 60
        await desk.console.lock.tick()
        assert desk.console.place == "queue"
