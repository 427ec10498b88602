"""要綱の比較, 見え方, and images as facts: one text under every policy, as the platforms show it, and what its pictures are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from console_desk import Desk, at_desk

from console.text import cells
from console.tui.pictures import pictures_sheet
from console.tui.preview import preview_sheet
from console.tui.trials import NARROWEST
from daemon.wire import FindingSeen, PictureFacts, Shape, Tried, Under
from tests.service.live_office import Office

pytestmark = pytest.mark.usefixtures("japanese")

TEXT = "お問い合わせは 090-1234-5678 まで。"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("trying") / "office").start()
    office.drop("minato-x", "a.txt", TEXT, author="akasaka", topic="区政情報")
    office.row("a.txt", "waiting")
    yield office
    office.stop()


@pytest.fixture
async def desk(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    async with at_desk(office.folder, operator="akasaka") as desk:
        await desk.shows("お問い合わせは")
        yield desk


async def test_four_policies_stand_side_by_side_on_eighty_columns_each_with_its_verdict(desk: Desk) -> None:
    await desk.press("equals_sign")
    await desk.shows("#1 を 4 つの要綱で")
    await desk.until(
        lambda: all(any(city in line for line in desk.screen()) for city in ("港区", "さいたま市", "品川区", "大阪市大正区"))
    )
    cities, verdicts = desk.screen()[2:4]
    assert cities.index("港区") < cities.index("さいたま市")
    assert sum(word in verdicts for word in ("件",)) and verdicts.count("件") == 4


async def test_left_and_right_choose_the_policy_whose_clause_is_read_below(desk: Desk) -> None:
    await desk.press("f4")
    await desk.shows("第7条第2項第6号")
    await desk.until(lambda: desk.console.trials.tried)
    await desk.press("right")
    await desk.until(lambda: desk.console.trials.column == 1)
    await desk.shows("文だけで判定")
    await desk.press("left")
    await desk.shows("肖像権")
    await desk.press("escape")
    await desk.until(lambda: desk.console.place == "queue")


async def test_the_text_being_written_is_compared_too_and_is_still_there_afterwards(desk: Desk) -> None:
    await desk.press("plus")
    await desk.type("minato-x")
    await desk.type("")
    await desk.until(lambda: desk.console.composing.typing)
    await desk.press("k", "a")
    await desk.press("f4")
    await desk.shows("起案 を 4 つの要綱で")
    await desk.press("escape")
    await desk.until(lambda: desk.console.place == "compose")
    assert desk.console.composing.view.area is not None
    assert desk.console.composing.view.area.text == "ka"


async def test_a_draft_is_shown_as_its_own_platform_shows_it_first(desk: Desk) -> None:
    await desk.press("V")
    await desk.shows("#1 の見え方")
    await desk.shows("X  35/280")
    at = {name: next((n for n, line in enumerate(desk.screen()) if line.startswith(name)), 99) for name in (" X ", "X ", "LINE")}
    assert min(at[" X "], at["X "]) < at["LINE"]


# -- without a screen ---------------------------------------------------------------------------------------------------


def tried(text: str, shapes: tuple[Shape, ...], **more: object) -> Tried:
    return Tried(
        text=text,
        kind="post",
        at=datetime(2026, 11, 24, tzinfo=UTC),
        under=(Under(policy="minato", municipality="港区", verdict="pass", account="minato-x"),),
        shapes=shapes,
        platform="x",
        **more,  # type: ignore[arg-type]
    )


def shown(parts: list[object]) -> str:
    return "".join(part.text.plain for part in parts)  # type: ignore[attr-defined]


def test_what_does_not_fit_is_lit_from_the_place_where_the_limit_falls() -> None:
    parts = preview_sheet(tried("あ" * 150, (Shape(platform="x", length=300, limit=280, end=140),)), None)
    lit = "".join(part.text.plain for part in parts if part.ink == "alert" and set(part.text.plain) == {"あ"})
    assert lit == "あ" * 10
    assert "20 長すぎます" in shown(list(parts))


def test_a_long_link_is_short_on_x_and_what_is_cut_behind_it_is_still_found() -> None:
    link = "https://www.city.example.lg.jp/kouhou/2026/11/24/oshirase.html"
    text = f"案内 {link} おわり"
    at = (3, 3 + len(link))
    shape = Shape(platform="x", length=281, limit=280, end=len(text) - 1)
    parts = preview_sheet(tried(text, (shape,), links=(at,)), None)
    assert "www.city.example.lg.jp/kouho" in shown(list(parts)).replace("\n", "").replace("| ", "").replace(" |", "")
    assert "oshirase.html" not in shown(list(parts))
    assert "".join(p.text.plain for p in parts if p.ink == "alert").startswith("り")


def test_every_row_of_a_box_is_as_wide_as_the_box() -> None:
    parts = preview_sheet(tried("お知らせ a b c 漢字とABC" * 9, (Shape(platform="line", length=9, limit=5000, end=171),)), None)
    rows = [line for line in shown(list(parts)).split("\n") if line.startswith("|")]
    assert len(rows) > 3 and len({cells(row) for row in rows}) == 1


def test_an_image_is_told_with_its_words_in_full_and_with_what_it_carries_along() -> None:
    image = PictureFacts(
        file="山.jpg",
        alt="山の写真" * 60,
        rights="own",
        seen=True,
        format="jpeg",
        size=1_234_567,
        width=1200,
        height=800,
        private=("gps", "serial"),
        codes=("https://example.jp",),
    )
    said = shown(list(pictures_sheet((image,))))
    assert "JPEG  1200x800 画素  1.2 MB" in said and "山の写真" * 60 in said
    assert "撮影場所、カメラの番号" in said and "https://example.jp" in said
    assert "記入なし" in said  # the consent
    assert "位置情報" in said and "撮影場所が入っています" in said and "自前のもの" in said


def test_what_the_rules_found_stands_with_the_image_that_they_mean_and_no_place_is_said_too() -> None:
    one, other = (PictureFacts(file=file, seen=True, format="heic", hash="0" * 64) for file in ("a.heic", "b.heic"))
    finding = FindingSeen(
        clause="office/x",
        cite="",
        text="",
        rule="x",
        verdict="block",
        message="画像「b.heic」は HEIC です。",
        message_en="The image",
    )
    first, second = shown(list(pictures_sheet((one, other), (finding,)))).split("b.heic", 1)
    assert "HEIC です" not in first and "要修正 画像「b.heic」は HEIC です。" in "b.heic" + second
    assert "画素は不明" in first and "見つかりません" in first


def test_an_image_that_nobody_could_look_into_says_why() -> None:
    assert "壊れている" in shown(list(pictures_sheet((PictureFacts(file="a.png", seen=True, wrong="broken"),))))
    assert "まだ調べていません" in shown(list(pictures_sheet((PictureFacts(file="a.png"),))))
    assert pictures_sheet(()) == []


def test_four_columns_fit_on_the_narrowest_terminal_that_is_promised() -> None:
    assert 4 * NARROWEST <= 80 - 4
