"""docs/channels-x.md says what the channel to X does: scopes, where the browser is sent, prices, limits, and the words that people will read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.release.x import acts, media, oauth2
from daemon.rulebook.channels import BUILT_IN

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "channels-x.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in Path(acts.__file__).parent.glob("*.py"))
PRICES = {
    "投稿・アンケート・訂正": ("post", "poll", "correction"),
    "同、本文に URL があるもの": ("post+url", "poll+url", "correction+url", "reply+url"),
    "返信": ("reply",),
    "リポスト": ("repost",),
    "削除": ("delete",),
    "非表示・再表示": ("hide", "unhide"),
    "ミュート・解除": ("mute", "unmute"),
    "代替テキスト（画像1枚）": ("alt",),
    "読み取り（自分の投稿・言及・ブロックの一覧・ミュートの一覧）1件": ("posts", "mentions", "blocking", "muting"),
    "投稿を1件だけ見る（消えたか、隠れたかの確認）": ("one_post",),
    "だれの認証情報かを確かめる（users/me）": ("account",),
}


def test_the_scopes_and_the_address_are_those_that_are_asked_for() -> None:
    assert f"`{' '.join(oauth2.SCOPES)}`" in PAGE
    assert f"`{oauth2.REDIRECT}`" in PAGE


def test_every_price_is_the_one_that_is_counted_with() -> None:
    prices = BUILT_IN["x"].prices
    assert BUILT_IN["x"].prices_as_of in PAGE
    for row, kinds in PRICES.items():
        (said,) = re.findall(rf"^\| {re.escape(row)} \| ([0-9.]+) \|$", PAGE, re.MULTILINE)
        assert {round(float(said) * 1_000_000)} == {prices[kind] for kind in kinds}, row
    assert {kind for kinds in PRICES.values() for kind in kinds} == prices.keys()


def test_the_limits_are_those_that_are_held() -> None:
    assert f"画像{media.MOST}枚まで" in PAGE
    assert f"選択肢2～{acts.MOST_OPTIONS}個、各{acts.LONGEST_OPTION}字まで" in PAGE
    for category, bytes_ in media.LARGEST.items():
        assert f"{bytes_ >> 20} MB" in PAGE, category


WORDS = re.findall(r"^\| ((?:X |認証情報)[^|]*?)(?:（429）)? \| ", PAGE.partition("## 5")[2], re.MULTILINE)


@pytest.mark.parametrize("words", WORDS)
def test_what_the_page_explains_is_what_the_channel_says(words: str) -> None:
    plain = re.sub(r"\{[^}]*\}", "…", SOURCES)
    assert words in plain


def test_the_page_explains_something() -> None:
    assert len(WORDS) >= 7
