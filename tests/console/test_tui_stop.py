"""The stop screen at night: why in one key, what comes back by name, people by their names, a part that stays stopped, whom to ring."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from console_desk import Desk, at_desk
from scripted_peer import NOW, Peer

from console.phone import phone_of
from daemon.gate import Gate
from daemon.letters import letters
from daemon.standing import login
from daemon.wire import Ask, InFlight, Listing, Register, Resume, ResumeCode, Stopped, StopSeen, StopState, Who
from daemon.wire.answers import HeldSeen

pytestmark = pytest.mark.usefixtures("japanese")

HELD = (
    HeldSeen(draft=7, account="saitama-x", title="避難所を開きました", at=NOW - timedelta(minutes=5)),
    HeldSeen(draft=9, account="saitama-x", title="図書館の休館日", at=None),
)
STATE = StopState(
    stopped=True, by="kitamura", since=NOW, code="4821", held=30, passed=1, would_hold=HELD, confirmed_by="urano",
    stops=(StopSeen(scope="all", by="kitamura", at=NOW, reason="見慣れない投稿があったため", confirmed_by="urano"),),
    in_flight=(InFlight(draft=3, holder="kitamura", outcome="unknown", title="給水のお知らせ"),),
)  # fmt: skip


def is_stopped(peer: Peer, office: Path) -> None:
    """Let everything be stopped, and the daemon say so; it knows the people by their names."""
    before = peer.answer

    def answer(ask: Ask) -> object | None:
        if isinstance(ask.query, ResumeCode):
            return STATE
        if isinstance(ask.query, Register):
            people = (("kitamura", "北村 春子"), ("urano", "浦野 和男"))
            return Listing(
                people=tuple(Who(login=login, name=n, unit="", role="manager", titles=(), policies=()) for login, n in people)
            )
        return before(ask)

    peer.answer = answer
    status = msgspec.structs.replace(peer.status(), gate=msgspec.structs.replace(STATE, code="", would_hold=()))
    peer.status = lambda: status  # type: ignore[method-assign]
    (office / "state" / "gate" / "RUN").unlink()


async def at_stop(desk: Desk) -> None:
    await desk.until(lambda: "緊急停止中" in desk.screen()[0])
    await desk.press("5")
    await desk.shows("確認番号 4821")


@pytest.mark.parametrize(("typed", "reason"), [("", "緊急"), ("誤", "誤")])
async def test_the_reason_is_there_already_enter_takes_it_and_a_key_replaces_it(
    office: Path, peer: Peer, typed: str, reason: str
) -> None:
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("f12", "f12")
        await desk.until(lambda: desk.console.bottom.typing)
        await desk.press(*typed, "enter")
        await desk.shows("停止を記録しました")
    assert [act.reason for act in peer.acts() if isinstance(act, Stopped)][-1] == reason


async def test_a_reason_that_is_too_long_stays_there_to_be_made_shorter(office: Path, peer: Peer) -> None:
    async with at_desk(office, (120, 24)) as desk:
        await desk.shows("運用中")
        await desk.press("f12", "f12")
        await desk.fill("長" * 501)
        await desk.press("enter")
        await desk.shows("長すぎます（501字。500字まで）")
        assert desk.console.bottom.typing
        assert len(desk.console.bottom.input.value) == 501
        await desk.type("長" * 500)
        await desk.shows("停止を記録しました")
    assert [len(act.reason) for act in peer.acts() if isinstance(act, Stopped)] == [0, 500]


async def test_escape_leaves_the_reason_out_and_the_stop_stands(office: Path, peer: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("f12", "f12")
        await desk.until(lambda: desk.console.bottom.typing)
        await desk.press("escape")
        await desk.shows("停止を記録しました")
    assert [act.reason for act in peer.acts() if isinstance(act, Stopped)] == [""]
    assert not Gate(office / "state").look().open


async def test_a_second_press_leaves_who_and_when_as_they_were_and_is_told_to_the_daemon(office: Path, peer: Peer) -> None:
    is_stopped(peer, office)
    async with at_desk(office, (120, 24)) as desk:
        await desk.until(lambda: "緊急停止中" in desk.screen()[0] and "北村 春子" in desk.screen()[0])
        since = desk.console.seen.since
        await desk.press("f12", "f12")
        await desk.shows("もう一度の停止として記録しました")
        assert (desk.console.seen.since, desk.console.seen.by) == (since, "北村 春子")
        assert "北村 春子" in desk.screen()[0]
    assert [act.reason for act in peer.acts() if isinstance(act, Stopped)] == [""], "a reason stands: none is asked for"


async def test_a_stop_that_no_daemon_hears_of_leaves_a_letter_with_who_and_why(office: Path) -> None:
    async with at_desk(office, (120, 24), hurried=True) as desk:
        await desk.until(lambda: "停止状態は不明" in desk.screen()[0])
        await desk.press("f12", "f12")
        await desk.type("なりすまし")
        await desk.shows("書き置きました")
    who = login(os.getuid())
    assert [letter[3:] for letter in letters(Gate(office / "state"))] == [(who, ""), (who, "なりすまし")]


async def test_what_comes_back_is_named_and_people_are_called_by_their_names(office: Path, peer: Peer) -> None:
    is_stopped(peer, office)
    async with at_desk(office, (80, 40)) as desk:
        await at_stop(desk)
        await desk.shows("避難所を開きました")
        await desk.shows("図書館の休館日")
        await desk.shows("ほか 28件")
        await desk.shows("北村 春子")
        await desk.shows("浦野 和男")
        shown = "\n".join(desk.screen())
        assert "kitamura" not in shown and "urano" not in shown


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ja", ("だれが       北村 春子", "いつから", "範囲         すべて", "止めた理由   見慣れない投稿があったため")),
        ("en", ("who          北村 春子", "since", "scope        everything", "reason       見慣れない投稿があったため")),
    ],
)
async def test_who_stopped_what_when_and_why_stands_on_the_stop_screen(
    office: Path, peer: Peer, speaks: Callable[[str], None], lang: str, words: tuple[str, ...]
) -> None:
    speaks(lang)
    is_stopped(peer, office)
    async with at_desk(office) as desk:
        await desk.until(lambda: not desk.console.gate.look().open and desk.console.seen.names)
        await desk.press("5")
        for each in words:
            await desk.shows(each)


async def test_a_reason_that_nobody_gave_is_said_to_be_missing_and_one_of_which_nobody_speaks_is_not(
    office: Path, peer: Peer
) -> None:
    is_stopped(peer, office)
    told = peer.status()
    silent, mute = (
        msgspec.structs.replace(told, gate=msgspec.structs.replace(told.gate, stops=stops))
        for stops in ((StopSeen(scope="all", by="kitamura", at=NOW),), ())
    )
    answer = peer.answer
    peer.answer = lambda ask: peer.status().gate if isinstance(ask.query, ResumeCode) else answer(ask)
    peer.status = lambda: silent  # type: ignore[method-assign]
    async with at_desk(office) as desk:
        await desk.until(lambda: "緊急停止中" in desk.screen()[0])
        await desk.press("5")
        await desk.shows("止めた理由   書かれていません")
        peer.status = lambda: mute  # type: ignore[method-assign]  # a daemon of before
        await desk.until(lambda: not any("止めた理由" in line for line in desk.screen()))
        await desk.shows("北村 春子")


async def test_several_stops_have_each_their_maker_moment_and_reason(office: Path, peer: Peer) -> None:
    is_stopped(peer, office)
    told = peer.status()
    part = StopSeen(scope="saitama-x", by="urano", at=NOW - timedelta(minutes=7), reason="誤配信")
    status = msgspec.structs.replace(told, gate=msgspec.structs.replace(told.gate, stops=(*told.gate.stops, part)))
    peer.status = lambda: status  # type: ignore[method-assign]
    (office / "state" / "gate" / "STOP.saitama-x").touch()
    async with at_desk(office) as desk:
        await desk.until(lambda: "緊急停止中" in desk.screen()[0])
        await desk.press("5")
        await desk.until(lambda: any(line.startswith("ほかに停止   saitama-x 浦野 和男") for line in desk.screen()))
        await desk.shows("誤配信")


async def test_a_part_can_stay_stopped_and_is_stopped_by_itself_before_the_rest_is_resumed(office: Path, peer: Peer) -> None:
    is_stopped(peer, office)
    async with at_desk(office) as desk:
        await at_stop(desk)
        await desk.press("f")
        await desk.shows("止めたままにする範囲（x  saitama-x  actions）")
        await desk.type("saitama-x")
        await desk.sure()
        await desk.type("４８２１")
        await desk.type("LINE だけ確かめます")
        await desk.until(lambda: any(isinstance(act, Resume) for act in peer.acts()))
    acts = [act for act in peer.acts() if isinstance(act, Stopped | Resume)]
    assert [type(act) for act in acts] == [Stopped, Resume]
    assert isinstance(acts[0], Stopped) and acts[0].scope == "saitama-x"
    assert isinstance(acts[1], Resume) and acts[1].scope == "all"
    assert Gate(office / "state").look().scopes == ("saitama-x",)


async def test_a_part_that_the_office_has_not_stops_nothing(office: Path, peer: Peer) -> None:
    is_stopped(peer, office)
    async with at_desk(office) as desk:
        await at_stop(desk)
        await desk.press("f")
        await desk.type("minto-x")
        await desk.shows("停止の範囲として読めません: minto-x")
    assert not [act for act in peer.acts() if isinstance(act, Stopped | Resume)]


async def test_whom_to_ring_stands_in_the_first_row_once_nobody_answers(office: Path, peer: Peer) -> None:
    status = msgspec.structs.replace(peer.status(), phone="当直 内線 119")
    peer.status = lambda: status  # type: ignore[method-assign]
    async with at_desk(office, (120, 24)) as desk:
        await desk.shows("運用中")
        assert "内線" not in desk.screen()[0]
        peer.bye = None
        await peer.__aexit__()
        await desk.until(lambda: "停止状態は不明" in desk.screen()[0] and "電話: 当直 内線 119" in desk.screen()[0])
        await desk.press("5")
        await desk.shows("電話: 当直 内線 119")


async def test_a_console_that_no_daemon_ever_answered_reads_whom_to_ring_from_the_rules(office: Path) -> None:
    (office / "rules.toml").write_text('[office]\nname = "港区"\nphone = "当直 内線 119"\n', "utf-8")
    async with at_desk(office, (80, 24)) as desk:
        await desk.until(lambda: "停止状態は不明" in desk.screen()[0])
        await desk.press("5")
        await desk.shows("電話: 当直 内線 119")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[office]\nphone = 3\n", b"[office]\nname = 'x'\n", b"office = 1\n"])
def test_rules_that_name_nobody_or_cannot_be_read_name_nobody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rules.toml").write_bytes(content)
    assert phone_of(tmp_path) == ""
    assert phone_of(tmp_path / "nowhere") == ""
