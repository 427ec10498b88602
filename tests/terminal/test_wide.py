"""A terminal that draws characters of ambiguous width two columns wide, as Tera Term does for Japanese: everything keeps its column."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import msgspec
import pyte.screens
import pytest
from beside import PeerBeside
from ptys import PATIENT, Terminal, console, environment

from tests.console.scripted_peer import row

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TITLES = ("①防災訓練※雨天中止", "○×△●の説明会", "→…“お知らせ”…←", "防災訓練のお知らせ", "Ⅳ期 ☆★ 募集 ─ ■□", "ﾊﾟﾌﾞｺﾒ α版 §7")
SIZE = (100, 24)


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator draws as Tera Term does."""
    narrow = pyte.screens.wcwidth

    def width(character: str) -> int:
        size = narrow(character)
        return 2 if size == 1 and unicodedata.east_asian_width(character) == "A" else size

    monkeypatch.setattr(pyte.screens, "wcwidth", width)


def columns_of(terminal: Terminal, words: str) -> list[int]:
    """In which columns these words begin, in whichever rows."""
    size = len(words)
    lines = [[terminal.screen.buffer[y][x].data for x in range(terminal.screen.columns)] for y in range(terminal.screen.lines)]
    return [x for cells in lines for x in range(len(cells) - size + 1) if "".join(cells[x : x + size]) == words]


@pytest.mark.parametrize("moves", ["", "jjj", "jjjkk"])
def test_every_column_stands_where_the_heading_says(tmp_path: Path, wide: None, moves: str) -> None:
    with PeerBeside(tmp_path) as beside:
        rows = [msgspec.structs.replace(row(n, title=title)) for n, title in enumerate(TITLES, 1)]
        beside.do(lambda peer: setattr(peer, "rows", rows))
        with console(tmp_path, size=SIZE) as terminal:
            terminal.shows("11/20")
            terminal.until(lambda: len(columns_of(terminal, "11/20")) >= len(TITLES))
            for key in moves:
                terminal.send(key)
                terminal.settle(0.2)
            terminal.until(
                lambda: any(f"下書き {1 + moves.count('j') - moves.count('k')}/6" in line for line in terminal.lines())
            )
            terminal.settle(0.2)
            assert len({*columns_of(terminal, "11/20")[-len(TITLES) :]}) == 1
            assert len({*columns_of(terminal, "saitama-x")[-len(TITLES) :]}) == 1


@pytest.mark.parametrize("cells", [1, 2])
def test_the_ruler_for_the_help_desk_says_how_wide_they_are_and_shows_it(
    tmp_path: Path, request: pytest.FixtureRequest, cells: int
) -> None:
    if cells == 2:
        request.getfixturevalue("wide")
    kohoban = [sys.executable, "-c", f"{PATIENT}import sys; from console.launch import main; sys.exit(main())"]
    with Terminal([*kohoban, "--office", str(tmp_path), "doctor"], environment(), (90, 100)) as terminal:
        terminal.shows("広報番広報番広報番広報番広報番|30")
        terminal.shows("|5 / 10")
        terminal.ended()
        assert columns_of(terminal, "|30") == [30, 30], "what has one width everywhere ends at the same mark of the scale"
        assert columns_of(terminal, "|5 / 10") == [5 * cells]
        assert f"{cells} " in "".join(line for line in terminal.lines() if "幅" in line)
