"""A machine's channel in a whole office: what the platform does, and what the queue says of it until it is settled."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.release.simulated import arrivals, asked
from daemon.release.simulator import Behave
from daemon.wire import Done, Settle
from tests.service.live_office import FACEBOOK, Office, until

ACCOUNT = "minato-facebook"


@pytest.fixture
def simulated(found: Callable[..., Office]) -> Office:
    """An office whose Facebook account posts to the simulated platform."""
    office = found()
    rules = office.folder / "rules.toml"
    head, account, rest = rules.read_text().partition(f'id = "{ACCOUNT}"')
    rules.write_text(head + account + rest.replace('channel = "outbox"', 'channel = "simulated"', 1))
    return begun(office)


def begun(office: Office) -> Office:
    """Start it, and wait until its platform listens: that comes after the first answer."""
    office.start()
    until(lambda: _listens(office), "a platform")
    return office


def platform(office: Office) -> str:
    return str(office.state / "platform" / "socket")


def behaves(office: Office, **how: Any) -> None:
    assert asked(platform(office), Behave(**how)).status == 200


def arrived(office: Office) -> list[str]:
    return [post.text.strip() for post in arrivals(platform(office), ACCOUNT)]


def flying(office: Office) -> list[int]:
    return [one["draft"] for one in json.loads((office.state / "flight").read_text())["in_flight"]]


def test_an_approved_draft_goes_out_by_itself_with_its_address_on_record(simulated: Office) -> None:
    simulated.drop(ACCOUNT, "a.txt", "商店街のスタンプラリーの台紙を配っています。", **FACEBOOK)
    simulated.approve("a.txt", "azabu")
    row = simulated.row("a.txt", "released")
    assert simulated.show(row.id).url.startswith("https://simulated.invalid/")
    assert arrived(simulated) == ["商店街のスタンプラリーの台紙を配っています。"]
    until(lambda: flying(simulated) == [], "a flight that is over")


def test_a_post_whose_answer_was_cut_off_is_unknown_until_it_is_found_on_the_timeline(simulated: Office) -> None:
    behaves(simulated, drop="after", times=1)
    simulated.drop(ACCOUNT, "cut.txt", "夜間の工事のため、歩道を迂回してください。", **FACEBOOK)
    row = simulated.approve("cut.txt", "azabu")
    simulated.row("cut.txt", "released")
    assert [act for act in simulated.acts(row.id) if act in ("begin", "unknown", "released")] == ["begin", "unknown", "released"]
    assert arrived(simulated) == ["夜間の工事のため、歩道を迂回してください。"]


def test_a_post_that_is_nowhere_to_be_found_waits_for_a_person_at_the_top(simulated: Office) -> None:
    behaves(simulated, drop="before", times=1)
    simulated.drop(ACCOUNT, "lost.txt", "図書館の本の返却箱を移しました。", **FACEBOOK)
    row = simulated.approve("lost.txt", "azabu")
    simulated.row("lost.txt", "unknown")
    simulated.drop(ACCOUNT, "next.txt", "次のお知らせは元のままです。", **FACEBOOK)
    simulated.row("next.txt", "waiting")
    assert simulated.rows()[0].id == row.id
    assert flying(simulated) == [row.id]
    settled = simulated.caller("azabu").ask(Settle(draft=row.id, outcome="not_released", note="画面に出ていない"), Done)
    assert settled.state == "held"
    until(lambda: flying(simulated) == [], "a flight that is over")
    simulated.approve("lost.txt", "azabu", "held")
    simulated.row("lost.txt", "released")
    assert arrived(simulated) == ["図書館の本の返却箱を移しました。"]


def test_a_platform_that_refuses_brings_the_draft_back_held(simulated: Office) -> None:
    behaves(simulated, status=400, times=1)
    simulated.drop(ACCOUNT, "refused.txt", "プールの利用時間が変わります。", **FACEBOOK)
    row = simulated.approve("refused.txt", "azabu")
    simulated.row("refused.txt", "held")
    assert simulated.acts(row.id)[-1] == "failed"
    assert arrived(simulated) == []


def test_a_platform_that_died_is_started_again_with_what_it_had(simulated: Office) -> None:
    simulated.drop(ACCOUNT, "a.txt", "商店街のスタンプラリーの台紙を配っています。", **FACEBOOK)
    simulated.approve("a.txt", "azabu")
    simulated.row("a.txt", "released")
    (pid,) = _platforms(simulated)
    os.kill(pid, signal.SIGKILL)
    until(lambda: _platforms(simulated) - {pid}, "another one")
    until(lambda: _listens(simulated), "which listens")
    assert arrived(simulated) == ["商店街のスタンプラリーの台紙を配っています。"]


def _platforms(office: Office) -> set[int]:
    """The processes that are this office's platform."""
    words = f"daemon.release.simulator\0--at\0{platform(office)}"
    return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and words in _command(entry)}


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_text()
    except OSError:
        return ""


def test_the_platform_ends_with_its_office_and_a_killed_office_leaves_none_behind(simulated: Office) -> None:
    simulated.kill()
    until(lambda: not _listens(simulated), "an end of the platform")
    begun(simulated).stop()
    assert not _listens(simulated)


def _listens(office: Office) -> bool:
    try:
        arrived(office)
    except OSError:
        return False
    return True
