"""A day at the console, against the real daemon: a draft's whole way, keys only, and a stop on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_desk import Desk, at_desk

from daemon.gate import Gate
from tests.conftest import training_office

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("japanese")]

SHOWN_CODE = re.compile(r"確認番号 +(\d+)")


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A training office with its drafts, and its daemon."""
    with training_office(tmp_path_factory.mktemp("office")) as office:
        yield office


async def become(desk: Desk, login: str, name: str) -> None:
    """Play an operator."""
    await desk.press("colon")
    await desk.type(f"as {login}")
    await desk.until(lambda: name in desk.screen()[0])


async def find(desk: Desk, words: str) -> None:
    """Filter the queue down to one draft."""
    await desk.press("slash")
    await desk.type(words)
    await desk.shows("下書き 1/1 ")


async def test_a_draft_is_approved_taken_released_and_on_record(training: Path) -> None:
    async with at_desk(training) as desk:
        await desk.shows("運用中")
        await become(desk, "shibata", "芝田 恵")
        await find(desk, "広報みなと")
        await desk.press("enter")
        await desk.shows("なぜまだ出ないか")
        await desk.press("a")
        await desk.sure()
        await desk.shows("承認済")
        await desk.press("t")
        await desk.sure()
        await desk.type("@wrong")
        await desk.shows("投稿先を確かめてください")
        await desk.press("t")
        await desk.sure()
        await desk.type("@minato_kunren")
        await desk.shows("投稿する本文")
        await desk.press("u")
        await desk.type("https://x.com/minato_kunren/status/1")
        await desk.sure()
        await desk.shows("発信済にしました")
        await desk.shows("#")
        await desk.press("7")
        await desk.until(lambda: [line for line in desk.screen() if "shibata" in line and "発信済" in line])


async def test_the_clause_stands_beside_the_accident_it_stops(training: Path) -> None:
    async with at_desk(training, (140, 40)) as desk:
        await desk.shows("運用中")
        await find(desk, "ミサイル")
        await desk.press("enter")
        await desk.shows("条文:", "第7条")


async def test_somebody_who_may_not_is_told_whom_to_ask(training: Path) -> None:
    async with at_desk(training) as desk:
        await desk.shows("運用中")
        await become(desk, "kansa", "監査 太一")
        await desk.until(lambda: desk.console.seen.connected and desk.console.row() is not None)
        await desk.press("a")
        await desk.shows("閲覧者は見ることと停止することだけできます")
        await desk.shows("次の手: ")
        assert not desk.console.bottom.answering  # nobody is asked for nothing


async def test_a_stop_is_resumed_by_a_manager_with_the_code_typed_wide(training: Path) -> None:
    async with at_desk(training) as desk:
        await desk.shows("運用中")
        await become(desk, "oi", "大井 正樹")
        await desk.press("f12", "f12")
        assert not Gate(training / "state").look().open
        await desk.until(lambda: "緊急停止中" in desk.screen()[0])
        await desk.type("訓練")
        await desk.until(lambda: any(SHOWN_CODE.search(line) for line in desk.screen()))
        code = next(found[1] for line in desk.screen() if (found := SHOWN_CODE.search(line)))
        await desk.press("enter")
        await desk.type("".join(chr(ord(digit) + 0xFEE0) for digit in code))
        await desk.type("訓練を終えた")
        await desk.until(lambda: "運用中" in desk.screen()[0])
        assert Gate(training / "state").look().open
