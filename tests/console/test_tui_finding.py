"""Finding drafts at the console, against the real daemon: words, orders, saved filters, the screen of before, who works at what."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_desk import PATIENCE, Desk, at_desk

from console.launch import run
from daemon.wire.finding import FilterList, MyFilters
from tests.conftest import training_office

DRAFTS = 33
"""Those of the training office, the copies of its one 一斉発信 among them."""

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("japanese")]


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A training office with its drafts, and its daemon."""
    with training_office(tmp_path_factory.mktemp("office")) as office:
        yield office


async def _kept(desk: Desk, place: str) -> None:
    """The daemon knows that this console was last there."""
    end = time.monotonic() + PATIENCE
    while True:
        answer = await desk.console.link.ask(MyFilters())
        assert isinstance(answer, FilterList)
        if answer.last is not None and answer.last.place == place:
            return
        assert time.monotonic() < end, answer.last
        await asyncio.sleep(0.05)


async def _filter(desk: Desk, words: str) -> None:
    await desk.press("slash")
    await desk.type(words)


async def _all_are_in(desk: Desk) -> None:
    """The training office's drafts have all been judged, and the list has been read since."""
    await desk.until(lambda: (status := desk.console.seen.status) and sum(status.queue.values()) == DRAFTS)
    await desk.until(lambda: desk.console.queue.pages)
    before = desk.console.queue.pages
    await desk.press("R")
    await desk.until(lambda: desk.console.queue.pages is not before)
    await desk.shows(f"/{DRAFTS}")


def _title(desk: Desk) -> str:
    row = desk.console.queue.row()
    return row.title if row else ""


async def test_words_are_found_whatever_their_width_and_kana(training: Path) -> None:
    async with at_desk(training, (120, 30)) as desk:
        await _all_are_in(desk)
        await _filter(desk, "ｵｰﾌﾟﾝでーた")
        await desk.shows("下書き 1/1 ")
        assert "オープンデータ" in _title(desk)
        await _filter(desk, "minato-x -広報")
        await desk.shows("絞込: minato-x")
        await desk.until(lambda: "広報みなと" not in "".join(desk.screen()))
        await _filter(desk, "")
        await _all_are_in(desk)


async def test_an_order_is_chosen_and_stands_in_the_heading_and_the_cursor_stays_on_its_draft(training: Path) -> None:
    async with at_desk(training, (120, 30)) as desk:
        await _all_are_in(desk)
        await desk.press("j", "j", "j")
        row = desk.console.queue.row()
        await desk.press("S")
        await desk.shows("順: 到着")
        await desk.until(lambda: (now := desk.console.queue.row()) is not None and row is not None and now.id == row.id)
        await _filter(desk, "順:アカウント")
        await desk.shows("順: アカウント")
        lines = [line for line in desk.screen() if "minato-facebook" in line]
        assert lines and desk.screen()[3].startswith((">", " "))
        first = desk.console.queue.pages
        assert first is not None and (top := first.row(0)) is not None and top.account == "minato-facebook"


async def test_a_filter_is_saved_under_a_name_and_recalled_on_the_screen_and_on_the_command_line(
    training: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with at_desk(training, (120, 30)) as desk:
        await _all_are_in(desk)
        await _filter(desk, "minato-x 順:到着")
        await desk.shows("絞込: minato-x")
        await desk.press("colon")
        await desk.type("絞込保存 港区の朝")
        await desk.shows("取っておきました")
    async with at_desk(training, (120, 30)) as desk:
        await _all_are_in(desk)
        await desk.press("F")
        await desk.shows("1 港区の朝")
        await desk.type("１")
        await desk.shows("絞込: minato-x")
        await desk.shows("順: 到着")
    capsys.readouterr()
    assert run(["queue", "--filter", "港区の朝", "--office", str(training)]) == 0
    said = capsys.readouterr().out
    assert "minato-x" in said and "taisho" not in said
    assert run(["queue", "--filter", "ない名前", "--office", str(training)]) == 2


async def test_a_new_session_comes_back_to_screen_filter_and_cursor(training: Path) -> None:
    async with at_desk(training, (120, 30), comes_back=True) as desk:
        await _all_are_in(desk)
        await _filter(desk, "minato-x")
        await desk.shows("絞込: minato-x")
        await desk.press("j", "enter")
        await desk.shows("なぜまだ出ないか")
        row = desk.console.row()
        assert row is not None
        await _kept(desk, "detail")
    async with at_desk(training, (120, 30), comes_back=True) as desk:
        await desk.shows("前回の画面に戻りました")
        assert desk.console.place == "detail"
        assert (now := desk.console.row()) is not None and now.id == row.id
        await desk.press("escape")
        await desk.shows("絞込: minato-x")
        await desk.until(lambda: (now := desk.console.queue.row()) is not None and now.id == row.id)
        await desk.press("q")
        await desk.sure()
        await desk.until(lambda: desk.console.return_value == 0)
    async with at_desk(training, (120, 30), comes_back=True) as desk:
        await _all_are_in(desk)
        assert desk.console.place == "queue"
        assert "絞込" not in desk.screen()[1]


async def test_whoever_has_a_draft_open_stands_in_the_lists_of_the_others(training: Path) -> None:
    async with at_desk(training, (120, 30), "shibata") as one, at_desk(training, (120, 30), "konan") as other:
        await _all_are_in(one)
        await _all_are_in(other)
        await one.press("enter")
        await one.shows("なぜまだ出ないか")
        await other.shows("対応中: 芝田")
        await one.press("escape")
        await other.until(lambda: "対応中" not in "".join(other.screen()))
        assert "新着" not in "".join(other.screen())
