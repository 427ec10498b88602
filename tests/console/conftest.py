"""An office for the console's tests: a real gate with a permit, and the other end of the socket."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from scripted_peer import Peer

os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"  # before Textual is imported, as `console.tui.main` does
os.environ["TEXTUAL_ANIMATIONS"] = "none"


def forget_words() -> None:
    """What the console keeps ready made (sentences, rows of hints, whole lines) is made anew: its language never changes, but that of tests does."""
    for name, module in list(sys.modules.items()):
        if name.startswith("console."):
            for kept in list(vars(module).values()):
                if str(getattr(kept, "__module__", "")).startswith("console.") and hasattr(kept, "cache_clear"):
                    kept.cache_clear()


@pytest.fixture(autouse=True)
def words_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What one test has said in another language, or without colours, the next one does not find."""
    yield
    if os.environ.get("KOHOBAN_LANG") != "ja" or "NO_COLOR" in os.environ:
        forget_words()


@pytest.fixture
def japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen speaks Japanese."""
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def speaks(japanese: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Lets the screen of this test speak a language: it keeps its sentences, and a console's never changes."""

    def speaks(language: str) -> None:
        monkeypatch.setenv("KOHOBAN_LANG", language)
        forget_words()

    yield speaks
    forget_words()


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
