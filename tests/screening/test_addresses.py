"""Postal addresses down to the lot, and whether somebody lives there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from detected import NASTY, found
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("大阪府高槻市奈佐原２丁目１－２", "大阪府高槻市奈佐原２丁目１－２"),
        ("友達の家は港区芝公園1丁目5番25号です", "港区芝公園1丁目5番25号"),
        ("当選者: 東京都新宿区山吹町７", "東京都新宿区山吹町７"),
        ("さいたま市浦和区常盤六丁目4番4号", "さいたま市浦和区常盤六丁目4番4号"),
        ("受賞者 品川区広町2-1-36 品川太郎", "品川区広町2-1-36"),
        ("千葉県我孫子市我孫子1858番地の3", "千葉県我孫子市我孫子1858番地の3"),
        ("芝5丁目5-14", "芝5丁目5-14"),
        ("氏名：田中太郎　住所：大正区千島2-7-95", "大正区千島2-7-95"),
        ("応募者 港区六本木7丁目18-18 住友不動産内", "港区六本木7丁目18-18"),
        ("会場のことは、田中さんの家（港区芝3-2-1）へ", "港区芝3-2-1"),
    ],
)
def test_a_lot_that_no_venue_or_office_explains_is_private(text: str, address: str) -> None:
    assert found("address", text) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "会場：港区立芝公園（港区芝公園1丁目5番25号）",
        "場所 大分市府内町１丁目６番２１号山王ファーストビル３階",
        "〒943-8601上越市木田1-1-3上越市役所産業政策課行",
        "提出先は東京都千代田区大手町2-6-26です",
        "大田区蒲田五丁目13番14号 区民ホール",
        "火災 品川区広町2-1-36付近",
        "給水所：品川区東大井5-18-1",
        "名称 ちしま 住所：大正区千島2丁目7番95号",
        "品川区大井1丁目14番1号で火災が発生しています",
        "皆さん、会場は港区芝3-2-1です",
    ],
)
def test_where_something_is_held_sent_or_seated_is_not(text: str) -> None:
    assert found("address", text) == []


@pytest.mark.parametrize(
    "text",
    [
        "渋谷区で1番",
        "2丁目の交差点",
        "港区芝にて",
        "港区民まつりは11月21日-23日",
        "市の人口は3-4万人",
        "福島県喜多方市と山形県米沢市を繋ぐ国道121号",
        "品川区長 03-3777-1111",
        "区大会は3-2で勝利、区内1-2位",
        "港区3-2品川区",
        "決勝は芝町2-1三田町",
        "東京都では2026年度に3地区",
        "永平寺町ではレベル4",
        "",
    ],
)
def test_a_district_a_score_or_a_date_is_no_address(text: str) -> None:
    assert found("address", text) == []


def test_in_a_comment_what_is_called_an_address_counts_beside_an_office_too() -> None:
    text = "役所のあの人の住所は港区芝3-2-1だ"
    assert found("address", text, of="any") == ["港区芝3-2-1"]
    assert found("address", "区役所は品川区広町2-1-36ですよ", of="any") == []


def test_real_addresses_are_found_and_none_in_what_municipalities_announced(shared: Path, municipal: list[str]) -> None:
    rows = (shared / "data/dev/pii-addresses.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(row)["text"] for row in rows]
    assert sum(bool(found("address", text, of="any")) for text in texts) >= 0.95 * len(texts)
    assert sum(bool(found("address", text)) for text in municipal) <= 0.01 * len(municipal)


@given(st.lists(st.sampled_from(NASTY) | st.characters(), max_size=30).map("".join))
def test_whatever_the_text_what_is_found_ends_with_a_number(text: str) -> None:
    assert all(place for place in found("address", text, of="any"))


@pytest.mark.parametrize(
    "text", ["市" * 20_000 + "1-2", "港区芝3-2-1" * 2_000, "1-" * 20_000, "東京都" * 5_000 + "1番地", "9" * 50_000 + "市"]
)
def test_a_hostile_text_is_read_like_any_other(text: str) -> None:
    assert isinstance(found("address", text), list)
