"""Papers at the console: each is shown as text, its file is named, and nobody else can read it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_desk import at_desk

from tests.service.live_office import MINATO, Office

pytestmark = pytest.mark.usefixtures("japanese")


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with one draft that waits."""
    office = Office(tmp_path_factory.mktemp("papers")).start()
    office.drop("minato-x", "お知らせ.txt", "図書館の窓口を2階へ移しました。", **MINATO)
    office.row("お知らせ.txt", "waiting")
    yield office
    office.stop()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KOHOBAN_PAPERS", str(tmp_path / "papers"))
    return tmp_path / "papers"


def written(folder: Path) -> list[tuple[str, int, str]]:
    """Name, mode and text of every paper in the folder; the folder itself is nobody else's."""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    return [(each.name, stat.S_IMODE(each.stat().st_mode), each.read_text(encoding="utf-8")) for each in folder.iterdir()]


async def test_p_shows_the_record_of_decision_of_a_draft_and_writes_it(working: Office, folder: Path) -> None:
    async with at_desk(working.folder, operator="shibata") as desk:
        await desk.shows("図書館の窓口を2階へ")
        await desk.press("P")
        await desk.shows("決裁記録")
        await desk.shows("HTML（A4）")
        ((_, mode, page),) = written(folder)
        assert "図書館の窓口を2階へ移しました。" in page
        assert mode == 0o600
        await desk.press("escape")
        await desk.until(lambda: desk.console.place == "queue")


@pytest.mark.parametrize(
    ("typed", "title", "name"),
    [
        ("引継", "引継簿", "handover"),
        ("報告 2026-07-01 2026-09-30", "運用状況報告", "report"),
        ("公式アカウント", "公式アカウント一覧", "accounts"),
        ("公表 saitama", "運用方針", "policy-saitama"),
        ("保存年限", "記録の保存年限", "retention"),
    ],
)
async def test_every_paper_has_its_word_on_the_line(working: Office, folder: Path, typed: str, title: str, name: str) -> None:
    async with at_desk(working.folder, operator="kansa") as desk:
        await desk.shows("図書館の窓口を2階へ")
        await desk.press(":")
        await desk.type(typed)
        await desk.until(lambda: desk.console.place == "paper")
        await desk.shows(title)
        ((file, _, _),) = written(folder)
        assert file.startswith(name)


async def test_a_period_that_is_none_and_a_folder_that_cannot_be_written_are_said(
    working: Office, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_desk(working.folder, operator="kansa") as desk:
        await desk.shows("図書館の窓口を2階へ")
        await desk.press(":")
        await desk.type("報告 きのう")
        await desk.shows("期間として読めません")
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("KOHOBAN_PAPERS", str(tmp_path / "file"))
        await desk.press(":")
        await desk.type("引継")
        await desk.shows("ファイルには書けませんでした")
