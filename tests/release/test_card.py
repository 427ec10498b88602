"""The URL that a person brings back must be able to be the release's."""

from __future__ import annotations

import pytest

from daemon.release.card import card_text, card_text_en, check_url

CAN_BE = [
    ("https://x.com/SaitamaCvcCoop/status/1791", "x", "SaitamaCvcCoop"),
    ("https://twitter.com/saitamacvccoop/status/1791?s=20", "x", "@SaitamaCvcCoop"),
    ("  https://mobile.twitter.com/SaitamaCvcCoop/status/1791/photo/1 ", "x", "SaitamaCvcCoop"),
    ("https://www.facebook.com/minatokoho/posts/pfbid02x", "facebook", "minatokoho"),
    ("https://www.facebook.com/permalink.php?story_fbid=1&id=2", "facebook", "minatokoho"),
    ("https://www.facebook.com/photo/?fbid=1", "facebook", "minatokoho"),
    ("https://www.facebook.com/1000123/posts/5", "facebook", "minatokoho"),
    ("https://m.facebook.com/story.php?story_fbid=1&id=2", "facebook", "minatokoho"),
    ("https://line.me/R/home/public/post?id=abc", "line", "@minato"),
    ("https://linevoom.line.me/post/1", "line", "@minato"),
    ("https://manager.line.biz/account/@minato/broadcast/1", "line", "@minato"),
    ("https://www.city.example.lg.jp/a", "homepage", "koho"),
]

CANNOT_BE = [
    ("https://x.com/other/status/1791", "x", "SaitamaCvcCoop"),
    ("https://x.com/SaitamaCvcCoop", "x", "SaitamaCvcCoop"),
    ("https://x.com/SaitamaCvcCoop/status/abc", "x", "SaitamaCvcCoop"),
    ("https://x.com/i/status/1791", "x", "SaitamaCvcCoop"),
    ("https://x.com.evil.example/SaitamaCvcCoop/status/1", "x", "SaitamaCvcCoop"),
    ("https://x.com@evil.example/SaitamaCvcCoop/status/1", "x", "SaitamaCvcCoop"),
    ("https://notx.com/SaitamaCvcCoop/status/1", "x", "SaitamaCvcCoop"),
    ("http://x.com/SaitamaCvcCoop/status/1", "x", "SaitamaCvcCoop"),
    ("https://x.com:8443/SaitamaCvcCoop/status/1", "x", "SaitamaCvcCoop"),
    ("https://x.com/SaitamaCvcCoop/status/1\nhttps://evil.example", "x", "SaitamaCvcCoop"),
    ("https://x.com/SaitamaCvcCoop/status/１７９１", "x", "SaitamaCvcCoop"),
    ("https://[::1/status", "x", "SaitamaCvcCoop"),
    ("", "x", "SaitamaCvcCoop"),
    ("javascript:alert(1)", "x", "SaitamaCvcCoop"),
    ("投稿しました", "x", "SaitamaCvcCoop"),
    ("https://www.facebook.com/", "facebook", "minatokoho"),
    ("https://www.facebook.com/?ref=home", "facebook", "minatokoho"),
    ("https://www.facebook.com/minatokoho", "facebook", "minatokoho"),
    ("https://www.facebook.com/somebody/posts/1", "facebook", "minatokoho"),
    ("https://x.com/minatokoho/status/1", "facebook", "minatokoho"),
    ("https://example.com/", "line", "@minato"),
]


@pytest.mark.parametrize(("url", "platform", "handle"), CAN_BE)
def test_a_url_of_the_account_is_taken(url: str, platform: str, handle: str) -> None:
    assert check_url(url, platform, handle) is None


@pytest.mark.parametrize(("url", "platform", "handle"), CANNOT_BE)
def test_a_url_that_cannot_be_the_release_is_refused_with_what_to_do(url: str, platform: str, handle: str) -> None:
    problem = check_url(url, platform, handle)
    assert problem is not None
    assert problem.message
    assert problem.message_en


def test_a_post_on_the_wrong_account_says_whose_it_is() -> None:
    problem = check_url("https://x.com/OosakaCity/status/1", "x", "Osaka_Taisho")
    assert problem is not None
    assert "@OosakaCity" in problem.message
    assert "@Osaka_Taisho" in problem.message


def test_the_card_names_the_account_first() -> None:
    first, *rest = card_text("x", "@Osaka_Taisho", "大正区役所")
    assert "大正区役所" in first
    assert "@Osaka_Taisho" in first
    assert "@@" not in first
    assert rest


def test_the_english_card_says_the_same_line_for_line() -> None:
    ja, en = (words("x", "@Osaka_Taisho", "大正区役所") for words in (card_text, card_text_en))
    assert len(ja) == len(en)
    assert "@Osaka_Taisho" in en[0]
    assert all(line.isascii() for line in en[1:])
