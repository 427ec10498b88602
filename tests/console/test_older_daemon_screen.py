"""A console that is newer than its daemon: it goes on with what that one knows, and says which of the two is older."""

from __future__ import annotations

from pathlib import Path

import pytest
from console_desk import at_desk
from scripted_peer import Peer

from daemon.wire import OpenView, Status
from daemon.wire.since import ADDED

pytestmark = pytest.mark.usefixtures("japanese")

NEW = ADDED[2].acts | ADDED[2].queries


async def test_a_console_at_an_older_daemon_keeps_its_line_and_says_so(office: Path, peer: Peer) -> None:
    peer.protocol = 1
    async with at_desk(office, (120, 24), comes_back=True) as desk:
        await desk.shows("防災訓練のお知らせ")
        await desk.until(lambda: "運用中" in desk.screen()[0] and "(m)" in desk.screen()[0])
        await desk.press("m")
        await desk.shows("この操作卓より古い")
        await desk.press("escape", "7")
        await desk.shows("のほうが古く、これを知りません")
        await desk.press("0")
        await desk.press("1", "down", "enter")
        await desk.shows("問い合わせは 090-1234-5678 まで")
        assert desk.console.link.state == "up"
    asked = [(ask.act or ask.query) for ask in peer.asked]
    assert any(isinstance(each, Status) for each in asked)
    assert not [each for each in asked if str(each.__struct_config__.tag) in NEW]
    assert all(each == OpenView(text=each.text, states=each.states) for each in asked if isinstance(each, OpenView))


async def test_at_a_daemon_of_its_own_version_nothing_is_said_and_everything_asked(office: Path, peer: Peer) -> None:
    async with at_desk(office, (120, 24), comes_back=True) as desk:
        await desk.shows("防災訓練のお知らせ")
        await desk.until(lambda: "運用中" in desk.screen()[0])
        assert desk.console.seen.older == ""
    asked = {str((ask.act or ask.query).__struct_config__.tag) for ask in peer.asked}
    assert "my_filters" in asked
