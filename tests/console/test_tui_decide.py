"""決裁モード: one draft a screen and three keys; what was not seen is not approved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from console_desk import Desk, at_desk
from scripted_peer import NOW, Peer

from console.reasons import reason_of
from console.tui import decide
from daemon.gate import Gate
from daemon.wire import (
    AccountHere,
    Approve,
    Ask,
    Change,
    Decide,
    Done,
    FindingSeen,
    ForDecision,
    Myself,
    Named,
    Refusal,
    Return,
    WaitingForMe,
    WhoAmI,
)
from daemon.wire.deciding import Returned

pytestmark = pytest.mark.usefixtures("japanese")

CLAUSE = "個人情報に関するもの"


def facts(draft: int, *, revision: int = 1, text: str = "", **more: object) -> ForDecision:
    return ForDecision(
        draft=draft,
        hash=f"{draft * 100 + revision:064x}",
        revision=revision,
        state="waiting",
        verdict="warn",
        title=f"その{draft}",
        text=text or f"防災訓練のお知らせ その{draft} 第{revision}",
        municipality="さいたま市",
        policy="方針",
        account="saitama-x",
        name="市民協働推進課",
        platform="x",
        handle="SaitamaCvcCoop",
        irreversible=False,
        author="大宮 由紀（市民協働推進課）",
        author_verified=True,
        asked=True,
        **more,  # type: ignore[arg-type]
    )


class Office:
    """The daemon's end of 決裁モード: what waits, and what was done."""

    def __init__(self, peer: Peer, *waiting: ForDecision) -> None:
        self.peer, self.waiting = peer, {each.draft: each for each in waiting}
        self.refusal: Refusal | None = None
        before = peer.answer

        def answer(ask: Ask) -> object | None:
            match ask.act or ask.query:
                case WaitingForMe():
                    return Named(drafts=tuple(self.waiting))
                case Decide(draft=draft):
                    return self.waiting[draft]
                case Approve(draft=draft) | Return(draft=draft):
                    if self.refusal is not None:
                        return self.refusal
                    self.waiting.pop(draft)
                    return Done(message="記録しました", message_en="recorded", draft=draft)
            return before(ask)

        peer.answer = answer

    def decided(self) -> list[tuple[str, int, str]]:
        return [(type(a).__name__, a.draft, a.how) for a in self.peer.acts() if isinstance(a, Approve | Return)]


@asynccontextmanager
async def deciding(office: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Desk]:
    async with at_desk(office, size, place="decide") as desk:
        yield desk


@pytest.fixture(autouse=True)
def readers_are_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "FRESH", 0.0)


async def test_what_waits_is_decided_one_after_the_other_until_it_is_over(office: Path, peer: Peer) -> None:
    there = Office(peer, facts(1), facts(2))
    async with deciding(office) as desk:
        await desk.shows("防災訓練のお知らせ その1")
        await desk.shows("残り 2 件")
        await desk.press("a")
        await desk.sure()
        await desk.shows("防災訓練のお知らせ その2")
        await desk.press("r")
        await desk.type("２")
        await desk.sure()
        await desk.shows("本日の決裁は終わりました")
        await desk.shows("いま決裁したもの: 2 件")
    assert there.decided() == [("Approve", 1, "mode"), ("Return", 2, "mode")]
    assert there.peer.acts()[-1].reason == "根拠・出典を示すこと"  # type: ignore[attr-defined]


async def test_what_was_put_off_comes_back_at_the_end(office: Path, peer: Peer) -> None:
    Office(peer, facts(1), facts(2), facts(3))
    async with deciding(office) as desk:
        await desk.shows("お知らせ その1")
        await desk.press("n")
        await desk.shows("お知らせ その2")
        for _ in (2, 3):
            await desk.press("a")
            await desk.sure()
            await desk.until(lambda: not desk.console.bottom.asking)
        await desk.shows("お知らせ その1")
        await desk.shows("残り 1 件")


async def test_everything_that_a_decision_needs_stands_on_the_screen(office: Path, peer: Peer) -> None:
    finding = FindingSeen(
        clause="saitama/7(9)", cite="7 禁止事項 (9)", text=CLAUSE, rule="pii", verdict="warn", message="電話番号か確かめること"
    )
    back = Returned(at=NOW, by="浦野 和男", reason="会場を書くこと", hash="0")
    changed = (Change("del", "会場は未定です。"), Change("add", "会場は市役所です。"))
    Office(peer, facts(1, revision=2, findings=(finding,), returned=back, changes=changed))
    async with deciding(office, (60, 40)) as desk:
        for words in (
            "さいたま市",
            "@SaitamaCvcCoop",
            "市民協働推進課",
            CLAUSE,
            "会場を書くこと",
            "- 会場は未定です。",
            "+ 会場は市役所です。",
        ):
            await desk.shows(words)
        await desk.shows("大宮 由紀")
        await desk.shows(f"{202:064x}"[:12])


@pytest.mark.parametrize("key", ["ａ", "１", "あ"])
async def test_with_the_input_method_left_on_nobody_approves(office: Path, peer: Peer, key: str) -> None:
    there = Office(peer, facts(1))
    async with deciding(office) as desk:
        await desk.shows("お知らせ その1")
        await desk.press(key)
        await desk.pilot.pause(0.05)
        assert not desk.console.bottom.asking
        await desk.press("a")
        await desk.until(lambda: desk.console.bottom.asking)
        await asyncio.sleep(0.35)
        await desk.press("ｙ")
        await desk.pilot.pause(0.05)
    assert there.decided() == []


async def test_a_newer_revision_takes_the_question_away_and_is_announced(office: Path, peer: Peer) -> None:
    there = Office(peer, facts(1))
    async with deciding(office) as desk:
        await desk.shows("その1 第1")
        await desk.press("a")
        await desk.until(lambda: desk.console.bottom.asking)
        there.waiting[1] = facts(1, revision=2)
        peer.tell(kind="draft", draft=1, hash=there.waiting[1].hash, state="waiting")
        await desk.until(lambda: not desk.console.bottom.asking)
        await asyncio.sleep(0.35)
        await desk.press("y")
        await desk.shows("その1 第2")
        await desk.shows("第2版が届きました")
        assert there.decided() == []
        await desk.press("a")
        await desk.sure()
        await desk.shows("本日の決裁は終わりました")
    (act,) = (a for a in peer.acts() if isinstance(a, Approve))
    assert act.hash == facts(1, revision=2).hash


async def test_a_key_that_was_meant_for_the_one_before_decides_nothing(
    office: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "FRESH", 60.0)
    there = Office(peer, facts(1))
    async with deciding(office) as desk:
        await desk.shows("お知らせ その1")
        await desk.press("a")
        await desk.shows("表示されたばかりです")
    assert there.decided() == []


async def test_a_refusal_says_why_and_the_draft_stays(office: Path, peer: Peer) -> None:
    there = Office(peer, facts(1))
    there.refusal = Refusal(code="own_draft", message="自分の下書きは承認できません。", message_en="own", clause="saitama/2")
    async with deciding(office) as desk:
        await desk.shows("お知らせ その1")
        await desk.press("a")
        await desk.sure()
        await desk.shows("自分の下書きは承認できません。")
        await desk.shows("お知らせ その1")


async def test_the_stop_key_works_in_it_and_a_stopped_office_says_so(office: Path, peer: Peer) -> None:
    Office(peer, facts(1))
    async with deciding(office) as desk:
        await desk.shows("お知らせ その1")
        await desk.press("f12", "f12")
        await desk.until(lambda: not Gate(office / "state").look().open)
        await desk.press("escape", "J")
        await desk.shows("いまは停止中です")


async def test_what_was_read_while_it_was_stopped_does_not_say_so_for_ever(office: Path, peer: Peer) -> None:
    there = Office(peer, facts(1, stopped=True))
    async with deciding(office) as desk:
        await desk.shows("お知らせ その1")
        await desk.until(lambda: not any("停止中です" in line for line in desk.screen()))
        peer.hang_up()
        await desk.shows("停止状態は不明です")
    assert there.decided() == []


async def test_an_exception_that_only_the_chief_can_make_is_asked_for_with_the_approval(office: Path, peer: Peer) -> None:
    there = Office(peer, facts(1, findings=(peer.findings[0],), exceptions=("pii.phone",)))
    async with deciding(office) as desk:
        await desk.shows("お知らせ その1")
        await desk.press("a")
        await desk.shows("7 禁止事項 (9)の例外を認める必要があります")
        await desk.type("")
        await desk.until(lambda: not desk.console.bottom.typing)
        assert there.decided() == []
        await desk.press("a")
        await desk.type("代表番号のため")
        await desk.shows("例外を認めて承認します")
        await desk.sure()
        await desk.shows("いま決裁したもの: 1 件")
    (act,) = (a for a in peer.acts() if isinstance(a, Approve))
    assert (act.exceptions, act.reason, act.how) == (("pii.phone",), "代表番号のため", "mode")


async def test_somebody_who_came_only_to_decide_leaves_by_escape(office: Path, peer: Peer) -> None:
    Office(peer)
    async with deciding(office) as desk:
        await desk.shows("いま、あなたの決裁を待つ下書きはありません")
        await desk.press("escape")
        await desk.sure()
        await desk.until(lambda: desk.console.return_code == 0 or not desk.console.is_running)


async def test_from_the_queue_it_is_opened_by_a_key_and_left_again(office: Path, peer: Peer) -> None:
    Office(peer, facts(1))
    async with at_desk(office) as desk:
        await desk.shows("承認待ち")
        await desk.press("J")
        await desk.shows("残り 1 件")
        await desk.press("escape")
        await desk.until(lambda: desk.console.place == "queue")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("1", "日付・時刻・場所などの事実を確かめること"),
        ("２、4", "根拠・出典を示すこと。所管課に内容を確かめること"),
        ("9", ""),
        ("  会場を書くこと ", "会場を書くこと"),
        ("2時からに改めること", "2時からに改めること"),
    ],
)
def test_a_reason_is_a_number_of_the_list_or_words(typed: str, reason: str) -> None:
    assert reason_of(typed) == reason


@pytest.mark.parametrize("key", ["a", "r"])
async def test_from_a_terminal_that_decides_nothing_no_question_is_asked(office: Path, peer: Peer, key: str) -> None:
    told = Office(peer, facts(1))
    before = peer.answer
    here = AccountHere(account="saitama-x", at="elsewhere", clause="saitama/6-5")
    me = Myself(
        login="sato", name="sato", unit="", role="manager", titles=(), policies=("saitama",), appointed=None, until=None,
        in_office=True, proved=True, address="192.0.2.9", key="", tty="", known="", known_en="", accounts=(here,),
    )  # fmt: skip
    peer.answer = lambda ask: me if isinstance(ask.query, WhoAmI) else before(ask)
    async with deciding(office) as desk:
        await desk.shows("防災訓練のお知らせ")
        await desk.until(lambda: desk.console.identity.me is not None)
        await desk.press(key)
        await desk.shows("この端末では見ることと停止だけです")
        assert not desk.console.bottom.answering
    assert told.decided() == []
