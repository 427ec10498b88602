"""The first row by itself: what it says in every width, what gives way first, and that nothing in it is ever cut in two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from scripted_peer import Peer

from console.text import cells
from console.tui.office import OfficeSeen
from console.tui.status import status_parts
from daemon.gate import Gate
from daemon.release.permit import Keeper
from daemon.wire import AccountHere, AccountStatus, Countdown, Welcome

NOW = datetime(2026, 11, 20, 5, 2, tzinfo=UTC)  # Friday 14:02 in Japan
pytestmark = pytest.mark.usefixtures("japanese")


def account(name: str = "minato-facebook", **more: object) -> AccountStatus:
    closed = {"open": False, "reason": "閉庁", "next_open": NOW + timedelta(days=2, hours=18, minutes=58)}
    values = {"id": name, "name": "港区", "policy": "minato", "platform": "facebook", "handle": "@minato", "channel": "manual"}
    return AccountStatus(**{**values, **closed, **more})  # type: ignore[arg-type]


def me(name: str = "北村 春子") -> Welcome:
    who = {"protocol": 1, "login": "kitamura", "name": name, "role": "manager", "titles": (), "office": "訓練市"}
    return Welcome(**who, training=True, seq=0, version="0")  # type: ignore[arg-type]


@pytest.fixture
def seen(office: Path) -> OfficeSeen:
    found = OfficeSeen()
    found.look, found.link, found.latency = Gate(office / "state").look(), "up", 0.003
    known = {"queue": {"to_fix": 2, "waiting": 12}, "guards": (84, 84), "accounts": (account(), account("minato-line"))}
    found.status = msgspec.structs.replace(Peer(office / "state").status(), **known)
    return found


def now_says(seen: OfficeSeen, **more: object) -> None:
    assert seen.status is not None
    seen.status = msgspec.structs.replace(seen.status, **more)


def row(
    seen: OfficeSeen, width: int, *, about: AccountStatus | None = None, who: Welcome | None = None, at: object = None
) -> str:
    parts, _ = status_parts(seen, who or me(), about, False, NOW, width, at)  # type: ignore[arg-type]
    return "".join(part.text.plain for part in parts)


def test_eighty_columns_have_everything_that_is_asked_for_at_night(seen: OfficeSeen) -> None:
    said = row(seen, 80, about=account())
    for word in ("運用中", "訓練", "要修正2", "承認待ち12", "番人 84/84", "閉 11/23 9:00まで", "北村 春子"):
        assert word in said, said
    assert cells(said) == 80


def test_a_wide_terminal_says_the_account_the_latency_and_the_role_too(seen: OfficeSeen) -> None:
    said = row(seen, 140, about=account())
    for word in ("minato-facebook 閉庁 11/23(月) 09:00から開庁", "応答5ms", "北村 春子(管理者)"):
        assert word in said, said


def test_in_every_width_the_row_is_whole_and_nothing_in_it_is_cut_in_two(seen: OfficeSeen) -> None:
    queue = {"to_fix": 2, "waiting": 12, "held": 3, "unknown": 1}
    now_says(seen, alarms=("drafts/台風のお知らせ.txt を読めません。",), queue=queue)
    for width in (40, 59, *range(60, 301)):
        said = row(seen, width, about=account(), who=me("ながいなまえのたんとうしゃ さん"))
        assert "運用中" in said and "訓練" in said and "注意1件(m)" in said and "ながい" in said
        assert said.count("minato") == said.count("minato-facebook 閉"), said
        for begun, whole in (("承認", "承認待ち12"), ("番", "番人 84/84"), ("応", "応答5ms"), ("閉", "9:00")):
            assert begun not in said or whole in said, said
        assert cells(said) == width or width < 60, said


def test_without_a_chosen_account_the_hours_of_all_are_counted(seen: OfficeSeen) -> None:
    now_says(seen, accounts=(account(), account("minato-x", open=True, next_close=NOW + timedelta(hours=3, minutes=13))))
    assert "開1 閉1 次 17:15" in row(seen, 100)


def test_of_the_only_account_the_hours_are_said_on_every_screen(seen: OfficeSeen) -> None:
    now_says(seen, accounts=(account(),))
    assert "閉 11/23 9:00まで" in row(seen, 80)


def test_the_real_office_is_said_on_the_ground_of_a_stop(seen: OfficeSeen) -> None:
    now_says(seen, training=False)
    parts, _ = status_parts(seen, me(), None, False, NOW, 80)
    (real,) = [part for part in parts if "本番" in part.text.plain]
    assert real.ink == "stopped"
    assert not any(part.text.plain == " 訓練 " for part in parts)


def test_a_stopped_office_still_says_what_waits_and_which_office_it_is(seen: OfficeSeen, office: Path) -> None:
    (office / "state" / "gate" / "RUN").unlink()
    seen.look = Gate(office / "state").look()
    seen.stopped_by, seen.stopped_at = "北村 春子", NOW
    parts, over = status_parts(seen, me(), None, False, NOW, 80)
    said = "".join(part.text.plain for part in parts)
    assert over == "stopped"
    for word in ("緊急停止中", "訓練", "14:02 北村 春子", "要修正2", "承認待ち12"):
        assert word in said, said
    wide = row(seen, 120)
    assert "番人 84/84" in wide and "14:02 から 北村 春子" in wide


def test_who_has_stopped_everything_and_when_stands_beside_every_alarm_in_a_narrow_terminal(
    seen: OfficeSeen, office: Path
) -> None:
    (office / "state" / "gate" / "RUN").unlink()
    seen.look = Gate(office / "state").look()
    seen.stopped_by, seen.stopped_at = "寿限無寿限無五劫の擦り切れ海砂利水魚の水行末", NOW
    now_says(seen, alarms=("停止のあとに行うことが 55 件残っています。",))
    said = row(seen, 80)
    assert "緊急停止中" in said and "14:02 寿限無" in said and "注意1件(m)" in said


def test_a_stopped_office_without_a_daemon_says_no_count_that_may_have_gone_stale(seen: OfficeSeen, office: Path) -> None:
    (office / "state" / "gate" / "RUN").unlink()
    seen.look, seen.link = Gate(office / "state").look(), "down"
    said = row(seen, 120)
    assert "緊急停止中" in said and "接続断" in said and "承認待ち" not in said


@pytest.mark.parametrize(
    ("seconds", "word"), [(0.0004, "応答1ms"), (0.013, "応答20ms"), (0.5, "応答が遅い 0.5秒"), (0.94, "応答が遅い 0.9秒")]
)
def test_the_latency_is_a_number_and_once_it_is_slow_a_sentence(seen: OfficeSeen, seconds: float, word: str) -> None:
    seen.latency = seconds
    assert word in row(seen, 140)


def test_a_slow_answer_is_said_before_the_hours_in_a_narrow_terminal(seen: OfficeSeen) -> None:
    seen.latency = 0.9
    assert "応答が遅い" in row(seen, 80, about=account())


@pytest.mark.parametrize("width", [60, 80, 120])
def test_what_is_stopped_while_the_rest_goes_on_stands_in_every_width(seen: OfficeSeen, office: Path, width: int) -> None:
    scopes = ("minato-facebook", "minato-line", "minato-x-hijouji")
    Keeper(office / "state").know(scopes)
    for scope in scopes:
        Gate(office / "state").shut(scope)
    seen.look = Gate(office / "state").look()
    assert "一部停止中" in row(seen, width)


def test_the_one_part_that_is_stopped_is_named_in_eighty_columns(seen: OfficeSeen, office: Path) -> None:
    Keeper(office / "state").know(("line",))
    Gate(office / "state").shut("line")
    seen.look = Gate(office / "state").look()
    now_says(seen, alarms=("停止のあとにすることが残っています。",))
    assert "一部停止中: line" in row(seen, 80), row(seen, 80)


def test_a_count_down_and_a_terminal_that_only_looks_never_give_way(seen: OfficeSeen) -> None:
    assert seen.status is not None
    first = Countdown(draft=7, account="minato-line", name="港区LINE", title="避難", begins_at=NOW + timedelta(seconds=31))
    now_says(seen, countdowns=(first,))
    only_looks = AccountHere(account="minato-facebook", at="unproved", clause="minato/3")
    for width in (70, 80, 120):
        said = row(seen, width, at=only_looks)
        assert "発信まで 31秒 #7" in said and "端末" in said
