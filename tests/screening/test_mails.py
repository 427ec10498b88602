"""Mail addresses, and whose they are."""

from __future__ import annotations

import pytest
from detected import found

OURS = ("koho@city-news.example.jp", "https://www.city.example.jp/")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("taro.yamada@gmail.com", "taro.yamada@gmail.com"),
        ("ｔａｒｏ＠ｄｏｃｏｍｏ．ｎｅ．ｊｐまで", "ｔａｒｏ＠ｄｏｃｏｍｏ．ｎｅ．ｊｐ"),
        ("taro[at]yahoo.co.jp", "taro[at]yahoo.co.jp"),
        ("taro★gmail.com", "taro★gmail.com"),
        ("田中さんのyamada@corp.example", "yamada@corp.example"),
    ],
)
def test_an_address_of_free_mail_or_one_that_is_said_to_be_a_persons_is_private(text: str, address: str) -> None:
    assert found("mail", text) == [address]
    assert found("mail", text, of="any") == [address]


@pytest.mark.parametrize(
    "text",
    [
        "連絡はinfo@npo.exampleへ",
        "kohoka@city.minato.tokyo.jp",
        "kouho@town.kawabe.lg.jp",
        "koho@city-news.example.jp",
        "a@sub.city.example.jp",
        "https://taro@gmail.com/",
        "@kunren_bosai もご覧ください",
        "星★3.5の評価",
        "a@b",
    ],
)
def test_an_offices_address_and_what_is_none_are_not(text: str) -> None:
    assert found("mail", text, public=OURS) == []


def test_free_mail_that_a_desk_announces_is_shown_and_does_not_hold() -> None:
    text = "お申込みは事務局（fureai.matsuri@gmail.com）へ"
    assert found("mail", text) == []
    assert found("mail", text, of="announced") == ["fureai.matsuri@gmail.com"]


def test_in_a_comment_an_address_that_no_desk_announces_counts() -> None:
    assert found("mail", "yamada@corp.example に送れ", of="any") == ["yamada@corp.example"]
    assert found("mail", "user@例え.jp", of="any") == ["user@例え.jp"]
