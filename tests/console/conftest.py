"""An office for the console's tests: a real gate with a permit, and the other end of the socket."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from scripted_peer import Peer

os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"  # before Textual is imported, as `console.tui.main` does
os.environ["TEXTUAL_ANIMATIONS"] = "none"


@pytest.fixture
def japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen speaks Japanese."""
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def speaks(japanese: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Lets the screen of this test speak a language: it keeps its sentences, and a console's never changes."""
    from console.tui.tell import _fixed

    def speaks(language: str) -> None:
        monkeypatch.setenv("KOHOBAN_LANG", language)
        _fixed.cache_clear()

    yield speaks
    _fixed.cache_clear()


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """An office's folder whose gate is open."""
    from daemon.release.permit import Keeper

    state = tmp_path / "state"
    (state / "gate").mkdir(parents=True)
    keeper = Keeper(state)
    keeper.know(("saitama-x", "x"))
    assert keeper.grant(1).open
    return tmp_path


@pytest.fixture
async def peer(office: Path) -> AsyncIterator[Peer]:
    """The other end of the socket, with 300 drafts."""
    async with Peer(office / "state") as it:
        yield it
