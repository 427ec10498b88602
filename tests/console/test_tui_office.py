"""What the console says of the office as it stands: keys that work now, alarms in full, accounts, a stop of a part, a line that broke."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
from console_desk import Desk, at_desk
from scripted_peer import NOW, Peer, row

from console.tui.papers import card_sheet
from daemon.wire import AccountStatus, Ask, OpenView, PageOf, Resume, ResumeCode, StopState

pytestmark = pytest.mark.usefixtures("japanese")

LONG = "drafts/minato-x/議会だより.txt を done/ に移せません。" * 6 + "権限を確かめてください。"


@pytest.fixture
async def desk(office: Path, peer: Peer) -> AsyncIterator[Desk]:
    async with at_desk(office) as it:
        await it.shows("運用中")
        yield it


def with_code(peer: Peer, code: str = "4821") -> None:
    """Let the peer give a manager the code to resume."""
    before = peer.answer

    def answer(ask: Ask) -> object | None:
        if isinstance(ask.query, ResumeCode):
            return StopState(stopped=peer.stopped, code=code, held=2)
        return before(ask)

    peer.answer = answer


def wrong(peer: Peer, *, problems: tuple[str, ...] = (), alarms: tuple[str, ...] = ()) -> None:
    """Let the office have something to say for itself."""
    status = msgspec.structs.replace(peer.status(), problems=problems, alarms=alarms)
    peer.status = lambda: status  # type: ignore[method-assign]


# -- keys ---------------------------------------------------------------------------------------------------------------


async def test_the_last_row_names_only_the_verbs_that_the_chosen_draft_allows(office: Path, peer: Peer) -> None:
    peer.rows = [row(2, state="released"), row(1)]
    async with at_desk(office) as desk:
        await desk.shows("防災訓練のお知らせ その2")
        await desk.until(lambda: "Enter 開く" in desk.screen()[-1])
        assert "承認" not in desk.screen()[-1]
        await desk.press("down")
        await desk.until(lambda: "a 承認" in desk.screen()[-1])
        await desk.press("up", "enter")
        await desk.shows("記載事項")
        assert not {"a 承認", "r 差戻し", "w 取下げ", "t 発信"} & set(desk.screen()[-1].split("  "))


async def test_without_a_connection_no_verb_is_named(desk: Desk, peer: Peer) -> None:
    await desk.until(lambda: "a 承認" in desk.screen()[-1])
    await peer.__aexit__()
    await desk.until(lambda: "a 承認" not in desk.screen()[-1])


async def test_while_a_question_stands_only_its_own_keys_are_named(desk: Desk) -> None:
    await desk.press("slash")
    await desk.until(lambda: "Enter 決める  Esc やめる" in desk.screen()[-1])
    assert "? キー一覧" not in desk.screen()[-1]
    await desk.press("escape")
    await desk.until(lambda: "? キー一覧" in desk.screen()[-1])
    await desk.press("a")
    await desk.until(lambda: "y 実行  Esc やめる" in desk.screen()[-1])
    assert "F12 F12 停止" in desk.screen()[-1]


async def test_a_resume_is_offered_only_to_who_has_the_code_of_a_stop(desk: Desk, peer: Peer, office: Path) -> None:
    with_code(peer)
    await desk.press("5")
    await desk.shows("運用中です")
    assert "再開" not in desk.screen()[-1]
    (office / "state" / "gate" / "RUN").unlink()
    peer.stopped = True
    peer.tell(kind="gate")  # the screen stands open while somebody else stops
    await desk.until(lambda: "Enter 再開" in desk.screen()[-1])
    await desk.shows("確認番号 4821")


# -- stop ---------------------------------------------------------------------------------------------------------------


async def test_the_stop_screen_reads_the_code_again_after_a_lost_connection(desk: Desk, peer: Peer, office: Path) -> None:
    with_code(peer)
    (office / "state" / "gate" / "RUN").unlink()
    await desk.press("5")
    await desk.shows("確認番号 4821")
    await peer.__aexit__()
    await desk.shows("再開にはデーモンが要ります")
    assert "Enter 再開" not in desk.screen()[-1]
    with_code(peer, "7777")
    async with peer:
        await desk.shows("確認番号 7777")
        await desk.until(lambda: "Enter 再開" in desk.screen()[-1])


async def test_a_stop_of_one_account_is_said_and_resumed_as_such(desk: Desk, peer: Peer) -> None:
    with_code(peer)
    assert desk.console.gate.shut("saitama-x").stopped
    await desk.press("5")
    await desk.shows("一部を停止中です")
    await desk.press("enter")
    await desk.shows("再開の確認番号 4821")
    await desk.type("4821")
    await desk.type("確かめた")
    await desk.until(lambda: any(isinstance(act, Resume) for act in peer.acts()))
    (act,) = (act for act in peer.acts() if isinstance(act, Resume))
    assert (act.scope, act.code) == ("saitama-x", "4821")


# -- what is wrong ------------------------------------------------------------------------------------------------------


async def test_a_long_alarm_begins_in_the_first_row_and_is_whole_under_m(office: Path, peer: Peer) -> None:
    wrong(peer, alarms=(LONG, "祝日表が切れます。"))
    async with at_desk(office, (120, 24)) as desk:
        await desk.until(lambda: "注意2件(m): drafts/minato-x/" in desk.screen()[0])
        await desk.press("m")
        await desk.shows("続いている注意 2件")
        said = "".join("".join(desk.screen()).split())
        assert "".join(LONG.split()) in said
        assert "祝日表が切れます。" in said


@pytest.mark.parametrize("size", [(60, 24), (80, 24)])
async def test_in_a_narrow_terminal_what_is_wrong_stands_before_everything_that_is_cut(
    office: Path, peer: Peer, size: tuple[int, int]
) -> None:
    wrong(peer, problems=("rules.toml:13: 「foo」という項目はありません。",), alarms=(LONG,))
    async with at_desk(office, size) as desk:
        await desk.until(lambda: "規則の誤り(m)" in desk.screen()[0])
        assert "sato" in desk.screen()[0]
        await desk.press("m")
        await desk.shows("rules.toml:13: 「foo」という項目はありません。")


async def test_more_than_a_screen_of_alarms_can_be_read_to_the_end(office: Path, peer: Peer) -> None:
    wrong(peer, alarms=tuple(f"{n}番目の注意です。" for n in range(1, 60)))
    async with at_desk(office) as desk:
        await desk.press("m")
        await desk.shows("3番目の注意です。")
        await desk.press("end")
        await desk.shows("59番目の注意です。")


async def test_an_alarm_that_is_over_is_gone_from_the_open_page(office: Path, peer: Peer) -> None:
    wrong(peer, alarms=(LONG,))
    async with at_desk(office) as desk:
        await desk.press("m")
        await desk.shows("続いている注意 1件")
        wrong(peer)
        peer.tell(kind="policy")
        await desk.shows("続いている注意 0件")
        assert "権限を確かめて" not in "".join(desk.screen())


# -- accounts, sizes, languages -----------------------------------------------------------------------------------------


async def test_nothing_of_an_account_is_cut_in_80_columns(office: Path, peer: Peer) -> None:
    account = AccountStatus(
        id="taisho-madoguchi",
        name="大正区役所（窓口サービス）",
        policy="taisho",
        platform="x",
        handle="taisho_kunren_4",
        channel="manual",
        open=False,
        reason="運用時間外（土曜日。平日 9:00〜17:30）",
        reason_en="outside hours (Saturday; weekdays 9:00-17:30)",
        next_open=NOW,
    )
    status = msgspec.structs.replace(peer.status(), accounts=(account, *peer.status().accounts))
    peer.status = lambda: status  # type: ignore[method-assign]
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("4", "tab")
        await desk.shows(account.reason)
        screen = "\n".join(desk.screen()[1:])
        assert ".." not in screen
        for words in ("taisho-madoguchi", "X  @taisho_kunren_4", account.name, "手で投稿"):
            assert words in screen
        await desk.press("down")
        await desk.shows("さいたま市")


async def test_the_queue_keeps_its_headings_after_a_draft_and_after_another_size(desk: Desk) -> None:
    await desk.shows("防災訓練のお知らせ")
    before = desk.screen()[1:4]
    assert "アカウント" in before[1]
    await desk.press("enter")
    await desk.shows("記載事項")
    await desk.press("escape")
    await desk.until(lambda: desk.screen()[1:4] == before)
    await desk.pilot.resize_terminal(40, 10)
    await desk.until(lambda: len(desk.screen()) == 10 and "F12 F12" in desk.screen()[-1])
    assert "アカウント" in desk.screen()[2]
    await desk.pilot.resize_terminal(80, 24)
    await desk.until(lambda: len(desk.screen()) == 24 and desk.screen()[1:4] == before)


async def test_a_list_without_a_draft_takes_in_the_first_that_comes(office: Path, peer: Peer) -> None:
    peer.rows = []
    async with at_desk(office) as desk:
        await desk.shows("下書きはありません")
        peer.rows = [row(2), row(1)]
        for number in (1, 2):
            peer.tell(kind="draft", draft=number, state="waiting")
        await desk.shows("下書き 1/2")
        assert sum(isinstance(ask.query, OpenView) for ask in peer.asked) == 2


async def test_while_the_list_is_read_anew_the_chosen_draft_stays_chosen(desk: Desk, peer: Peer) -> None:
    await desk.shows("下書き 1/300")
    answers = peer.answer
    peer.answer = lambda ask: None if isinstance(ask.query, PageOf) else answers(ask)
    await desk.press("R")
    await desk.until(lambda: sum(isinstance(ask.query, OpenView) for ask in peer.asked) == 2)
    await desk.press("a")
    await desk.shows("#300『防災訓練のお知らせ その30』を承認します")


def test_the_card_asks_in_the_operators_language(office: Path, speaks: Callable[[str], None]) -> None:
    speaks("en")
    card = msgspec.structs.replace(Peer(office / "state").card(1), checklist_en=("See that the account is the right one",))
    said = "".join(part.text.plain for part in card_sheet(card, None, NOW, stopped=False, edited=False))
    assert "[ ] See that the account is the right one" in said
    assert "確かめる" not in said
