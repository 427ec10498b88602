"""No daemon at the socket: below the first row stands how one is started, at every width, and only then."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from console_desk import at_desk
from scripted_peer import Peer

from console.cli.link import Link, NoDaemon
from console.installation import offices, units
from console.starting import how_to_start
from console.tui import news
from daemon.wire.place import address

pytestmark = pytest.mark.usefixtures("japanese")

BY_HAND = "kohoban daemon --detach"


@pytest.fixture
def at_home(office: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without services, its current folder the office's."""
    monkeypatch.chdir(office)
    monkeypatch.setattr(offices, "BOOTED", tmp_path / "no-systemd")
    return office


@pytest.fixture
def installed(at_home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts the units of a service for this office into a folder: the machine's, or one's own."""

    def installed(which: str) -> Path:
        folder = at_home / which
        folder.mkdir()
        monkeypatch.setattr(offices, "BOOTED", at_home)
        monkeypatch.setattr(offices, which, folder)
        place = units.Place(name="kohoban-minato", office=at_home, bin=Path("/opt/bin"))
        made = units.files(place) if which == "UNITS" else units.user_files(place, at_home)
        for path, said in made.items():
            if path.suffix in (".service", ".socket"):
                (folder / path.name).write_text(said)
        return folder

    return installed


@pytest.mark.parametrize("width", [80, 100, 132, 200])
async def test_how_a_daemon_is_started_stands_below_the_first_row(at_home: Path, width: int) -> None:
    async with at_desk(at_home, (width, 24)) as desk:
        await desk.until(lambda: f"起動するには: {BY_HAND}" in desk.screen()[1])
        assert "停止状態は不明" in desk.screen()[0]
        assert len(desk.screen()) == 24
        await desk.press("5")
        await desk.shows("停止状態は不明です")


async def test_with_a_service_its_own_command_stands_there_whole_in_80_columns(
    at_home: Path, installed: Callable[[str], Path]
) -> None:
    installed("UNITS")
    async with at_desk(at_home, (80, 24)) as desk:
        await desk.shows("起動するには: sudo systemctl start kohoban-minato")


async def test_a_stopped_office_without_a_daemon_says_how_to_start_it_too(at_home: Path) -> None:
    (at_home / "state" / "gate" / "RUN").unlink()
    async with at_desk(at_home) as desk:
        await desk.until(lambda: "緊急停止中" in desk.screen()[0] and BY_HAND in desk.screen()[1])
        await desk.press("5")
        await desk.shows(f"再開にはデーモンが要ります。起動するには: {BY_HAND}")


async def test_a_daemon_that_ends_is_told_how_to_be_started_and_the_row_goes_when_it_is_back(
    at_home: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "ENDED", 0.0)
    async with at_desk(at_home) as desk:
        await desk.shows("運用中")
        assert BY_HAND not in desk.screen()[1]
        await peer.__aexit__()
        await desk.until(lambda: BY_HAND in desk.screen()[1])
        await peer.__aenter__()
        await desk.until(lambda: "運用中" in desk.screen()[0] and BY_HAND not in desk.screen()[1])


async def test_a_daemon_that_only_starts_anew_moves_nothing_on_the_screen(
    at_home: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "ENDED", 3600.0)
    async with at_desk(at_home) as desk:
        await desk.shows("運用中")
        await peer.__aexit__()
        await desk.until(lambda: "停止状態は不明" in desk.screen()[0] and desk.console.link.nobody)
        assert BY_HAND not in desk.screen()[1]


async def test_a_daemon_that_is_there_and_silent_need_not_be_started(at_home: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, address(at_home / "state") as place:
        listener.bind(place)
        listener.listen()
        async with at_desk(at_home) as desk:
            await desk.until(lambda: "停止状態は不明" in desk.screen()[0])
            assert not desk.console.link.nobody
            assert "起動するには" not in "".join(desk.screen())


def test_by_hand_it_is_started_for_this_office_as_whoever_it_belongs_to(at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert how_to_start(at_home) == BY_HAND
    monkeypatch.chdir("/")
    assert how_to_start(at_home) == f"{BY_HAND} --office {at_home}"
    monkeypatch.setattr(os, "getuid", lambda: 64_007)
    assert how_to_start(at_home).startswith("sudo -u ")


@pytest.mark.parametrize(
    ("which", "command"),
    [("UNITS", "sudo systemctl start kohoban-minato"), ("OWN_UNITS", "systemctl --user start kohoban-minato")],
)
def test_where_a_service_was_installed_it_is_the_one_that_is_started(
    at_home: Path, installed: Callable[[str], Path], which: str, command: str
) -> None:
    installed(which)
    assert how_to_start(at_home) == command
    assert how_to_start(at_home / "another") != command


def test_a_command_that_finds_no_daemon_says_the_same(at_home: Path, installed: Callable[[str], Path]) -> None:
    installed("UNITS")
    with pytest.raises(NoDaemon, match="sudo systemctl start kohoban-minato"), Link(at_home):
        pass
