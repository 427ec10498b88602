"""X's weighted length, against the official conformance suite and on what municipal posts are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from daemon.screening.length import fits, measure, surely_fits, weighted
from daemon.screening.urls import urls

SUITE = "data/twitter-text"


def cases(shared: Path, file: str, *groups: str) -> list[dict[str, Any]]:
    tests = yaml.safe_load((shared / SUITE / f"conformance_{file}.yml").read_text(encoding="utf-8"))["tests"]
    return [case for group in groups or tests for case in tests[group]]


def links(text: str) -> list[str]:
    return [text[start:end] for start, end in urls(text)]


def test_all_discounted_emoji_and_directional_marker_cases_of_the_official_suite_hold(shared: Path) -> None:
    found = cases(shared, "validate", "WeightedTweetsWithDiscountedEmojiCounterTest", "UnicodeDirectionalMarkerCounterTest")
    assert len(found) == 24
    for case in found:
        assert weighted(case["text"]) == case["expected"]["weightedLength"], case["description"]
        assert fits(case["text"], "x") == case["expected"]["valid"], case["description"]


def test_links_are_found_where_the_official_suite_finds_them(shared: Path) -> None:
    found = cases(shared, "extract", "urls", "urls_with_indices", "urls_with_directional_markers", "tco_urls_with_params")
    assert len(found) == 108
    for case in found:
        wanted = [each["url"] if isinstance(each, dict) else each for each in case["expected"]]
        assert links(case["text"]) == wanted, case["description"]


def test_every_top_level_domain_of_the_official_suite_makes_a_link(shared: Path) -> None:
    found = cases(shared, "tlds")
    assert len(found) == 1574
    assert [case["text"] for case in found if links(case["text"]) != case["expected"]] == []


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("a", 1),
        ("あ", 2),
        ("ｱ", 2),
        ("Ａ", 2),
        ("か\u3099", 2),
        ("\u00e9", 1),
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽", 2),
        ("🇯🇵", 2),
        ("1️⃣", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ("☎️", 2),
        ("☎︎", 4),
        ("©", 1),
        ("©️", 2),
        ("→", 2),
        ("…", 2),
        ("“”", 2),
        ("https://www.city.minato.tokyo.jp/kouhou/index.html?a=b#c", 23),
        ("www.city.minato.tokyo.jp/kouhou", 23),
        ("詳しくはhttps://www.city.minato.tokyo.jp/kouhou/をご覧ください", 8 + 23 + 14),
        ("品川区.jp", 9),
        ("koho@city.minato.tokyo.jp", 25),
        ("2026.11.21", 10),
        ("\ud800", 2),
    ],
)
def test_a_text_weighs_what_x_would_count(text: str, length: int) -> None:
    assert weighted(text) == length


def test_one_hundred_and_forty_japanese_characters_are_exactly_the_limit() -> None:
    assert measure("あ" * 140, "x") == (280, 280)
    assert measure("あ" * 141, "x") == (282, 280)


def test_line_counts_utf_16_units_and_facebook_characters() -> None:
    assert measure("あ😀", "line") == (3, 5_000)
    assert measure("あ😀", "facebook") == (2, 63_206)


def test_a_platform_that_is_not_known_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(KeyError):
        measure("あ", "mixi")


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(list("htps:/.-_@#あ日💬🏽\u200d\ufe0fcomjp"))), max_size=200))
def test_any_text_has_a_length_and_links_that_lie_inside_it_in_order(text: str) -> None:
    reached = 0
    for start, end in urls(text):
        assert reached <= start < end <= len(text)
        reached = end
    assert 0 <= weighted(text) <= 2 * len(text) + 23 * text.count(".")


@pytest.mark.parametrize(
    "text", ["http://" + "a." * 20_000, "a_b." * 20_000, "日" * 60_000 + ".com", "http://a.com/" + "(a" * 20_000]
)
def test_a_hostile_text_is_measured_like_any_other(text: str) -> None:
    assert weighted(text) > 280


@given(
    st.text(alphabet=st.sampled_from("a.あ漢😀\u0344\U0001d160co/jp-\u200d👩🏽 "), max_size=160),
    st.sampled_from(["x", "line", "facebook"]),
)
def test_what_need_not_be_counted_does_fit(text: str, platform: str) -> None:
    if surely_fits(text, platform):
        length, limit = measure(text, platform)
        assert length <= limit


def test_an_ordinary_notice_need_not_be_counted() -> None:
    assert surely_fits("図書館は月曜日に休みます。くわしくは https://www.city.example.jp/ をご覧ください。", "x")
    assert not surely_fits("あ" * 141, "x")
